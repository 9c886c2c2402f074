"""A coordinator comes back from a backup as it was, on the same or another database, or not at all."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from coordinator.backup.make import back_up
from coordinator.backup.restore import look, restore
from coordinator.errors import CoordinatorError, StoreExists, StoreUnusable
from coordinator.home import Home
from coordinator.office import Office, opened
from coordinator.rounds import rounds, submissions
from coordinator.store import engine
from coordinator.store.tables import SCHEMA_VERSION
from privacy.backup.archive import packing, unpack
from privacy.backup.errors import BackupDamaged, WrongPassphrase
from tests.coordinator.cross_use.house import a_cross_round, members, put, sealed, sketched
from tests.coordinator.house import DEADLINE, NOW, a_message, a_round, contents, joined, signed
from tests.coordinator.ledger import send
from tests.databases import Databases

N = 2
PASSPHRASE = "korrekt hest batteri stift"


@pytest.fixture
def used(office: Office) -> Office:
    """A coordinator in which all tables but few have rows: members, a release, sketches in pieces."""
    aker, bryggen = members(office, "aker", "bryggen")
    a_round(office, "one")
    send(office, aker, "one", signed(aker, a_message(aker)))
    submissions.decline(office.store, bryggen.caller, "one", NOW)
    a_cross_round(office, "cross")
    put(office, sketched(office, aker), "cross", sealed(office, sketched(office, aker), "cross"))
    return office


@pytest.fixture
def elsewhere(databases: Databases, tmp_path: Path) -> Iterator[tuple[Home, str]]:
    """A folder that holds nothing, and an empty database of the same kind."""
    with databases.one() as store:
        yield Home(tmp_path / "elsewhere"), store


def backed_up(office: Office, folder: Path) -> Path:
    file = folder / "coordinator.kudos-backup"
    back_up(office.home, file, PASSPHRASE, NOW, N)
    return file


def test_everything_comes_back_and_works_on(used: Office, elsewhere: tuple[Home, str], tmp_path: Path) -> None:
    before = contents(used.store)
    assert sum(bool(rows) for rows in before.values()) >= 13
    held = restore(elsewhere[0], backed_up(used, tmp_path), PASSPHRASE, elsewhere[1])
    assert held.rows == {name: len(rows) for name, rows in before.items() if name != "meta"}
    with opened(elsewhere[0]) as office:
        assert contents(office.store) == before
        assert (office.witness, office.public_key) == (used.witness, used.public_key)
        assert office.authority.pem == used.authority.pem
        museum = joined(office, "museum")  # numbers, keys and certificates go on
        assert museum.enrolled.ledger == "npu.example/ledger/museum"
        rounds.close(office.store, "one", DEADLINE + timedelta(days=1))
        events = contents(office.store)["events"]
        assert len({row[0] for row in events}) == len(events)
    for file in elsewhere[0].path.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_what_was_kept_on_one_database_goes_on_with_another(
    used: Office, databases: Databases, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    file, before = backed_up(used, tmp_path), contents(used.store)
    home = Home(tmp_path / "moved")
    if databases.name == "sqlite":
        with request.getfixturevalue("postgresql").one() as url:
            restore(home, file, PASSPHRASE, url)
            with opened(home) as office:
                assert office.store.engine.dialect.name == "postgresql"
                assert contents(office.store) == before
    else:
        restore(home, file, PASSPHRASE, "")
        with opened(home) as office:
            assert office.store.engine.dialect.name == "sqlite"
            assert contents(office.store) == before


def test_the_server_goes_on_while_it_is_made(used: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written meanwhile is in it whole or not at all, and nobody is kept waiting."""
    monkeypatch.setattr(engine, "BUSY_S", 5.0)
    stop, made, failed = threading.Event(), list[str](), list[Exception]()

    def work() -> None:
        number = 0
        while not stop.is_set():
            try:
                joined(used, f"late-{number}")
            except Exception as error:  # noqa: BLE001  told below
                failed.append(error)
                return
            made.append(f"late-{number}")
            number += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        file = backed_up(used, tmp_path)
        while not made:
            assert worker.is_alive()
    finally:
        stop.set()
        worker.join()
    assert not failed
    held = look(file, PASSPHRASE)
    assert 2 <= held.rows["members"] <= 2 + len(made) + 1
    assert held.rows["certificates"] in (held.rows["members"], held.rows["members"] - 1)
    assert not list(used.home.path.glob(".backup-*"))


def test_where_something_is_nothing_is_written(used: Office, elsewhere: tuple[Home, str], tmp_path: Path) -> None:
    file, before = backed_up(used, tmp_path), contents(used.store)
    with pytest.raises(CoordinatorError, match="already"):
        restore(used.home, file, PASSPHRASE, elsewhere[1])
    with pytest.raises(StoreExists):
        restore(elsewhere[0], file, PASSPHRASE, used.home.store_url())
    assert not elsewhere[0].settings_file.exists()
    assert contents(used.store) == before


def test_the_wrong_passphrase_and_a_damaged_file_restore_nothing(
    used: Office, elsewhere: tuple[Home, str], tmp_path: Path
) -> None:
    file = backed_up(used, tmp_path)
    with pytest.raises(WrongPassphrase):
        restore(elsewhere[0], file, "another one", elsewhere[1])
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    with pytest.raises(BackupDamaged):
        restore(elsewhere[0], file, PASSPHRASE, elsewhere[1])
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupDamaged):
        look(file, PASSPHRASE)
    assert not elsewhere[0].path.exists()


def rewritten(file: Path, to: Path, change: dict[str, bytes], **about: object) -> Path:
    """A backup again, with other pieces or claims, by somebody who has the passphrase."""
    pieces: dict[str, bytes] = {}
    manifest = unpack(file, PASSPHRASE, "coordinator", lambda name, content: pieces.update({name: content.read()}))
    with packing(to, "coordinator", PASSPHRASE, NOW, N) as pack:
        for name, content in (pieces | change).items():
            if content:
                pack.add(name, content)
        pack.about |= dict(manifest.about) | about
    return to


@pytest.mark.parametrize(
    ("change", "about", "error"),
    [
        ({}, {"schema": str(SCHEMA_VERSION + 1)}, StoreUnusable),
        ({}, {"schema": "x"}, StoreUnusable),
        ({"store/members/00000000.jsonl": b'["id"]\n["x"]\n'}, {}, BackupDamaged),
        ({"store/members/00000000.jsonl": b"nonsense\n"}, {}, BackupDamaged),
        ({"store/nothing/00000000.jsonl": b'["id"]\n'}, {}, BackupDamaged),
        ({"store/events/00000000.jsonl": b""}, {}, BackupDamaged),
        ({"keys/authority.key": b""}, {}, BackupDamaged),
        ({"config.toml": b"trust_domain = 1"}, {}, BackupDamaged),
    ],
)
def test_what_no_version_of_ours_writes_is_refused_whole(
    used: Office,
    elsewhere: tuple[Home, str],
    tmp_path: Path,
    change: dict[str, bytes],
    about: dict[str, object],
    error: type[Exception],
) -> None:
    file = rewritten(backed_up(used, tmp_path), tmp_path / "wrong", change, **about)
    with pytest.raises(error):
        restore(elsewhere[0], file, PASSPHRASE, elsewhere[1])
    assert not elsewhere[0].settings_file.exists()
    assert not elsewhere[0].store_file.exists()
    restore(elsewhere[0], tmp_path / "coordinator.kudos-backup", PASSPHRASE, elsewhere[1])  # nothing stands in the way


def test_no_key_and_no_row_is_readable_in_the_file(used: Office, tmp_path: Path) -> None:
    content = backed_up(used, tmp_path).read_bytes()
    assert b"PRIVATE KEY" not in content
    assert b"bryggen" not in content
    assert content.count(b"npu.example") == 0


def test_an_older_backup_is_brought_to_date(used: Office, elsewhere: tuple[Home, str], tmp_path: Path) -> None:
    """One of version 3 lacks tables, which this one has no rows of."""
    made = backed_up(used, tmp_path)
    new = {"insights", "insight_readers", "assessments", "distributions"}
    lacking = {f"store/{name}/00000000.jsonl": b"" for name in new}
    rows = {name: number for name, number in look(made, PASSPHRASE).rows.items() if name not in new}
    file = rewritten(made, tmp_path / "older", lacking, schema="3", rows=rows)
    restore(elsewhere[0], file, PASSPHRASE, elsewhere[1])
    with opened(elsewhere[0]) as office:
        assert contents(office.store) == contents(used.store)
