"""The search against trying every combination, and the classic leaks."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from privacy.estimate.cohorts import KINDS, Cohort, Member, cohorts_of
from privacy.estimate.disclosure import admit
from privacy.estimate.isolation import isolates, rank
from privacy.estimate.reasons import Reason
from tests.privacy.estimate.networks import house, ids
from tests.privacy.estimate.test_exact import rank_by_fractions

REFUSED = Reason.ISOLATES_MEMBERS


@st.composite
def memberships(draw: st.DrawFn, cohorts: int, members: int) -> NDArray[np.int8]:
    rows, columns = draw(st.integers(1, cohorts)), draw(st.integers(1, members))
    bits = st.lists(st.integers(0, 1), min_size=columns, max_size=columns)
    return np.array(draw(st.lists(bits, min_size=rows, max_size=rows)), dtype=np.int8)


def by_rank(cohorts: NDArray[np.int8], few: int) -> bool:
    """The definition: leaving out some members lowers the rank, so a combination lies on them alone."""
    whole = rank_by_fractions(cohorts.astype(np.int64))
    members = range(cohorts.shape[1])
    return any(
        rank_by_fractions(np.delete(cohorts, left_out, axis=1).astype(np.int64)) < whole
        for size in range(1, few + 1)
        for left_out in itertools.combinations(members, size)
    )


@given(memberships(5, 8), st.integers(1, 4))
@settings(max_examples=150)
def test_as_the_definition_says(cohorts: NDArray[np.int8], few: int) -> None:
    assert isolates(cohorts, few) == by_rank(cohorts, few)


@given(memberships(4, 9), st.integers(1, 4))
@settings(max_examples=60)
def test_whatever_small_combinations_isolate_is_found(cohorts: NDArray[np.int8], few: int) -> None:
    found = False
    for numbers in itertools.product(range(-3, 4), repeat=len(cohorts)):
        support = int(np.count_nonzero(np.array(numbers) @ cohorts))
        found = found or 0 < support <= few
    # The other way round a combination may need larger numbers.
    assert isolates(cohorts, few) or not found


@st.composite
def blown_up(draw: st.DrawFn) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """A table of memberships, and the same with its members in another order."""
    cohorts = draw(memberships(5, 7))
    columns = draw(st.lists(st.integers(0, cohorts.shape[1] - 1), min_size=1, max_size=9))
    many = cohorts[:, columns]
    return many, many[:, draw(st.permutations(range(len(columns))))]


@given(blown_up(), st.integers(1, 4))
@settings(max_examples=60)
def test_members_in_the_same_cohorts_and_their_order(
    tables: tuple[NDArray[np.int8], NDArray[np.int8]], few: int
) -> None:
    one, other = tables
    assert isolates(one, few) == isolates(other, few) == by_rank(one, few)


def incidence(edges: list[tuple[int, int]], vertices: int) -> NDArray[np.int8]:
    """Cohorts are vertices and members edges: with the complete graph no combination has a small support."""
    rows = np.zeros((vertices, len(edges)), dtype=np.int8)
    for column, edge in enumerate(edges):
        rows[list(edge), column] = 1
    return rows


def test_a_search_that_takes_too_long_refuses() -> None:
    bipartite = [(one, 6 + other) for one in range(6) for other in range(6)]
    table = incidence(bipartite, 12)
    assert not isolates(table, 4)
    assert isolates(table, 6)  # a whole row
    assert isolates(table, 4, most_tries=0)


def test_combinations_that_need_fractions_or_large_numbers() -> None:
    """Half of (a+b) + (a+c) - (b+c) is a."""
    triangle = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=np.int8)
    assert isolates(triangle, 1)
    assert Fraction(1, 2) * (triangle[0] + triangle[1] - triangle[2]).tolist()[0] == 1


def test_rank() -> None:
    assert rank(np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=np.int8)) == 2


# From here on the cohorts of a benchmark.


def test_the_network_minus_all_published_industries() -> None:
    """Three festivals are what the network has and the museums and theatres have not."""
    members = [house(n, ["museum", "performing-arts", "festival"][min(n // 6, 2)]) for n in range(15)]
    cohorts = cohorts_of(members, ["network", "industry"])
    assert dict(zip([c.name for c in cohorts], admit(cohorts, [], 5), strict=True)) == {
        "network": None,
        "industry:festival": Reason.TOO_FEW_MEMBERS,
        "industry:museum": None,
        "industry:performing-arts": REFUSED,
    }


def test_an_industry_that_covers_the_rest_is_no_leak() -> None:
    members = [house(n, ["museum", "performing-arts", "festival"][n // 5]) for n in range(15)]
    assert admit(cohorts_of(members, ["network", "industry"]), [], 5) == (None,) * 4


def test_a_version_with_one_member_more_or_less() -> None:
    before, after = [house(n) for n in range(12)], [house(n) for n in range(13)]
    (network,) = cohorts_of(after, ["network"])
    assert admit([network], [], 5) == (None,)
    assert admit([network], [ids(before)], 5) == (REFUSED,)
    assert admit(cohorts_of(before, ["network"]), [ids(after)], 5) == (REFUSED,)
    assert admit([network], [ids(after)], 5) == (None,)  # a correction of figures, not of members


def test_a_version_with_a_member_exchanged_or_five_more() -> None:
    before = [house(n) for n in range(12)]
    exchanged = Cohort("network", ids([house(n) for n in range(1, 13)]))
    more = Cohort("network", ids([house(n) for n in range(17)]))
    assert admit([exchanged], [ids(before)], 5) == (REFUSED,)  # the difference of the two tells of both
    assert admit([more], [ids(before)], 5) == (None,)


def test_two_rounds_of_one_window_that_leak_only_together() -> None:
    """One round publishes the network and the museums, the other round the rest but for two."""
    everyone = [house(n, "museum" if n < 6 else "festival") for n in range(14)]
    first = [
        cohort.members for cohort in cohorts_of(everyone, ["network", "industry"]) if "festival" not in cohort.name
    ]
    rest = Cohort("network", ids([house(n) for n in range(6, 12)]))
    assert admit([rest], [], 5) == (None,)
    assert admit([rest], first[:1], 5) == (None,)
    assert admit([rest], first, 5) == (REFUSED,)


def test_what_can_be_computed_already_is_admitted() -> None:
    everyone = [house(n, "museum" if n < 6 else "festival") for n in range(12)]
    cohorts = cohorts_of(everyone, ["network", "industry"])
    assert admit(cohorts[2:], [cohort.members for cohort in cohorts[:2]], 5) == (None,)


def test_where_earlier_ones_leak_by_themselves_only_what_adds_nothing_is_admitted() -> None:
    everyone = ids([house(n) for n in range(12)])
    earlier = [everyone, everyone - {"house-000"}]
    assert admit([Cohort("network", everyone)], earlier, 5) == (None,)
    assert admit([Cohort("network", ids([house(n) for n in range(20)]))], earlier, 5) == (REFUSED,)


def test_a_county_that_crosses_an_industry() -> None:
    """museum + county 46 - crossing would be a union; with all four crossings every cell of five is told."""
    four = {("museum", "46"): 5, ("museum", "03"): 5, ("festival", "46"): 5, ("festival", "03"): 4}
    members = [
        Member(f"m{n:02d}", *place)
        for n, place in enumerate(place for place, size in four.items() for _ in range(size))
    ]
    cohorts = cohorts_of(members, KINDS)
    found = dict(zip([c.name for c in cohorts], admit(cohorts, [], 5), strict=True))
    # The first crossing already gives the others, and the last of them has four members.
    assert found["network"] is None
    assert [name for name, reason in found.items() if reason is REFUSED] == [
        "industry-county:festival:46",
        "industry-county:museum:03",
        "industry-county:museum:46",
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=14))
@settings(max_examples=40)
def test_no_admitted_set_isolates_and_no_refusal_was_needless(places: list[tuple[int, int, int]]) -> None:
    members = [Member(f"m{n:02d}", f"i{i}", f"{c:02d}", f"s{s}") for n, (i, c, s) in enumerate(places)]
    cohorts = cohorts_of(members, KINDS)
    admitted: list[list[int]] = []
    for cohort, reason in zip(cohorts, admit(cohorts, [], 3), strict=True):
        row = [int(member.member in cohort.members) for member in members]
        if reason is Reason.TOO_FEW_MEMBERS:
            assert sum(row) < 3
            continue
        assert by_rank(np.array([*admitted, row], dtype=np.int8), 2) == (reason is REFUSED)
        admitted += [row] if reason is None else []


@pytest.mark.parametrize("kinds", [KINDS[:3], KINDS])
def test_a_thousand_members_need_no_limit(kinds: tuple[str, ...]) -> None:
    """Nothing but too few members and real leaks withhold a cohort of a large network."""
    random = np.random.default_rng(7)
    members = [
        Member(f"m{n:04d}", f"i{min(i, 9)}", f"{min(c, 14):02d}", "sml"[s])
        for n, (i, c, s) in enumerate(
            zip(random.geometric(0.2, 1000), random.geometric(0.15, 1000), random.integers(0, 3, 1000), strict=True)
        )
    ]
    cohorts = cohorts_of(members, kinds)
    answers = admit(cohorts, [], 5)
    assert sum(answer is None for answer in answers) > len([c for c in cohorts if len(c.members) >= 5]) - 5
