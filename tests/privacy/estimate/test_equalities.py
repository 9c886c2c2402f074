"""Which cells add up to the same: in exact cells they do, and nothing that does by definition is missing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import TABLES, Bounds, Needs
from privacy.estimate.equalities import nothings_of, totals_of
from privacy.estimate.exact import echelon
from privacy.estimate.least_squares import projection
from privacy.studies.study import Study
from tests.privacy.bounds.engine import exact_cells, tier_cells
from tests.privacy.bounds.stores import TIGHT, WINDOW, Store, heap, stores
from tests.privacy.estimate.networks import equalities_of, position
from tests.privacy.estimate.studies import ALL_MEASURES, EVERYTHING, PORTFOLIO, WIDE_TOTALS, study_of

CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure
SOME = [0, 40, 60, 100, 150, 200]


def bounded_tightly(study: Study, narrow: Bounds) -> Study:
    """The study with other narrow bounds, so that small stores are cut."""
    tight = [
        replace(part, bounded=replace(part.bounded, bounds=(narrow,)))
        if part.bounded.bounds == (study.bounds,)
        else part
        for part in study.parts
    ]
    return replace(study, bounds=narrow, parts=tuple(tight))


def released(study: Study, store: Store, thresholds: tuple[list[int], list[int]]) -> NDArray[np.int64]:
    """The exact vector of a study."""
    vectors = exact_cells(store, WINDOW, study.bounded_tables)
    if any(table.needs & Needs.TIERS for table in study.tables):
        vectors |= tier_cells(store, WINDOW, study.bounded_tables, thresholds)
    return np.concatenate([vectors[part.table.name, part.measure] for part in study.parts])


def some_thresholds() -> st.SearchStrategy[list[int]]:
    grid = [CANDIDATES[REVENUE][index] for index in SOME]
    return st.lists(st.sampled_from(grid), min_size=3, max_size=3).map(lambda found: sorted(found, reverse=True))


@pytest.mark.parametrize("study", [EVERYTHING, WIDE_TOTALS, PORTFOLIO], ids=lambda study: study.name)
@given(st.lists(stores(), min_size=6, max_size=14), st.sampled_from(TIGHT), some_thresholds(), some_thresholds())
@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.generate))  # a store takes a second
def test_all_ways_to_a_total_give_the_same(
    study: Study, parts: list[Store], narrow: Bounds, now: list[int], before: list[int]
) -> None:
    tight = bounded_tightly(study, narrow)
    exact = released(tight, heap(parts), (now, before))
    for total in totals_of(tight):
        assert len({int(exact[list(way)].sum()) for way in total.ways}) == 1, (total.measure, total.ways)
    assert not exact[list(nothings_of(tight))].any()
    for equalities in equalities_of(tight):
        assert not (equalities @ exact).any()


def rank_of(rows: NDArray[np.int64]) -> int:
    return len(echelon(rows)[1])


def row_of(study: Study, *terms: tuple[int, str, str, Measure]) -> NDArray[np.int64]:
    row = np.zeros(study.cells, dtype=np.int64)
    for times, table, category, measure in terms:
        names = TABLES[table].dimension.categories
        for name in names:
            if (
                name == category
                or (category.endswith("*") and name.startswith(category[:-1]))
                or (category.startswith("*") and name.endswith(category[1:]))
            ):
                row[position(study, table, name, measure)] += times
    return row


BY_HAND = [
    # customers: every table of them; not those of orders or lines
    *(
        [(1, "totals", "all", CUSTOMERS), (-1, table, "*", CUSTOMERS)]
        for table in ("age_band", "gender", "county", "segment", "frequency_band", "value_band", "value_tier")
    ),
    [(1, "totals", "all", CUSTOMERS), (-1, "flow", "*", CUSTOMERS), (1, "flow", "lost", CUSTOMERS)],
    [(1, "totals", "all", CUSTOMERS), (-1, "migration", "*", CUSTOMERS), (1, "migration", "*:lost", CUSTOMERS)],
    [(1, "flow", "lost", CUSTOMERS), (-1, "migration", "*:lost", CUSTOMERS)],
    [(1, "flow", "recovered", CUSTOMERS), (-1, "migration", "recovered:*", CUSTOMERS)],
    [(1, "flow", "lost", CUSTOMERS), (-1, "flow-age_band", "lost:*", CUSTOMERS)],
    [(1, "value_tier", "top", CUSTOMERS), (-1, "migration", "*:top", CUSTOMERS)],
    [(1, "segment", "unknown", CUSTOMERS), (-1, "segment-frequency_band", "unknown:*", CUSTOMERS)],
    [(1, "genre", "dance", CUSTOMERS), (-1, "genre-age_band", "dance:*", CUSTOMERS)],
    [
        (1, "age_band", "unknown", CUSTOMERS),
        (-1, "flow-age_band", "*:unknown", CUSTOMERS),
        (1, "flow-age_band", "lost:unknown", CUSTOMERS),
    ],
    # what was bought: every table divides it; the identified part has its own
    *(
        [(1, "totals", "all", measure), (-1, table, "*", measure)]
        for measure in (ORDERS, TICKETS, REVENUE)
        for table in ("identity", "month", "age_band", "ticket_type", "channel", "genre", "price_band", "lead_time")
    ),
    *(
        [(1, "totals", "all", ORDERS), (-1, table, "*", ORDERS)]
        for table in ("basket_size", "order_weekday", "weekday", "daypart", "genre-age_band", "ticket_type-month")
    ),
    *(
        [(1, "identity", "identified", measure), (-1, table, "*", measure)]
        for measure in (ORDERS, REVENUE)
        for table in ("frequency_band", "flow", "value_band", "value_tier", "migration", "segment-frequency_band")
    ),
    [(1, "segment", "essence", ORDERS), (-1, "segment-frequency_band", "essence:*", ORDERS)],
    [(1, "genre", "dance", ORDERS), (-1, "genre-age_band", "dance:*", ORDERS)],
    [(1, "age_band", "unknown", REVENUE), (-1, "genre-age_band", "*:unknown", REVENUE)],
    [(1, "month", "04", ORDERS), (-1, "ticket_type-month", "*:04", ORDERS)],
    [(1, "ticket_type", "child", ORDERS), (-1, "ticket_type-month", "child:*", ORDERS)],
    [(1, "gender", "unknown", TICKETS), (-1, "age_band-gender", "*:unknown", TICKETS)],
    [(1, "age_band", "67+", REVENUE), (-1, "flow-age_band", "*:67+", REVENUE)],
    [(1, "value_tier", "super", REVENUE), (-1, "migration", "*:super", REVENUE)],
]
NOT_TRUE = [
    [(1, "totals", "all", CUSTOMERS), (-1, "month", "*", CUSTOMERS)],
    [(1, "age_band", "67+", CUSTOMERS), (-1, "genre-age_band", "*:67+", CUSTOMERS)],
    [(1, "ticket_type", "child", CUSTOMERS), (-1, "ticket_type-month", "child:*", CUSTOMERS)],
    [(1, "totals", "all", ORDERS), (-1, "flow", "*", ORDERS)],
    [(1, "segment", "unknown", ORDERS), (-1, "segment-frequency_band", "unknown:*", ORDERS)],
    [(1, "age_band", "unknown", ORDERS), (-1, "flow-age_band", "*:unknown", ORDERS)],
]
BLOCKS = list(equalities_of(EVERYTHING))
NOTHINGS = np.eye(EVERYTHING.cells, dtype=np.int64)[list(nothings_of(EVERYTHING))]


def follows(terms: list[tuple[int, str, str, Measure]]) -> bool:
    block = np.vstack([BLOCKS[list(Measure).index(terms[0][3])], NOTHINGS])
    row = row_of(EVERYTHING, *terms)
    row[list(nothings_of(EVERYTHING))] = 0
    return rank_of(np.vstack([block, row])) == len(block)


@pytest.mark.parametrize("terms", BY_HAND, ids=lambda terms: "/".join(terms[1][1:]))
def test_none_is_missing_that_holds_by_definition(terms: list[tuple[int, str, str, Measure]]) -> None:
    assert follows(terms)


@pytest.mark.parametrize("terms", NOT_TRUE, ids=lambda terms: "/".join(terms[1][1:]))
def test_none_is_there_that_need_not_hold(terms: list[tuple[int, str, str, Measure]]) -> None:
    assert not follows(terms)


def test_bounds_keep_apart_all_but_customers() -> None:
    """Totals are wide: their orders agree with nothing, and the narrow tables with each other."""
    blocks = dict(zip(Measure, equalities_of(WIDE_TOTALS), strict=True))
    customers = position(WIDE_TOTALS, "totals", "all", CUSTOMERS)
    assert blocks[CUSTOMERS][:, customers].any()
    assert not blocks[ORDERS][:, position(WIDE_TOTALS, "totals", "all", ORDERS)].any()
    narrow = row_of(WIDE_TOTALS, (1, "gender", "*", ORDERS), (-1, "ticket_type", "*", ORDERS))
    assert rank_of(np.vstack([blocks[ORDERS], narrow])) == len(blocks[ORDERS])


def test_bounds_by_cell_agree_with_nothing_but_customers() -> None:
    blocks = [len(block.equalities) for block in projection(PORTFOLIO).blocks]
    assert blocks == [5, 0, 0, 0]


def test_a_table_alone_adds_up_to_nothing() -> None:
    alone = study_of({"month": (ALL_MEASURES, "")}, "alone")
    assert [len(block.equalities) for block in projection(alone).blocks] == [0] * 4
