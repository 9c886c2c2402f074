"""The matrix: overlaps of named pairs, and between industries and counties, with what must be withheld of them.

A cell between two cohorts is the sum over the pairs of their members. Its disclosure rests on the cohorts: where no
integer combination of them isolates 1 to k - 1 members (`privacy.estimate.disclosure.admit`), no combination of cells
isolates a set of pairs that all have one of the same k - 2 members or fewer in them. For write a combination as a
symmetric matrix over the members, the diagonal left open: each row is a combination of the cohorts. If it is 0 but for
pairs with a member of a set U, the row of another member i is 0 outside U and i; that is k - 1 members at most, so it
is 0; and then the rows of U are 0 outside U, and so 0 as well.

Named pairs are published beside the cells and can be taken off them. What is left tells of the members that must not be
named, so the same must hold for the cohorts with the named members taken out; and what is left must no more be nearly
one member's than the whole cell. Named pairs count as known even where they are withheld as noise.

After an earlier publication of the same customers only what that had too is shown (`shown`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.body import Cell
from privacy.estimate.cohorts import Cohort
from privacy.estimate.cross_use.counts import Counts
from privacy.estimate.cross_use.figures import CUSTOMERS, Writer
from privacy.estimate.cross_use.overlap import Overlaps
from privacy.estimate.cross_use.shown import Shown, category, may_name, may_show, pairs_between
from privacy.estimate.cross_use.standing import Standing
from privacy.estimate.disclosure import NOISE_ERRORS, ONE_SIDED, admit
from privacy.estimate.exact import left_null_space
from privacy.estimate.reasons import Reason

Mask = NDArray[np.bool_]


def known_pairs(counts: Counts, standing: Standing, earlier: Collection[Shown]) -> Mask:
    """Which pairs of members that count are named, symmetric: both want to be, and every earlier publication did so."""
    wanted = counts.named & standing.counted
    pairs = np.zeros((len(counts.ids), len(counts.ids)), dtype=np.bool_)
    for one, other in combinations(np.flatnonzero(wanted).tolist(), 2):
        pairs[one, other] = pairs[other, one] = may_name(frozenset((counts.ids[one], counts.ids[other])), earlier)
    return pairs


def named_cells(counts: Counts, standing: Standing, earlier: Collection[Shown], writer: Writer) -> list[Cell]:
    """A cell for each pair of members that both sent a count and may be named."""
    return [
        _named_cell(counts, standing, earlier, writer, pair)
        for pair in combinations(np.flatnonzero(counts.named).tolist(), 2)
    ]


def _named_cell(
    counts: Counts, standing: Standing, earlier: Collection[Shown], writer: Writer, pair: tuple[int, int]
) -> Cell:
    found = standing.overlaps
    ids = [counts.ids[row] for row in pair]
    name = "+".join(ids)
    if standing.refused[list(pair)].any():
        return writer.withheld("pair", name, CUSTOMERS, Reason.NOT_COUNTED)
    if standing.contradicted[list(pair)].any() or found.disagree[pair]:
        return writer.withheld("pair", name, CUSTOMERS, Reason.DIRECTIONS_DISAGREE)
    if not found.available[pair]:
        return writer.withheld("pair", name, CUSTOMERS, Reason.NOT_COUNTED)
    if not may_name(frozenset(ids), earlier):
        return writer.withheld("pair", name, CUSTOMERS, Reason.COMPLEMENTARY)
    value, variance = float(found.values[pair]), float(found.variances[pair])
    return writer.overlap("pair", name, value, variance, float(found.largest[pair]))


@dataclass(frozen=True, eq=False)
class Block:
    """The pairs between two cohorts, or within one: a symmetric mask over the members that sent a count."""

    table: str
    cohorts: tuple[str, str]
    pairs: Mask
    sides: tuple[NDArray[np.intp], NDArray[np.intp]]

    @property
    def category(self) -> str:
        """What a cell calls it."""
        return category(*self.cohorts)


def block_cells(
    kinds: Mapping[str, Sequence[Cohort]],
    counts: Counts,
    standing: Standing,
    known: Mask,
    unsafe: Collection[str],
    earlier: Collection[Shown],
    writer: Writer,
    dominance_percent: int,
) -> list[Cell]:
    """The cells between cohorts of one kind, kind by kind.

    kinds: the admitted cohorts of each, with the members that count. known: the pairs that are named. unsafe: the names
    of those that would give away members that may not be named.
    """
    between = [
        (kind, one, other)
        for kind, cohorts in kinds.items()
        for one, other in combinations_with_replacement(cohorts, 2)
    ]
    sums = [_Sum.of(_block(f"{kind}_pair", one, other, counts), standing.overlaps) for kind, one, other in between]
    reasons = [_reason(each, known, unsafe, dominance_percent) for each in sums]
    for index, (_, one, other) in enumerate(between):
        if reasons[index] is None and not may_show(pairs_between(one.members, other.members), earlier):
            reasons[index] = Reason.COMPLEMENTARY
    _close(sums, reasons, known)
    return [
        writer.withheld(each.block.table, each.block.category, CUSTOMERS, why)
        if why
        else writer.overlap(each.block.table, each.block.category, each.value, each.variance, each.most)
        for each, why in zip(sums, reasons, strict=True)
    ]


def unsafe_cohorts(cohorts: Sequence[Cohort], unnamed: Collection[str], min_members: int) -> frozenset[str]:
    """Which admitted cohorts would, without the members that are named, isolate some that are not.

    The network, with all that are not named, stands for published whether or not it would pass.
    """
    kept = frozenset(unnamed)
    rest = [Cohort(each.name, each.members & kept) for each in cohorts if each.members & kept]
    everybody = [kept] if len(kept) >= min_members else []
    answers = admit(rest, everybody, min_members)
    return frozenset(each.name for each, why in zip(rest, answers, strict=True) if why)


def _block(table: str, one: Cohort, other: Cohort, counts: Counts) -> Block:
    sides = tuple(
        np.array([row for row, member in enumerate(counts.ids) if member in cohort.members], dtype=np.intp)
        for cohort in (one, other)
    )
    pairs = np.zeros((len(counts.ids), len(counts.ids)), dtype=np.bool_)
    pairs[np.ix_(*sides)] = True
    pairs |= pairs.T
    np.fill_diagonal(pairs, val=False)
    return Block(table, (one.name, other.name), pairs, (sides[0], sides[1]))


@dataclass(frozen=True, eq=False)
class _Sum:
    """What the pairs of a block add up to; value and variance are NaN where a pair disagrees.

    None is missing, for members that count have all counted against each other.
    """

    block: Block
    overlaps: Overlaps
    disagrees: bool
    value: float
    variance: float
    most: float

    @staticmethod
    def of(block: Block, overlaps: Overlaps) -> "_Sum":
        disagrees = bool((block.pairs & overlaps.disagree).any())
        value, variance = (np.nan, np.nan) if disagrees else overlaps.total(block.pairs)
        most = float(np.where(block.pairs, overlaps.largest, 0.0).sum()) / 2
        return _Sum(block, overlaps, disagrees, value, variance, most)

    def dominated(self, percent: int) -> bool:
        """Whether one member may be in more than `percent` of it, on either side.

        As `disclosure.dominated` has it, for shares of sums whose errors differ: with s the share of a member whose
        part has variance V, of a total t with variance T, Var(s) = (V (1 - 2 s) + s² T) / t². For this, the errors of
        the pairs are taken for independent.
        """
        whole = 2 if self.block.cohorts[0] == self.block.cohorts[1] else 1  # within a cohort a pair has two parts
        for side in self.block.sides:
            pairs = self.block.pairs[side]
            parts = np.where(pairs, self.overlaps.values[side], 0.0).sum(axis=1)
            variances = np.where(pairs, self.overlaps.variances[side], 0.0).sum(axis=1)
            total, spread = np.maximum(parts, 0.0).sum() / whole, variances.sum() / whole
            if total <= 0:
                return True
            share = np.maximum(parts, 0.0) / total
            margin = ONE_SIDED * np.sqrt(np.maximum(variances * (1 - 2 * share) + share * share * spread, 0.0)) / total
            if bool((share + margin > percent / 100).any()):
                return True
        return False

    def without(self, known: Mask) -> "_Sum | None":
        """What is left of it when the named pairs are taken off; None where that is the whole, or nothing."""
        left = self.block.pairs & ~known
        if not left.any() or bool((left == self.block.pairs).all()):
            return None
        return _Sum.of(replace(self.block, pairs=left), self.overlaps)

    def keeps(self, known: Mask) -> bool:
        """Whether there is something in it to hide: pairs that are not named, and more than noise."""
        rest = self.without(known)
        unnamed = bool((self.block.pairs & ~known).any())
        return unnamed and (self.telling or (rest is not None and rest.telling))

    @property
    def telling(self) -> bool:
        """Whether it is more than noise: only then could somebody learn from it what dominance must keep."""
        return bool(abs(self.value) >= NOISE_ERRORS * np.sqrt(self.variance))


def _reason(each: _Sum, known: Mask, unsafe: Collection[str], percent: int) -> Reason | None:
    if each.disagrees:
        return Reason.DIRECTIONS_DISAGREE
    if set(each.block.cohorts) & set(unsafe):
        return Reason.COMPLEMENTARY
    if each.dominated(percent):
        return Reason.DOMINATED
    rest = each.without(known)
    return Reason.DOMINATED if rest and rest.telling and rest.dominated(percent) else None


def _close(sums: Sequence[_Sum], reasons: list[Reason | None], known: Mask) -> None:
    """Withholds what dominated cells could be computed from, the smallest of each combination, until none is left.

    All cells add up the same estimates, so what follows of one from others follows exactly: the two tables have the
    same sum over the whole market, and an industry may be just the members of some counties. Named pairs are shown and
    stay so: each is a row of its own among what is shown, and it is cells that are withheld. A dominated cell with
    nothing but noise needs no hiding, as in a benchmark; nor one of which every pair is named. Combinations of several
    dominated cells are withheld too, for they may be one member's.
    """
    if not sums:
        return
    # A row for one pair makes its column free for any combination: what is left to be zero is the other columns.
    open_pairs = np.triu(~known, 1)
    # Nothing becomes dominated from here on, so what there is to hide stays the same.
    secret = [index for index, why in enumerate(reasons) if why is Reason.DOMINATED and sums[index].keeps(known)]
    while secret:
        shown = [index for index, why in enumerate(reasons) if why is None]
        rows = np.array([sums[index].block.pairs[open_pairs] for index in shown + secret], dtype=np.int8)
        combined = left_null_space(np.unique(rows, axis=1).astype(np.int64))
        gives_away = [each for each in combined if each[: len(shown)].any() and each[len(shown) :].any()]
        if not gives_away:
            return
        parts = [shown[place] for place in np.flatnonzero(gives_away[0][: len(shown)]).tolist()]
        smallest = min(parts, key=lambda index: (abs(sums[index].value), sums[index].block.category))
        reasons[smallest] = Reason.COMPLEMENTARY
