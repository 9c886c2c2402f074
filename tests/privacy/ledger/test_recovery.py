"""A ledger that was lost, damaged, restored or forked goes on from what its witness has, and nothing is hidden by it.

What becomes of the old file, and of other processes at it: `test_replacing`.
"""

import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from privacy.budget.amounts import Spend, total
from privacy.budget.twelve_months import spent_between
from privacy.ledger import recovery
from privacy.ledger.contents import release_digest
from privacy.ledger.errors import ClockWentBack, DamagedLedger
from privacy.ledger.leaves import KeyAdopted, Recovered, Spent, parse, serialise
from privacy.ledger.outbox import NotWitnessed, ReleaseLost, ready
from privacy.ledger.recovery import (
    Recovery,
    Replica,
    TakenOver,
    TooMuchGivenUp,
    TwoHistories,
    read_replica,
    salvaged_notes,
)
from privacy.ledger.store import Ledger
from tests.privacy.ledger.examples import ENVELOPE, ORIGIN, START, policy, spent
from tests.privacy.ledger.houses import (
    ASIDE,
    LATER,
    SECOND,
    THIRD,
    Witnessed,
    forked,
    goes_on,
    rolled_back,
    witnessed,
)
from tests.privacy.ledger.witnessed import (
    NEW_LOG_KEY,
    cosigned,
    create,
    create_unwitnessed,
    keep,
    new_key,
    replica,
    signed,
    witness,
    write,
)


@pytest.fixture
def house(tmp_path: Path) -> Witnessed:
    return witnessed(tmp_path / "ledger.sqlite")


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
