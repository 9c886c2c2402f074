"""No unit moves a table by more than it declares, some do move it so far, and the check sees it when they go beyond."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds
from tests.privacy.bounds import engine, reference
from tests.privacy.bounds.recorder import beyond, declared, moves
from tests.privacy.bounds.reference import Vectors
from tests.privacy.bounds.stores import LOOSE, TIGHT, WINDOW, WINDOWS, Customer, Store, sale, stores

BOUNDS = TIGHT[0]
DAY = date(2026, 3, 1)


def _neighbours(store: Store) -> list[Store]:
    return [store.without(unit) for unit in store.units]


# Up to five runs of DuckDB for an example, nearly half a second each: the reference below sees many more stores.
@settings(max_examples=4)
@given(stores(most_customers=2), st.sampled_from([*TIGHT, LOOSE]))
def test_no_unit_moves_a_table_further_than_declared(store: Store, bounds: Bounds) -> None:
    vectors_of = partial(engine.exact_cells, window=WINDOW, bounds=bounds)
    for found in moves(vectors_of, store, _neighbours(store)):
        assert not beyond(found, declared(bounds))


@settings(max_examples=200)
@given(st.data(), st.sampled_from(WINDOWS), st.sampled_from([*TIGHT, LOOSE]))
def test_no_unit_moves_the_reference_further_than_declared(data: st.DataObject, window: Window, bounds: Bounds) -> None:
    store = data.draw(stores(window))
    vectors_of = partial(reference.exact_cells, window=window, bounds=bounds)
    for found in moves(vectors_of, store, _neighbours(store)):
        assert not beyond(found, declared(bounds))


def _concentrated() -> Store:
    """A customer who fills one cell of every table beyond the bounds, and somebody else."""
    greedy = [
        sale(1, order, order * 10 + line, DAY, tickets=9, revenue_ore=900) for order in (1, 2, 3) for line in range(2)
    ]
    return Store((*greedy, sale(2, 9, 90, DAY)), (Customer(1), Customer(2)))


def _spread() -> Store:
    """A customer in as many cells as the bounds allow: two orders in two months and channels, three ticket types."""
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    lines = (
        sale(1, 1, 1, march, ticket_type=0),
        sale(1, 1, 2, march, ticket_type=5),
        sale(1, 2, 3, april, ticket_type=11, channel=1),
        sale(2, 3, 4, april),
    )
    return Store(lines, (Customer(1), Customer(2)))


def test_the_declared_sensitivities_are_reached() -> None:
    vectors_of = partial(engine.exact_cells, window=WINDOW, bounds=BOUNDS)
    (whole,) = moves(vectors_of, _concentrated(), [_concentrated().without(1)])
    (many,) = moves(vectors_of, _spread(), [_spread().without(1)])
    for (name, measure), limit in declared(BOUNDS).items():
        in_many_cells = measure is Measure.CUSTOMERS and TABLES[name].dimension.level is not Level.CUSTOMER
        reached = (many if in_many_cells else whole)[name, measure]
        assert reached == limit, (name, measure)


def test_the_worst_customer_of_a_table_with_few_cells_lies_in_all_of_them() -> None:
    bounds = Bounds(max_orders=8, max_lines=20, max_tickets=20, max_revenue_ore=10_000)
    lines = tuple(sale(1, order, order, DAY, channel=order % 6, ticket_type=order % 12) for order in range(1, 9))
    store = Store(lines, (Customer(1),))
    (found,) = moves(partial(engine.exact_cells, window=WINDOW, bounds=bounds), store, [store.without(1)])
    assert found["channel", Measure.CUSTOMERS] == declared(bounds)["channel", Measure.CUSTOMERS]
    assert found["channel", Measure.CUSTOMERS].l2_squared == 6


@pytest.mark.parametrize(
    ("raised", "key"),
    [
        ({"max_orders": 3}, ("month", Measure.ORDERS)),
        ({"max_orders": 3}, ("channel", Measure.CUSTOMERS)),
        ({"max_lines": 4}, ("ticket_type", Measure.CUSTOMERS)),
        ({"max_tickets": 4}, ("totals", Measure.TICKETS)),
        ({"max_revenue_ore": 501}, ("county", Measure.REVENUE)),
    ],
)
def test_a_bound_that_is_not_kept_is_found(raised: dict[str, int], key: tuple[str, Measure]) -> None:
    months = {1: date(2026, 1, 1), 2: date(2026, 2, 1), 3: date(2026, 3, 1)}
    lines = tuple(
        sale(1, order, order * 10 + line, day, ticket_type=order * 2 + line, channel=order, tickets=2, revenue_ore=200)
        for order, day in months.items()
        for line in range(2 if raised != {"max_orders": 3} else 1)
    )
    store = Store(lines, (Customer(1),))
    careful = partial(engine.exact_cells, window=WINDOW, bounds=BOUNDS)
    (found,) = moves(careful, store, [store.without(1)])
    assert not beyond(found, declared(BOUNDS))
    careless = partial(engine.exact_cells, window=WINDOW, bounds=replace(BOUNDS, **raised))
    (found,) = moves(careless, store, [store.without(1)])
    assert key in beyond(found, declared(BOUNDS))


def test_rows_of_the_whole_store_cut_off_by_date_are_found() -> None:
    """Whoever leaves makes room for others: the reason why bounds hold per customer."""

    def truncated(store: Store) -> Vectors:
        with engine.loaded(store) as connection:
            connection.execute("CREATE OR REPLACE TABLE sales AS FROM sales ORDER BY ordered_on LIMIT 3").fetchall()
            return engine.vectors_of(connection, WINDOW, BOUNDS)

    early = [sale(1, 1, line, date(2026, 1, 1)) for line in (1, 2, 3)]
    late = [sale(unit, unit, unit * 10, DAY) for unit in (2, 3, 4)]
    store = Store((*early, *late), tuple(map(Customer, (1, 2, 3, 4))))
    (found,) = moves(truncated, store, [store.without(1)])
    assert ("totals", Measure.CUSTOMERS) in beyond(found, declared(BOUNDS))


def test_returns_that_would_reduce_somebody_elses_line_are_found() -> None:
    def careless(store: Store) -> Vectors:
        units = {line.line_no: line.unit for line in store.lines}
        lines = [replace(line, unit=units.get(line.original_no or 0, line.unit)) for line in store.lines]
        return engine.exact_cells(Store(tuple(lines), store.customers), WINDOW, BOUNDS)

    back = sale(1, 2, 3, DAY, original_no=1, tickets=-3, revenue_ore=-300)
    lines = (
        sale(2, 1, 1, DAY, tickets=3, revenue_ore=300),
        sale(1, 3, 2, date(2026, 4, 1), tickets=3, revenue_ore=300),
        back,
    )
    store = Store(lines, (Customer(1), Customer(2)))
    (found,) = moves(careless, store, [store.without(1)])
    assert ("month", Measure.TICKETS) in beyond(found, declared(BOUNDS))
    (found,) = moves(partial(engine.exact_cells, window=WINDOW, bounds=BOUNDS), store, [store.without(1)])
    assert not beyond(found, declared(BOUNDS))


def test_a_return_of_somebody_elses_line_counts_alike_whether_the_other_is_there() -> None:
    """It stands in an order of its own buyer, whose lines it must not reduce only when the other has gone."""
    april = date(2026, 4, 1)
    lines = (
        sale(1, 1, 1, DAY, tickets=3, revenue_ore=500),
        sale(2, 2, 2, april, tickets=3, revenue_ore=500),
        sale(2, 2, 3, april, original_no=1, tickets=-2, revenue_ore=-500),
    )
    store = Store(lines, (Customer(1), Customer(2)))
    for found in moves(partial(engine.exact_cells, window=WINDOW, bounds=BOUNDS), store, _neighbours(store)):
        assert not beyond(found, declared(BOUNDS))
