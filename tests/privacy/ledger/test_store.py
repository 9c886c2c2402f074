import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from privacy.errors import KudosError
from privacy.ledger.errors import ClockWentBack, DamagedLedger, LedgerBusy, LedgerExists, LedgerUnavailable
from privacy.ledger.leaves import Entry, leaf_hash, serialise
from privacy.ledger.store import Ledger
from tests.privacy.ledger.examples import (
    DIGEST,
    ENVELOPE,
    KEY,
    ORIGIN,
    OTHER_KEY,
    START,
    WINDOW,
    create,
    filled,
    key,
    policy,
    spent,
)

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "ledger.sqlite"
    filled(path)
    return path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "ledger.sqlite"))


def change(path: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement, parameters)
        connection.commit()


def damage(path: Path) -> str:
    with pytest.raises(DamagedLedger) as caught:
        Ledger.open(path)
    assert str(path) in str(caught.value)
    assert "backup" in str(caught.value)
    return caught.value.what


def write(ledger: Ledger, *things: Entry | bytes) -> None:
    """Entries, and the bytes that the entry before them booked, in one transaction."""
    with ledger.transaction() as transaction:
        for thing in things:
            if isinstance(thing, bytes):
                transaction.store(thing)
            else:
                transaction.append(thing)


def replaced(path: Path, seq: int, leaf: bytes) -> None:
    """As a forger would: with a hash that fits."""
    change(path, "UPDATE entries SET leaf = ?, leaf_hash = ? WHERE seq = ?", leaf, leaf_hash(leaf), seq)


# What a ledger is.


def test_a_new_ledger_has_one_entry_that_opens_it(tmp_path: Path) -> None:
    with create(tmp_path / "ledger.sqlite") as ledger:
        contents = ledger.contents()
    assert [entry.type for entry in contents.entries] == ["open"]
    assert contents.opened.origin == ORIGIN
    assert contents.public_key == KEY
    assert contents.policy_digest is None
    assert contents.releases == ()


def test_what_is_appended_is_there_again(sound: Path) -> None:
    with Ledger.open(sound) as ledger:
        contents = ledger.contents()
    assert contents.entries[1:] == (policy(1), spent(2), key(3))
    assert contents.policy_digest == DIGEST
    assert contents.public_key == OTHER_KEY
    assert contents.public_key_at(2) == KEY
    found = contents.find(DIGEST, WINDOW)
    assert found is not None
    assert (found.seq, found.envelope) == (2, ENVELOPE)
    assert contents.find("sha256:" + "0" * 64, WINDOW) is None


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_only_its_owner_can_read_it(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        filled(tmp_path / "ledger.sqlite")
    finally:
        os.umask(before)
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("ledger.sqlite", 0o600)]


def test_a_commit_is_on_the_disk_when_it_returns(sound: Path) -> None:
    with Ledger.open(sound) as ledger:
        pragmas = {
            name: ledger._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "fullfsync", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "delete", "synchronous": 3, "fullfsync": 1, "busy_timeout": 30_000}


# Beginning one, and never another.


def test_a_ledger_is_never_replaced(copy: Path) -> None:
    before = copy.read_bytes()
    with pytest.raises(LedgerExists, match="one ledger for life"):
        create(copy)
    assert copy.read_bytes() == before
    assert list(copy.parent.iterdir()) == [copy]


def test_a_file_that_is_no_ledger_is_not_replaced_either(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"")
    with pytest.raises(LedgerExists):
        create(path)
    assert path.read_bytes() == b""


def test_a_ledger_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="No such file"):
        create(tmp_path / "nowhere" / "ledger.sqlite")


def test_a_beginning_that_no_leaf_may_hold_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="origin"):
        Ledger.create(tmp_path / "ledger.sqlite", origin="Oslo!", public_key=KEY, version="0.1.0", now=START)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_ledger_is_damage_and_stays_missing(tmp_path: Path) -> None:
    assert "not there" in damage(tmp_path / "ledger.sqlite")
    assert list(tmp_path.iterdir()) == []


# Appending.


def test_an_exception_leaves_nothing_behind(copy: Path) -> None:
    with Ledger.open(copy) as ledger:
        with pytest.raises(ValueError, match="6 where 5 comes next"):
            write(ledger, policy(4), policy(6))
        assert ledger.contents().last.seq == 3


@pytest.mark.parametrize("seq", [0, 3, 5])
def test_entries_are_appended_in_sequence(copy: Path, seq: int) -> None:
    with Ledger.open(copy) as ledger, pytest.raises(ValueError, match="4 comes next"):
        write(ledger, policy(seq))


def test_time_never_goes_back(copy: Path) -> None:
    with Ledger.open(copy) as ledger:
        write(ledger, policy(4, START + SECOND), policy(5, START + SECOND))
        with pytest.raises(ClockWentBack) as caught:
            write(ledger, policy(6, START))
        assert ledger.contents().last.seq == 5
    assert caught.value.reason == "CLOCK_WENT_BACK"
    assert "2026-01-05T09:30:00Z" in str(caught.value)
    assert "2026-01-05T09:30:01Z" in str(caught.value)


def test_a_spend_without_its_release_is_not_committed(copy: Path) -> None:
    other = spent(4, study_digest="sha256:" + "3" * 64)
    with Ledger.open(copy) as ledger:
        with pytest.raises(ValueError, match="without its release"):
            write(ledger, other)
        with pytest.raises(ValueError, match="not stored"):
            write(ledger, other, policy(5))
        with pytest.raises(ValueError, match="not what the last entry booked"):
            write(ledger, other, ENVELOPE + b"!")
        with pytest.raises(ValueError, match="not what the last entry booked"):
            write(ledger, ENVELOPE)
        assert ledger.contents().last.seq == 3


def test_a_study_and_a_window_have_one_release(copy: Path) -> None:
    with Ledger.open(copy) as ledger:
        with pytest.raises(sqlite3.IntegrityError):
            write(ledger, spent(4), ENVELOPE)
        assert len(ledger.contents().releases) == 1


def test_a_writer_waits_for_another_and_says_so(copy: Path) -> None:
    with (
        Ledger.open(copy) as first,
        Ledger.open(copy, busy_s=0) as second,
        first.transaction() as transaction,
    ):
        transaction.append(policy(4))
        with pytest.raises(LedgerBusy, match="Nothing was spent"), second.transaction():
            pytest.fail("two writers at once")
        assert second.contents().last.seq == 3


def test_a_transaction_has_no_transaction_inside(copy: Path) -> None:
    with (
        Ledger.open(copy) as ledger,
        ledger.transaction(),
        pytest.raises(RuntimeError, match="inside"),
        ledger.transaction(),
    ):
        pytest.fail("a transaction inside a transaction")


def test_a_transaction_sees_what_another_process_wrote(copy: Path) -> None:
    with Ledger.open(copy) as first, Ledger.open(copy) as second:
        with first.transaction() as transaction:
            transaction.append(policy(4))
        with second.transaction() as transaction:
            assert transaction.next_seq == 5
            transaction.append(policy(5))
        assert first.contents().last.seq == 5


def test_a_disk_that_refuses_is_not_damage(copy: Path) -> None:
    with Ledger.open(copy) as ledger:
        ledger._connection.execute("PRAGMA max_page_count = 1")  # a full disk
        with pytest.raises(LedgerUnavailable, match="full"):
            write(ledger, *(policy(seq) for seq in range(4, 200)))
        assert ledger.contents().last.seq == 3


# Damage.


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seq=st.integers(0, 3), position=st.integers(0), flip=st.integers(1, 255))
def test_any_changed_byte_of_a_leaf_is_found(sound: Path, tmp_path: Path, seq: int, position: int, flip: int) -> None:
    path = Path(shutil.copy(sound, tmp_path / "ledger.sqlite"))
    with closing(sqlite3.connect(path)) as connection:
        leaf = bytearray(connection.execute("SELECT leaf FROM entries WHERE seq = ?", (seq,)).fetchone()[0])
    leaf[position % len(leaf)] ^= flip
    change(path, "UPDATE entries SET leaf = ? WHERE seq = ?", bytes(leaf), seq)
    assert damage(path) == f"entry {seq} is not what was written"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(position=st.integers(0), flip=st.integers(1, 255))
@example(position=47, flip=1)  # the version of the schema's format
@example(position=3577, flip=128)  # the text of the schema
def test_a_changed_byte_of_the_file_never_changes_what_the_ledger_says(
    sound: Path, tmp_path: Path, position: int, flip: int
) -> None:
    content = bytearray(sound.read_bytes())
    content[position % len(content)] ^= flip
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with Ledger.open(sound) as ledger:
        expected = ledger.contents()
    try:
        with Ledger.open(path) as ledger:  # a byte that means nothing
            assert ledger.contents() == expected
    except KudosError as error:
        assert error.reason in ("LEDGER_DAMAGED", "LEDGER_UNAVAILABLE")  # noqa: PT017


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM entries", "it has no entries"),
        ("DELETE FROM entries WHERE seq = 0", "entry 0 is missing"),
        ("DELETE FROM entries WHERE seq = 1", "entry 1 is missing"),
        ("DELETE FROM entries WHERE seq = 2", "entry 2 is missing"),
        ("UPDATE entries SET seq = 9 WHERE seq = 3", "entry 3 is missing"),
        ("UPDATE entries SET leaf_hash = zeroblob(32) WHERE seq = 1", "entry 1 is not what was written"),
        ("DELETE FROM releases", "do not match one to one"),
        ("UPDATE releases SET envelope = x'00'", "stored release of entry 2"),
        ("UPDATE releases SET study_digest = 'sha256:0'", "stored release of entry 2"),
        ("UPDATE releases SET window = '2024-01-01/2024-12-31'", "stored release of entry 2"),
        ("UPDATE releases SET window = 'last year'", "the release of entry 2 does not read"),
        ("UPDATE releases SET window = CAST(x'ff' AS TEXT)", "the release of entry 2 does not read"),
        ("UPDATE releases SET envelope = 'text'", "corrupt"),
        ("UPDATE releases SET seq = 1", "do not match one to one"),
        ("DROP TABLE releases", "no ledger that this version"),
        ("ALTER TABLE entries ADD COLUMN more TEXT", "no ledger that this version"),
        ("CREATE TRIGGER t AFTER INSERT ON entries BEGIN SELECT 1; END", "no ledger that this version"),
        ("DROP TABLE checkpoints", "no ledger that this version"),
        ("INSERT INTO checkpoints VALUES (1, x'00')", "checkpoint of 1 entries is not one of it"),
        ("PRAGMA user_version = 1", "no ledger that this version"),
        ("PRAGMA user_version = 3", "no ledger that this version"),
        ("PRAGMA application_id = 0", "no ledger that this version"),
    ],
)
def test_what_was_tampered_with_is_named(copy: Path, statement: str, found: str) -> None:
    change(copy, statement)
    assert found in damage(copy)


@pytest.mark.parametrize(
    ("forge", "found"),
    [
        (lambda path: replaced(path, 1, b"{}"), "entry 1: an entry does not read"),
        (lambda path: replaced(path, 3, serialise(key(2))), "entry 3 says that it is entry 2"),
        (
            lambda path: replaced(path, 3, serialise(key(3, START - SECOND))),
            "entry 3 is earlier than the one before",
        ),
        (lambda path: replaced(path, 0, serialise(policy(0))), "entry 0 opens a ledger where none begins"),
        (lambda path: replaced(path, 2, serialise(policy(2))), "do not match one to one"),
        (
            lambda path: replaced(path, 2, serialise(spent(2, envelope=b"others"))),
            "stored release of entry 2",
        ),
        (
            lambda path: replaced(path, 2, serialise(replace(spent(2), study_digest="sha256:" + "0" * 64))),
            "stored release of entry 2",
        ),
    ],
)
def test_a_forged_entry_with_a_fitting_hash_is_found(copy: Path, forge: Callable[[Path], None], found: str) -> None:
    forge(copy)
    assert found in damage(copy)


def test_a_cheaper_cost_with_a_fitting_hash_is_found(copy: Path) -> None:
    leaf = serialise(spent(2))
    cheaper = leaf.replace(b'"rho_u":6173,"scale":"9"', b'"rho_u":6172,"scale":"9"')
    assert cheaper != leaf
    replaced(copy, 2, cheaper)
    assert "gender/customers is booked as ρ 0.006172" in damage(copy)


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be read as a header" * 20])
def test_a_file_that_is_no_ledger_is_damage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    damage(path)
    assert path.read_bytes() == content


def test_a_ledger_cut_short_is_damage(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:-4096])
    damage(copy)
