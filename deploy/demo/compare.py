"""The node's figures beside the truth that only the inventor knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.demo.world import Truth


@dataclass(frozen=True)
class Compared:
    """One figure as invented and as the node counts it."""

    name: str
    invented: int
    counted: int

    @property
    def equal(self) -> bool:
        """Whether the node has it exactly."""
        return self.invented == self.counted


def figure_by_figure(truth: Truth, kpi: dict[str, Any]) -> list[Compared]:
    """Every figure of the truth with the node's; `kpi` is what `kudos-node kpi --json` says."""
    return list(_compared(truth, kpi))


def _compared(truth: Truth, kpi: dict[str, Any]) -> Iterator[Compared]:
    for name in ("customers", "orders", "tickets", "revenue_ore", "anonymous_orders", "complimentary_tickets"):
        yield Compared(name, getattr(truth, name), kpi[name])
    identified = round((kpi["revenue_per_customer_ore"] or 0.0) * kpi["customers"])
    yield Compared("identified_revenue_ore", truth.identified_revenue_ore, identified)
    for flow, count in truth.flows.items():
        yield Compared(f"flows, {flow}", count, kpi["flows"][flow])
    for band, count in truth.frequency_bands.items():
        yield Compared(f"frequency_bands, {band}", count, kpi["frequency_bands"][band])
