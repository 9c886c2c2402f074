"""Tiers by thresholds that are drawn later, and what no draw may be."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.bounds.tiers import TierFacts, tier_vectors
from privacy.catalogue.dimensions import FLOW, MIGRATION, TIERS
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds
from tests.privacy.bounds import engine
from tests.privacy.bounds.stores import LOOSE, WINDOW, Customer, Store, sale

GRID = CANDIDATES[Measure.REVENUE]
BOTH = [BoundedTable(TABLES[name], (LOOSE,)) for name in ("value_tier", "migration")]
S12, F12 = date(2026, 3, 1), date(2025, 3, 1)


def ints(*values: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    return np.asarray(values, dtype=np.int64)


def facts(flow: Sequence[int], now: Sequence[int], before: Sequence[int]) -> TierFacts:
    ones = {LOOSE: {measure: np.ones(len(flow), dtype=np.int64) for measure in Measure}}
    return TierFacts(ints(*flow), ints(*now), ints(*before), ones)


def test_who_reaches_a_threshold_is_in_its_tier() -> None:
    least = [GRID[9], GRID[5], GRID[2]]
    lines = [
        sale(unit, unit, unit, S12, revenue_ore=ore)
        for unit, ore in enumerate(
            [least[0], least[0] - 1, least[1], least[1] - 1, least[2], least[2] - 1, 0, 10**10], start=1
        )
    ]
    store = Store(tuple(lines), tuple(Customer(unit) for unit in range(1, 9)))
    found = engine.tier_cells(store, WINDOW, BOTH, (least, least))
    assert found["value_tier", Measure.CUSTOMERS].tolist() == [2, 2, 2, 2]
    from_outside = [MIGRATION.categories.index(f"new:{tier}") for tier in TIERS]
    assert found["migration", Measure.CUSTOMERS][from_outside].tolist() == [2, 2, 2, 2]
    assert found["migration", Measure.CUSTOMERS].sum() == 8


def test_equal_thresholds_leave_a_tier_empty() -> None:
    vectors = tier_vectors(facts([0, 0], [0, 400], [0, 0]), [GRID[5]] * 3, [GRID[5]] * 3, BOTH)
    assert vectors["value_tier", Measure.CUSTOMERS].tolist() == [1, 0, 0, 1]


def test_each_window_has_its_own_thresholds() -> None:
    lines = (
        sale(1, 1, 1, F12, revenue_ore=GRID[5]),
        sale(1, 2, 2, S12, revenue_ore=GRID[5]),
        sale(2, 3, 3, F12, revenue_ore=GRID[5]),
    )
    store = Store(lines, (Customer(1), Customer(2)))
    low, high = [GRID[5], GRID[3], GRID[1]], [GRID[9], GRID[8], GRID[7]]
    found = engine.tier_cells(store, WINDOW, BOTH, (high, low))
    cells = dict(zip(MIGRATION.categories, found["migration", Measure.CUSTOMERS].tolist(), strict=True))
    assert {name: value for name, value in cells.items() if value} == {"super:bottom": 1, "super:lost": 1}
    revenue = dict(zip(MIGRATION.categories, found["migration", Measure.REVENUE].tolist(), strict=True))
    assert revenue["super:bottom"] == GRID[5]
    assert revenue["super:lost"] == 0


def test_by_cell_each_customer_is_cut_to_the_own_tier() -> None:
    bounds = tuple(Bounds(count, 9, count, count * 100_00) for count in (4, 3, 2, 1))
    lines = [
        sale(unit, unit * 10 + place, unit * 10 + place, S12, revenue_ore=ore)
        for unit, ore in ((1, 500_000), (2, 50_000), (3, 20_000), (4, 100))
        for place in range(5)
    ]
    store = Store(tuple(lines), tuple(map(Customer, (1, 2, 3, 4))))
    least = [max(each for each in GRID if each <= limit) for limit in (1_000_000, 200_000, 50_000)]
    found = engine.tier_cells(store, WINDOW, [BoundedTable(TABLES["value_tier"], bounds)], (least, least))
    assert found["value_tier", Measure.ORDERS].tolist() == [4, 3, 2, 1]
    assert found["value_tier", Measure.REVENUE].tolist() == [400_00, 300_00, 200_00, 100]


@pytest.mark.parametrize(
    "thresholds",
    [[], [GRID[1]] * 2, [GRID[1]] * 4, [GRID[1], GRID[2], GRID[0]], [GRID[2], GRID[1], GRID[1] + 1], [0, 0, 0]],
)
def test_thresholds_that_are_none_are_refused(thresholds: list[int]) -> None:
    fine = [GRID[2], GRID[1], GRID[0]]
    for now, before in ((thresholds, fine), (fine, thresholds)):
        with pytest.raises(ValueError, match="candidates of the catalogue that do not rise"):
            tier_vectors(facts([0], [0], [0]), now, before, BOTH)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, len(GRID)), st.integers(0, len(GRID))), max_size=30),
    st.lists(st.sampled_from(GRID), min_size=6, max_size=6),
)
def test_tiers_and_migration_divide_everybody_alike(rows: list[tuple[int, int, int]], drawn: list[int]) -> None:
    flow, now, before = zip(*rows, strict=True) if rows else ((), (), ())
    thresholds = sorted(drawn[:3], reverse=True), sorted(drawn[3:], reverse=True)
    vectors = tier_vectors(facts(flow, now, before), *thresholds, BOTH)
    tiers, moved = vectors["value_tier", Measure.CUSTOMERS], vectors["migration", Measure.CUSTOMERS]
    assert moved.sum() == len(rows)
    for place, tier in enumerate(TIERS):
        to = [cell for cell, name in enumerate(MIGRATION.categories) if name.endswith(f":{tier}")]
        assert moved[to].sum() == tiers[place]
    gone = [cell for cell, name in enumerate(MIGRATION.categories) if name.endswith(":lost")]
    assert moved[gone].sum() == flow.count(FLOW.categories.index("lost"))
