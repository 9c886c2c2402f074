"""Stores of older versions: brought to today's tables with everything in them, once, whoever opens them first."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, select, update

from coordinator.errors import StoreUnusable
from coordinator.rounds import rounds
from coordinator.store import migrations
from coordinator.store.engine import Store, create_store, open_store
from coordinator.store.tables import SCHEMA_VERSION, benchmarks, meta
from privacy.rounds.states import State
from tests.coordinator.house import contents
from tests.coordinator.store.old import DUMPS, OLDER, described, old_store, rows_of
from tests.databases import Databases


@pytest.fixture
def empty(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; the folder may hold another one."""
    with databases.one() as store:
        yield store or f"sqlite:///{tmp_path / 'new.sqlite'}"


@pytest.fixture(params=OLDER)
def old(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The URL of a store of each older version."""
    with databases.one() as store:
        yield old_store(request.param, tmp_path, store)


@pytest.fixture
def today(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """A store as this version makes it."""
    with databases.one() as url, create_store(url or f"sqlite:///{tmp_path / 'today.sqlite'}") as store:
        yield store


def test_there_is_a_store_of_every_older_version() -> None:
    assert {path.stem for path in DUMPS.glob("*.sql")} == {f"schema-{version}" for version in OLDER}


def test_an_older_store_gets_todays_tables_and_keeps_what_is_in_it(old: str, today: Store) -> None:
    before = rows_of(old)
    assert sum(map(len, before.values())) > 60
    for _ in range(2):
        with open_store(old) as upgraded:
            assert described(upgraded) == described(today)
            after = contents(upgraded)
        kept = {name: [row[: len(before[name][0])] for row in rows] for name, rows in after.items() if before.get(name)}
        kept["meta"] = before["meta"]
        assert {name: sorted(rows, key=repr) for name, rows in kept.items()} == {
            name: rows for name, rows in before.items() if rows
        }
        assert after["meta"] == [("schema", str(SCHEMA_VERSION))]


def test_what_an_older_store_holds_is_read_as_ever(old: str) -> None:
    with open_store(old) as upgraded:
        found = {each.id: each for each in rounds.listed(upgraded)}
        assert (found["one"].state, found["one"].releases, found["one"].asked) == (State.PUBLISHED, 6, 7)
        assert found["one"].sketch_deadline is None
        with upgraded.transaction() as connection:  # a second version names the first by 71 characters
            connection.execute(update(benchmarks).values(supersedes=f"sha256:{'0' * 64}"))


def test_an_empty_database_gets_the_tables_of_today_by_the_steps(empty: str, today: Store) -> None:
    engine = create_engine(empty)
    with engine.begin() as connection:
        migrations.upgrade(connection)
        assert migrations.version(connection) == str(SCHEMA_VERSION)
    engine.dispose()
    with open_store(empty) as stepped:
        assert described(stepped) == described(today)


def test_alembic_and_the_store_say_the_same_version(old: str, today: Store) -> None:
    with open_store(old) as upgraded:
        for store in (upgraded, today):
            with store.reading() as connection:
                found = MigrationContext.configure(connection).get_current_revision()
                assert found == migrations.version(connection) == str(SCHEMA_VERSION)


@pytest.mark.parametrize("version", [str(SCHEMA_VERSION + 1), "7", "x"])
def test_a_store_of_another_program_is_refused_and_left_as_it_is(today: Store, version: str) -> None:
    url = today.engine.url.render_as_string(hide_password=False)
    with today.transaction() as connection:
        connection.execute(update(meta).values(value=version))
    before = described(today)
    with pytest.raises(StoreUnusable, match=f"version {version}"):
        open_store(url)
    assert described(today) == before
    assert contents(today)["meta"] == [("schema", version)]


def test_several_may_bring_a_store_to_date_at_once(old: str) -> None:
    meet, ended = threading.Barrier(4), list[str]()

    def open_it() -> None:
        meet.wait()
        with open_store(old):
            ended.append("opened")

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == ["opened"] * 4
    with open_store(old) as store, store.reading() as connection:
        assert connection.execute(select(meta.c.value)).scalars().all() == [str(SCHEMA_VERSION)]
