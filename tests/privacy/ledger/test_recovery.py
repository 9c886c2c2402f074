"""A ledger that was lost, damaged, restored or forked goes on from what its witness has, and nothing is hidden by it.

What a failure on the way leaves is in `test_power_loss`, for three recoveries.
"""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.budget.amounts import Spend, total
from privacy.budget.twelve_months import spent_between
from privacy.ledger import recovery
from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.errors import ClockWentBack, DamagedLedger, LedgerBusy, LedgerUnavailable
from privacy.ledger.leaves import KeyAdopted, Recovered, Spent, parse, serialise
from privacy.ledger.outbox import NotWitnessed, ReleaseLost, ready
from privacy.ledger.recovery import (
    Recovery,
    Replica,
    TakenOver,
    TooMuchGivenUp,
    TwoHistories,
    read_replica,
    recover,
    salvaged_notes,
)
from privacy.ledger.store import Ledger
from tests.privacy.ledger.disk import NoRecording
from tests.privacy.ledger.examples import ENVELOPE, ORIGIN, START, policy, spent
from tests.privacy.ledger.power_loss import Folder, Recording, images, read
from tests.privacy.ledger.power_scenarios import SCENARIOS, leave_hot_journal
from tests.privacy.ledger.witnessed import (
    LOG_KEY,
    NEW_LOG_KEY,
    cosigned,
    create,
    create_unwitnessed,
    hexadecimal,
    keep,
    new_key,
    replica,
    signed,
    witness,
    write,
)

LATER = START + timedelta(days=1)
SECOND, THIRD, FOURTH = (f"sha256:{digit * 64}" for digit in "234")
BYTES = {"first": ENVELOPE, "second": b"second", "third": b"third"}


@dataclass
class Witnessed:
    """A ledger of five entries, two of them releases; what its witness has of it; and who is asked for bytes."""

    path: Path
    contents: Contents
    replica: Replica
    asked: list[str] = field(default_factory=list)

    def fetch(self, digest: str) -> bytes | None:
        self.asked.append(digest)
        return {release_digest(each): each for each in BYTES.values()}.get(digest)

    def mine(self) -> Contents:
        with Ledger.open(self.path) as ledger:
            return ledger.contents()

    def recover(
        self,
        mine: Contents | None,
        fetch: Callable[[str], bytes | None] | None = None,
        key: Ed25519PrivateKey = LOG_KEY,
        replica: Replica | None = None,
        days: int = 1,
        **more: Any,
    ) -> Recovery:
        return recover(
            self.path,
            self.replica if replica is None else replica,
            origin=ORIGIN,
            mine=mine,
            fetch=self.fetch if fetch is None else fetch,
            public_key=hexadecimal(key),
            now=START + timedelta(days=days),
            **more,
        )

    @property
    def files(self) -> list[str]:
        return sorted(each.name for each in self.path.parent.iterdir())


ASIDE = "ledger-given-up-20260106T093000Z.sqlite"


@pytest.fixture
def house(tmp_path: Path) -> Witnessed:
    path = tmp_path / "ledger.sqlite"
    with create(path) as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        keep(ledger, cosigned(ledger.contents()))
        write(ledger, spent(4, envelope=b"second", study_digest=SECOND), b"second")
        contents = ledger.contents()
        keep(ledger, cosigned(contents))
        contents = ledger.contents()
    notes = [each.note for each in contents.checkpoints]
    return Witnessed(path, contents, Replica([serialise(entry) for entry in contents.entries], notes))


def rolled_back(house: Witnessed) -> Contents:
    """The file is put back as it was before the second release."""
    house.path.unlink()
    with create(house.path) as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        return ledger.contents()


def forked(house: Witnessed) -> Contents:
    """From there it went another way, with two releases that nobody cosigned."""
    rolled_back(house)
    with Ledger.open(house.path) as ledger:
        write(ledger, policy(4, START + timedelta(hours=1)))
        write(ledger, replace(spent(5, LATER, b"third", THIRD)), b"third")
        write(ledger, replace(spent(6, LATER, b"fourth", FOURTH)), b"fourth")
        return ledger.contents()


def goes_on(house: Witnessed, after: Contents, added: int = 1) -> None:
    """All that the witness had is there, and the ledger can be written to."""
    size = len(house.contents.entries)
    assert after.entries[:size] == house.contents.entries
    assert after.hashes[:size] == house.contents.hashes
    assert after.checkpoints == house.contents.checkpoints
    assert len(after.entries) == size + added
    with Ledger.open(house.path) as ledger:
        write(ledger, policy(size + added, START + timedelta(days=9)))


# What there was, comes back.


def test_a_backup_that_was_put_back_goes_on_from_the_witness(house: Witnessed) -> None:
    mine = rolled_back(house)
    old = house.path.read_bytes()
    assert house.recover(mine) == Recovery(taken=5, given_up=0, lost=0, aside=house.path.with_name(ASIDE))
    after = house.mine()
    assert after.last == Recovered(seq=5, time=LATER, old="whole", given_up=(), epsilon_u=0, rho_u=0)
    assert [each.envelope for each in after.releases] == [ENVELOPE, b"second"]
    assert house.asked == [release_digest(b"second")], "what the old file has is not asked for"
    assert house.path.with_name(ASIDE).read_bytes() == old
    assert house.files == [ASIDE, "ledger.sqlite"]
    assert (house.path.stat().st_mode & 0o777, house.path.with_name(ASIDE).stat().st_mode & 0o777) == (0o600, 0o600)
    goes_on(house, after)


def test_a_fork_is_given_up_and_what_it_booked_counts_as_spent(house: Witnessed) -> None:
    mine = forked(house)
    assert house.recover(mine, days=2) == Recovery(5, 3, 0, house.path.with_name(ASIDE.replace("06T", "07T")))
    after = house.mine()
    last = after.last
    assert isinstance(last, Recovered)
    assert last.given_up == tuple(each.hex() for each in mine.hashes[4:])
    assert last.cost == total(entry.cost for entry in mine.entries[4:])
    assert last.cost.rho.micro == 2 * spent(5).rho_u
    now = START + timedelta(days=2)
    assert spent_between(after.entries, now) == spent_between(house.contents.entries, now) + last.cost
    assert [each.study_digest for each in after.releases] == [spent(3).study_digest, SECOND]
    goes_on(house, after)


def test_a_lost_file_comes_back_with_the_bytes_that_others_have(house: Witnessed) -> None:
    house.path.unlink()
    assert house.recover(None) == Recovery(taken=5, given_up=0, lost=0, aside=None)
    after = house.mine()
    assert [each.envelope for each in after.releases] == [ENVELOPE, b"second"]
    assert house.asked == [release_digest(ENVELOPE), release_digest(b"second")]
    assert house.files == ["ledger.sqlite"]
    goes_on(house, after)


def test_a_file_that_cannot_be_read_is_kept_aside_as_it_is(house: Witnessed) -> None:
    house.path.write_bytes(b"no ledger at all")
    assert house.recover(None).aside == house.path.with_name(ASIDE)
    assert house.path.with_name(ASIDE).read_bytes() == b"no ledger at all"
    goes_on(house, house.mine())


def test_bytes_that_nobody_has_are_lost_and_stay_paid_for(house: Witnessed) -> None:
    house.path.unlink()
    assert house.recover(None, fetch=lambda _digest: None).lost == 2
    after = house.mine()
    for stored in after.releases:
        with pytest.raises(ReleaseLost):
            ready(after, stored)
    assert spent_between(after.entries, LATER) == spent_between(house.contents.entries, LATER) != Spend.nothing()
    with Ledger.open(house.path) as ledger, pytest.raises(sqlite3.IntegrityError):
        write(ledger, spent(6, LATER, b"drawn anew"), b"drawn anew")
    goes_on(house, after)


def test_other_bytes_than_were_booked_are_not_taken(house: Witnessed) -> None:
    house.path.unlink()
    assert house.recover(None, fetch=lambda _digest: b"others").lost == 2
    assert [each.envelope for each in house.mine().releases] == [None, None]


def test_what_comes_after_a_recovery_needs_its_cosignature(house: Witnessed) -> None:
    house.path.unlink()
    house.recover(None)
    with Ledger.open(house.path) as ledger:
        write(ledger, spent(6, LATER, b"third", THIRD), b"third")
        contents = ledger.contents()
        assert ready(contents, contents.releases[0]) == ENVELOPE
        with pytest.raises(NotWitnessed):
            ready(contents, contents.releases[2])
        keep(ledger, cosigned(contents))
        contents = ledger.contents()
        assert ready(contents, contents.releases[2]) == b"third"


def test_a_ledger_may_be_recovered_again(house: Witnessed) -> None:
    house.recover(rolled_back(house))
    again = house.mine()
    house.replica = replica(again)
    house.contents = replace(again, checkpoints=(again.check_cosigned(house.replica.notes[0]),))
    for _ in range(2):  # within the same second, too
        house.path.write_bytes(b"broken")
        house.recover(None)
    assert house.files == [ASIDE.replace(".", "-2."), ASIDE.replace(".", "-3."), ASIDE, "ledger.sqlite"]
    goes_on(house, house.mine())


def test_a_new_key_is_named_before_the_recovery(house: Witnessed) -> None:
    house.path.unlink()
    with pytest.raises(TakenOver):  # the key of a machine that the ledger never named
        house.recover(None, key=NEW_LOG_KEY)
    house.recover(None, key=NEW_LOG_KEY, new_machine=True)
    after = house.mine()
    assert after.entries[5:] == (
        new_key(5, LATER),
        Recovered(seq=6, time=LATER, old="absent", given_up=(), epsilon_u=0, rho_u=0),
    )
    assert isinstance(after.entries[5], KeyAdopted)
    goes_on(house, after, 2)


def test_leaves_longer_than_one_page_come_back(house: Witnessed) -> None:
    with Ledger.open(house.path) as ledger:
        for seq in range(5, 60):
            digest = f"sha256:{seq:064x}"
            write(ledger, spent(seq, START, digest.encode() * 99, digest), digest.encode() * 99)
        contents = ledger.contents()
    house.path.unlink()
    assert house.recover(None, replica=replica(contents)) == Recovery(60, 0, 55, None)
    assert house.mine().entries[:60] == contents.entries


# Journals.


def test_a_journal_beside_a_file_that_is_gone_is_not_played_into_the_new_one(house: Witnessed) -> None:
    leave_hot_journal(house.path)
    house.path.unlink()
    house.recover(None)
    assert house.files == [f"{ASIDE}-journal", "ledger.sqlite"]
    goes_on(house, house.mine())


def test_a_journal_beside_a_file_that_cannot_be_read_goes_aside_with_it(house: Witnessed) -> None:
    leave_hot_journal(house.path)
    house.path.write_bytes(house.path.read_bytes()[:4096])
    old = [each.read_bytes() for each in (house.path, house.path.with_name("ledger.sqlite-journal"))]
    house.recover(None)
    assert house.files == [ASIDE, f"{ASIDE}-journal", "ledger.sqlite"]
    assert [house.path.with_name(name).read_bytes() for name in house.files[:2]] == old
    goes_on(house, house.mine())


def test_a_journal_beside_a_sound_file_is_played_back_into_that_one(house: Witnessed) -> None:
    rolled_back(house)
    leave_hot_journal(house.path)
    mine = house.mine()
    assert len(mine.entries) == 4
    house.recover(mine)
    with Ledger.open(house.path.with_name(ASIDE)) as ledger:
        assert ledger.contents() == mine
    goes_on(house, house.mine())


# Refusals. Nothing changes.


def refused(
    house: Witnessed, replica: Replica, error: type[Exception] = DamagedLedger, match: str | None = None
) -> None:
    mine, before = house.mine(), house.path.read_bytes()
    for known in (mine, None):
        with pytest.raises(error, match=match):
            house.recover(known, replica=replica)
        assert house.path.read_bytes() == before
        assert house.files == ["ledger.sqlite"]


def test_a_replica_that_is_not_cosigned_to_its_end_is_refused(house: Witnessed) -> None:
    leaves, notes = house.replica.leaves, house.replica.notes
    refused(house, Replica(leaves, notes[:1]), match="not cosigned all")
    refused(house, Replica(leaves, []), match="not cosigned all")
    refused(house, Replica(leaves, [notes[0], signed(house.contents)]), match="none of it")


def test_a_replica_that_is_no_ledger_is_refused(house: Witnessed) -> None:
    leaves, notes = house.replica.leaves, house.replica.notes
    forged = serialise(replace(policy(2), cap_rho_u=1))
    refused(house, Replica([], []), match="no entries")
    refused(house, Replica(leaves[:4], notes), match="none of it")
    refused(house, Replica(leaves[1:], notes))
    refused(house, Replica([leaves[0], leaves[2], leaves[1], *leaves[3:]], notes))
    refused(house, Replica([*leaves[:2], forged, *leaves[3:]], notes), match="another root")
    refused(house, Replica([*leaves[:4], leaves[4] + b" "], notes), match="canonical")
    refused(house, Replica([*leaves[:4], leaves[3]], notes))


def test_a_replica_whose_notes_are_none_or_out_of_order_is_refused(house: Witnessed) -> None:
    leaves, (small, large) = house.replica.leaves, house.replica.notes
    refused(house, Replica(leaves, [large, small]), match="in order")
    refused(house, Replica(leaves, [small, large, large]), match="in order")
    refused(house, Replica(leaves, [b"", large]), match="none of it")
    refused(house, Replica(leaves, [cosigned(house.contents, 3, NEW_LOG_KEY), large]), match="none of it")


def test_a_ledger_of_another_origin_is_refused(house: Witnessed, tmp_path: Path) -> None:
    with create(tmp_path / "another.sqlite", "standalone/ledger/another") as ledger:
        other = replica(ledger.contents())
    (tmp_path / "another.sqlite").unlink()
    refused(house, other, match="another ledger")


def test_a_replica_without_a_witness_is_refused(house: Witnessed, tmp_path: Path) -> None:
    with create_unwitnessed(tmp_path / "another.sqlite") as ledger:
        other = replica(ledger.contents())
    (tmp_path / "another.sqlite").unlink()
    refused(house, other, match="without a witness")


def test_a_ledger_that_went_on_under_another_key_was_taken_over(house: Witnessed) -> None:
    longer = house.path.with_name("longer.sqlite")
    shutil.copy(house.path, longer)
    with Ledger.open(longer) as ledger:
        write(ledger, new_key(5))
        contents = ledger.contents()
    longer.unlink()
    theirs = Replica([serialise(entry) for entry in contents.entries], [cosigned(contents, key=NEW_LOG_KEY)])
    before = house.path.read_bytes()
    with pytest.raises(TakenOver) as caught:
        house.recover(house.mine(), replica=theirs)
    assert (caught.value.reason, caught.value.exit_status) == ("LEDGER_TAKEN_OVER", 3)
    assert (house.path.read_bytes(), house.files) == (before, ["ledger.sqlite"])

    house.path.unlink()
    with pytest.raises(TakenOver):
        house.recover(None, replica=theirs)
    house.recover(None, replica=theirs, new_machine=True)  # nothing is there that could tell
    assert [entry.type for entry in house.mine().entries[5:]] == ["key", "key", "recovery"]


def test_a_clock_that_went_back_recovers_nothing(house: Witnessed) -> None:
    mine, before = rolled_back(house), house.path.read_bytes()
    with pytest.raises(ClockWentBack):
        house.recover(mine, days=-1)
    assert (house.path.read_bytes(), house.files) == (before, ["ledger.sqlite"])


def test_no_more_is_given_up_than_an_entry_can_name(house: Witnessed, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, before = forked(house), house.path.read_bytes()
    monkeypatch.setattr(recovery, "MOST_GIVEN_UP", 2)
    with pytest.raises(TooMuchGivenUp, match="3 entries"):
        house.recover(mine, days=2)
    assert (house.path.read_bytes(), house.files) == (before, ["ledger.sqlite"])
    monkeypatch.setattr(recovery, "MOST_GIVEN_UP", 3)
    assert house.recover(mine, days=2).given_up == 3


def test_somebody_who_cannot_be_asked_for_bytes_stops_it_with_nothing_changed(house: Witnessed) -> None:
    def fails(_digest: str) -> bytes | None:
        raise ConnectionError

    mine, before = rolled_back(house), house.path.read_bytes()
    with pytest.raises(ConnectionError):
        house.recover(mine, fetch=fails)
    assert (house.path.read_bytes(), house.files) == (before, ["ledger.sqlite"])


def test_a_replica_reads_without_its_releases(house: Witnessed) -> None:
    contents = read_replica(house.replica, ORIGIN)
    assert contents.entries == house.contents.entries
    assert contents.checkpoints == house.contents.checkpoints
    assert [(each.seq, each.envelope) for each in contents.releases] == [(3, None), (4, None)]


# Other processes, and ends on the way.


def test_a_process_that_writes_to_the_old_file_stops_it(house: Witnessed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "_BUSY_S", 0)
    mine = rolled_back(house)
    with Ledger.open(house.path) as other:
        with other.transaction() as transaction:
            transaction.append(policy(4))
            with pytest.raises(LedgerBusy):
                house.recover(mine)
        with pytest.raises(LedgerBusy):  # it has booked more than was read
            house.recover(mine)
        assert house.files == ["ledger.sqlite"]
    assert house.recover(house.mine()).given_up == 1


def test_a_process_that_had_the_old_file_open_writes_to_neither(house: Witnessed) -> None:
    mine = rolled_back(house)
    with Ledger.open(house.path) as other:
        house.recover(mine)
        with pytest.raises(LedgerUnavailable, match="another file was put in its place"):
            write(other, spent(4, LATER, b"third", THIRD), b"third")
    with Ledger.open(house.path.with_name(ASIDE)) as ledger:
        assert ledger.contents() == mine
    goes_on(house, house.mine())


def test_a_process_whose_file_was_taken_away_writes_nothing(house: Witnessed) -> None:
    with Ledger.open(house.path) as ledger:
        house.path.unlink()
        with pytest.raises(LedgerUnavailable):
            write(ledger, policy(5))


@pytest.mark.parametrize("name", ["forked", "interrupted", "lost"])
def test_killed_at_any_step_it_leaves_the_old_file_or_the_new_one_and_can_be_done_again(
    tmp_path: Path, name: str
) -> None:
    """Each step is what a process asks of its system: `images` gives the folder as it is between two of them, first."""
    (tmp_path / "recorded").mkdir()
    try:
        recording = SCENARIOS[name](tmp_path / "recorded")
    except NoRecording as error:
        pytest.skip(f"NOTHING WAS KILLED: {error}")
    with create(tmp_path / "witness.sqlite") as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        theirs = replica(ledger.contents())
    found = []
    for number, (point, folder) in enumerate(_killed(recording)):
        place = tmp_path / str(number)
        place.mkdir()
        for file, content in folder.items():
            (place / file).write_bytes(content)
        state = read(place)
        assert state in recording.allowed(point)
        found.append(state == recording.states[-1])
        if state == recording.states[0] and isinstance(state, str):
            _recovered_again(place / "ledger.sqlite", theirs)
    assert found == sorted(found), "the new ledger was there, and was gone again"
    assert True in found


def _killed(recording: Recording) -> Iterator[tuple[int, Folder]]:
    for number, image in enumerate(images(recording, 0, random.Random(1))):
        if number % 4 == 0:  # the first of each instant is as a kill leaves it
            yield image


def _recovered_again(path: Path, theirs: Replica) -> None:
    recover(
        path,
        theirs,
        origin=ORIGIN,
        mine=None,
        fetch=lambda _digest: ENVELOPE,
        public_key=hexadecimal(LOG_KEY),
        now=LATER,
    )
    with Ledger.open(path) as ledger:
        assert isinstance(ledger.contents().last, Recovered)


def test_what_the_witness_has_cosigned_is_never_given_up_for_another_history(house: Witnessed) -> None:
    mine, before = house.mine(), house.path.read_bytes()
    other = house.path.with_name("other.sqlite")
    with create(other) as ledger:
        write(ledger, policy(2), spent(3, envelope=b"third"), b"third")
        theirs = replica(ledger.contents())
    other.unlink()
    with pytest.raises(TwoHistories, match="5 entries"):
        house.recover(mine, replica=theirs)
    assert house.path.read_bytes() == before
    assert house.files == [house.path.name]


def test_a_leaf_that_names_no_witness_is_damage() -> None:
    leaf = serialise(witness(1))
    assert parse(leaf) == witness(1)
    for wrong in (leaf.replace(b"/witness+", b"/witness+0", 1), leaf.replace(b"npu.example", b"npv.example")):
        with pytest.raises(DamagedLedger):
            parse(wrong)


def _prefix(house: Witnessed, size: int) -> Replica:
    """The witness as it was, put back from a backup, or one that hides what it cosigned since."""
    notes = [each.note for each in house.contents.checkpoints if each.size <= size]
    return Replica(house.replica.leaves[:size], notes)


def test_a_damaged_file_still_shows_what_was_cosigned(house: Witnessed) -> None:
    with sqlite3.connect(house.path) as connection:
        connection.execute("UPDATE entries SET leaf_hash = zeroblob(32) WHERE seq = 1")
    connection.close()
    with pytest.raises(DamagedLedger):
        house.mine()
    seen = salvaged_notes(house.path)
    assert len(seen) == 2
    before = house.path.read_bytes()
    with pytest.raises(TwoHistories, match="5 entries"):
        house.recover(None, replica=_prefix(house, 4), seen=seen)
    assert house.path.read_bytes() == before
    house.recover(None, seen=(*seen, b"no note", cosigned(house.contents, key=NEW_LOG_KEY)))
    last = house.mine().last
    assert isinstance(last, Recovered)
    assert last.old == "unreadable"


@pytest.mark.parametrize("damage", [b"", b"no database" * 999])
def test_what_shows_nothing_shows_nothing(house: Witnessed, damage: bytes) -> None:
    house.path.write_bytes(damage)
    assert salvaged_notes(house.path) == ()
    house.path.unlink()
    assert salvaged_notes(house.path) == ()


def test_a_copy_that_booked_without_a_witness_never_draws_its_months_anew(tmp_path: Path) -> None:
    """The bytes of the standalone copy may have left: its spend is booked again, lost, and counts once."""
    path = tmp_path / "ledger.sqlite"
    with create_unwitnessed(path) as ledger:
        mine_opened = ledger.contents()
        write(ledger, policy(1), spent(2, envelope=b"second", study_digest=SECOND), b"second")
        mine = ledger.contents()
    other = tmp_path / "other.sqlite"
    with create(other) as ledger:
        write(ledger, policy(2), spent(3), ENVELOPE)
        theirs = ledger.contents()
    house = Witnessed(path, mine, replica(theirs))
    assert theirs.hashes[0] == mine_opened.hashes[0]
    house.recover(mine)
    after = house.mine()
    recovery, again = after.entries[-2:]
    assert isinstance(recovery, Recovered)
    assert isinstance(again, Spent)
    assert (recovery.rho_u, again.study_digest, again.release_digest) == (0, SECOND, release_digest(b"second"))
    assert total(each.cost for each in after.entries) == total(each.cost for each in (*theirs.entries, *mine.entries))
    lost = after.find(SECOND, again.window)
    assert lost is not None
    with pytest.raises(ReleaseLost):
        ready(after, lost)


def test_a_schema_that_is_no_text_shows_nothing_and_is_no_crash(house: Witnessed) -> None:
    content = house.path.read_bytes()
    house.path.write_bytes(content.replace(b"CREATE TABLE checkpoints", b"CREATE TABLE \xff\xfe\xff\xffkpoints"))
    assert salvaged_notes(house.path) == ()
