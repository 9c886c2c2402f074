"""From the store to what a release is made of, exactly: cells within bounds, tiers, and quantiles."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from node.store.frames import Keeper, sold, table
from node.store.performances import framed, performances, starts
from privacy.bounds.base import OF_PERFORMANCE, Base, base_of, names_of
from privacy.bounds.cells import Vector, cells_of, without_tiers
from privacy.bounds.cells import Vectors as Vectors
from privacy.bounds.quantiles import quantile_counts_of
from privacy.bounds.tiers import TierFacts, tier_facts_of, with_tiers
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import FLOW
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import BoundedTable
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@contextmanager
def base_in(
    connection: "DuckDBPyConnection", window: Window, zone: str, names: Collection[str] = (), engine: str = ""
) -> Iterator[Base]:
    """The sales of a window, with what they are by the named dimensions; `zone` is the institution's time zone.

    What is kept of it on the connection goes when the context ends. `engine` is as in the settings: where it is not
    empty, another computes what follows from these sales, and EngineFailed is raised where it cannot.
    """
    keep = Keeper(connection)
    try:
        sales = table(connection, "sales")
        if any(name in names for name in (*OF_PERFORMANCE, "lead_time")):
            genres = framed(connection, performances(connection, zone), keep)
            sales = sold(connection, genres, starts(connection, zone, keep))
        customers = table(connection, "customers")
        if not engine:
            yield base_of(sales, customers, window, keep, names)
            return
        from node.store import elsewhere  # only who has such an engine has its client

        with elsewhere.moved(engine, sales, customers) as (sales_there, customers_there, keep_there):
            yield base_of(sales_there, customers_there, window, keep_there, names)
    finally:
        keep.drop()


def asked_of(study: Study) -> list[BoundedTable]:
    """The tables of a study with their bounds, of each the measures that the study asks for alone."""
    measures = {
        each.table.name: tuple(part.measure for part in study.parts if part.table is each.table)
        for each in study.bounded_tables
    }
    return [
        replace(each, table=replace(each.table, measures=measures[each.table.name])) for each in study.bounded_tables
    ]


def exact_of(
    connection: "DuckDBPyConnection",
    window: Window,
    zone: str,
    bounded_tables: Sequence[BoundedTable],
    measures: Collection[Measure] = (),
    engine: str = "",
) -> tuple[Vectors, TierFacts | None, dict[Measure, Vector]]:
    """Of one base the cells of the tables, the facts of those that take thresholds, and the counts of quantiles.

    `engine` is as in `base_in`.
    """
    tables, tiers = without_tiers(bounded_tables), with_tiers(bounded_tables)
    names = names_of(each.table for each in tables) | ({FLOW.name} if tiers else set())
    with base_in(connection, window, zone, names, engine) as base:
        return (
            cells_of(base, tables),
            tier_facts_of(base, tiers) if tiers else None,
            quantile_counts_of(base, measures),
        )
