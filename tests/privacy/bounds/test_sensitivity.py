"""No unit moves a table by more than it declares, some do move it so far, and the check sees it when they go beyond."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds
from tests.privacy.bounds import engine, reference
from tests.privacy.bounds.bounded import by_tier, mixed
from tests.privacy.bounds.recorder import beyond, declared, moves, size
from tests.privacy.bounds.reference import Vectors
from tests.privacy.bounds.stores import LOOSE, QUARTER, TIGHT, WINDOW, WINDOWS, Customer, Store, sale, stores

BOUNDS = TIGHT[0]
DAY = date(2026, 3, 1)


def _neighbours(store: Store) -> list[Store]:
    return [store.without(unit) for unit in store.units]


# Up to five runs of DuckDB for an example, a second each: the reference below sees many more stores.
@settings(max_examples=4)
@given(stores(most_customers=2), st.sampled_from([*TIGHT, LOOSE]))
def test_no_unit_moves_a_table_further_than_declared(store: Store, bounds: Bounds) -> None:
    vectors_of = partial(engine.exact_cells, window=WINDOW, bounds=bounds)
    for found in moves(vectors_of, store, _neighbours(store)):
        assert not beyond(found, declared(bounds))


GRID = CANDIDATES[Measure.REVENUE]
LEAST = st.lists(st.sampled_from([GRID[0], GRID[1], GRID[35], GRID[60], GRID[-1]]), min_size=3, max_size=3).map(
    lambda found: sorted(found, reverse=True)
)


@settings(max_examples=2)
@given(stores(most_customers=2), st.sampled_from(TIGHT), st.randoms(use_true_random=False), LEAST, LEAST)
def test_nor_in_bounds_of_other_kinds_nor_a_table_of_tiers_nor_a_count_of_quantiles(
    store: Store, bounds: Bounds, random: Random, now: list[int], before: list[int]
) -> None:
    plain, tiers = mixed(bounds, LOOSE, random), by_tier(bounds, random)
    kinds: list[tuple[Callable[[Store], Vectors], Sequence[BoundedTable]]] = [
        (partial(engine.exact_cells, window=WINDOW, bounds=plain), plain),
        (partial(engine.tier_cells, window=WINDOW, bounds=tiers, thresholds=(now, before)), tiers),
    ]
    for vectors_of, tables in kinds:
        for found in moves(vectors_of, store, _neighbours(store)):
            assert not beyond(found, declared(tables))
    whole = engine.quantile_counts(store, WINDOW)
    for neighbour in _neighbours(store):
        less = engine.quantile_counts(neighbour, WINDOW)
        for measure, vector in whole.items():
            assert sorted((vector - less[measure]).tolist())[-2:] in ([0, 0], [0, 1])
            assert (vector - less[measure]).min() == 0


@settings(max_examples=60)
@given(
    st.data(),
    st.sampled_from([*WINDOWS, QUARTER]),
    st.sampled_from([*TIGHT, LOOSE]),
    st.randoms(use_true_random=False),
    LEAST,
    LEAST,
)
def test_no_unit_moves_the_reference_further_than_declared(
    data: st.DataObject, window: Window, bounds: Bounds, random: Random, now: list[int], before: list[int]
) -> None:
    store = data.draw(stores(window))
    tables = [*mixed(bounds, LOOSE, random), *by_tier(bounds, random)]
    vectors_of = partial(reference.exact_cells, window=window, bounds=tables, thresholds=(now, before))
    for found in moves(vectors_of, store, _neighbours(store)):
        assert not beyond(found, declared(tables))


def test_a_customer_of_a_dearer_cell_than_the_own_bound_allows_is_found() -> None:
    """By cell: bounds of the cell beside are none of the own."""
    store, flow = _concentrated(), TABLES["flow"]
    dear, cheap = Bounds(8, 8, 50, 9_000), Bounds(1, 1, 1, 1)
    by_cell = BoundedTable(flow, (cheap, dear, dear, dear))  # both customers are new
    astray = BoundedTable(flow, (dear, cheap, cheap, cheap))
    (found,) = moves(partial(engine.exact_cells, window=WINDOW, bounds=[by_cell]), store, [store.without(1)])
    assert not beyond(found, declared([by_cell]))
    (found,) = moves(partial(engine.exact_cells, window=WINDOW, bounds=[astray]), store, [store.without(1)])
    assert beyond(found, declared([by_cell])) == {("flow", measure) for measure in Measure if measure != "customers"}


def test_tiers_by_rank_are_found() -> None:
    """Whoever leaves moves others over a threshold that is a rank: the reason why thresholds are released ones."""
    tables = [BoundedTable(TABLES["value_tier"], (LOOSE,))]
    lines = tuple(sale(unit, unit, unit, DAY, revenue_ore=unit * 100_00) for unit in range(1, 11))
    store = Store(lines, tuple(Customer(unit) for unit in range(1, 11)))

    def by_rank(store: Store) -> Vectors:
        paid = sorted((line.revenue_ore for line in store.lines), reverse=True)
        places = (len(paid) // 2, len(paid) * 2 // 3, len(paid) * 4 // 5)
        least = [max(candidate for candidate in GRID if candidate <= paid[place]) for place in places]
        return engine.tier_cells(store, WINDOW, tables, (least, least))

    (found,) = moves(by_rank, store, [store.without(10)])
    assert ("value_tier", Measure.CUSTOMERS) in beyond(found, declared(tables))


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
        sale(1, 1, 1, march, event_no=1, ticket_type=0, tickets=1, revenue_ore=0),
        sale(1, 1, 2, march, event_no=5, ticket_type=5, tickets=1, revenue_ore=100),
        sale(1, 2, 3, april, event_no=2, ticket_type=11, tickets=1, revenue_ore=100_00, channel=1),
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
        assert (size(reached),) == limit, (name, measure)


def test_the_worst_customer_of_a_table_with_few_cells_lies_in_all_of_them() -> None:
    bounds = Bounds(max_orders=8, max_lines=20, max_tickets=20, max_revenue_ore=10_000)
    lines = tuple(sale(1, order, order, DAY, channel=order % 6, ticket_type=order % 12) for order in range(1, 9))
    store = Store(lines, (Customer(1),))
    (found,) = moves(partial(engine.exact_cells, window=WINDOW, bounds=bounds), store, [store.without(1)])
    assert (size(found["channel", Measure.CUSTOMERS]),) == declared(bounds)["channel", Measure.CUSTOMERS]
    assert size(found["channel", Measure.CUSTOMERS]).l2_squared == 6


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
