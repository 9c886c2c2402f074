"""Rows that come while the statement that takes them runs: all of them, once, and nobody waits for ever."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest

from node.errors import ImportRefused
from node.ingest import run
from node.ingest.buyers import Customers
from node.ingest.source import Source
from node.store import importing, order_lines
from node.store.streaming import Stream
from tests.node.ingest.house import asked, csv, import_, new_home, store_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HEAD = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,state,email,postcode\n"


@pytest.fixture
def connection() -> "Iterator[DuckDBPyConnection]":
    with duckdb.connect(config={"preserve_insertion_order": False, "threads": 4}) as opened:
        opened.execute("CREATE TABLE rows (number BIGINT, word VARCHAR)")
        yield opened


def stream_into(connection: "DuckDBPyConnection", schema: pa.Schema) -> Stream:
    def run(coming: pa.RecordBatchReader) -> None:
        connection.register("arriving", coming)
        connection.execute("INSERT INTO rows SELECT * FROM arriving")

    return Stream(schema, run)


def words(first: int, number: int) -> pa.Table:
    """Rows whose words are of a dictionary that no other table has."""
    numbers = pa.array(range(first, first + number), pa.int64())
    places = pa.array([each % 7 for each in range(number)], pa.int64())
    return pa.table(
        {"number": numbers, "word": pa.DictionaryArray.from_arrays(places, [f"{first}/{n}" for n in range(7)])}
    )


def fill(stream: Stream) -> None:
    """Puts in more than there is room for."""
    for place in range(10):
        stream.put(words(place, 1))


def test_every_row_arrives_once_whatever_its_table_was_like(connection: "DuckDBPyConnection") -> None:
    sizes = (1, 200_000, 3, 0, 61_440, 61_441)
    tables = [words(sum(sizes[:place]), size) for place, size in enumerate(sizes)]
    stream = stream_into(connection, tables[0].schema)
    for table in tables:
        stream.put(table)
    stream.close()
    expected = [tuple(row.values()) for table in tables for row in table.to_pylist()]
    assert sorted(connection.execute("FROM rows").fetchall()) == expected


def test_a_table_of_other_types_becomes_what_the_first_was(connection: "DuckDBPyConnection") -> None:
    stream = stream_into(connection, pa.schema({"number": pa.int64(), "word": pa.string()}))
    stream.put(pa.table({"number": pa.array([1], pa.int32()), "word": pa.array(["a"]).dictionary_encode()}))
    stream.close()
    assert connection.execute("FROM rows").fetchall() == [(1, "a")]


def failing(reads: int) -> Stream:
    """A statement that reads so many batches and fails."""

    def run(coming: pa.RecordBatchReader) -> None:
        for _ in range(reads):
            coming.read_next_batch()
        raise duckdb.IOException("No space left on device")

    return Stream(words(0, 1).schema, run)


@pytest.mark.parametrize("reads", [0, 1, 3])
def test_whoever_waits_hears_that_the_statement_failed(reads: int) -> None:
    stream = failing(reads)
    with pytest.raises(duckdb.IOException, match="No space left"):
        fill(stream)
    with pytest.raises(duckdb.IOException):
        stream.close()


def test_what_is_abandoned_says_nothing_and_waits_for_nothing(connection: "DuckDBPyConnection") -> None:
    failing(1).abandon()
    stream = stream_into(connection, words(0, 1).schema)
    stream.put(words(0, 5))
    stream.abandon()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_statement_that_ends_before_its_rows_do_is_a_defect() -> None:
    stream = Stream(words(0, 1).schema, lambda _: None)
    with pytest.raises(RuntimeError, match="before its rows did"):
        fill(stream)


def sales(rows: int) -> str:
    """A file of some megabytes, in several parts: customers that come back, events with titles of their own."""
    return HEAD + "".join(
        f"A{row // 2},{row % 2},2025-03-01T18:00:00Z,E{row % 900},Voksen,1,{row % 500}.00,"
        f"{'reserved' if row % 1000 == 999 else 'paid'},p{row * 7 % 9001}@example.no,0150\n"
        for row in range(rows)
    )


def test_what_waits_for_the_lines_gets_into_the_store_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles and events that are written between the lines, again and again, make the same store."""
    file = csv(tmp_path, "salg.csv", sales(30_000))
    whole, often = new_home(tmp_path / "whole"), new_home(tmp_path / "often")
    first = import_(whole, file)
    settled = 0
    settle = order_lines.Straight.settle

    def counted(self: order_lines.Straight) -> None:
        nonlocal settled
        settled += 1
        settle(self)

    monkeypatch.setattr(order_lines.Straight, "settle", counted)
    monkeypatch.setattr(importing, "_HELD", 500)
    monkeypatch.setattr(Customers.__init__, "__defaults__", (1000,))
    second = import_(often, file)
    assert settled > 2
    told = {**vars(first.files[0]), "emails": second.files[0].emails}  # who was forgotten is looked at again
    assert vars(second.files[0]) == told
    assert first.files[0].reserved == 30
    assert store_of(often) == store_of(whole)


def test_a_file_that_is_refused_in_its_middle_leaves_the_store_to_the_next(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    bad = sales(20_000) + "".join(f"B{row},1,no date,E1,Voksen,1,1.00,paid,,\n" for row in range(20_000))
    with pytest.raises(ImportRefused, match="no date"):
        import_(home, csv(tmp_path, "bad.csv", bad))
    assert asked(home, "SELECT count(*) FROM order_lines") == [(0,)]
    assert import_(home, csv(tmp_path, "good.csv", sales(2000))).files[0].lines_new == 1998


def test_an_error_while_lines_are_read_ends_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in the middle, the statement ends, and nobody waits for rows that will not come."""
    home = new_home(tmp_path / "home")
    tell, told = Customers.tell, 0

    def failing(*arguments: Any) -> None:
        nonlocal told
        told += 1
        if told > 2:
            raise KeyboardInterrupt
        tell(*arguments)

    monkeypatch.setattr(Customers, "tell", failing)
    with pytest.raises(KeyboardInterrupt):
        import_(home, csv(tmp_path, "salg.csv", sales(30_000)))
    monkeypatch.undo()
    assert asked(home, "SELECT count(*) FROM order_lines") == [(0,)]
    assert import_(home, csv(tmp_path, "again.csv", sales(2000))).files[0].lines_new == 1998


def test_an_interrupt_while_a_stream_is_closed_leaves_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end mark may never get into the queue then: whoever reads it notices all the same."""
    stream = Stream(words(0, 1).schema, lambda coming: [None for _ in coming])

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stream, "_put", interrupted)
    closing: list[BaseException] = []

    def close() -> None:
        try:
            stream.close()
        except KeyboardInterrupt as error:
            closing.append(error)

    thread = Thread(target=close, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert closing


def test_a_failing_statement_is_told_by_its_cause(connection: "DuckDBPyConnection") -> None:
    connection.execute("BEGIN")
    session = order_lines.Session(connection, "here", bytes(32))
    with pytest.raises(duckdb.ConversionException, match="Could not convert"):
        session.run_on(pa.table({"number": ["none"]}), "SELECT number::BIGINT FROM arriving")


def test_every_file_is_recorded_by_its_own_digest_whatever_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ticketing system may write its next export, or remove this one, while it is being imported."""
    home = new_home(tmp_path / "home")
    one, two = csv(tmp_path, "one.csv", sales(10)), csv(tmp_path, "two.csv", sales(20))
    expected = [(hashlib.sha256(file.read_bytes()).hexdigest(),) for file in (one, two)]
    read = run._read

    def gone(source: Source, *more: Any) -> Any:
        found = read(source, *more)
        if source.path == two:
            csv(tmp_path, "new.csv", sales(30)).replace(two)
        else:
            source.path.unlink()
        return found

    monkeypatch.setattr(run, "_read", gone)
    import_(home, one, two)
    assert asked(home, "SELECT file_sha256 FROM imports ORDER BY rows") == expected
