"""What of the matrix is withheld, and that it cannot be computed from the rest. About 5 s."""

from collections.abc import Collection
from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.estimate.body import Body
from privacy.estimate.cohorts import Cohort, Member, cohorts_of
from privacy.estimate.cross_use.combine import combine_cross_use
from privacy.estimate.cross_use.pairs import unsafe_cohorts
from privacy.estimate.disclosure import admit
from privacy.estimate.isolation import rank
from privacy.estimate.reasons import Reason
from privacy.studies.cross_use import PARTITIONS
from tests.privacy.estimate.cross_use.world import Houses, World, drawn, study_with, terms_of, world_of

STUDY = study_with(partition=PARTITIONS["segment"])
TWELVE = [3000, 1500, 800, 400, 200, 100, 0, 0, 0, 0, 0, 0]


def body_of(world: World, named: Collection[int], houses: Houses, seed: int = 1) -> Body:
    counts = drawn(world, terms_of(STUDY, world), np.random.default_rng(seed))
    counts = [replace(each, named_pairs=index in named) for index, each in enumerate(counts)]
    return combine_cross_use(STUDY, houses.members(world.ids), world.ids, counts)


def twelve(seed: int = 1) -> World:
    return world_of(TWELVE, np.random.default_rng(seed), groups=len(STUDY.groups))


def reasons(body: Body, table: str) -> dict[str, str | None]:
    return {cell.category: cell.reason for cell in body.cells if cell.table == table}


def test_a_pair_is_named_only_where_both_may_be() -> None:
    body = body_of(twelve(), {0, 3, 5}, Houses())
    assert set(reasons(body, "pair")) == {"house-000+house-003", "house-000+house-005", "house-003+house-005"}
    assert not reasons(body_of(twelve(), {4}, Houses()), "pair")


@pytest.mark.parametrize(("unnamed", "withheld"), [(0, False), (1, True), (4, True), (5, False), (6, False)])
def test_named_pairs_beside_a_cell_do_not_give_away_the_few_others(unnamed: int, *, withheld: bool) -> None:
    """Museums are 0, 2, 4, ...; all orchestras may be named."""
    hidden = set(range(0, 2 * unnamed, 2))
    cells = reasons(body_of(twelve(), set(range(12)) - hidden, Houses(counties=("03",))), "industry_pair")
    assert (cells["museum+orchestra"] == Reason.COMPLEMENTARY) == withheld
    assert (cells["museum+museum"] == Reason.COMPLEMENTARY) == withheld
    assert cells["orchestra+orchestra"] is None


def test_where_nobody_is_named_nothing_is_withheld_for_it() -> None:
    assert set(reasons(body_of(twelve(), {0}, Houses()), "industry_pair").values()) == {None}


def test_unsafe_are_those_that_leave_a_few_unnamed_or_isolate_them_together() -> None:
    ids = [f"m{index:02d}" for index in range(20)]
    cohorts = [Cohort("industry:a", frozenset(ids[:10])), Cohort("county:03", frozenset(ids[2:16]))]
    assert unsafe_cohorts(cohorts, ids, 5) == frozenset()
    assert unsafe_cohorts(cohorts, ids[9:], 5) == {"industry:a", "county:03"}  # one of a; four outside of 03
    assert unsafe_cohorts(cohorts, ids[10:], 5) == {"county:03"}  # all of a may be named
    assert unsafe_cohorts(cohorts, ids[10:16], 5) == frozenset()


def hub() -> World:
    """Everybody uses house-000 and one other; and some use two others."""
    random = np.random.default_rng(3)
    uses = np.zeros((9000, 12), dtype=np.bool_)
    uses[np.arange(9000), random.integers(1, 12, 9000)] = True
    uses[:8000, 0] = True
    return World(uses, random.integers(0, len(STUDY.groups), 9000), len(STUDY.groups))


def test_a_cell_that_is_one_members_is_withheld() -> None:
    cells = reasons(body_of(hub(), (), Houses()), "industry_pair")
    assert cells["museum+museum"] == Reason.DOMINATED
    assert cells["museum+orchestra"] == Reason.DOMINATED
    assert cells["orchestra+orchestra"] != Reason.COMPLEMENTARY


def masks(members: list[Member], kind: str) -> dict[str, np.ndarray]:
    """By category the pairs of members, as 0 and 1."""
    upper = np.triu_indices(len(members), 1)
    cohorts = [each for each in cohorts_of(members, {kind}) if each.kind == kind]
    answer = {}
    for one, other in combinations_with_replacement(cohorts, 2):
        first, second = (np.array([each.member in cohort.members for each in members]) for cohort in (one, other))
        pairs = np.outer(first, second) | np.outer(second, first)
        answer["+".join(each.name.partition(":")[2] for each in (one, other))] = pairs[upper].astype(np.int8)
    return answer


def test_what_is_withheld_for_dominance_follows_from_nothing_that_is_shown() -> None:
    """Industries and counties have the same sum over the market, so the other table could give it away."""
    random = np.random.default_rng(4)
    members = [
        Member(f"house-{index:03d}", "museum" if index < 6 else "orchestra", "03" if index % 2 else "46")
        for index in range(12)
    ]
    uses = np.zeros((12_000, 12), dtype=np.bool_)
    uses[np.arange(12_000), random.integers(0, 12, 12_000)] = True
    uses[np.arange(12_000), random.integers(0, 12, 12_000)] = True
    uses[:5000, 0] = True
    uses[np.arange(5000), random.integers(1, 6, 5000)] = True
    world = World(uses, random.integers(0, len(STUDY.groups), 12_000), len(STUDY.groups))
    counts = drawn(world, terms_of(STUDY, world), random)
    body = combine_cross_use(STUDY, members, world.ids, counts)
    shown, dominated = [], []
    for kind in ("industry", "county"):
        cells, rows = reasons(body, f"{kind}_pair"), masks(members, kind)
        shown += [rows[name] for name, why in cells.items() if why is None]
        dominated += [rows[name] for name, why in cells.items() if why == Reason.DOMINATED]
    assert dominated
    assert shown
    assert rank(np.array(shown + dominated)) == rank(np.array(shown)) + rank(np.array(dominated))
    assert any(
        why == Reason.COMPLEMENTARY for kind in ("industry", "county") for why in reasons(body, f"{kind}_pair").values()
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=8, max_size=14), st.integers(3, 5))
def test_no_combination_of_cells_tells_of_the_pairs_of_a_few(places: list[tuple[int, int]], least: int) -> None:
    """The claim of the module: sets of pairs that all have one of the same k - 2 members in them are not isolated.

    Checked for one member, by rank: his pairs alone are seen where the cells, taken without them, lose some rank.
    """
    members = [Member(f"m{index:02d}", f"i{one}", f"{other:02d}") for index, (one, other) in enumerate(places)]
    cohorts = cohorts_of(members, {"network", "industry", "county"})
    answers = admit(cohorts, set(), least)
    admitted = {each.name.partition(":")[2] for each, why in zip(cohorts, answers, strict=True) if why is None}
    rows = [
        row
        for kind in ("industry", "county")
        for name, row in masks(members, kind).items()
        if set(name.split("+")) <= admitted
    ]
    if not rows:
        return
    matrix = np.array(rows)
    first, second = np.triu_indices(len(members), 1)
    for member in range(len(members)):
        without = (first != member) & (second != member)
        assert rank(matrix[:, without]) == rank(matrix)
