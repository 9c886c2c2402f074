"""Exact sums of the members' noisy integer vectors, and pooled totals of cells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.errors import InvalidVectorError, SumOverflowError
from privacy.estimate.figure import Figure

INT64 = np.iinfo(np.int64)


@dataclass(frozen=True, eq=False)
class Vector:
    """Noisy integers over a study's cell layout, each with the variance of its noise.

    values: int64, shape (cells,), in the unit of the measure (count, øre).
    variances: float64, shape (cells,), finite and >= 0, in that unit squared; the noises are independent.

    Both are copied and made read-only. Raises InvalidVectorError where type, shape or a variance is wrong.
    """

    values: NDArray[np.int64]
    variances: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.values.dtype != np.int64 or self.variances.dtype != np.float64:
            raise InvalidVectorError(
                "A vector takes int64 values and float64 variances. Convert where they are parsed."
            )
        if self.values.ndim != 1 or self.values.shape != self.variances.shape:
            raise InvalidVectorError(
                f"A vector takes one variance per value, in one dimension; it was given "
                f"{self.variances.shape} for {self.values.shape}. Check the layout against the study."
            )
        if not bool(np.all(np.isfinite(self.variances) & (self.variances >= 0))):
            raise InvalidVectorError("Every variance of a vector is finite and not negative. Check the noise scales.")
        for name in ("values", "variances"):
            own = getattr(self, name).copy()
            own.setflags(write=False)
            object.__setattr__(self, name, own)


def sum_of(vectors: Sequence[Vector]) -> Vector:
    """Add the members' vectors cell by cell; their noises are independent, so variances add too.

    Values are added as Python integers and must fit in int64 only at the end, variances with a correctly
    rounded sum: neither the result nor a refusal depends on the order of the members.

    Raises InvalidVectorError for no vectors, for different lengths or for variances whose sum is not finite;
    SumOverflowError where a cell's sum leaves int64.
    """
    if not vectors:
        raise InvalidVectorError("A sum needs at least one member's vector. Leave an empty cohort out instead.")
    lengths = sorted({len(vector.values) for vector in vectors})
    if len(lengths) > 1:
        raise InvalidVectorError(f"The vectors have different lengths, {lengths}: they belong to different studies.")
    exact = np.zeros(lengths[0], dtype=object)
    for vector in vectors:
        exact += vector.values.astype(object)
    for cell, value in enumerate(exact):
        if not INT64.min <= value <= INT64.max:
            raise SumOverflowError(cell)
    variances = [_sum_of_variances(column) for column in np.stack([v.variances for v in vectors]).T]
    return Vector(exact.astype(np.int64), np.array(variances, dtype=np.float64))


def total(vector: Vector, indices: Sequence[int] | NDArray[np.int64]) -> Figure:
    """Pool cells into one figure: the exact sum of their values, and the sum of their variances.

    indices: positions of the cells, each at most once (taken twice, a cell has four times its variance).
    The exact sum is rounded once, to the nearest float; below 2**53 it stays exact.

    Raises InvalidVectorError for no indices, repeated ones, or ones outside the vector.
    """
    positions = np.asarray(indices)
    if positions.ndim != 1 or len(positions) == 0 or positions.dtype.kind not in "iu":
        raise InvalidVectorError("A total takes a list of cell positions, at least one.")
    if positions.min() < 0 or positions.max() >= len(vector.values):
        raise InvalidVectorError(f"A position lies outside the vector's {len(vector.values)} cells.")
    if len(np.unique(positions)) != len(positions):
        raise InvalidVectorError("A cell is named twice in a total. Name each once.")
    return Figure(float(sum(vector.values[positions].tolist())), _sum_of_variances(vector.variances[positions]))


def _sum_of_variances(variances: NDArray[np.float64]) -> float:
    try:
        return math.fsum(variances)
    except OverflowError:
        raise InvalidVectorError("The variances add up beyond any number. Check the noise scales.") from None
