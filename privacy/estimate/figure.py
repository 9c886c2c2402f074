"""A figure: an estimate together with the variance of its noise."""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from privacy.estimate.errors import InvalidFigureError

DEFAULT_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Figure:
    """An unbiased estimate of a true number, and the variance of its noise.

    value: in the unit of what is measured (count, øre); negative values occur, for noise may be below zero.
    variance: in that unit squared; 0 means exact.

    Raises InvalidFigureError where either is not finite, or the variance is negative.
    """

    value: float
    variance: float

    def __post_init__(self) -> None:
        # Plain floats: NumPy's scalars warn where Python's overflow silently, and have another repr.
        object.__setattr__(self, "value", float(self.value))
        object.__setattr__(self, "variance", float(self.variance))
        if not (math.isfinite(self.value) and math.isfinite(self.variance)):
            raise InvalidFigureError(
                "A figure needs a finite value and a finite variance. Check what it was made from."
            )
        if self.variance < 0:
            raise InvalidFigureError("A variance cannot be negative. Check the noise scales of the releases.")

    @property
    def standard_error(self) -> float:
        """The standard deviation of the noise, in the unit of the value."""
        return math.sqrt(self.variance)


@lru_cache(maxsize=32)
def critical_value(confidence: float) -> float:
    """The z that a standard normal stays within, on both sides, with this probability: 1.96 for 0.95.

    Rounded to 12 decimals: the quantile takes a logarithm, whose last bit may differ between C libraries.

    Raises InvalidFigureError unless 0 < confidence < 1.
    """
    if not 0 < confidence < 1:
        raise InvalidFigureError("A confidence lies between 0 and 1, both excluded; 0.95 is usual.")
    return round(-NormalDist().inv_cdf((1 - confidence) / 2), 12)


def independent_sum(*figures: Figure) -> Figure:
    """Add figures whose noises are independent: values and variances add.

    Correctly rounded, so the order does not matter (the built-in `sum` of floats changed with Python 3.12).

    Raises InvalidFigureError where the sum leaves the range of a float.
    """
    try:
        return Figure(math.fsum(f.value for f in figures), math.fsum(f.variance for f in figures))
    except OverflowError:
        raise InvalidFigureError(
            "The sum of these figures is beyond any number. Check what they were made from."
        ) from None
