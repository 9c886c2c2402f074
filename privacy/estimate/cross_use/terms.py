"""What a study fixes of the noise in its counts: flips, buckets, and the variances of what the members added."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price


@dataclass(frozen=True)
class Terms:
    """The terms of a round's counts.

    flip: p, the probability with which a bit of a sketch is flipped. buckets: m. sums_variance: of the noise on each
    sum and each size. histogram_variance: of that on each bin of a histogram.
    """

    flip: float
    buckets: int
    sums_variance: float
    histogram_variance: float

    @staticmethod
    def of(study: CrossUseStudy, peers: int) -> "Terms":
        """The terms of a study in a market where each member has so many peers. Raises BadMechanism."""
        price = count_price(study, peers)
        return Terms(
            float(study.flip_probability), study.buckets, float(price.sums.variance), float(price.histogram.variance)
        )

    @property
    def contrast(self) -> float:
        """1 - 2p: what is left of the difference between a set bit and one that is not."""
        return 1 - 2 * self.flip

    @property
    def per_bit(self) -> float:
        """The variance that the flip of one bit leaves in an overlap: v = p (1 - p) / (1 - 2p)² = e^ε / (e^ε - 1)²."""
        return self.flip * (1 - self.flip) / self.contrast**2

    @property
    def decay(self) -> float:
        """-ln(1 - 1/m): how fast the share of empty buckets falls with a member's customers."""
        return -math.log1p(-1 / self.buckets)

    def collision(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely a bucket has one of a member's n customers, for somebody who is none: c = 1 - (1 - 1/m)^n."""
        return np.asarray(-np.expm1(-np.maximum(sizes, 0) * self.decay))
