"""Which quantiles of a release may come out as the last of their candidates, for so few customers lie beyond them.

A quantile is drawn with P(c) ∝ exp(−|distance of c's rank from the one asked for| / scale) (`PrivateQuantile`). Beyond
the largest customer every candidate is as far off, by the (1 − α)·n customers above the quantile; where these are not
more than what noise moves a rank by, any of them may be told, up to the last: of revenue 500 000 kr.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.studies.price import Price
from privacy.studies.study import QuantilePart

_WITHIN = 2.0
"""So many standard errors of a rank are noise, as everywhere."""


@dataclass(frozen=True)
class NearEnd:
    """A quantile with `above` customers beyond it, where noise moves its rank by `rank_error` (one standard error)."""

    part: QuantilePart
    above: float
    rank_error: float

    @property
    def last(self) -> int:
        """The last candidate; of revenue in øre."""
        return CANDIDATES[self.part.measure][-1]


def near_end(priced: Price, counts: Mapping[Measure, NDArray[np.int64]]) -> list[NearEnd]:
    """Those of a study's quantiles that are within noise of the last candidate.

    counts: of each measure how many customers lie between its candidates, int64. Exact: for the institution's own eyes.
    """
    found = []
    for each in priced.quantiles:
        above = float(1 - each.part.at) * int(counts[each.part.measure].sum())
        if above < _WITHIN * each.mechanism.rank_error:
            found.append(NearEnd(each.part, above, each.mechanism.rank_error))
    return found
