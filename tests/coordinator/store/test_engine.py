"""The store: durable settings, whole transactions, its version, its file's mode, two writers."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from coordinator.errors import StoreBusy, StoreExists, StoreUnusable
from coordinator.store import engine
from coordinator.store.engine import Store, create_store, open_store
from coordinator.store.tables import SCHEMA_VERSION, declines, meta, metadata


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return create_store(url(tmp_path))


def test_sqlite_is_set_to_lose_nothing(store: Store, tmp_path: Path) -> None:
    with store.reading() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["delete", 3, 1]
    assert (tmp_path / "store.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as connection:  # noqa: PT012
        connection.execute(insert(meta).values(name="half", value="done"))
        raise ZeroDivisionError
    with store.reading() as connection:
        assert connection.execute(select(meta.c.name)).scalars().all() == ["schema"]


def test_a_reader_changes_nothing(store: Store) -> None:
    with store.reading() as connection:
        connection.execute(delete(meta))
    with store.reading() as connection:
        assert connection.execute(select(meta.c.name)).scalars().all() == ["schema"]


def test_foreign_keys_hold_and_the_refusal_tells_no_values(store: Store) -> None:
    with pytest.raises(StoreUnusable) as caught, store.transaction() as connection:
        connection.execute(insert(declines).values(round="secret", member="secret", received=1))
    assert "secret" not in str(caught.value)


def test_a_store_is_made_once_and_opened_by_its_version_only(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreExists):
        create_store(url(tmp_path))
    open_store(url(tmp_path)).close()
    with store.transaction() as connection:
        connection.execute(update(meta).values(value=str(SCHEMA_VERSION + 1)))
    with pytest.raises(StoreUnusable, match=f"version {SCHEMA_VERSION + 1}"):
        open_store(url(tmp_path))


@pytest.mark.parametrize("content", [None, b"", b"what a disk gives back" * 100])
def test_what_is_no_store_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "store.sqlite").write_bytes(content)
    with pytest.raises(StoreUnusable):
        open_store(url(tmp_path))


@pytest.mark.parametrize("wrong", ["nonsense", "nodatabase://x/y", "sqlite://", "sqlite:////no/such/folder/store"])
def test_what_is_no_database_is_refused(wrong: str) -> None:
    with pytest.raises(StoreUnusable):
        open_store(wrong)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(StoreUnusable) as caught:
        open_store("nodatabase://npu:secret@host/kudos")
    assert "secret" not in str(caught.value)


def test_a_store_that_another_one_writes_to_is_busy(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_S", 0.05)
    other = open_store(url(tmp_path))
    with store.transaction(), pytest.raises(StoreBusy), other.transaction():
        pass


def test_readers_do_not_wait_for_a_writer_that_has_not_committed(store: Store, tmp_path: Path) -> None:
    other = open_store(url(tmp_path))
    with store.transaction() as writing, other.reading() as reading:
        writing.execute(insert(meta).values(name="new", value="1"))
        assert reading.execute(select(meta.c.name)).scalars().all() == ["schema"]


def test_writers_in_threads_come_one_after_the_other(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(insert(meta).values(name="count", value="0"))

    def add() -> None:
        for _ in range(10):
            with store.transaction() as connection:
                value = connection.execute(select(meta.c.value).where(meta.c.name == "count")).scalar_one()
                connection.execute(update(meta).where(meta.c.name == "count").values(value=str(int(value) + 1)))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.execute(select(meta.c.value).where(meta.c.name == "count")).scalar() == "40"


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_in_postgresql(table: Table) -> None:
    statement = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert "BLOB" not in statement
    assert "DATETIME" not in statement


def test_the_file_is_plain_sqlite_that_another_tool_finds_sound(store: Store, tmp_path: Path) -> None:
    store.close()
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
