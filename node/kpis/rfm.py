"""RFM: how recently, how often and for how much each customer bought, each on a scale of five."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from privacy.bounds.frames import Frame

SCORES = 5


@dataclass(frozen=True)
class Scored:
    """The customers of equal scores, 5 being the best: what they bought in the window, revenue in øre."""

    recency: int
    frequency: int
    monetary: int
    customers: int
    orders: int
    revenue_ore: int


def scores(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """1 to 5 for each value, by the share of values that are smaller: 1 for less than a fifth of them, and so on.

    Equal values have equal scores, and a tie goes down: where most customers bought once, these have 1 and not 5.
    """
    smaller = np.searchsorted(np.sort(values), values, side="left")
    return 1 + SCORES * smaller // max(1, len(values))


def rfm_of(people: Frame) -> list[Scored]:
    """The active customers of a window by their scores, best first; `people` are as in `node.kpis.orders`."""
    active = people.filter(nw.col("orders") > 0).select("last_on", "orders", "revenue_ore").collect("pyarrow")
    bought = {name: np.asarray(active[name].to_numpy(), dtype=np.int64) for name in ("orders", "revenue_ore")}
    last_on = np.asarray(active["last_on"].to_numpy(), dtype="datetime64[D]").astype(np.int64)
    by = (scores(last_on), scores(bought["orders"]), scores(bought["revenue_ore"]))
    place = np.ravel_multi_index([each - 1 for each in by], (SCORES,) * 3)

    def sums(amounts: Any) -> NDArray[np.int64]:
        found = np.zeros(SCORES**3, dtype=np.int64)
        np.add.at(found, place, amounts)
        return found

    customers, orders, revenue = sums(1), sums(bought["orders"]), sums(bought["revenue_ore"])
    found = []
    for at in np.flatnonzero(customers)[::-1].tolist():
        recency, frequency, monetary = (int(score) + 1 for score in np.unravel_index(at, (SCORES,) * 3))
        found.append(Scored(recency, frequency, monetary, int(customers[at]), int(orders[at]), int(revenue[at])))
    return found
