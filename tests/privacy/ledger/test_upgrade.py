"""A ledger of format 1, which knew no witness, is taken to today's format when it is opened."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from privacy.ledger.database import APPLICATION_ID, FORMAT, SCHEMA
from privacy.ledger.errors import DamagedLedger, LedgerBusy
from privacy.ledger.leaves import Opened, Spent, leaf_hash, serialise
from privacy.ledger.outbox import ready, state
from privacy.ledger.store import Ledger
from tests.privacy.ledger.examples import ENVELOPE, KEY, ORIGIN, START, WINDOW, key, policy, spent

FORMER = (
    """CREATE TABLE entries (
  seq INTEGER PRIMARY KEY CHECK (seq >= 0),
  leaf BLOB NOT NULL CHECK (typeof(leaf) = 'blob'),
  leaf_hash BLOB NOT NULL UNIQUE CHECK (typeof(leaf_hash) = 'blob' AND length(leaf_hash) = 32)
)""",
    """CREATE TABLE releases (
  study_digest TEXT NOT NULL,
  window TEXT NOT NULL,
  seq INTEGER NOT NULL UNIQUE REFERENCES entries (seq),
  envelope BLOB NOT NULL CHECK (typeof(envelope) = 'blob'),
  created TEXT NOT NULL,
  state TEXT NOT NULL,
  UNIQUE (study_digest, window)
)""",
)
"""As version 0.1.0 wrote it, to the letter."""

OTHER = "sha256:" + "34" * 32
ENTRIES = (
    Opened(seq=0, time=START, origin=ORIGIN, public_key=KEY, version="0.1.0"),
    policy(1),
    spent(2),
    key(3),
    spent(4, envelope=b"other bytes", study_digest=OTHER),
)
RELEASES = {2: ENVELOPE, 4: b"other bytes"}


def write_former(path: Path) -> None:
    """A ledger of format 1, with two releases."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        for statement in FORMER:
            connection.execute(statement)
        for entry in ENTRIES:
            leaf = serialise(entry)
            connection.execute("INSERT INTO entries VALUES (?, ?, ?)", (entry.seq, leaf, leaf_hash(leaf)))
            if isinstance(entry, Spent):
                row = (entry.study_digest, str(WINDOW), entry.seq, RELEASES[entry.seq], "2026-01-05T09:30:00Z")
                connection.execute("INSERT INTO releases VALUES (?, ?, ?, ?, ?, 'booked')", row)


@pytest.fixture
def former(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    write_former(path)
    return path


def schema(path: Path) -> tuple[int, set[str]]:
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        found = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return version, {sql for (sql,) in found}


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)


def test_it_is_upgraded_when_it_is_opened_and_says_the_same(former: Path) -> None:
    assert schema(former) == (1, set(FORMER))
    for _ in range(2):
        with Ledger.open(former) as ledger:
            contents = ledger.contents()
        assert contents.entries == ENTRIES
        assert {each.seq: each.envelope for each in contents.releases} == RELEASES
        assert [state(contents, each) for each in contents.releases] == ["booked", "booked"]
        assert [ready(contents, each) for each in contents.releases] == list(RELEASES.values())
        assert contents.checkpoints == ()
        assert schema(former) == (FORMAT, set(SCHEMA))


def test_an_upgraded_ledger_goes_on(former: Path) -> None:
    with Ledger.open(former) as ledger, ledger.transaction() as transaction:
        transaction.append(policy(5))
    with Ledger.open(former) as ledger:
        assert ledger.contents().entries == (*ENTRIES, policy(5))
    assert [file.name for file in former.parent.iterdir()] == [former.name]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("PRAGMA application_id = 0", "no ledger that this version"),
        ("ALTER TABLE releases ADD COLUMN more TEXT", "no ledger that this version"),
        ("CREATE TABLE former (x)", "no ledger that this version"),
        ("CREATE TABLE checkpoints (x)", "no ledger that this version"),
        ("CREATE TRIGGER t AFTER INSERT ON releases BEGIN SELECT 1; END", "no ledger that this version"),
        ("DROP TABLE releases", "no ledger that this version"),
    ],
)
def test_what_is_no_sound_file_of_format_1_is_left_as_it_is(former: Path, statement: str, found: str) -> None:
    change(former, statement)
    before = former.read_bytes()
    with pytest.raises(DamagedLedger) as caught:
        Ledger.open(former)
    assert found in caught.value.what
    assert former.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM entries WHERE seq = 1", "entry 1 is missing"),
        ("UPDATE releases SET envelope = x'00' WHERE seq = 2", "stored release of entry 2"),
        ("DELETE FROM releases WHERE seq = 2", "do not match one to one"),
    ],
)
def test_damage_is_found_after_an_upgrade_too(former: Path, statement: str, found: str) -> None:
    change(former, statement)
    with pytest.raises(DamagedLedger) as caught:
        Ledger.open(former)
    assert found in caught.value.what


def test_an_upgrade_that_cannot_be_finished_leaves_the_former_file(former: Path) -> None:
    before = schema(former), former.read_bytes()
    with closing(sqlite3.connect(former, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM entries").fetchall()  # a reader, over the whole upgrade
        with pytest.raises(LedgerBusy):
            Ledger.open(former, busy_s=0)
    assert (schema(former), former.read_bytes()) == before
    Ledger.open(former).close()


def test_two_processes_may_upgrade_it_one_after_the_other(former: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copy(former, tmp_path / "twin.sqlite"))
    Ledger.open(twin).close()
    with Ledger.open(former) as first, Ledger.open(former) as second:
        assert first.contents() == second.contents()
    with Ledger.open(twin) as other, Ledger.open(former) as ledger:
        assert other.contents() == ledger.contents()
