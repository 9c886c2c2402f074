"""Tables within bounds of every kind: narrow, wide, and by cell."""

from collections.abc import Sequence
from random import Random

from privacy.catalogue.dimensions import Level
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds, Needs, Table


def mixed(narrow: Bounds, wide: Bounds, random: Random) -> Sequence[BoundedTable]:
    """Every table without tiers, each in bounds of one kind or another."""
    return [
        _bounded(table, narrow, random.choice([(narrow,), (wide,), None]), random)
        for table in TABLES.values()
        if Needs.TIERS not in table.needs
    ]


def by_tier(narrow: Bounds, random: Random) -> Sequence[BoundedTable]:
    """Every table of tiers, in one bounds or by cell."""
    tiers = [table for table in TABLES.values() if Needs.TIERS in table.needs]
    return [_bounded(table, narrow, random.choice([(narrow,), None]), random) for table in tiers]


def _bounded(table: Table, narrow: Bounds, chosen: tuple[Bounds, ...] | None, random: Random) -> BoundedTable:
    """The table in the chosen bounds, or by cell where it can be."""
    if chosen is not None:
        return BoundedTable(table, chosen)
    if table.dimension.level is not Level.CUSTOMER or table.dimension.unidentified is not None:
        return BoundedTable(table, (narrow,))
    return BoundedTable(table, tuple(_some(random) for _ in range(table.cells)))


def _some(random: Random) -> Bounds:
    revenue = random.choice([1, 150, 500, 30_000])
    return Bounds(random.randint(1, 4), random.randint(1, 5), random.randint(1, 6), revenue)
