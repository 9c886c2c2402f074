"""The node's figures beside the truth, and the released ones beside what the noise was added to."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
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
    for name in ("customers", "orders", "tickets", "revenue_ore", "anonymous_orders"):
        yield Compared(name, getattr(truth, name), kpi[name])
    for flow, count in truth.flows.items():
        yield Compared(f"flows, {flow}", count, kpi["flows"][flow])
    for band, count in truth.frequency_bands.items():
        yield Compared(f"frequency_bands, {band}", count, kpi["frequency_bands"][band])


@dataclass(frozen=True)
class Blurred:
    """One released figure: the bounded truth, what noise made of it, and the noise's standard error."""

    table: str
    category: str
    measure: str
    bounded: int
    released: int
    standard_error: float

    @property
    def errors_apart(self) -> float:
        """How many standard errors the released figure is away from the bounded truth."""
        return (self.released - self.bounded) / self.standard_error


def blurred(review: dict[str, Any], release: dict[str, Any]) -> list[Blurred]:
    """Every figure of a release; `review` and `release` are what `review --json` and `outbox show --json` say."""
    released = {(cell["table"], cell["category"], cell["measure"]): cell["value"] for cell in release["cells"]}
    return [
        Blurred(
            part["table"],
            category,
            part["measure"],
            bounded,
            released[part["table"], category, part["measure"]],
            float(Fraction(part["noise_scale"])),
        )
        for part in review["tables"]
        for category, bounded in zip(part["categories"], part["own_bounded"], strict=True)
    ]
