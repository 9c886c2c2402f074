"""Nothing follows from several cohorts and several categories together: every result is read by `attacks.Reader`.

Networks are drawn from seeds, so nothing here flakes. SEEDS are those of the first 300 in which something followed
while sums were closed for one category at a time and one cohort at a time, and a few others. Takes about ten seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.cohorts import Cohort
from privacy.estimate.combine import combine
from privacy.estimate.complementary import complementary
from privacy.estimate.differences import differences
from privacy.estimate.disclosure import Category, Published, Releases, admit, dominated
from privacy.estimate.within import Sums, System
from tests.privacy.estimate.attacks import Reader, Shown
from tests.privacy.estimate.networks import STUDY, cell, even, houses, position, put

ROWS, COLUMNS = ("r0", "r1", "r2"), ("c0", "c1", "c2", "c3")
CROSSED = tuple(f"{row}:{column}" for row in ROWS for column in COLUMNS)
NAMES = ("all", *ROWS, *COLUMNS, *CROSSED)
CATEGORIES: tuple[Category, ...] = (("totals", "all"), *(("table", name) for name in NAMES[1:]))
AT = {name: index for index, name in enumerate(NAMES)}
WAYS: list[list[list[str]]] = [
    [["all"], list(ROWS), list(COLUMNS), list(CROSSED)],
    *([[row], [f"{row}:{column}" for column in COLUMNS]] for row in ROWS),
    *([[column], [f"{row}:{column}" for row in ROWS]] for column in COLUMNS),
]
TOTALS = [([[AT[name] for name in way] for way in ways], ways[0] == ["all"]) for ways in WAYS]
SUMS = Sums(CATEGORIES, (System.of(TOTALS),))
PERCENT = 60
SEEDS = (28, 41, 44, 96, 124, 128, 153, 166, 167, 197, 204, 208, 223, 226, 259, 260, 281, 1, 2, 3)


@dataclass(frozen=True)
class Network:
    """Cohorts, each member's figures without noise, and what is withheld of each cohort."""

    cohorts: list[frozenset[str]]
    values: NDArray[np.int64]
    primary: NDArray[np.bool_]
    withheld: NDArray[np.bool_]

    def one_has(self, group: frozenset[str], names: Sequence[str]) -> bool:
        """Whether most of what these members have of these categories is one's."""
        members = sorted(int(member) for member in group)
        pile = self.values[np.ix_(members, [AT[name] for name in names])].sum(axis=1)
        return bool(100 * pile.max() > PERCENT * pile.sum())

    def shown(self) -> list[Shown]:
        """What is there to be read."""
        names = [frozenset(name for name in NAMES if not hidden[AT[name]]) for hidden in self.withheld]
        return [Shown(cohort, its) for cohort, its in zip(self.cohorts, names, strict=True)]

    def published(self) -> tuple[Published, ...]:
        """For later versions."""
        found: list[Published] = []
        for cohort, hidden in zip(self.cohorts, self.withheld, strict=True):
            secret = frozenset(CATEGORIES[at] for at in np.flatnonzero(hidden).tolist())
            found.append(Published(cohort, frozenset(CATEGORIES) - secret, secret))
        return tuple(found)


def values_of(random: np.random.Generator, members: int) -> NDArray[np.int64]:
    """Figures of members that differ in what they do, shape (members, categories)."""
    sizes = 10**6 * random.lognormal(0, 0.5, members)
    shares = [random.dirichlet(np.full(12, 0.7)) for _ in range(members)]
    cells = np.rint(sizes[:, None] * np.array(shares)).astype(np.int64).reshape(members, 3, 4)
    parts = (cells.sum(axis=(1, 2))[:, None], cells.sum(axis=2), cells.sum(axis=1), cells.reshape(members, 12))
    return np.concatenate(parts, axis=1)


def cohorts_of(random: np.random.Generator, members: int) -> list[frozenset[str]]:
    """The network, and two or three ways to divide it, as far as they may be published."""
    names = [str(member) for member in range(members)]
    found = [frozenset(names)]
    for _ in range(int(random.integers(1, 4))):
        kinds = int(random.integers(2, 5))
        places = np.arange(members) * kinds // members if random.random() < 0.5 else random.integers(0, kinds, members)
        found += [frozenset(np.array(names)[places == kind].tolist()) for kind in range(kinds)]
    found = [cohort for cohort in dict.fromkeys(found) if cohort]
    reasons = admit([Cohort(str(at), cohort) for at, cohort in enumerate(found)], set(), 4)
    return [cohort for cohort, reason in zip(found, reasons, strict=True) if reason is None]


def uncorrelated(cells: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(cells[:, None] == others, dtype=np.float64)


def network_of(seed: int, earlier: Network | None = None) -> Network:
    """A network; with an earlier one, the same of which a few members more or fewer are in a later version."""
    random = np.random.default_rng(seed)
    members = int(random.integers(8, 31))
    cohorts, values = cohorts_of(random, members), values_of(random, members)
    if earlier is not None:
        values, gone = earlier.values, {str(each) for each in range(5)}
        cohorts = [frozenset(cohort - gone) for cohort in earlier.cohorts]
        named = [Cohort(str(at), cohort) for at, cohort in enumerate(dict.fromkeys(cohorts)) if cohort]
        reasons = admit(named, set(earlier.cohorts), 4)
        cohorts = [cohort.members for cohort, reason in zip(named, reasons, strict=True) if reason is None]
    return closed(cohorts, values, earlier)


def closed(cohorts: list[frozenset[str]], values: NDArray[np.int64], earlier: Network | None = None) -> Network:
    rows = [np.array(sorted(int(member) for member in cohort), dtype=np.int64) for cohort in cohorts]
    primary = np.array([dominated(values[each], np.ones(len(NAMES)), PERCENT) for each in rows]).reshape(-1, len(NAMES))
    if len(primary):
        primary[:, 0] = False
    releases = [Releases(values, each, uncorrelated, np.arange(len(NAMES))[:, None]) for each in rows]
    withheld = complementary(
        cohorts,
        SUMS,
        primary.copy(),
        np.ones_like(primary),
        np.zeros_like(primary),
        np.array([values[each].sum(axis=0) for each in rows]).reshape(-1, len(NAMES)),
        releases,
        PERCENT,
        () if earlier is None else earlier.published(),
        differences(cohorts, releases, PERCENT),
    )
    return Network(cohorts, values, primary, withheld)


def read(*networks: Network) -> Reader:
    """Whoever has read all these."""
    return Reader.of([shown for network in networks for shown in network.shown()], WAYS)


def given_away(network: Network, reader: Reader) -> set[tuple[int, tuple[str, ...]]]:
    """What a reader works out: withheld categories, and of what is hidden of a sum or of two, what is one member's."""
    found: set[tuple[int, tuple[str, ...]]] = set()
    for at, cohort in enumerate(network.cohorts):
        hidden = [name for name in NAMES if network.withheld[at, AT[name]]]
        sums: set[tuple[str, ...]] = {(name,) for name in hidden}
        for way in (way for ways in WAYS for way in ways):
            left = tuple(name for name in way if name in hidden)
            if 1 < len(left) < len(way):
                sums.add(left)
        sums |= set(combinations([name for name in CROSSED if name in hidden], 2))
        for each in sorted(sums):
            if (len(each) == 1 or network.one_has(cohort, each)) and reader.has(reader.sum_of(cohort, each)):
                found.add((at, each))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_is_withheld_follows_from_all_that_is_shown(seed: int) -> None:
    network = network_of(seed)
    assert network.withheld[network.primary].all()
    assert given_away(network, read(network)) == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_cohorts_differ_by_is_no_members_either(seed: int) -> None:
    """Of each cohort less another, and less all others of one kind, every category that is had has passed dominance."""
    network = network_of(seed)
    reader = read(network)
    for one, other in permutations(network.cohorts, 2):
        if other < one and one - other not in network.cohorts:
            for name in NAMES:
                assert not (network.one_has(one - other, (name,)) and reader.has(reader.sum_of(one - other, [name])))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_left_where_some_of_a_kind_are_shown_is_no_members(seed: int) -> None:
    """Of each category, a cohort less those inside it that show it and share no member."""
    network = network_of(seed)
    for at, cohort in enumerate(network.cohorts):
        inside = [index for index, other in enumerate(network.cohorts) if other < cohort]
        for name in NAMES:
            if network.withheld[at, AT[name]]:
                continue
            for division in divisions(network, inside):
                shown = [index for index in division if not network.withheld[index, AT[name]]]
                left = cohort.difference(*(network.cohorts[index] for index in shown))
                if 0 < len(shown) < len(division):
                    assert not network.one_has(left, (name,)), (at, name, shown)


def divisions(network: Network, these: list[int]) -> list[list[int]]:
    """In their order, as long as they share no member."""
    found: list[list[int]] = []
    for index in these:
        if not found or any(network.cohorts[index] & network.cohorts[other] for other in found[-1]):
            found.append([])
        found[-1].append(index)
    return found


@pytest.mark.parametrize("industries", [4, 8])
def test_an_industry_that_hides_anothers_leader_is_large_enough_for_it(industries: int) -> None:
    """The network less the industries that show a month is the industry of one large member and whoever covers it."""
    study = replace(STUDY, cohorts=("network", "industry"))
    members = houses(**{f"ind{index}": 6 for index in range(industries)})
    values = even(study, len(members))
    size = 10**10
    amounts = [6 * size] * 6 * (industries - 2) + [30 * size] + [size // 2] * 5 + [size // 4] * 6
    put(study, values, "month", "03", amounts)
    body = combine(study, members, values)
    left = {"network": 1} | {f"industry:ind{index}": -1 for index in range(industries)}
    for measure, at in (("orders", Measure.ORDERS), ("revenue_ore", Measure.REVENUE)):
        found = {name: cell(body, name, "month", "03", measure).value for name in left}
        if found["network"] is None:
            continue
        rest = sum(times * int(found[name] or 0) for name, times in left.items())
        largest = int(values[:, position(study, "month", "03", at)].max())
        assert largest < PERCENT / 100 * rest


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_a_later_version_gives_nothing_of_either_away(seed: int) -> None:
    """But what the two give of the first without the second's cohorts: nobody asks for that."""
    first = network_of(seed)
    second = network_of(seed, first)
    before, both = read(first), read(first, second)
    for network in (first, second):
        for at, names in given_away(network, both):
            assert len(names) > 1 or before.has(before.sum_of(network.cohorts[at], names))
    for at, cohort in enumerate(second.cohorts):
        if cohort in first.cohorts:  # what was shown is not taken back
            assert not (second.withheld[at] & ~first.withheld[first.cohorts.index(cohort)]).any()


def test_two_categories_of_a_cohort_that_others_tell_together() -> None:
    """Of A four of six rows are hidden; from B and the network follow two of them together, and so the other two."""
    names = np.array([str(member) for member in range(18)])
    a, b, c = (frozenset(each.tolist()) for each in np.split(names, 3))
    cohorts, rows = [a | b | c, a, b, c], [np.arange(18), *np.split(np.arange(18), 3)]
    categories = ("all", "1", "2", "3", "4", "5", "6")
    sums = Sums(tuple(("row", name) for name in categories), (System.of([([[0], [1, 2, 3, 4, 5, 6]], True)]),))
    values = np.full((18, 7), 10**6)
    values[0, [3, 5]] = values[1:, 1] = values[1:, 2] = 2 * 10**7
    values[:, 0] = values[:, 1:].sum(axis=1)
    withheld = np.zeros((4, 7), dtype=np.bool_)
    for cohort, hidden in ((1, (1, 2, 3, 5)), (2, (1, 2)), (3, (3, 4)), (0, (4, 5))):
        withheld[cohort, list(hidden)] = True
    sizes = np.array([values[each].sum(axis=0) for each in rows])
    releases = [Releases(values, each, uncorrelated, np.arange(7)[:, None]) for each in rows]
    all_, none = np.ones_like(withheld), np.zeros_like(withheld)
    after = complementary(cohorts, sums, withheld.copy(), all_, none, sizes, releases, PERCENT, ())

    def has(hidden: NDArray[np.bool_]) -> bool:
        names = (frozenset(np.array(categories)[~its].tolist()) for its in hidden)
        reader = Reader.of(
            [Shown(*each) for each in zip(cohorts, names, strict=True)], [[["all"], list(categories[1:])]]
        )
        return reader.has(reader.sum_of(a, ["3", "5"]))

    assert has(withheld)
    assert not has(after)
    assert after.sum() <= withheld.sum() + 4
