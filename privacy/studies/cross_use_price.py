"""What taking part in a study of cross-use costs: the yearly sketch, and a count against so many peers."""

from dataclasses import dataclass

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.mechanisms.calibration import DiscreteGaussian, calibrate
from privacy.mechanisms.laplace import DiscreteLaplace, laplace_for
from privacy.sketch.counting import HISTOGRAM_L1, squared_l2
from privacy.studies.cross_use import CrossUseStudy


@dataclass(frozen=True)
class CountPrice:
    """The noise of a count: of its sums and sizes together, and of its histogram.

    `l2_squared` is the squared L2 sensitivity of the vector of sums and sizes, `rho` what `sums` costs at it.
    """

    l2_squared: int
    sums: DiscreteGaussian
    rho: Rho
    histogram: DiscreteLaplace
    epsilon: Epsilon

    @property
    def spend(self) -> Spend:
        """By sequential composition."""
        return Spend(self.epsilon, self.rho)


def sketch_spend(study: CrossUseStudy) -> Spend:
    """What the sketch of a year costs, once for all studies that share it."""
    return Spend(study.response.cost(), Rho(0))


def count_price(study: CrossUseStudy, peers: int) -> CountPrice:
    """The noise of a count against so many peers, 1 or more, and its cost. Raises `BadMechanism`."""
    l2_squared = squared_l2(peers)
    sums = calibrate(l2_squared, study.rho)
    histogram = laplace_for(HISTOGRAM_L1, study.histogram_epsilon)
    return CountPrice(l2_squared, sums, sums.cost(l2_squared), histogram, histogram.cost(HISTOGRAM_L1))


def most(study: CrossUseStudy) -> Spend:
    """What taking part costs at the most, where there is no sketch of the year yet."""
    return sketch_spend(study) + Spend(study.histogram_epsilon, study.rho)
