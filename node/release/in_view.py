"""What a release would be made of, for eyes of the institution's own alone: nothing here is ever released."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from node.release.thresholds import amounts
from privacy.bounds.cells import Vectors
from privacy.bounds.tiers import tier_vectors
from privacy.rounds.tiers import tiers_of_study
from privacy.studies.study import QuantilePart, Study

if TYPE_CHECKING:
    from node.release.prepare import Exact


def in_view(study: Study, exact: "Exact") -> Vectors:
    """The exact cells of all tables of a study; those of the value tiers at the quantiles as they are, without noise.

    A release has other thresholds, which are drawn when it is booked, and so other customers in a tier.
    """
    if exact.tiers is None:
        return dict(exact.vectors)
    tiers = tiers_of_study(study, own_quantiles(study, exact)) or ()
    return {**exact.vectors, **tier_vectors(exact.tiers, tiers, tiers, study.bounded_tables)}


def is_empty(exact: "Exact") -> bool:
    """Whether nothing was sold that a release would tell of: no cell has anything, and no quantile is of anybody."""
    in_tiers = exact.tiers.sums.values() if exact.tiers else ()
    sums = (each for within in in_tiers for each in within.values())
    return not any(each.any() for each in (*exact.vectors.values(), *exact.quantiles.values(), *sums))


def own_quantiles(study: Study, exact: "Exact") -> list[int]:
    """The quantiles that a study asks for, in its order, without noise: the candidates that come closest."""
    return amounts(study.quantiles, [_closest(exact.quantiles[part.measure], part) for part in study.quantiles])


def _closest(counts: NDArray[np.int64], part: QuantilePart) -> int:
    """The candidate that is likeliest to be drawn; of several alike the first."""
    at, of = part.at.numerator, part.at.denominator
    below = np.cumsum(counts)[:-1]
    return int(np.argmin(np.abs((of - at) * below - at * (counts.sum() - below))))
