"""Value tiers: customers in the order of their revenue, cut by rank where no two of equal revenue are parted."""

from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from privacy.bounds.frames import Frame, int64
from privacy.catalogue.dimensions import TIERS

SHARES_PERCENT = (5, 15, 50)
"""Of all customers, for all tiers but the last, which is the rest."""

_OUT_OF_REACH = int(np.iinfo(np.int64).max)
"""More than anybody's revenue: what an empty tier asks for."""


@dataclass(frozen=True)
class Cuts:
    """The least revenue, in øre, of each tier but the last; None where a tier is empty."""

    least: tuple[int | None, ...]

    def tier(self, revenue: nw.Expr) -> nw.Expr:
        """The index of the tier that a customer's revenue lies in."""
        index = nw.lit(len(TIERS) - 1)
        for position, least in reversed(list(enumerate(self.least))):
            enough = nw.lit(_OUT_OF_REACH if least is None else least)
            index = nw.when(revenue >= enough).then(nw.lit(position)).otherwise(index)
        return int64(index)


def size(customers: int, percent: int) -> int:
    """A share of some customers, a half rounded up."""
    return (2 * customers * percent + 100) // 200


def cut(revenues: NDArray[np.int64]) -> Cuts:
    """The cuts for the revenues of some customers, in any order.

    Each tier takes its own full size of who is left after the tiers above it, and whoever ties with its last: so a
    tie goes up, and the tiers below it are not the smaller for it while anybody is left.
    """
    rising = np.sort(revenues)
    left = len(rising)
    least: list[int | None] = []
    for percent in SHARES_PERCENT:
        taken = min(size(len(rising), percent), left)
        if taken == 0:
            least.append(None)
            continue
        lowest = int(rising[left - taken])
        left = int(np.searchsorted(rising, lowest, side="left"))
        least.append(lowest)
    return Cuts(tuple(least))


def cut_by(people: Frame, orders: str, revenue: str) -> Cuts:
    """The cuts for the active customers among `people`: those with any of `orders`, by `revenue`; names of columns."""
    column = people.filter(nw.col(orders) > 0).select(revenue).collect("pyarrow")[revenue]
    return cut(np.asarray(column.to_numpy(), dtype=np.int64))
