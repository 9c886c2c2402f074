"""The expressions give exactly what the plain reference gives, on stores of every kind."""

from collections import Counter
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds
from tests.privacy.bounds import engine, reference
from tests.privacy.bounds.stores import LOOSE, TIGHT, WINDOW, WINDOWS, Customer, Line, Store, heap, sale, stores


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Store, Window]:
    window = draw(st.sampled_from(WINDOWS))
    return heap(draw(st.lists(stores(window), min_size=2, max_size=6))), window


# A run of DuckDB takes half a second however small the store: so few examples, and each a heap of stores.
@settings(max_examples=12)
@given(_cases(), st.sampled_from([LOOSE, *TIGHT]))
def test_net_sales_and_vectors_are_those_of_the_reference(case: tuple[Store, Window], bounds: Bounds) -> None:
    store, window = case
    with engine.loaded(store) as connection:
        sales = engine.sales_in(connection)
        found = engine.vectors_of(connection, window, bounds)
    assert Counter(row for row in sales if row[-2] > 0 or row[-1] > 0) == Counter(map(_row, reference.net(store.lines)))
    assert sum(row[-2] for row in sales) == sum(line.tickets for line in store.lines)
    assert sum(row[-1] for row in sales) == sum(line.revenue_ore for line in store.lines)
    expected = reference.exact_cells(store, window, bounds)
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
    )


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
    vectors = engine.exact_cells(Store((), ()), WINDOW, LOOSE)
    assert {key: vector.tolist() for key, vector in vectors.items()} == {
        (table.name, measure): [0] * table.cells for table in TABLES.values() for measure in table.measures
    }
