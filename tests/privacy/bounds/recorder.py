"""The sensitivity check of the privacy contract (section 8): what one unit's coming or going moves, and what it may."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Sensitivity
from tests.privacy.bounds.reference import Vectors

AnyStore = TypeVar("AnyStore")
Moves = dict[tuple[str, Measure], Sensitivity]


def moves(
    vectors_of: Callable[[AnyStore], Vectors], store: AnyStore, neighbours: Iterable[AnyStore]
) -> Iterable[Moves]:
    """How far each neighbour of a store lies from it, in every table and measure."""
    whole = vectors_of(store)
    for neighbour in neighbours:
        less = vectors_of(neighbour)
        changes = {key: [int(value) for value in whole[key] - less[key]] for key in whole}
        yield {
            key: Sensitivity(sum(map(abs, change)), sum(value * value for value in change))
            for key, change in changes.items()
        }


def declared(bounds: Bounds) -> Moves:
    """What the catalogue says that one unit can move."""
    return {
        (table.name, measure): table.sensitivity(measure, bounds)
        for table in TABLES.values()
        for measure in table.measures
    }


def beyond(found: Moves, allowed: Moves) -> set[Hashable]:
    """The tables and measures that were moved further than allowed."""
    assert found.keys() == allowed.keys()
    return {
        key for key, move in found.items() if move.l1 > allowed[key].l1 or move.l2_squared > allowed[key].l2_squared
    }
