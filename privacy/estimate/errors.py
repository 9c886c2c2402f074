"""What cannot be estimated, and why. Messages name positions and lengths, never a figure."""

from typing import ClassVar

from privacy.errors import KudosError


class EstimateError(KudosError):
    """Figures were put together in a way that has no meaning."""

    reason: ClassVar[str] = "ESTIMATE_INVALID"


class InvalidFigureError(EstimateError):
    """A value, variance, covariance or confidence lies outside what it can be."""

    reason = "FIGURE_INVALID"


class InvalidVectorError(EstimateError):
    """A vector's arrays have the wrong type or shape, or two vectors have different layouts."""

    reason = "VECTOR_INVALID"


class InvalidCohortsError(EstimateError):
    """The members, or the kinds of cohorts, cannot be put together as asked."""

    reason = "COHORTS_INVALID"


class ImpossibleValueError(EstimateError):
    """Released integers so large that their sums could not be written as exact numbers in JSON."""

    reason = "VALUE_IMPOSSIBLE"


class UnpublishableError(EstimateError):
    """A number cannot be written by the rule for published decimals."""

    reason = "NOT_PUBLISHABLE"
