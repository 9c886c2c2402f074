"""The peer that the speed is measured against computes the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.catalogue.tables import BoundedTable, Bounds
from tests.bench.exact_cells_sql import PEERED, tables_sql
from tests.privacy.bounds import engine, reference
from tests.privacy.bounds.stores import LOOSE, TIGHT, WINDOW, Store, heap, stores


@settings(max_examples=4)
@given(st.lists(stores(), min_size=3, max_size=6), st.sampled_from([LOOSE, *TIGHT]))
def test_hand_written_sql_gives_the_same_vectors(parts: list[Store], bounds: Bounds) -> None:
    store, tables = heap(parts), [BoundedTable(table, (bounds,)) for table in PEERED]
    with engine.loaded(store) as connection:
        by_hand = tables_sql(connection, WINDOW, bounds)
        portable = engine.vectors_of(connection, WINDOW, tables)
        assert connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall() == []
    plain = reference.exact_cells(store, WINDOW, tables)
    assert by_hand.keys() == portable.keys() == plain.keys()
    for key, vector in by_hand.items():
        assert vector.tolist() == portable[key].tolist() == plain[key].tolist(), key
