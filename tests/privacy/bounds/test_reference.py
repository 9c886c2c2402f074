"""The expressions give exactly what the plain reference gives, on stores of every kind."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds
from tests.privacy.bounds import engine, reference
from tests.privacy.bounds.bounded import by_tier, mixed
from tests.privacy.bounds.stores import (
    LOOSE,
    QUARTER,
    TIGHT,
    WINDOW,
    WINDOWS,
    Customer,
    Line,
    Store,
    heap,
    sale,
    stores,
)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Store, Window]:
    window = draw(st.sampled_from([*WINDOWS, QUARTER]))
    return heap(draw(st.lists(stores(window), min_size=2, max_size=6))), window


MIXED = st.builds(mixed, st.sampled_from([LOOSE, *TIGHT]), st.sampled_from(TIGHT), st.randoms(use_true_random=False))
GRID = CANDIDATES[Measure.REVENUE]
THRESHOLDS = st.lists(st.sampled_from([GRID[0], GRID[1], GRID[35], GRID[60], GRID[-1]]), min_size=3, max_size=3).map(
    lambda found: sorted(found, reverse=True)
)


# A run of DuckDB takes a second however small the store: so few examples, and each a heap of stores.
@settings(max_examples=8)
@given(_cases(), MIXED)
def test_net_sales_and_vectors_are_those_of_the_reference(
    case: tuple[Store, Window], tables: Sequence[BoundedTable]
) -> None:
    store, window = case
    with engine.loaded(store) as connection:
        sales = engine.sales_in(connection)
        found = engine.vectors_of(connection, window, tables)
    sold = Counter(row for row in sales if row[7] > 0 or row[8] > 0)
    assert sold == Counter(map(_row, reference.net(store.lines)))
    assert sum(row[7] for row in sales) == sum(line.tickets for line in store.lines)
    assert sum(row[8] for row in sales) == sum(line.revenue_ore for line in store.lines)
    expected = reference.exact_cells(store, window, tables)
    assert found.keys() == expected.keys()
    for key, vector in expected.items():
        assert found[key].dtype == np.int64
        assert found[key].tolist() == vector.tolist(), key


def _row(line: Line) -> engine.SalesRow:
    return (
        line.unit,
        line.order_no,
        line.ordered_on,
        line.order_rank,
        line.line_rank,
        line.ticket_type,
        line.channel,
        line.tickets,
        line.revenue_ore,
        line.event_no,
        engine.start_of(line.event_no),
    )


@settings(max_examples=6)
@given(_cases(), st.sampled_from(TIGHT), st.randoms(use_true_random=False), THRESHOLDS, THRESHOLDS)
def test_tiers_and_quantiles_are_those_of_the_reference(
    case: tuple[Store, Window], bounds: Bounds, random: Random, now: list[int], before: list[int]
) -> None:
    store, window = case
    tables = by_tier(bounds, random)
    found = engine.tier_cells(store, window, tables, (now, before))
    expected = reference.exact_cells(store, window, tables, (now, before))
    assert found.keys() == expected.keys()
    for key, vector in expected.items():
        assert found[key].dtype == np.int64
        assert found[key].tolist() == vector.tolist(), key
    counts = engine.quantile_counts(store, window)
    assert {key: vector.tolist() for key, vector in counts.items()} == reference.quantile_counts(store, window)


def test_an_order_without_a_ticket_is_no_purchase() -> None:
    """Neither in the window nor before: somebody who only paid for a programme a year ago is new."""
    lines = (
        sale(1, 1, 1, date(2026, 3, 1)),
        sale(1, 2, 2, date(2025, 3, 1), tickets=0),
        sale(2, 3, 3, date(2026, 3, 1), tickets=0),
    )
    vectors = engine.exact_cells(Store(lines, (Customer(1), Customer(2))), WINDOW, LOOSE)
    assert vectors["flow", Measure.CUSTOMERS].tolist() == [1, 0, 0, 0]
    assert vectors["totals", Measure.REVENUE].tolist() == [100]


def test_an_empty_store_has_every_cell() -> None:
    tables = reference.bounded_tables(LOOSE)
    vectors = engine.exact_cells(Store((), ()), WINDOW, tables)
    assert {key: vector.tolist() for key, vector in vectors.items()} == {
        (each.table.name, measure): [0] * each.table.cells for each in tables for measure in each.table.measures
    }


def test_a_table_has_the_measures_that_it_is_asked_for() -> None:
    store = Store((sale(1, 1, 1, date(2026, 3, 1), event_no=1),), (Customer(1),))
    few = [
        BoundedTable(replace(TABLES[name], measures=measures), (LOOSE,))
        for name in ("genre", "channel", "county")
        for measures in [(Measure.TICKETS,)]
    ]
    vectors = engine.exact_cells(store, WINDOW, few)
    assert {key: int(vector.sum()) for key, vector in vectors.items()} == {
        (name, Measure.TICKETS): 1 for name in ("genre", "channel", "county")
    }


def test_nothing_is_asked_for() -> None:
    assert engine.exact_cells(Store((), ()), WINDOW, ()) == {}
    assert engine.tier_cells(Store((), ()), WINDOW, (), ([GRID[0]] * 3, [GRID[0]] * 3)) == {}
