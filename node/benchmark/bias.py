"""Whether what bounds cut off is more than the noise hides: then figures are wrong by more than their errors say."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from node.benchmark.cut import CutByEach
from privacy.bounds.cells import Vectors
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds
from privacy.studies.price import Price, PricedPart

_WHOLE_TABLES = ("totals", "identity", "month", "channel", "age_band")
"""Tables whose cells add up to all that was sold, the one with the least noise on their sum first."""


@dataclass(frozen=True)
class Bias:
    """What some bounds cut off from the own total of a measure, beside the noise on it, both in the measure's unit.

    cut: infinite where nothing is left.
    noise: the standard deviation of the noise on the sum of a table's cells, as one's own release would have it. In the
    sum of a cohort the noises of its members even out, and what is cut off from each does not.
    """

    wide: bool
    measure: Measure
    cut: float
    share: float
    noise: float

    @property
    def exceeds_noise(self) -> bool:
        """Whether the total would be too low by more than its noise."""
        return self.cut > self.noise


def biases(priced: Price, vectors: Vectors, cuts: Iterable[CutByEach]) -> tuple[Bias, ...]:
    """The bias of each measure that bounds cut, for the narrow and the wide ones of a study.

    `vectors` has the own cells within bounds. A measure that no table of those bounds holds as a whole is left out.
    """
    return tuple(bias for cut in cuts for bias in _of_bounds(priced, vectors, cut))


def _of_bounds(priced: Price, vectors: Vectors, cut: CutByEach) -> Iterator[Bias]:
    shares = {
        Measure.ORDERS: cut.together.orders,
        Measure.TICKETS: cut.together.tickets,
        Measure.REVENUE: cut.together.revenue,
    }
    for measure, share in shares.items():
        part = _whole(priced, measure, cut.bounds)
        if part is not None:
            kept = int(vectors[part.part.table.name, measure].sum())
            lost = kept * share / (1 - share) if share < 1 else math.inf
            yield Bias(cut.wide, measure, lost, share, float(part.mechanism.scale) * math.sqrt(part.part.table.cells))


def _whole(priced: Price, measure: Measure, bounds: Bounds) -> PricedPart | None:
    """The part whose sum is the whole of a measure within some bounds."""
    for name in _WHOLE_TABLES:
        for each in priced.parts:
            if (each.part.table.name, each.part.measure, each.part.bounded.bounds) == (name, measure, (bounds,)):
                return each
    return None
