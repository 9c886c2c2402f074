"""What a release of a study costs, part by part: arithmetic on the study alone, without any data."""

from dataclasses import dataclass
from functools import lru_cache

from privacy.budget.amounts import Epsilon, Rho, Spend, total
from privacy.catalogue.quantiles import CANDIDATES
from privacy.mechanisms.calibration import DiscreteGaussian, calibrate
from privacy.mechanisms.quantile import PrivateQuantile, quantile_for
from privacy.studies.study import Part, QuantilePart, Study


@dataclass(frozen=True)
class Noise:
    """The noise of some cells. `l2_squared`: the squared L2 sensitivity, in the square of the measure's unit (øre)."""

    l2_squared: int
    mechanism: DiscreteGaussian


@dataclass(frozen=True)
class PricedPart:
    """A part of a study with its noise: one for all cells, or one for each where each has bounds of its own.

    `cost` is what the mechanism costs, which is at most the part's share of the budget. Where cells have noise of
    their own, a customer is in one of them alone, so that it is what the dearest costs.
    """

    part: Part
    noises: tuple[Noise, ...]
    cost: Rho

    @property
    def by_cell(self) -> bool:
        """Whether every cell has a noise of its own."""
        return len(self.noises) > 1

    @property
    def l2_squared(self) -> int:
        """The squared L2 sensitivity of the whole part, whichever cell a customer is in."""
        return max(noise.l2_squared for noise in self.noises)

    @property
    def mechanisms(self) -> tuple[DiscreteGaussian, ...]:
        """The noise on each cell, in their order."""
        cells = self.part.table.cells
        return tuple(noise.mechanism for noise in self.noises) if self.by_cell else (self.mechanism,) * cells

    @property
    def mechanism(self) -> DiscreteGaussian:
        """The largest noise that a cell of the part has: where there is one for all, that."""
        return max((noise.mechanism for noise in self.noises), key=lambda each: each.scale)


@dataclass(frozen=True)
class PricedQuantile:
    """A quantile of a study with its mechanism; `cost` is at most the part's share of the budget."""

    part: QuantilePart
    mechanism: PrivateQuantile
    cost: Rho


@dataclass(frozen=True)
class Price:
    """The parts and the quantiles of a release, in the order of the study, and what they cost together."""

    parts: tuple[PricedPart, ...]
    quantiles: tuple[PricedQuantile, ...] = ()

    @property
    def spend(self) -> Spend:
        """By sequential composition: everything adds."""
        costs = [each.cost for each in self.quantiles] + [each.cost for each in self.parts]
        return total(Spend(Epsilon(0), cost) for cost in costs)


@lru_cache(maxsize=32)
def price(study: Study) -> Price:
    """What a release of `study` costs. Raises `BadMechanism` where a share is too little for the bounds."""
    return Price(tuple(map(_priced, study.parts)), tuple(map(_quantile, study.quantiles)))


def _priced(part: Part) -> PricedPart:
    noises = tuple(
        Noise(sensitivity.l2_squared, calibrate(sensitivity.l2_squared, part.rho))
        for sensitivity in part.bounded.sensitivities(part.measure)
    )
    return PricedPart(part, noises, max(noise.mechanism.cost(noise.l2_squared) for noise in noises))


def _quantile(part: QuantilePart) -> PricedQuantile:
    mechanism = quantile_for(part.at, len(CANDIDATES[part.measure]), part.rho)
    return PricedQuantile(part, mechanism, mechanism.cost())
