"""A study's cells on Spark are those on DuckDB, to the last integer: a real server, over the wire. A minute or so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from pydantic import ValidationError

from node.engine import remote, shown
from node.errors import EngineFailed
from node.home import Settings
from node.release.prepare import exact
from node.store import elsewhere
from privacy.studies.study import find
from tests.bench.exact_catalogue import make
from tests.bench.exact_tables import WINDOW
from tests.node.cli.run import Node, initialised
from tests.node.store.spark import running

ROWS = 3_000


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("spark")) as url:
        yield url


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three years of sales with returns of nothing, a box office's own address, and customers who object."""
    file = tmp_path_factory.mktemp("store") / "store.duckdb"
    make(file, ROWS)
    with duckdb.connect(str(file)) as connection:
        connection.execute("""
            UPDATE customers SET released = false WHERE unit % 11 = 0;
            UPDATE customers SET identified = false WHERE unit % 13 = 0;
            UPDATE customers SET birth_year = NULL WHERE unit % 7 = 0;
            UPDATE sales SET tickets = -tickets, revenue_ore = -revenue_ore WHERE line_rank % 17 = 0;
            UPDATE sales SET revenue_ore = revenue_ore * 100 WHERE unit % 19 = 0;
            ALTER TABLE customers ADD COLUMN match_id BLOB DEFAULT 'never leaves'::BLOB
        """)
    return file


@pytest.mark.parametrize("name", ["benchmark-year", "portfolio-year", "bounds-year"])
def test_a_whole_study_has_the_same_exact_cells(spark: str, store: Path, name: str) -> None:
    study = find(name)
    with duckdb.connect(str(store), read_only=False) as connection:
        here = exact(connection, study, WINDOW, "Europe/Oslo")
        there = exact(connection, study, WINDOW, "Europe/Oslo", spark)
    assert list(here.vectors) == list(there.vectors)
    for key, vector in here.vectors.items():
        np.testing.assert_array_equal(there.vectors[key], vector, str(key))
    assert any(vector.any() for vector in here.vectors.values()) or here.quantiles
    assert (here.tiers is None) is (there.tiers is None)
    if here.tiers is not None and there.tiers is not None:
        assert len(here.tiers.flow)
        for name in ("flow", "now", "before"):
            np.testing.assert_array_equal(getattr(there.tiers, name), getattr(here.tiers, name), name)
        for bounds, sums in here.tiers.sums.items():
            for measure, vector in sums.items():
                np.testing.assert_array_equal(there.tiers.sums[bounds][measure], vector)
    assert list(here.quantiles) == list(there.quantiles)
    for measure, counts in here.quantiles.items():
        np.testing.assert_array_equal(there.quantiles[measure], counts)


def test_an_empty_store_gives_as_many_zeros(spark: str, store: Path, tmp_path: Path) -> None:
    shutil.copy(store, tmp_path / "empty.duckdb")
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute("DELETE FROM sales; DELETE FROM customers")
        there = exact(connection, find("bounds-year"), WINDOW, "Europe/Oslo", spark)
        here = exact(connection, find("bounds-year"), WINDOW, "Europe/Oslo")
    assert {measure: counts.tolist() for measure, counts in there.quantiles.items()} == {
        measure: counts.tolist() for measure, counts in here.quantiles.items()
    }
    assert not any(counts.any() for counts in there.quantiles.values())


SALES = """order_id,line_id,ordered_at,ticket_type,tickets,amount,email
1,1,2025-10-03 18:00,Ordinær,2,590.00,kari@example.no
1,2,2025-10-03 18:00,Barn,1,120.00,kari@example.no
2,1,2025-11-20 12:00,Ordinær,4,1180.00,ola@example.no
3,1,2025-12-01 12:00,Ordinær,1,295.00,
"""


def told(node: Node) -> object:
    """What a review says that leaves, cell by cell, of a study that costs nothing."""
    return node.good("review", "benchmark", "--as-of", "2025-12-31", "--cells", "--json").json


def test_a_node_that_names_it_shows_the_same_review(spark: str, tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    node.good("import", file)
    here = told(node)
    settings = node.home / "settings.toml"
    before = settings.read_text()
    settings.write_text(f'engine = "{spark}"\n{before}')
    assert told(node) == here
    assert "Spark" in node("doctor").out


def test_where_it_is_not_there_nothing_is_spent(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    settings = node.home / "settings.toml"
    settings.write_text(f'engine = "sc://127.0.0.1:1/;token=hemmelig"\n{settings.read_text()}')
    before = (node.home / "ledger.sqlite").read_bytes()
    ended = node("review", "benchmark", "--as-of", "2025-12-31", "--json")
    assert ended.status == 1
    assert "ENGINE_FAILED" in ended.err + ended.out
    assert "hemmelig" not in ended.err + ended.out
    assert (node.home / "ledger.sqlite").read_bytes() == before


def test_an_error_there_quotes_no_row(spark: str) -> None:
    with pytest.raises(EngineFailed, match="CAST_INVALID_INPUT") as failed, elsewhere.session(spark) as there:
        there.sql("SELECT CAST('kari@example.no' AS BIGINT)").collect()
    assert "kari" not in str(failed.value)


@pytest.mark.parametrize(
    "text",
    [
        "spark://spark.example.no:7077",
        "sc://spark.example.no:15002",
        "sc://spark.example.no/;use_ssl=false",
        "sc://spark.example.no/;use_ssl=true evil",
        "sc://spark.example.no/;use_ssl=true;use_ssl=false",
        "sc://spark.example.no/;use_ssl=true;USE_SSL=false",
        "http://localhost",
        "sc://",
    ],
)
def test_an_address_that_will_not_do(text: str) -> None:
    with pytest.raises(ValueError, match=r"engine|machine"):
        remote(text)
    with pytest.raises(ValidationError):
        Settings(name="x", industry="museum", county="46", member="x", ledger="x", engine=text)


def test_addresses_that_will_do_and_what_is_shown_of_them() -> None:
    for text in ("", "sc://localhost:15002", "sc://[::1]:15002", "sc://s.example.no:443/;use_ssl=true;token=abc"):
        assert remote(text) == text
    assert shown("sc://s.example.no:443/;use_ssl=true;token=abc") == "sc://s.example.no:443"
