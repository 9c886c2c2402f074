"""Weighted least squares: what cells must add up to in truth lowers the error of every cell.

With y the noisy cells of one measure, V the diagonal matrix of the variances of their noise, and C the equalities that
hold in truth, one a row (C x = 0), the best linear unbiased estimate and its covariance are

    x̂ = y − V Cᵀ (C V Cᵀ)⁻¹ C y        S = V − V Cᵀ (C V Cᵀ)⁻¹ C V

(the generalised least squares estimate under linear constraints; Hay et al. 2010, "Boosting the Accuracy of
Differentially Private Histograms Through Consistency", VLDB 3, for the idea). It is a projection, and the same for all
members, for V is the same: so the projection of a sum is the sum of projections, what is true of sums across cohorts
stays true, and the covariance of the sum over n members is n S. After it C x̂ = 0: published figures add up, to the
rounding of each.

Two machines agree to the last bit: nothing here but elementwise additions, subtractions, multiplications and divisions
of NumPy, which IEEE 754 rounds correctly, one after the other in a written order. No BLAS or LAPACK, no `np.sum` over
floats (whose order NumPy chooses by shape), no fused multiply-add (each operation is a call of its own). C V Cᵀ is
factored as L D Lᵀ, a few hundred rows at most; equalities that follow from others are dropped first, by exact rank.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.equalities import nothings_of, totals_of
from privacy.estimate.exact import echelon
from privacy.studies.price import price
from privacy.studies.study import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Block:
    """The cells of one measure with their equalities.

    cells: their positions in a release. variances: float64, of one member's noise, before. equalities: int64, shape
    (rows, cells), of full rank. lower: L, and pivots: the diagonal of D, of C V Cᵀ = L D Lᵀ. covariance: float64,
    shape (cells, cells), of one member's projected cells.
    """

    cells: NDArray[np.int64]
    variances: Floats
    equalities: NDArray[np.int64]
    lower: Floats
    pivots: Floats
    covariance: Floats

    def projected(self, values: Floats) -> Floats:
        """x̂ of each column. values: float64, shape (cells, any number)."""
        rows = len(self.equalities)
        residual = np.zeros((rows, values.shape[1]))
        for row, cell in np.argwhere(self.equalities).tolist():
            residual[row] += int(self.equalities[row, cell]) * values[cell]
        _forward(self.lower, residual)
        residual /= self.pivots[:, None]
        for row in range(rows - 1, 0, -1):
            residual[:row] -= self.lower[row, :row, None] * residual[row]
        pulled = np.zeros_like(values)
        for row, cell in np.argwhere(self.equalities).tolist():
            pulled[cell] += int(self.equalities[row, cell]) * residual[row]
        return np.asarray(values - self.variances[:, None] * pulled)


@dataclass(frozen=True, eq=False)
class Projection:
    """Of a study's release: one block for each measure.

    measure_of: by cell, the index of its block, and place_of: its place there; nothings: cells that are zero by
    definition, which are in no block and have -1.
    """

    blocks: tuple[Block, ...]
    measure_of: NDArray[np.int64]
    place_of: NDArray[np.int64]

    def projected(self, values: NDArray[np.int64]) -> Floats:
        """The estimates of each row, float64. values: int64, shape (rows, cells of the study), below 2^53."""
        estimates = np.zeros((values.shape[1], values.shape[0]))
        for block in self.blocks:
            estimates[block.cells] = block.projected(values.T[block.cells].astype(np.float64))
        return estimates.T

    def covariance(self, one: int, other: int) -> float:
        """Of two cells of one member's estimates."""
        block = int(self.measure_of[one])
        if block < 0 or block != self.measure_of[other]:
            return 0.0
        return float(self.blocks[block].covariance[self.place_of[one], self.place_of[other]])

    def covariances(self, cells: NDArray[np.int64], others: NDArray[np.int64]) -> Floats:
        """Of cells of one member's estimates, one a row, with others, all of one measure and none of them nothing."""
        if not len(cells):
            return np.zeros((0, len(others)))
        covariance = self.blocks[self.measure_of[cells[0]]].covariance
        return np.asarray(covariance[self.place_of[cells][:, None], self.place_of[others]])

    @property
    def variances(self) -> Floats:
        """By cell, of one member's estimates."""
        found = np.zeros(len(self.measure_of))
        for block in self.blocks:
            found[block.cells] = block.covariance.diagonal()
        return found


@lru_cache(maxsize=4)
def projection(study: Study) -> Projection:
    """The projection of a study's releases."""
    variances = np.array([float(each.variance) for priced in price(study).parts for each in priced.mechanisms])
    nothings = set(nothings_of(study))
    measure_of, place_of = (np.full(len(variances), -1, dtype=np.int64) for _ in range(2))
    blocks: list[Block] = []
    measures = [part.measure for part in study.parts for _ in range(part.table.cells)]
    for measure in Measure:
        cells = [cell for cell, its in enumerate(measures) if its is measure and cell not in nothings]
        if cells:
            measure_of[cells], place_of[cells] = len(blocks), np.arange(len(cells))
            blocks.append(_block(np.array(cells), variances[cells], _equalities(study, measure, cells)))
    return Projection(tuple(blocks), measure_of, place_of)


def _equalities(study: Study, measure: Measure, cells: list[int]) -> NDArray[np.int64]:
    """One row for every way but the first of each total, less the first; those that follow from others left out."""
    place = {cell: index for index, cell in enumerate(cells)}
    rows: list[NDArray[np.int64]] = []
    for total in totals_of(study):
        first, *others = total.ways
        for way in others if total.measure is measure else ():
            row = np.zeros(len(cells), dtype=np.int64)
            row[[place[cell] for cell in way]] += 1
            row[[place[cell] for cell in first]] -= 1
            rows.append(row)
    matrix = np.array(rows, dtype=np.int64).reshape(len(rows), len(cells))
    return matrix[sorted(echelon(matrix.T)[1])]


def _block(cells: NDArray[np.int64], variances: Floats, equalities: NDArray[np.int64]) -> Block:
    rows = len(equalities)
    gram = np.zeros((rows, rows))
    for cell, variance in enumerate(variances.tolist()):
        there = np.flatnonzero(equalities[:, cell])
        signs = equalities[there, cell].astype(np.float64)
        gram[np.ix_(there, there)] += signs[:, None] * signs * variance
    lower, pivots = _factored(gram)
    weighted = equalities * variances
    _forward(lower, weighted)
    covariance = np.zeros((len(cells), len(cells)))
    np.fill_diagonal(covariance, variances)
    product = np.empty_like(covariance)
    for row, pivot in zip(weighted, pivots.tolist(), strict=True):
        np.multiply((row / pivot)[:, None], row, out=product)
        np.subtract(covariance, product, out=covariance)
    # What is pinned down nearly exactly may be left a hair below zero, and a little lopsided.
    upper = np.maximum(covariance, covariance.T)
    np.fill_diagonal(upper, np.maximum(upper.diagonal(), 0.0))
    return Block(cells, variances, equalities, lower, pivots, upper)


def _factored(gram: Floats) -> tuple[Floats, Floats]:
    """L, unit lower triangular, and the diagonal of D, with gram = L D Lᵀ; gram is positive definite."""
    rest, lower = gram.copy(), np.zeros_like(gram)
    pivots = np.zeros(len(gram))
    for column in range(len(gram)):
        pivots[column] = rest[column, column]
        lower[column:, column] = rest[column:, column] / pivots[column]
        rest[column + 1 :, column + 1 :] -= lower[column + 1 :, column, None] * rest[column, column + 1 :]
    return lower, pivots


def _forward(lower: Floats, right: Floats) -> None:
    """Solves L x = right in place, for every column."""
    for row in range(len(lower) - 1):
        right[row + 1 :] -= lower[row + 1 :, row, None] * right[row]
