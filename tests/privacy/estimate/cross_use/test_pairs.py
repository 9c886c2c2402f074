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
from privacy.estimate.cross_use.shown import shown_by
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


@pytest.mark.parametrize("named", [(), range(6, 12)])
def test_what_is_withheld_for_dominance_follows_from_nothing_that_is_shown(named: Collection[int]) -> None:
    """Industries and counties have the same sum over the market, so the other table could give it away; named pairs
    can be taken off either."""
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
    counts = [replace(each, named_pairs=index in named) for index, each in enumerate(counts)]
    body = combine_cross_use(STUDY, members, world.ids, counts)
    first, second = np.triu_indices(12, 1)
    taken_off = np.isin(first, list(named)) & np.isin(second, list(named))
    shown, dominated = [], []
    for kind in ("industry", "county"):
        cells, rows = reasons(body, f"{kind}_pair"), masks(members, kind)
        shown += [rows[name] for name, why in cells.items() if why is None]
        dominated += [rows[name] for name, why in cells.items() if why == Reason.DOMINATED]
    assert dominated
    left = [np.array(rows).reshape(-1, len(first))[:, ~taken_off] for rows in (shown, dominated)]
    assert rank(np.vstack(left)) == rank(left[0]) + rank(left[1])
    pairs = reasons(body, "pair")
    assert all(why in (None, Reason.MOSTLY_NOISE) for why in pairs.values())  # the cell is withheld, never the pair
    assert len(pairs) == taken_off.sum()
    if not named:
        assert shown
        assert any(
            why == Reason.COMPLEMENTARY
            for kind in ("industry", "county")
            for why in reasons(body, f"{kind}_pair").values()
        )


def by_pairs(common: Collection[tuple[list[int], int]], members: int) -> World:
    """People who use just these members together, so many of each; and as many who use only one."""
    uses = np.zeros((2 * sum(many for _, many in common), members), dtype=np.bool_)
    start = 0
    for together, many in common:
        uses[start : start + many, together] = True
        start += many
    random = np.random.default_rng(5)
    uses[np.arange(start, 2 * start), random.integers(0, members, start)] = True
    return World(uses, random.integers(0, len(STUDY.groups), 2 * start), len(STUDY.groups))


def cells_with(world: World, seats: list[Member], named: Collection[int]) -> dict[str, str | None]:
    counts = drawn(world, terms_of(STUDY, world), np.random.default_rng(7))
    counts = [replace(each, named_pairs=index in named) for index, each in enumerate(counts)]
    body = combine_cross_use(STUDY, seats, world.ids, counts)
    assert set(reasons(body, "pair").values()) <= {None, Reason.MOSTLY_NOISE}  # the cell is withheld, never the pair
    return reasons(body, "industry_pair") | reasons(body, "county_pair")


def test_what_named_pairs_leave_of_a_cell_is_not_nearly_one_members() -> None:
    """County 03 has five that are not named, one of which has nearly all, and five that are."""
    common = [([0, there], 1500) for there in range(10, 15)]
    common += [([here, there], 30) for here in range(1, 5) for there in range(10, 15)]
    common += [([here, there], 700) for here in range(5, 10) for there in range(10, 15)]
    world = by_pairs(common, 15)
    seats = [Member(each, "museum", "03" if index < 10 else "46") for index, each in enumerate(world.ids)]
    assert cells_with(world, seats, ())["03+46"] is None
    assert cells_with(world, seats, range(5, 15))["03+46"] == Reason.DOMINATED


def test_a_cell_and_named_pairs_together_do_not_give_away_one_that_is_withheld() -> None:
    """03+46 is museum+orchestra, which is house-000's, and theatre+orchestra, and pairs that may be named."""
    common = [([0, there], 1500) for there in range(15, 20)]
    common += [([here, there], 30) for here in range(1, 5) for there in range(15, 20)]
    common += [([here, there], 700) for here in range(5, 15) for there in range(15, 20)]
    world = by_pairs(common, 20)
    industries = ["museum"] * 5 + ["theatre"] * 5 + [f"other-{index}" for index in range(5)] + ["orchestra"] * 5
    seats = [
        Member(each, industry, "03" if index < 15 else "46")
        for index, (each, industry) in enumerate(zip(world.ids, industries, strict=True))
    ]
    unnamed = cells_with(world, seats, ())
    assert unnamed["museum+orchestra"] == Reason.DOMINATED
    assert [unnamed["orchestra+theatre"], unnamed["03+46"]] == [None, None]
    named = cells_with(world, seats, range(10, 20))
    assert named["museum+orchestra"] == Reason.DOMINATED
    assert [named["orchestra+theatre"], named["03+46"]] == [Reason.COMPLEMENTARY, None]


def published_again(
    named: Collection[int], again: Collection[int], houses: Houses, houses_again: Houses
) -> tuple[Body, Body]:
    """Two publications of the same customers, of which the second knows the first."""
    world = twelve()
    first = body_of(world, named, houses)
    counts = drawn(world, terms_of(STUDY, world), np.random.default_rng(1))
    counts = [replace(each, named_pairs=index in again) for index, each in enumerate(counts)]
    members = houses_again.members(world.ids)
    earlier = [shown_by(first, STUDY, houses.members(world.ids))]
    return first, combine_cross_use(STUDY, members, world.ids, counts, earlier)


def shown(body: Body) -> set[tuple[str, str]]:
    tables = ("pair", "industry_pair", "county_pair")
    return {(cell.table, cell.category) for cell in body.cells if cell.table in tables and cell.value is not None}


def test_what_was_published_before_is_published_again_as_it_was() -> None:
    first, second = published_again(range(1, 12, 2), range(1, 12, 2), Houses(), Houses())
    assert shown(first)
    assert second == first


def test_who_may_be_named_later_only_is_not_named_beside_earlier_cells() -> None:
    """All but one: the cells that were shown, without the pairs, would be that one's."""
    one = Houses(counties=("03",))
    first, second = published_again((), range(1, 12), one, one)
    assert shown(second) == shown(first)
    assert set(reasons(second, "pair").values()) == {Reason.COMPLEMENTARY}
    first, second = published_again(range(1, 12, 2), range(1, 12), one, one)
    assert shown(second) <= shown(first)
    assert any(table == "pair" for table, _ in shown(second))


def test_who_is_named_no_more_does_not_bring_back_a_cell_that_was_withheld() -> None:
    one = Houses(counties=("03",))
    first, second = published_again(range(1, 12), (), one, one)
    assert reasons(first, "industry_pair")["museum+orchestra"] == Reason.COMPLEMENTARY
    assert reasons(second, "industry_pair")["museum+orchestra"] == Reason.COMPLEMENTARY


def test_cells_between_other_cohorts_are_not_shown_beside_earlier_ones() -> None:
    first, second = published_again((), (), Houses(counties=("03",)), Houses())
    same = reasons(second, "industry_pair")
    assert same == reasons(first, "industry_pair")
    assert None in same.values()
    assert set(reasons(second, "county_pair").values()) == {Reason.COMPLEMENTARY}


def test_after_one_that_showed_nothing_everything_may_be_shown() -> None:
    world = twelve()
    counts = drawn(world, terms_of(STUDY, world), np.random.default_rng(1))
    members = Houses().members(world.ids)
    nothing = shown_by(combine_cross_use(STUDY, members[:3], world.ids, counts[:3]), STUDY, members[:3])
    assert not nothing.cohorts
    assert combine_cross_use(STUDY, members, world.ids, counts, [nothing]) == combine_cross_use(
        STUDY, members, world.ids, counts
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
