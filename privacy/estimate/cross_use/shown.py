"""What an earlier publication of cross-use gave away, and what may be shown after it.

Two publications of the same customers can be subtracted from each other: a pair named only in the second, or a block of
other members, would show what the first kept to itself. Rather than to reason about everything that follows from all of
them together, a later one repeats: it names no pair and shows no block that each earlier one did not have too. So it
shows no set of pairs that is not known already, and nothing new can be combined.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from privacy.estimate.body import Body
from privacy.estimate.cohorts import NETWORK, Member, cohorts_of
from privacy.estimate.reasons import Reason
from privacy.studies.cross_use import CrossUseStudy

PAIR_KINDS = ("industry", "county")
"""The kinds of cohorts that the matrix is shown between."""

Pair = frozenset[str]
"""Two members, by id."""


@dataclass(frozen=True)
class Shown:
    """What one publication showed: sets of members that it added up, pairs that it named, and sets of pairs (blocks).

    What it withheld as mostly noise is among them, for the rules took it for shown.
    """

    cohorts: frozenset[frozenset[str]]
    pairs: frozenset[Pair]
    blocks: frozenset[frozenset[Pair]]


def shown_by(body: Body, study: CrossUseStudy, members: Sequence[Member]) -> Shown:
    """What a published body of cross-use showed. members: whose counts it included."""
    counted = {line.member for line in body.market if line.status == "counted"}
    published = {line.cohort for line in body.cohorts if line.status == "published"}
    cohorts = [each for each in cohorts_of(members, {NETWORK, *study.cohorts}) if each.name in published]
    said = {(cell.table, cell.category) for cell in body.cells if cell.reason in (None, Reason.MOSTLY_NOISE)}
    blocks = frozenset(
        pairs_between(one.members & counted, other.members & counted)
        for kind in PAIR_KINDS
        for one, other in combinations_with_replacement([each for each in cohorts if each.kind == kind], 2)
        if (f"{kind}_pair", category(one.name, other.name)) in said
    )
    pairs = frozenset(frozenset(name.split("+")) for table, name in said if table == "pair")
    return Shown(frozenset(each.members & counted for each in cohorts), pairs, blocks)


def category(one: str, other: str) -> str:
    """What a cell between two cohorts is called, by their names."""
    return "+".join(name.partition(":")[2] for name in (one, other))


def pairs_between(one: Collection[str], other: Collection[str]) -> frozenset[Pair]:
    """All pairs of a member of one and a different member of the other."""
    return frozenset(frozenset(pair) for pair in product(one, other) if pair[0] != pair[1])


def may_name(pair: Pair, earlier: Collection[Shown]) -> bool:
    """Whether a pair was named by all that was published before. Where that showed no cohort, it says nothing."""
    return all(pair in each.pairs for each in earlier if each.cohorts)


def may_show(block: frozenset[Pair], earlier: Collection[Shown]) -> bool:
    """The same for a block: just these pairs."""
    return all(block in each.blocks for each in earlier if each.cohorts)
