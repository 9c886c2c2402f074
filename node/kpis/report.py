"""All own figures of a window that somebody asks for, each computed once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from node.kpis import tables
from node.kpis.facts import Facts, Source, facts_of
from node.kpis.figures import Figures, figures_of
from node.kpis.occupancy import Occupancy, occupancy_of
from node.kpis.orders import orders_of, people_of
from node.kpis.performances import Performances, performances_of
from node.kpis.portfolio import Portfolio, portfolio_of
from node.kpis.rfm import Scored, rfm_of
from node.kpis.series import Point, series_of
from node.kpis.tables import Breakdown, breakdown
from node.kpis.windows import Period, before, periods, year_earlier
from node.store.frames import Keeper, table
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import AGE_BAND, Dimension

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Section(StrEnum):
    """What can be looked at beside the key figures."""

    PORTFOLIO = "portfolio"
    MIGRATION = "migration"
    RFM = "rfm"
    CUSTOMERS = "customers"
    ORDERS = "orders"
    TICKETS = "tickets"
    PERFORMANCES = "performances"
    CROSSED = "crossed"


_BROKEN_DOWN = (Section.CUSTOMERS, Section.ORDERS, Section.TICKETS, Section.PERFORMANCES, Section.CROSSED)


@dataclass(frozen=True)
class Asked:
    """A window and what to show of it. A series goes by `by` over `span`, whole periods alone.

    With `likely` the tables that `node.likely.kept.joined_sales` makes are read: who is likely one person is one.
    """

    window: Window
    sections: Collection[Section] = ()
    by: Period | None = None
    span: Window | None = None
    likely: bool = False


@dataclass(frozen=True)
class Report:
    """The figures of a window beside those of the year before. What nobody asked for is empty.

    `occupancy`: by the name of a dimension of performances, then by category
    """

    now: Figures
    before: Figures
    portfolio: Portfolio
    portfolio_before: Portfolio
    rfm: list[Scored] = field(default_factory=list)
    breakdowns: Mapping[Section, list[Breakdown]] = field(default_factory=dict)
    occupancy: Mapping[str, Mapping[str, Occupancy]] = field(default_factory=dict)
    series: list[Point] = field(default_factory=list)


def report_of(connection: "DuckDBPyConnection", zone: str, asked: Asked) -> Report:
    """The report of a store; `zone` names the institution's time zone."""
    keep = Keeper(connection)
    try:
        return _report(connection, zone, asked, keep)
    finally:
        keep.drop()


def _report(connection: "DuckDBPyConnection", zone: str, asked: Asked, keep: Keeper) -> Report:
    sales, customers = (
        table(connection, f"likely_{name}" if asked.likely else name) for name in ("sales", "customers")
    )
    orders = orders_of(sales, customers, keep)
    window, earlier = asked.window, year_earlier(asked.window)
    people = people_of(orders, window, before(window), keep)
    people_before = people_of(orders, earlier, before(earlier), keep)
    breakdowns: dict[Section, list[Breakdown]] = {}
    occupancy: dict[str, Mapping[str, Occupancy]] = {}
    if any(section in asked.sections for section in _BROKEN_DOWN):
        performances = performances_of(connection, zone, keep)
        facts = facts_of(Source(sales, customers, orders, people, performances), window, keep)
        for section in asked.sections:
            if wanted := _dimensions(section, facts):
                breakdowns[section] = [breakdown(facts, *each) for each in wanted]
        if Section.PERFORMANCES in asked.sections:
            occupancy = {
                by.name: occupancy_of(sales, performances, window, by) for by in _of_performances(performances)
            }
    return Report(
        figures_of(orders, people, window),
        figures_of(orders, people_before, earlier),
        portfolio_of(people, window),
        portfolio_of(people_before, earlier),
        rfm_of(people) if Section.RFM in asked.sections else [],
        breakdowns,
        occupancy,
        series_of(orders, asked.by, periods(asked.by, asked.span), keep) if asked.by and asked.span else [],
    )


def _of_performances(performances: Performances) -> tuple[Dimension, ...]:
    return (performances.genre, *tables.PERFORMANCES)


def _dimensions(section: Section, facts: Facts) -> list[tuple[Dimension, ...]]:
    """What a section breaks down by; nothing, where it is of another kind."""
    alone: dict[Section, tuple[Dimension, ...]] = {
        Section.CUSTOMERS: tables.CUSTOMERS,
        Section.ORDERS: tables.ORDERS,
        Section.TICKETS: tables.LINES,
        Section.PERFORMANCES: (facts.genre, *tables.PERFORMANCES),
    }
    if section is Section.CROSSED:
        return [*tables.CROSSED, (facts.genre, AGE_BAND)]
    return [(dimension,) for dimension in alone.get(section, ())]
