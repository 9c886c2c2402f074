"""Who counts, who is silent, whose sketch is refused, and who contradicts the others."""

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np
import pytest

from privacy.estimate.cross_use.counts import Counted, gathered
from privacy.estimate.cross_use.standing import Standing, standing_of
from tests.privacy.estimate.cross_use.world import TERMS, World, drawn, world_of

MARKET = [6000, 2500, 1500, 500, 100, 50]
LIAR = 2


def market(silent: int = 0, refusals: Collection[tuple[int, int]] = ()) -> tuple[World, list[Counted]]:
    world = world_of(MARKET, np.random.default_rng(1), silent=silent)
    return world, drawn(world, TERMS, np.random.default_rng(2), refusals)


def statuses(world: World, counts: list[Counted]) -> list[str]:
    return [line.status for line in standing(world, counts).lines]


def standing(world: World, counts: list[Counted]) -> Standing:
    return standing_of(gathered(world.ids, counts, world.groups), TERMS)


def test_honest_members_count_and_those_without_a_count_are_named() -> None:
    for seed in range(30):
        world = world_of(MARKET, np.random.default_rng(seed), silent=1)
        counts = drawn(world, TERMS, np.random.default_rng(100 + seed))
        assert statuses(world, counts) == ["counted"] * 5 + ["sketched"]


def test_the_market_is_by_id_whatever_the_order() -> None:
    world, counts = market(silent=2)
    lines = standing_of(gathered(world.ids[::-1], counts[::-1], world.groups), TERMS).lines
    assert [line.member for line in lines] == world.ids
    assert lines == standing(world, counts).lines


@pytest.mark.parametrize("readers", [1, 2, 3, 4, 5])
def test_a_sketch_that_some_could_not_count_is_out_and_its_readers_are_not(readers: int) -> None:
    """Whom a sketch is sealed for, its sender decides: that it opens for a few alone is not for these to pay."""
    world, counts = market(refusals=[(5 - reader, 0) for reader in range(readers)])
    assert statuses(world, counts) == ["refused", *["counted"] * 5]
    assert standing(world, counts).comparable == (readers == 5)


def test_who_refuses_several_good_sketches_stands_apart_and_no_one_else() -> None:
    world, counts = market(refusals=((1, 0), (1, 2)))
    assert statuses(world, counts) == ["counted", "disagrees", *["counted"] * 4]
    found = standing(world, counts)
    assert found.overlaps.available[0, 1]
    assert found.comparable
    assert found.peers.tolist() == list(range(6))


def test_of_two_that_refuse_each_other_there_is_no_estimate_and_neither_counts() -> None:
    world, counts = market(refusals=((1, 0), (0, 1)))
    assert statuses(world, counts) == ["refused", "refused", *["counted"] * 4]
    assert not standing(world, counts).overlaps.available[0, 1]


@pytest.mark.parametrize(("reader", "sender"), [(1, 0), (0, 1)])
def test_one_in_ten_that_counted_other_sketches_goes_too_so_that_the_others_can_be_compared(
    reader: int, sender: int
) -> None:
    """Whichever of the two it was: both are out."""
    world = world_of([3000, 800, 200, *[0] * 9], np.random.default_rng(1))
    counts = drawn(world, TERMS, np.random.default_rng(2), [(reader, sender)])
    found = statuses(world, counts)
    assert (found[sender], found[reader]) == ("refused", "disagrees")
    assert found[2:] == ["counted"] * 10
    assert standing(world, counts).comparable
    two = drawn(world, TERMS, np.random.default_rng(2), [(reader, sender), (5, sender)])
    assert statuses(world, two).count("counted") == 11
    assert not standing(world, two).comparable


def test_a_count_that_contradicts_itself_blames_nobody() -> None:
    world, counts = market(refusals=((1, 0),))
    counts[1] = _bins(counts[1])
    assert statuses(world, counts) == ["counted", "disagrees", *["counted"] * 4]
    assert standing(world, counts).comparable


def _refusals(random: np.random.Generator, attackers: int, members: int) -> list[tuple[int, int]]:
    """Whatever the first members may do: seal for some alone, and refuse some; for the same few, or for any."""
    victims = random.permutation(np.arange(attackers, members))[: random.integers(1, members - attackers + 1)]
    chance = random.random(2)
    return [
        pair
        for attacker in range(attackers)
        for peer in victims.tolist()
        for pair, likely in zip(((peer, attacker), (attacker, peer)), chance, strict=True)
        if random.random() < likely
    ]


@pytest.mark.parametrize(("attackers", "most_lost"), [(1, 1), (2, 4)])
def test_most_of_twelve_survive_whatever_one_or_two_say_of_sketches(attackers: int, most_lost: int) -> None:
    world = world_of([3000, 800, 200, *[0] * 9], np.random.default_rng(1))
    honest = drawn(world, TERMS, np.random.default_rng(2))
    random = np.random.default_rng(3)
    for _ in range(100):
        refusals = _refusals(random, attackers, 12)
        counts = [
            replace(each, counted=tuple((row, world.ids.index(peer)) not in refusals for peer in each.peers))
            for row, each in enumerate(honest)
        ]
        found = statuses(world, counts)
        assert found[attackers:].count("counted") >= 12 - attackers - most_lost
        mixed = [counts[row] for row in random.permutation(12).tolist()]
        assert [line.status for line in standing_of(gathered(world.ids[::-1], mixed, world.groups), TERMS).lines] == (
            found
        )


def test_of_two_attackers_that_seal_for_half_of_the_market_each_only_they_go() -> None:
    world = world_of([3000, 800, 200, *[0] * 9], np.random.default_rng(1))
    refusals = [*((reader, 0) for reader in range(7, 12)), *((reader, 1) for reader in range(2, 7))]
    counts = drawn(world, TERMS, np.random.default_rng(2), refusals)
    assert statuses(world, counts) == ["refused"] * 2 + ["counted"] * 10


def _size(by: int) -> Callable[[Counted], Counted]:
    def lie(count: Counted) -> Counted:
        cells, histogram = count.cells.copy(), count.histogram.copy()
        cells[0, 0] += by
        cells[1, 0] += by
        histogram[0] += by
        return replace(count, cells=cells, histogram=histogram)

    return lie


def _cells(row: int, column: int, value: int) -> Callable[[Counted], Counted]:
    def lie(count: Counted) -> Counted:
        cells = count.cells.copy()
        cells[row, column] = value
        return replace(count, cells=cells)

    return lie


def _zero(count: Counted) -> Counted:
    return replace(count, cells=np.zeros_like(count.cells), histogram=np.zeros_like(count.histogram))


def _bins(count: Counted) -> Counted:
    return replace(count, histogram=np.roll(count.histogram, 2))


LIES: dict[str, Callable[[Counted], Counted]] = {
    "all is zero": _zero,
    "twice as many customers": _size(4000),
    "a thousand fewer": _size(-1500),
    "a billion": _cells(0, 0, 10**9),
    "fewer than none": _cells(0, 0, -5000),
    "groups that are more than all": _cells(1, 0, 50_000),
    "a group's sum that is no part of the whole": _cells(1, 3, 30_000),
    "another histogram": _bins,
}


@pytest.mark.parametrize("lie", LIES)
def test_a_member_that_contradicts_itself_or_its_peers_is_left_out_alone(lie: str) -> None:
    world, counts = market()
    counts[LIAR] = LIES[lie](counts[LIAR])
    expected = ["counted"] * 6
    expected[LIAR] = "disagrees"
    assert statuses(world, counts) == expected


def test_a_sketch_of_others_than_it_counts_is_seen_by_all() -> None:
    """A member puts everybody's customers into its sketch, and counts its own."""
    world = world_of(MARKET, np.random.default_rng(1))
    full = World(world.uses.copy(), world.group, world.groups)
    full.uses[:, LIAR] = True
    honest, lying = (drawn(each, TERMS, np.random.default_rng(2)) for each in (world, full))
    counts = [honest[LIAR] if index == LIAR else each for index, each in enumerate(lying)]
    assert statuses(world, counts)[LIAR] == "disagrees"
    assert statuses(world, counts).count("counted") == 5


def test_of_two_nobody_can_say_which() -> None:
    world = world_of([3000, 1000], np.random.default_rng(1))
    full = World(world.uses | np.array([True, False]), world.group, world.groups)
    honest, lying = (drawn(each, TERMS, np.random.default_rng(2)) for each in (world, full))
    assert statuses(world, [honest[0], lying[1]]) == ["disagrees", "disagrees"]


def test_no_count_at_all_is_a_market_that_only_sketched() -> None:
    world = world_of([30, 10, 5], np.random.default_rng(1))
    assert statuses(world, []) == ["sketched"] * 3
