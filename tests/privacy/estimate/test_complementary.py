"""What is withheld cannot be computed from what is shown: checked by rational arithmetic on every result."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from privacy.estimate.complementary import complementary
from privacy.estimate.disclosure import Category, Published, Releases
from privacy.estimate.within import Sums, System
from tests.privacy.estimate.networks import STUDY
from tests.privacy.estimate.test_exact import rank_by_fractions

CATEGORIES: list[Category] = [(table.name, name) for table in STUDY.tables for name in table.dimension.categories]
AT = {category: index for index, category in enumerate(CATEGORIES)}
WEB: list[Category] = [("channel", name) for name in ("web", "box_office", "phone")]
A, B, C = (frozenset(letter + str(n) for n in range(5)) for letter in "abc")
NETWORK = A | B | C


PERCENT = 60


def released(values: NDArray[np.int64]) -> Releases:
    """Of members with one measure, and hardly any noise."""
    members, categories = values.shape
    return Releases(values, np.arange(members), independent, np.arange(categories)[:, None])


def independent(cells: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(cells[:, None] == others, dtype=np.float64)


def sums_of(categories: list[Category]) -> Sums:
    """As of one study with all tables of these categories: each a partition of the whole, or of the identified part."""
    position = {category: index for index, category in enumerate(categories)}

    def way(table: str, *names: str) -> list[int]:
        return [at for (its, name), at in position.items() if its == table and (not names or name in names)]

    tables = list(dict.fromkeys(table for table, _ in categories))
    of_all = [way(table) for table in tables if table not in ("frequency_band", "flow")]
    identified = [
        each
        for each in (
            way("identity", "identified"),
            way("frequency_band"),
            way("flow", "new", "continuing", "recovered"),
        )
        if each
    ]
    last_year = way("flow", "continuing", "lost")
    orders = System.of([(of_all, True), *([(identified, False)] if identified else [])])
    people = System.of([(identified, True), ([last_year], True)] if identified else [])
    return Sums(tuple(categories), (orders, people) if identified else (orders,))


def closed(
    cohorts: list[frozenset[str]],
    withheld: set[tuple[int, Category]],
    categories: list[Category] = CATEGORIES,
    earlier: tuple[Published, ...] = (),
    noise: frozenset[tuple[int, Category]] = frozenset(),
    faint: frozenset[tuple[int, Category]] = frozenset(),
    values: NDArray[np.int64] | None = None,
) -> set[tuple[int, Category]]:
    """What else is withheld. noise: withheld, and nothing else; faint: shown, and nothing else.

    values: int64, shape (members, categories), of one measure, at every cohort; by default all have the same.
    """
    before, nothing, weak = (np.zeros((len(cohorts), len(categories)), dtype=np.bool_) for _ in range(3))
    for marked, cells in ((before, withheld), (nothing, noise), (weak, faint)):
        for cohort, category in cells:
            marked[cohort, categories.index(category)] = True
    sizes = np.tile(np.arange(len(categories), 0, -1, dtype=np.int64), (len(cohorts), 1))  # the last is the smallest
    releases = [released(np.full((5, len(categories)), 10**6) if values is None else values)] * len(cohorts)
    telling = ~nothing & ~weak
    after = complementary(cohorts, sums_of(categories), before, telling, nothing, sizes, releases, PERCENT, earlier)
    assert after[before].all()
    return {(int(row), categories[column]) for row, column in zip(*np.nonzero(after), strict=True)} - withheld


def test_nothing_withheld_withholds_nothing() -> None:
    assert closed([NETWORK, A, B, C], set()) == set()


def test_the_smallest_other_category_goes_too() -> None:
    assert closed([NETWORK], {(0, ("month", "03"))}) == {(0, ("month", "12"))}
    assert closed([NETWORK], {(0, ("month", "12"))}) == {(0, ("month", "11"))}


def test_two_withheld_categories_protect_each_other() -> None:
    assert closed([NETWORK], {(0, ("month", "03")), (0, ("month", "04"))}) == set()


def test_a_table_of_two_is_withheld_whole_and_what_adds_up_to_it_is_opened_nowhere() -> None:
    """Bands and flows add up to the identified part: each must lack something, and so two."""
    more = closed([NETWORK], {(0, ("identity", "anonymous"))})
    assert {category for _, category in more} == {
        ("identity", "identified"),
        ("frequency_band", "8+"),
        ("frequency_band", "5-7"),
        ("flow", "recovered"),
        ("flow", "new"),  # not continuing, which would take lost along
    }


def test_lost_customers_take_what_last_years_customers_would_tell() -> None:
    more = {category for _, category in closed([NETWORK], {(0, ("flow", "lost"))})}
    assert ("flow", "continuing") in more
    assert ("flow", "recovered") in more  # as all bands less new and recovered are continuing
    assert ("flow", "new") not in more


def test_without_its_total_a_cohort_shows_nothing() -> None:
    more = closed([NETWORK, A], {(1, ("totals", "all"))})
    assert {category for cohort, category in more if cohort == 1} == set(CATEGORIES) - {("totals", "all")}
    assert all(cohort == 1 for cohort, _ in more)


def test_the_network_minus_all_other_industries() -> None:
    """The last industry's cell of the category goes, and within both industries another category does."""
    more = closed([NETWORK, A, B, C], {(1, WEB[0])}, WEB)
    assert (3, WEB[0]) in more
    assert more == {(3, WEB[0]), (1, WEB[2]), (3, WEB[2])}


def test_industries_that_are_not_all_published_need_nothing_across() -> None:
    assert closed([NETWORK, A, B], {(1, WEB[0]), (1, WEB[1])}, WEB) == set()


def test_a_county_of_the_same_members_does_not_cost_the_network() -> None:
    """With a county that is the network, and a second that is an industry, the other industry goes as without them."""
    cohorts = [NETWORK, A, B | C, NETWORK, A]
    withheld = {(1, WEB[0]), (1, WEB[1]), (4, WEB[0]), (4, WEB[1])}
    assert closed(cohorts, withheld, WEB) == {(2, WEB[0]), (2, WEB[1])}


def test_counties_across_the_industries_cost_nothing_more() -> None:
    """A is the network without the other industry, and the counties without it: to withhold that one is enough."""
    east = frozenset({*sorted(A)[:2], *sorted(B)[:2]})
    withheld = {(1, WEB[0]), (1, WEB[1])}
    assert closed([A | B, A, B, east, (A | B) - east], withheld, WEB) == {(2, WEB[0]), (2, WEB[1])}


def test_two_relations_both_end() -> None:
    """B ∪ C is published as well: A is the network without it, and without B and C."""
    more = closed([NETWORK, B | C, A, B, C], {(2, WEB[0]), (2, WEB[1])}, WEB)
    assert {cohort for cohort, _ in more} >= {1}
    assert not recomputable([NETWORK, B | C, A, B, C], {(2, WEB[0]), (2, WEB[1])} | more)


def test_what_was_shown_before_counts() -> None:
    """The other industries stood in an earlier version of the same window."""
    shown = frozenset(WEB)
    withheld = {(1, WEB[0]), (1, WEB[1])}
    earlier = (Published(B | C, shown),)
    assert closed([NETWORK, A], withheld, WEB) == set()
    assert closed([NETWORK, A], withheld, WEB, earlier) == {(0, WEB[0]), (0, WEB[1])}
    only_phone = (Published(B | C, shown - {WEB[0], WEB[1]}),)
    assert closed([NETWORK, A], withheld, WEB, only_phone) == set()


def test_what_cannot_be_taken_back_costs_nothing_more() -> None:
    shown = frozenset(WEB)
    withheld = {(1, WEB[0]), (1, WEB[1])}
    assert closed([NETWORK, A, B, C], withheld, WEB, (Published(A, shown),)) == set()
    assert closed([NETWORK, A, B, C], withheld, WEB, (Published(NETWORK, shown), Published(B | C, shown))) == set()


def test_the_same_version_again_withholds_the_same() -> None:
    first = closed([NETWORK, A, B, C], {(1, WEB[0])}, WEB) | {(1, WEB[0])}
    earlier = tuple(
        Published(members, frozenset(c for c in WEB if (row, c) not in first))
        for row, members in enumerate([NETWORK, A, B, C])
    )
    assert closed([NETWORK, A, B, C], {(1, WEB[0])}, WEB, earlier) | {(1, WEB[0])} == first


def recomputable(cohorts: list[frozenset[str]], withheld: set[tuple[int, Category]]) -> bool:
    """Whether a withheld cohort's cell lies in the span of the shown ones of its category."""
    everyone = sorted(set().union(*cohorts))
    rows: NDArray[np.int64] = np.array([[int(m in cohort) for m in everyone] for cohort in cohorts])
    for category in {category for _, category in withheld}:
        hidden = {cohort for cohort, other in withheld if other == category}
        shown = rows[[cohort for cohort in range(len(cohorts)) if cohort not in hidden]]
        rank = rank_by_fractions(shown) if len(shown) else 0
        for cohort in hidden:
            if rank_by_fractions(np.vstack([shown, rows[[cohort]]])) == rank:
                return True
    return False


@st.composite
def leaks(draw: st.DrawFn) -> tuple[list[frozenset[str]], set[tuple[int, Category]]]:
    members = st.frozensets(st.sampled_from("abcdef"), min_size=1)
    cohorts = [frozenset("abcdef"), *draw(st.lists(members, min_size=1, max_size=6, unique=True))]
    cohorts = list(dict.fromkeys(cohorts))
    cells = st.tuples(st.integers(0, len(cohorts) - 1), st.sampled_from(WEB))
    return cohorts, draw(st.sets(cells, min_size=1, max_size=4))


@given(leaks())
@settings(max_examples=150)
def test_nothing_withheld_is_recomputable(leak: tuple[list[frozenset[str]], set[tuple[int, Category]]]) -> None:
    cohorts, withheld = leak
    everything = withheld | closed(cohorts, withheld, WEB)
    assert not recomputable(cohorts, everything)
    for cohort in range(len(cohorts)):
        assert len([one for one, _ in everything if one == cohort]) != 1


def published(
    cohorts: list[frozenset[str]],
    hidden: set[tuple[int, Category]],
    noise: frozenset[tuple[int, Category]] = frozenset(),
) -> tuple[Published, ...]:
    """What a benchmark with these cohorts showed and withheld of WEB."""
    return tuple(
        Published(
            members,
            frozenset(c for c in WEB if (row, c) not in hidden | noise),
            frozenset(c for c in WEB if (row, c) in hidden),
        )
        for row, members in enumerate(cohorts)
    )


def test_what_an_earlier_version_withheld_stays_withheld() -> None:
    """A was dominated and C went with it. With a member less A is not there, and C would give the old A away."""
    hidden = {(1, WEB[0]), (1, WEB[1])}
    first = hidden | closed([NETWORK, A, B, C], hidden, WEB)
    assert {(3, WEB[0]), (3, WEB[1])} <= first
    earlier = published([NETWORK, A, B, C], first)
    assert closed([B, C], set(), WEB) == set()
    assert closed([B, C], set(), WEB, earlier) == {(1, WEB[0]), (1, WEB[1])}
    assert closed([NETWORK, A, B, C], set(), WEB, earlier) == first


def test_what_gives_an_earlier_secret_away_is_withheld() -> None:
    """The union of B and C was never shown; with the old network it is A, which was withheld."""
    earlier = published([NETWORK, A, B, C], {(1, WEB[0]), (1, WEB[1]), (3, WEB[0]), (3, WEB[1])})
    assert closed([B | C], set(), WEB, earlier) == {(0, WEB[0]), (0, WEB[1])}
    assert closed([B], set(), WEB, earlier) == set()


def test_a_secret_that_was_shown_since_is_none() -> None:
    earlier = (Published(A, frozenset(WEB[2:]), frozenset(WEB[:2])), Published(A, frozenset(WEB)))
    assert closed([NETWORK, A, B, C], set(), WEB, earlier) == set()
    assert closed([NETWORK, B | C], set(), WEB, earlier) == set()


def test_what_was_shown_before_hides_nothing() -> None:
    """The smallest other is known already: the next one goes."""
    assert closed([NETWORK], {(0, WEB[0])}, WEB) == {(0, WEB[2])}
    assert closed([NETWORK], {(0, WEB[0])}, WEB, (Published(NETWORK, frozenset(WEB[2:])),)) == {(0, WEB[1])}


def test_what_was_shown_before_is_no_cover_even_where_it_is_withheld_now() -> None:
    earlier = (Published(NETWORK, frozenset(WEB[1:2])),)
    assert closed([NETWORK], {(0, WEB[0]), (0, WEB[1])}, WEB, earlier) == {(0, WEB[2])}


def test_noise_needs_no_protection_and_gives_none() -> None:
    nothing = frozenset({(0, WEB[2])})
    assert closed([NETWORK], set(), WEB, noise=nothing) == set()
    assert closed([NETWORK], {(0, WEB[0])}, WEB, noise=nothing) == {(0, WEB[1])}
    noise = frozenset({(3, WEB[0]), (3, WEB[1])})
    more = closed([NETWORK, A, B, C], {(1, WEB[0]), (1, WEB[1])}, WEB, noise=noise)
    assert more == {(2, WEB[0]), (2, WEB[1])}


def test_what_is_shown_and_noise_hides_nothing_within_a_table() -> None:
    assert closed([NETWORK], {(0, WEB[0])}, WEB, faint=frozenset({(0, WEB[2])})) == {(0, WEB[1])}


def test_what_is_shown_and_noise_is_withheld_across_cohorts_only_where_nothing_else_is_left() -> None:
    withheld = {(1, WEB[0]), (1, WEB[1])}
    faint = frozenset({(3, WEB[0]), (3, WEB[1])})
    assert closed([NETWORK, A, B, C], withheld, WEB, faint=faint) == {(2, WEB[0]), (2, WEB[1])}
    earlier = (Published(NETWORK, frozenset(WEB)), Published(B, frozenset(WEB)))
    assert closed([NETWORK, A, B, C], withheld, WEB, earlier, faint=faint) == set(faint)


CHANNELS: list[Category] = [("channel", name) for name in ("web", "app", "box_office", "phone", "partner")]


def test_two_categories_of_one_member_do_not_hide_each_other() -> None:
    """Both are nearly all the first member's, and so is their sum; with a third it is 1 800 of 3 200."""
    values = np.array([[400, 400, 300, 300, 1000], *[[25, 25, 275, 275, 275]] * 4])
    hidden = {(0, CHANNELS[0]), (0, CHANNELS[1])}
    assert closed([NETWORK], hidden, CHANNELS) == set()
    assert closed([NETWORK], hidden, CHANNELS, values=values[:, [0, 1, 2, 4, 3]]) == {(0, CHANNELS[4])}


def test_a_small_cover_is_not_enough() -> None:
    """The member's 400 000 would be the sum of the hidden ones up to 0.3 %: further ones go until that is no more."""
    values = np.array([[400_000, 90_000, 70_000, 60_000, 300], *[[25_000, 90_000, 70_000, 60_000, 300]] * 4])
    assert closed([NETWORK], {(0, CHANNELS[0])}, CHANNELS, values=values) == {(0, CHANNELS[4]), (0, CHANNELS[3])}


def test_where_no_cover_is_enough_the_whole_table_goes() -> None:
    values = np.array([[10**9, 10, 10, 10, 10], *[[10] * 5] * 4])
    more = closed([NETWORK], {(0, CHANNELS[0])}, CHANNELS, values=values)
    assert more == {(0, category) for category in CHANNELS[1:]}


def test_a_sum_that_is_noise_needs_no_cover() -> None:
    values = np.array([[4, 1, 10**6, 10**6, 10**6], *[[-1, -1, 10**6, 10**6, 10**6]] * 4])
    assert closed([NETWORK], {(0, CHANNELS[0]), (0, CHANNELS[1])}, CHANNELS, values=values) == set()


def test_what_a_sum_needs_is_closed_across_cohorts_as_well() -> None:
    """The third that hides two in A would be the network's less the others': it goes in the last industry too."""
    values = np.array([[400, 400, 300, 1000, 300], *[[25, 25, 275, 275, 275]] * 4])
    hidden = {(1, CHANNELS[0]), (1, CHANNELS[1])}
    more = closed([NETWORK, A, B, C], hidden, CHANNELS, values=values)
    assert more >= {(1, CHANNELS[4]), (3, CHANNELS[4])}
    assert not recomputable([NETWORK, A, B, C], hidden | more)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_hidden_sum_is_one_members(data: st.DataObject) -> None:
    """Of each cohort: unless all of the table is hidden, what is hidden of it is no member's by more than 60 %."""
    amounts = st.integers(100, 1000) | st.integers(10**4, 10**5)
    each = st.lists(amounts, min_size=len(CHANNELS), max_size=len(CHANNELS))
    values = np.array(data.draw(st.lists(each, min_size=5, max_size=5)))
    cells = st.tuples(st.integers(0, 3), st.sampled_from(CHANNELS))
    hidden = data.draw(st.sets(cells, min_size=1, max_size=5))
    cohorts = [NETWORK, A, B, C]
    everything = hidden | closed(cohorts, hidden, CHANNELS, values=values)
    assert not recomputable(cohorts, everything)
    for row in range(len(cohorts)):
        columns = [index for index, category in enumerate(CHANNELS) if (row, category) in everything]
        if 0 < len(columns) < len(CHANNELS):
            together = values[:, columns].sum(axis=1)
            assert len(columns) > 1
            assert together.max() <= 0.6 * together.sum()


def in_span(rows: list[NDArray[np.int64]], row: NDArray[np.int64]) -> bool:
    before = rank_by_fractions(np.array(rows)) if rows else 0
    return rank_by_fractions(np.array([*rows, row])) == before


Version = tuple[list[frozenset[str]], set[tuple[int, Category]], frozenset[tuple[int, Category]]]


@st.composite
def versions(draw: st.DrawFn) -> list[Version]:
    """Cohorts, what is withheld and what is noise, of up to four publications over the same few members."""
    members = st.frozensets(st.sampled_from("abcde"), min_size=1)
    found: list[Version] = []
    for _ in range(draw(st.integers(2, 4))):
        cohorts = draw(st.lists(members, min_size=1, max_size=4, unique=True))
        cells = st.sets(st.tuples(st.integers(0, len(cohorts) - 1), st.sampled_from(WEB)), max_size=3)
        hidden = draw(cells)
        found.append((cohorts, hidden, frozenset(draw(cells) - hidden)))
    return found


@given(versions())
@settings(max_examples=200, deadline=None)
def test_no_version_gives_away_what_it_or_an_earlier_one_withheld(sequence: list[Version]) -> None:
    """A secret that is in the span of what is shown was there before this version showed anything.

    And one that is in the span of that and of what is noise now was in that of what was shown before and of the noise.
    """
    earlier: tuple[Published, ...] = ()
    for cohorts, withheld, noise in sequence:
        hidden = withheld | closed(cohorts, withheld, WEB, earlier, noise)
        now = published(cohorts, hidden, noise - hidden)
        for category in WEB:
            old = [row_of(each.members) for each in earlier if category in each.categories]
            new = old + [row_of(each.members) for each in now if category in each.categories]
            blur = [row_of(cohorts[row]) for row, other in noise - hidden if other == category]
            for secret in (row_of(each.members) for each in (*earlier, *now) if category in each.withheld):
                assert not in_span(new, secret) or in_span(old, secret)
                assert not in_span(new + blur, secret) or in_span(old + blur, secret)
        earlier += now


@given(versions())
@settings(max_examples=100, deadline=None)
def test_no_table_gives_what_a_cohort_withholds(sequence: list[Version]) -> None:
    """One secret alone follows from the table's sum, and only what is not known already can hide it."""
    earlier: tuple[Published, ...] = ()
    for cohorts, withheld, _ in sequence:
        hidden = withheld | closed(cohorts, withheld, WEB, earlier)
        for row in range(len(cohorts)):
            known = {c for each in earlier if each.members == cohorts[row] for c in each.categories}
            secrets = {c for other, c in hidden if other == row} - known
            assert len(secrets) != 1 or known | secrets == set(WEB)
        earlier += published(cohorts, hidden)


def row_of(members: frozenset[str]) -> NDArray[np.int64]:
    return np.array([int(member in members) for member in "abcde"])


@pytest.mark.parametrize("table", sorted({table for table, _ in CATEGORIES} - {"totals"}))
def test_no_table_lacks_just_one(table: str) -> None:
    names = [name for other, name in CATEGORIES if other == table]
    for name in names:
        more = closed([NETWORK], {(0, (table, name))})
        assert any(category[0] == table for _, category in more)
