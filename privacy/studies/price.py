"""What a release of a study costs, part by part: arithmetic on the study alone, without any data."""

from dataclasses import dataclass
from functools import lru_cache

from privacy.budget.amounts import Epsilon, Rho, Spend, total
from privacy.mechanisms.calibration import DiscreteGaussian, calibrate
from privacy.studies.study import Part, Study


@dataclass(frozen=True)
class PricedPart:
    """A part of a study with its noise.

    `l2_squared` is the squared L2 sensitivity of the part's vector, in the square of the measure's unit (øre
    for revenue); `cost` what the mechanism costs at it, which is at most the part's share of the budget.
    """

    part: Part
    l2_squared: int
    mechanism: DiscreteGaussian
    cost: Rho


@dataclass(frozen=True)
class Price:
    """The parts of a release, in the order of the study, and what they cost together."""

    parts: tuple[PricedPart, ...]

    @property
    def spend(self) -> Spend:
        """By sequential composition: everything adds."""
        return total(Spend(Epsilon(0), priced.cost) for priced in self.parts)


@lru_cache(maxsize=32)
def price(study: Study) -> Price:
    """What a release of `study` costs. Raises `BadMechanism` where a share is too little for the bounds."""
    return Price(tuple(_priced(part, study) for part in study.parts))


def _priced(part: Part, study: Study) -> PricedPart:
    l2_squared = part.table.sensitivity(part.measure, study.bounds).l2_squared
    mechanism = calibrate(l2_squared, part.rho)
    return PricedPart(part, l2_squared, mechanism, mechanism.cost(l2_squared))
