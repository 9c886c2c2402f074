"""The store: durable settings, whole transactions, its version, its file's mode, two writers."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete, insert, select, update

from coordinator.errors import StoreBusy, StoreExists, StoreUnusable
from coordinator.store import engine
from coordinator.store.engine import Store, create_store, open_store
from coordinator.store.tables import declines, meta
from tests.coordinator.house import contents
from tests.databases import Databases, PostgreSQL


def file_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


@pytest.fixture
def url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """An empty database's."""
    with databases.one() as found:
        yield found or file_url(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with create_store(url) as found:
        yield found


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """In a file."""
    with create_store(file_url(tmp_path)) as found:
        yield found


@pytest.fixture
def server_store(postgresql: PostgreSQL) -> Iterator[Store]:
    """On PostgreSQL."""
    with postgresql.one() as url, create_store(url) as found:
        yield found


def test_sqlite_is_set_to_lose_nothing(file_store: Store, tmp_path: Path) -> None:
    with file_store.reading() as connection:
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


def test_a_store_is_made_once_and_opened_again(store: Store, url: str) -> None:
    with pytest.raises(StoreExists):
        create_store(url)
    with open_store(url) as again:
        assert contents(again) == contents(store)


@pytest.mark.parametrize("content", [None, b"", b"what a disk gives back" * 100])
def test_what_is_no_store_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "store.sqlite").write_bytes(content)
    with pytest.raises(StoreUnusable):
        open_store(file_url(tmp_path))


@pytest.mark.parametrize("wrong", ["nonsense", "nodatabase://x/y", "sqlite://", "sqlite:////no/such/folder/store"])
def test_what_is_no_database_is_refused(wrong: str) -> None:
    with pytest.raises(StoreUnusable):
        open_store(wrong)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(StoreUnusable) as caught:
        open_store("nodatabase://npu:secret@host/kudos")
    assert "secret" not in str(caught.value)


def test_a_store_that_another_one_writes_to_is_busy(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_S", 0.05)
    with open_store(url) as other, store.transaction(), pytest.raises(StoreBusy), other.transaction():
        pass


def test_readers_do_not_wait_for_a_writer_that_has_not_committed(store: Store, url: str) -> None:
    with open_store(url) as other, store.transaction() as writing, other.reading() as reading:
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


def test_a_server_without_connections_left_is_busy(server_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_S", 0.05)
    monkeypatch.setattr(engine, "_POOL", 1)
    monkeypatch.setattr(engine, "_MORE", 0)
    url = server_store.engine.url.render_as_string(hide_password=False)
    with open_store(url) as other, other.reading(), pytest.raises(StoreBusy), other.reading():
        pass


def test_postgresql_waits_for_its_disk_and_for_nobody_without_end(server_store: Store) -> None:
    with server_store.reading() as connection:
        settings = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")
        }
    assert settings == {
        "synchronous_commit": "on",
        "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
    }


def test_a_database_that_cannot_hold_every_letter_is_refused(postgresql: PostgreSQL) -> None:
    with postgresql.one() as url, psycopg.connect(url, autocommit=True) as connection:
        name = f"{connection.info.dbname}_latin"
        kind = "ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        connection.execute(f"CREATE DATABASE {name} {kind}".encode())
        with pytest.raises(StoreUnusable, match="UTF8"):
            create_store(postgresql.url(name))


def test_text_is_sorted_by_its_bytes(store: Store) -> None:
    names = ["a-b", "aa", "ab", "Zebra", "zebra", "å", "é"]
    with store.transaction() as connection:
        connection.execute(insert(meta), [{"name": name, "value": ""} for name in reversed(names)])
    with store.reading() as connection:
        found = connection.execute(select(meta.c.name).order_by(meta.c.name)).scalars().all()
    assert found == sorted([*names, "schema"])


def test_a_server_that_restarts_is_found_again(server_store: Store) -> None:
    with server_store.reading() as connection:
        connection.exec_driver_sql("SELECT 1")
    with server_store.reading() as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    others = f"SELECT pg_terminate_backend({mine}, 5000)"
    url = server_store.engine.url.render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(others.encode())
    with server_store.transaction() as connection:  # a connection of the pool that is dead is not handed out
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() != mine


def test_the_file_is_plain_sqlite_that_another_tool_finds_sound(file_store: Store, tmp_path: Path) -> None:
    file_store.close()
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
