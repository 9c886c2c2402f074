"""Which of the quantiles that a release tells are the thresholds of the value tiers."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from privacy.catalogue.dimensions import TIER_QUANTILES
from privacy.catalogue.measures import Measure
from privacy.ledger.leaves import Spent, SpentQuantile
from privacy.studies.study import Study

_POINTS = [Fraction(at) for at in TIER_QUANTILES]


def tiers_of_study(study: Study, told: Iterable[int]) -> tuple[int, ...] | None:
    """Those of a release of a study, in øre, falling; None where it has not just the quantiles that divide the tiers.

    `told` has all quantiles of the release, in its order. Raises ValueError where it is of another study.
    """
    return _tiers([(str(part.measure), part.at) for part in study.quantiles], told)


def tiers_of_entry(entry: Spent, told: Sequence[int]) -> tuple[int, ...] | None:
    """Those of a release, by the entry that booked it; its study may be one that nobody here knows any more."""
    parts = [(part.measure, part.alpha) for part in entry.parts if isinstance(part, SpentQuantile)]
    return _tiers(parts, told) if len(parts) == len(told) else None


def tells_tiers(entry: Spent) -> bool:
    """Whether the release of an entry tells the quantiles that divide the tiers."""
    asked = [part.alpha for part in entry.parts if isinstance(part, SpentQuantile) and part.measure == Measure.REVENUE]
    return asked == _POINTS


def _tiers(asked: Sequence[tuple[str, Fraction]], told: Iterable[int]) -> tuple[int, ...] | None:
    revenue = [(at, value) for (measure, at), value in zip(asked, told, strict=True) if measure == Measure.REVENUE]
    return tuple(value for _, value in revenue) if [at for at, _ in revenue] == _POINTS else None
