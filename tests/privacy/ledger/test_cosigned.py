"""Checkpoints in a ledger's file, and the door that opens by them."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.errors import KudosError
from privacy.ledger.checkpoint import BadCheckpoint, Checkpoint, cosign, sign_checkpoint
from privacy.ledger.contents import Contents
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.note import BadNote
from privacy.ledger.outbox import NotWitnessed, ReleaseLost, ready, state
from privacy.ledger.store import Ledger
from tests.privacy.ledger.examples import ENVELOPE, ORIGIN, START, policy, spent
from tests.privacy.ledger.witnessed import (
    LOG_KEY,
    NEW_LOG_KEY,
    WITNESS_KEY,
    WITNESS_NAME,
    cosigned,
    create,
    create_unwitnessed,
    keep,
    new_key,
    signed,
    witness,
    write,
)

OTHER = "sha256:" + "34" * 32
LATER = timedelta(minutes=1)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """open, witness, spend, key, policy; cosigned to 3, and to 5 by the new key."""
    path = tmp_path_factory.mktemp("sound") / "ledger.sqlite"
    with create(path) as ledger:
        write(ledger, spent(2), ENVELOPE, new_key(3), policy(4))
        contents = ledger.contents()
        keep(ledger, cosigned(contents, 3), cosigned(contents, key=NEW_LOG_KEY))
    return path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "ledger.sqlite"))


def contents_of(path: Path) -> Contents:
    with Ledger.open(path) as ledger:
        return ledger.contents()


def change(path: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement, parameters)


def keep_and_fail(ledger: Ledger, note: bytes) -> None:
    with ledger.transaction() as transaction:
        transaction.keep(note)
        transaction.append(policy(9))


# Keeping one.


def test_what_is_kept_is_there_again(sound: Path) -> None:
    contents = contents_of(sound)
    small, large = contents.checkpoints
    assert (small.size, small.root, small.time) == (3, contents.root(3), START)
    assert small.note == cosigned(contents, 3)
    assert contents.cosigned == large
    assert (large.size, large.root) == (5, contents.checkpoint.root)
    assert [contents.covers(seq) for seq in (0, 2, 4, 5)] == [True, True, True, False]


def test_nothing_is_covered_before_one_is_kept(tmp_path: Path) -> None:
    with create(tmp_path / "ledger.sqlite") as ledger:
        contents = ledger.contents()
    assert contents.cosigned is None
    assert not contents.covers(0)


def test_the_first_of_a_size_stays(copy: Path) -> None:
    contents = contents_of(copy)
    again = cosign(signed(contents, 3), WITNESS_NAME, WITNESS_KEY, START + LATER)
    with Ledger.open(copy) as ledger:
        keep(ledger, again)
        assert ledger.contents().checkpoints == contents.checkpoints


def test_a_smaller_one_may_come_later(copy: Path) -> None:
    with Ledger.open(copy) as ledger:
        keep(ledger, cosigned(ledger.contents(), 4, NEW_LOG_KEY))
        assert [each.size for each in ledger.contents().checkpoints] == [3, 4, 5]


def test_a_transaction_that_fails_keeps_none(copy: Path) -> None:
    with Ledger.open(copy) as ledger:
        note = cosigned(ledger.contents(), 2)
        with pytest.raises(ValueError, match="5 comes next"):
            keep_and_fail(ledger, note)
        assert [each.size for each in ledger.contents().checkpoints] == [3, 5]


def test_one_of_what_the_transaction_itself_appends_is_not_kept(copy: Path) -> None:
    """Nobody can have cosigned what is not committed."""
    with Ledger.open(copy) as ledger:
        with ledger.transaction() as transaction:
            transaction.append(policy(5))
        longer = cosigned(ledger.contents(), 6, NEW_LOG_KEY)
    shorter = copy.with_name("shorter.sqlite")
    with create(shorter) as ledger:
        write(ledger, spent(2), ENVELOPE, new_key(3), policy(4))
        with ledger.transaction() as transaction:
            transaction.append(policy(5))
            with pytest.raises(BadCheckpoint):
                transaction.keep(longer)


# What is one.


def notes(contents: Contents) -> dict[str, bytes]:
    """Notes that are none of this ledger, each by what is wrong with it."""
    whole = contents.checkpoint
    flipped = bytes([whole.root[0] ^ 1]) + whole.root[1:]

    def made(checkpoint: Checkpoint, key: Ed25519PrivateKey = NEW_LOG_KEY) -> bytes:
        return cosign(sign_checkpoint(checkpoint, key), WITNESS_NAME, WITNESS_KEY, START)

    good = cosigned(contents, key=NEW_LOG_KEY)
    stranger = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    return {
        "not cosigned": signed(contents, key=NEW_LOG_KEY),
        "cosigned by another key": cosign(signed(contents, key=NEW_LOG_KEY), WITNESS_NAME, stranger, START),
        "cosigned under another name": cosign(
            signed(contents, key=NEW_LOG_KEY), "example.org/witness", WITNESS_KEY, START
        ),
        "signed by another key": cosigned(contents, key=stranger),
        "signed by the former key": cosigned(contents, key=LOG_KEY),
        "signed by the next key": cosigned(contents, 3, NEW_LOG_KEY),
        "of another ledger": made(Checkpoint("standalone/ledger/another", whole.size, whole.root)),
        "of another root": made(Checkpoint(ORIGIN, whole.size, flipped)),
        "of the root of another size": made(Checkpoint(ORIGIN, 4, whole.root)),
        "of more entries": made(Checkpoint(ORIGIN, whole.size + 1, whole.root)),
        "of a size before the witness": cosigned(contents, 1),
        "of none": made(Checkpoint(ORIGIN, 0, contents.root(0))),
        "with another time": good[:-20] + bytes([good[-20] ^ 1]) + good[-19:],
        "cut short": good[:-1],
        "empty": b"",
        "no note": b"\xff\n\n",
    }


@pytest.mark.parametrize("wrong", range(16))
def test_anything_else_is_not_kept(sound: Path, wrong: int) -> None:
    contents = contents_of(sound)
    name, note = list(notes(contents).items())[wrong]
    with pytest.raises((BadNote, BadCheckpoint)):
        contents.check_cosigned(note)
    with Ledger.open(sound) as ledger, pytest.raises((BadNote, BadCheckpoint)), ledger.transaction() as transaction:
        transaction.keep(note)
    assert contents_of(sound) == contents, name


def test_the_notes_above_are_wrong_for_what_they_say_alone(sound: Path) -> None:
    contents = contents_of(sound)
    assert len(notes(contents)) == 16
    assert contents.check_cosigned(cosigned(contents, key=NEW_LOG_KEY)).size == 5
    assert contents.check_cosigned(cosigned(contents, 3)).size == 3
    assert contents.check_cosigned(cosigned(contents, 2)).size == 2


def test_a_ledger_without_a_witness_has_no_checkpoint(tmp_path: Path) -> None:
    with create_unwitnessed(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, policy(1))
        note = cosigned(ledger.contents())
        with pytest.raises(BadCheckpoint, match="without a witness"):
            keep(ledger, note)


def test_the_witness_of_its_time_counts(tmp_path: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    with create(tmp_path / "ledger.sqlite") as ledger:
        keep(ledger, cosigned(ledger.contents()))
        write(ledger, witness(2, key=other))
        contents = ledger.contents()
        with pytest.raises(KudosError):
            keep(ledger, cosigned(contents))
        keep(ledger, cosign(signed(contents), WITNESS_NAME, other, START))
        assert [each.size for each in ledger.contents().checkpoints] == [2, 3]


# Damage.


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE checkpoints SET size = 4 WHERE size = 3", "its checkpoint of 4 entries is one of 3"),
        ("UPDATE checkpoints SET size = 6 WHERE size = 5", "its checkpoint of 6 entries is one of 5"),
        ("UPDATE checkpoints SET note = x'00' WHERE size = 3", "its checkpoint of 3 entries is not one of it"),
        ("UPDATE checkpoints SET note = 'text' WHERE size = 3", "corrupt"),
        (
            "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 3) WHERE size = 5",
            "its checkpoint of 5 entries is one of 3",
        ),
        ("INSERT INTO checkpoints SELECT 4, note FROM checkpoints WHERE size = 5", "4 entries is one of 5"),
        ("DELETE FROM entries WHERE seq = 4", "its checkpoint of 5 entries is not one of it"),
    ],
)
def test_a_damaged_checkpoint_is_named(copy: Path, statement: str, found: str) -> None:
    change(copy, statement)
    with pytest.raises(DamagedLedger) as caught:
        Ledger.open(copy)
    assert found in caught.value.what


@pytest.mark.parametrize("wrong", range(16))
def test_a_wrong_note_in_the_file_is_damage(copy: Path, wrong: int) -> None:
    _, note = list(notes(contents_of(copy)).items())[wrong]
    change(copy, "UPDATE checkpoints SET note = ? WHERE size = 5", note)
    with pytest.raises(DamagedLedger) as caught:
        Ledger.open(copy)
    assert "its checkpoint of 5 entries is" in caught.value.what


def test_entries_that_were_rewritten_do_not_fit_their_checkpoint(copy: Path) -> None:
    """Somebody who knows all of the checks but has no key of the witness."""
    with create(copy.with_name("forged.sqlite")) as forged:
        write(forged, spent(2, envelope=b"forged"), b"forged", new_key(3), policy(4))
        contents = forged.contents()
        with pytest.raises(BadCheckpoint, match="another root"):
            keep(forged, contents_of(copy).checkpoints[0].note)
        with pytest.raises(BadCheckpoint, match="another root"):
            contents.check_cosigned(contents_of(copy).checkpoints[1].note)


# The door.


def test_without_a_witness_bytes_leave_when_they_are_booked(tmp_path: Path) -> None:
    with create_unwitnessed(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, spent(1), ENVELOPE)
        contents = ledger.contents()
    (stored,) = contents.releases
    assert state(contents, stored) == "booked"
    assert ready(contents, stored) == ENVELOPE


def test_with_a_witness_they_leave_once_it_has_cosigned_their_entry(tmp_path: Path) -> None:
    with create(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, spent(2), ENVELOPE)
        for size in (None, 2):
            if size is not None:
                keep(ledger, cosigned(ledger.contents(), size))
            contents = ledger.contents()
            (stored,) = contents.releases
            assert state(contents, stored) == "booked"
            with pytest.raises(NotWitnessed, match="entry 2 is booked") as caught:
                ready(contents, stored)
            assert (caught.value.reason, caught.value.exit_status) == ("NOT_WITNESSED", 3)
        keep(ledger, cosigned(ledger.contents(), 3))
        contents = ledger.contents()
    (stored,) = contents.releases
    assert state(contents, stored) == "witnessed"
    assert ready(contents, stored) == ENVELOPE


def test_what_was_booked_before_there_was_a_witness_waits_for_it_too(tmp_path: Path) -> None:
    with create_unwitnessed(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, spent(1), ENVELOPE, witness(2))
        contents = ledger.contents()
        with pytest.raises(NotWitnessed):
            ready(contents, contents.releases[0])
        keep(ledger, cosigned(contents))
        contents = ledger.contents()
        assert ready(contents, contents.releases[0]) == ENVELOPE


def test_only_what_is_covered_leaves(tmp_path: Path) -> None:
    with create(tmp_path / "ledger.sqlite") as ledger:
        write(ledger, spent(2), ENVELOPE, spent(3, envelope=b"second", study_digest=OTHER), b"second")
        keep(ledger, cosigned(ledger.contents(), 3))
        contents = ledger.contents()
    first, second = contents.releases
    assert [state(contents, each) for each in (first, second)] == ["witnessed", "booked"]
    assert ready(contents, first) == ENVELOPE
    with pytest.raises(NotWitnessed, match="entry 3"):
        ready(contents, second)


def test_lost_bytes_are_lost(copy: Path) -> None:
    change(copy, "UPDATE releases SET envelope = NULL")
    contents = contents_of(copy)
    (stored,) = contents.releases
    assert state(contents, stored) == "lost"
    with pytest.raises(ReleaseLost, match="never drawn anew") as caught:
        ready(contents, stored)
    assert (caught.value.reason, caught.value.exit_status) == ("RELEASE_LOST", 3)
