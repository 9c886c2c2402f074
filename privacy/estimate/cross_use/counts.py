"""The counts of a round as the estimators take them: what each member sent, checked, and laid over the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.errors import ImpossibleValueError, InvalidCohortsError, InvalidVectorError
from privacy.rounds.fit import LARGEST_FIGURE


@dataclass(frozen=True, eq=False)
class Counted:
    """A member's count: its own customers against its peers' sketches, all numbers noisy.

    peers: the other members of the market; counted: for each whether its sketch was, for the sums against one that was
    refused are noise around zero. cells: int64, shape (groups + 1, peers + 1): the row of all customers, then one for
    each group of the study's partition; the first column is how many own customers the row has, the others the sums of
    +1 for a set bit of that peer and -1 for one that is not. histogram: int64, shape (peers + 1,): how many own
    customers have the bits of 0, 1, ... of the counted peers set.
    """

    member: str
    named_pairs: bool
    peers: tuple[str, ...]
    counted: tuple[bool, ...]
    cells: NDArray[np.int64]
    histogram: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counts:
    """All counts of a round, by member id; `ids` are those that sent one, J of them, `market` all that sketched.

    sizes: float64 (J, groups + 1). sums: float64 (J, market, groups + 1), 0 against oneself. seen: bool (J, market),
    whose sketch was counted, False against oneself. histograms: float64 (J, market): as many bins as there are peers,
    and one. seats: where the ids stand in the market.
    """

    ids: tuple[str, ...]
    market: tuple[str, ...]
    named: NDArray[np.bool_]
    sizes: NDArray[np.float64]
    sums: NDArray[np.float64]
    seen: NDArray[np.bool_]
    histograms: NDArray[np.float64]

    @cached_property
    def seats(self) -> NDArray[np.intp]:
        """Where the members that sent a count stand in the market."""
        return np.array([self.market.index(member) for member in self.ids], dtype=np.intp)

    @property
    def between(self) -> NDArray[np.float64]:
        """The sums of all customers against those that sent a count too, (J, J): the row's own customers."""
        return np.asarray(self.sums[:, self.seats, 0])

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which of `between` were counted against a sketch, (J, J)."""
        return np.asarray(self.seen[:, self.seats])


def gathered(sketched: Sequence[str], counts: Sequence[Counted], groups: int) -> Counts:
    """The counts laid over each other, in whatever order they and the market come.

    Raises InvalidCohortsError for a member twice, a count of one that is not in the market, or one against other peers
    than the market's; InvalidVectorError for another type or shape; ImpossibleValueError for a number that no count
    can have (`privacy.rounds.count_fit` refuses such a one at the door).
    """
    market = tuple(sorted(sketched))
    ordered = sorted(counts, key=lambda each: each.member)
    ids = tuple(each.member for each in ordered)
    if len(set(market)) < len(market) or len(set(ids)) < len(ids):
        raise InvalidCohortsError("A member is there twice. Take one sketch and one count of each.")
    if not set(ids) <= set(market):
        raise InvalidCohortsError("There is a count of a member whose sketch is not in the market. Leave it out.")
    for each in ordered:
        _check(each, market, groups)
    size, width = len(ids), len(market)
    sizes, sums = np.zeros((size, groups + 1)), np.zeros((size, width, groups + 1))
    seen, histograms = np.zeros((size, width), dtype=np.bool_), np.zeros((size, width))
    for row, each in enumerate(ordered):
        sizes[row], histograms[row] = each.cells[:, 0], each.histogram
        for column, (peer, counted) in enumerate(zip(each.peers, each.counted, strict=True)):
            seat = market.index(peer)
            sums[row, seat], seen[row, seat] = each.cells[:, 1 + column], counted
    named = np.array([each.named_pairs for each in ordered], dtype=np.bool_)
    return Counts(ids, market, named, sizes, sums, seen, histograms)


def _check(count: Counted, market: tuple[str, ...], groups: int) -> None:
    others = tuple(member for member in market if member != count.member)
    if tuple(sorted(count.peers)) != others or len(count.counted) != len(others):
        raise InvalidCohortsError("A count is against other peers than the market has. Leave it out.")
    shapes = count.cells.shape, count.histogram.shape
    types = {count.cells.dtype, count.histogram.dtype}
    if shapes != ((groups + 1, len(others) + 1), (len(others) + 1,)) or types != {np.dtype(np.int64)}:
        raise InvalidVectorError(
            f"A count against {len(others)} peers in {groups} groups is int64 of shape ({groups + 1}, "
            f"{len(others) + 1}), with {len(others) + 1} bins; this one is not. Check the layout against the study."
        )
    for values in (count.cells, count.histogram):
        if max(int(values.max()), -int(values.min())) > LARGEST_FIGURE:
            raise ImpossibleValueError(
                f"A count has a number beyond {LARGEST_FIGURE}, which none that is admitted has. Leave it out."
            )
