"""What the benchmark would say without any noise: the bounded truth, and the unbounded one, each of a whole cohort.

The first is what the noise was added to, member by member, so the benchmark's error is about it alone. What the bounds
cut off of the heaviest customers is the difference to the second.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from deploy.demo.world import Truth
from privacy.catalogue.measures import Measure
from privacy.estimate.body import SUM_NAMES
from privacy.estimate.derived import Source, derived
from privacy.estimate.figure import Figure
from privacy.studies.study import Study

Key = tuple[str, str, str]
"""Table, category, measure."""


def bounded(reviews: Iterable[dict[str, Any]], study: Study) -> dict[Key, float | None]:
    """Sums and key figures of some members together; each review is what `kudos-node review --json` says."""
    sums: Counter[Source] = Counter()
    for review in reviews:
        for part in review["tables"]:
            for category, value in zip(part["categories"], part["own_bounded"], strict=True):
                sums[part["table"], category, Measure(part["measure"])] += value
    return dict(_figures(sums, study))


def _figures(sums: dict[Source, int], study: Study) -> Iterator[tuple[Key, float | None]]:
    exact = {source: Figure(value, 0) for source, value in sums.items()}
    for (table, category, measure), figure in exact.items():
        yield (table, category, SUM_NAMES[measure]), figure.value
    for each in derived(set(exact), study.tables):
        yield (*each.category, each.kpi), each.formula(*(exact[source] for source in each.sources)).value


def invented(truths: Sequence[Truth]) -> dict[str, float]:
    """The invented truth of some members together, by measure of the whole cohort: formulas of docs/kpis.md."""

    def total(name: str) -> int:
        return sum(getattr(truth, name) for truth in truths)

    def flow(name: str) -> int:
        return sum(truth.flows[name] for truth in truths)

    customers, orders, tickets, revenue = (total(name) for name in ("customers", "orders", "tickets", "revenue_ore"))
    known, free = orders - total("anonymous_orders"), total("complimentary_tickets")
    before = flow("continuing") + flow("lost")
    return {
        "customers": customers,
        "orders": orders,
        "tickets": tickets,
        "revenue_ore": revenue,
        "average_ticket_price_ore": revenue / (tickets - free),
        "average_purchase_ore": revenue / orders,
        "revenue_per_customer_ore": total("identified_revenue_ore") / customers,
        "purchase_frequency": known / customers,
        "tickets_per_order": tickets / orders,
        "first_timer_share": flow("new") / customers,
        "retention": flow("continuing") / before,
        "duration_years": before / flow("lost"),
        "identified_share": known / orders,
        "complimentary_share": free / tickets,
    }


@dataclass(frozen=True)
class Judged:
    """A published figure beside the bounded truth. Money is in øre."""

    cohort: str
    key: Key
    value: float
    standard_error: float
    truth: float

    @property
    def errors_apart(self) -> float:
        """How many standard errors the published figure is from the bounded truth."""
        return (self.value - self.truth) / self.standard_error


def judged(cells: Iterable[dict[str, Any]], truths: dict[str, dict[Key, float | None]]) -> list[Judged]:
    """Every figure that a benchmark shows; `truths` by cohort, `cells` as in `benchmark show --json`."""
    found = []
    for cell in cells:
        key = cell["table"], cell["category"], cell["measure"]
        truth = truths[cell["cohort"]].get(key)
        if cell["value"] is not None and cell["standard_error"] and truth is not None:
            found.append(Judged(cell["cohort"], key, float(cell["value"]), float(cell["standard_error"]), truth))
    return found


@dataclass(frozen=True)
class Spread:
    """How standardised errors lie; where they are honest, the mean is 0 and the standard deviation 1."""

    count: int
    mean: float
    deviation: float

    @classmethod
    def of(cls, found: Sequence[Judged]) -> "Spread":
        """Of at least two figures."""
        apart = [each.errors_apart for each in found]
        return cls(len(apart), fmean(apart), stdev(apart))
