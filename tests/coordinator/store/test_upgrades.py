"""Stores of older versions: brought to today's tables with everything in them, once, whoever opens them first."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, update

from coordinator.cross_use import markets
from coordinator.office import Office
from coordinator.rounds import rounds
from coordinator.store.engine import Store, open_store
from coordinator.store.tables import (
    SCHEMA_VERSION,
    ledger_checkpoints,
    ledger_leaves,
    meta,
    metadata,
    sketch_chunks,
    sketches,
)
from coordinator.store.tables import markets as markets_table
from privacy.rounds.states import State
from tests.coordinator.cross_use.house import a_cross_round, members
from tests.coordinator.house import DEADLINE, a_message, a_round, an_office, contents, joined, signed
from tests.coordinator.ledger import send

OLDER = range(1, SCHEMA_VERSION)
CROSS_USE = (sketch_chunks, sketches, markets_table)
WITNESS = (ledger_leaves, ledger_checkpoints)


def aged(store: Store, version: int) -> None:
    """Makes a store what an older version of Kudos would have made."""
    with store.transaction() as connection:
        metadata.drop_all(connection, tables=CROSS_USE)
        connection.exec_driver_sql("ALTER TABLE rounds DROP COLUMN sketch_deadline")
        if version == 1:
            metadata.drop_all(connection, tables=WITNESS)
        connection.execute(update(meta).where(meta.c.name == "schema").values(value=str(version)))


def described(store: Store) -> dict[str, Any]:
    """Every table with its columns, keys and indexes, in no order."""
    with store.reading() as connection:
        seen = inspect(connection)
        return {
            name: (
                {each["name"]: (str(each["type"]), each["nullable"]) for each in seen.get_columns(name)},
                seen.get_pk_constraint(name)["constrained_columns"],
                sorted(str(each) for each in seen.get_foreign_keys(name)),
                sorted(str(each) for each in seen.get_indexes(name)),
            )
            for name in seen.get_table_names()
        }


@pytest.mark.parametrize("version", OLDER)
def test_an_older_store_gets_todays_tables_and_keeps_what_is_in_it(tmp_path: Path, version: int) -> None:
    with an_office(tmp_path) as office:
        museum = joined(office, "museum")
        a_round(office, "one")
        send(office, museum, "one", signed(museum, a_message(museum)))
        rounds.close(office.store, "one", DEADLINE)
        before, tables = contents(office.store), described(office.store)
        aged(office.store, version)
        assert described(office.store) != tables
        url = office.home.store_url()
    for _ in range(2):
        with open_store(url) as upgraded:
            assert described(upgraded) == tables
            after = contents(upgraded)
            lost = {table.name for table in WITNESS} if version == 1 else set()
            assert {name for name in before if after[name] != before[name]} == lost


@pytest.mark.parametrize("version", OLDER)
def test_an_upgraded_store_works(office: Office, version: int) -> None:
    aged(office.store, version)
    with open_store(office.home.store_url()):
        members(office, "aker", "bryggen")
        a_cross_round(office, "cross")
        (ended,) = markets.form_due(office, DEADLINE)
        assert ended.state is State.ABORTED


@pytest.mark.parametrize("version", OLDER)
def test_several_processes_may_bring_a_store_to_date_at_once(office: Office, version: int) -> None:
    aged(office.store, version)
    meet, ended = threading.Barrier(4), list[str]()

    def open_it() -> None:
        meet.wait()
        with open_store(office.home.store_url()):
            ended.append("opened")

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == ["opened"] * 4
    with office.store.reading() as connection:
        assert connection.execute(select(meta.c.value)).scalars().all() == [str(SCHEMA_VERSION)]
