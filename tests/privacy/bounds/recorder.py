"""The sensitivity check of the privacy contract (section 8): what one unit's coming or going moves, and what it may."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import BoundedTable, Bounds, Sensitivity
from tests.privacy.bounds.reference import Vectors, bounded_tables

AnyStore = TypeVar("AnyStore")
Moves = dict[tuple[str, Measure], list[int]]
Allowed = dict[tuple[str, Measure], tuple[Sensitivity, ...]]


def moves(
    vectors_of: Callable[[AnyStore], Vectors], store: AnyStore, neighbours: Iterable[AnyStore]
) -> Iterable[Moves]:
    """By how much each neighbour of a store differs from it, cell by cell."""
    whole = vectors_of(store)
    for neighbour in neighbours:
        less = vectors_of(neighbour)
        yield {key: [int(value) for value in whole[key] - less[key]] for key in whole}


def size(change: Sequence[int]) -> Sensitivity:
    """How far a change moves a vector."""
    return Sensitivity(sum(map(abs, change)), sum(value * value for value in change))


def declared(bounds: Bounds | Sequence[BoundedTable]) -> Allowed:
    """What the catalogue says that one unit can move: one limit, or by cell one for each."""
    return {
        (each.table.name, measure): each.sensitivities(measure)
        for each in bounded_tables(bounds)
        for measure in each.table.measures
    }


def beyond(found: Moves, allowed: Mapping[tuple[str, Measure], tuple[Sensitivity, ...]]) -> set[Hashable]:
    """The tables and measures that were moved further than allowed.

    By cell, one unit is in one cell and moves that by no more than its own limit.
    """
    assert found.keys() == allowed.keys()
    return {key for key, change in found.items() if not _within(change, allowed[key])}


def _within(change: Sequence[int], limits: tuple[Sensitivity, ...]) -> bool:
    if len(limits) > 1:
        moved = [place for place, value in enumerate(change) if value]
        return len(moved) <= 1 and all(abs(change[place]) <= limits[place].l1 for place in moved)
    return size(change).l1 <= limits[0].l1 and size(change).l2_squared <= limits[0].l2_squared
