"""The witness: what it cosigns, every refusal, the same answer to the same question, the store before the answer."""

import base64
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, update

from coordinator.authority.peer import Role
from coordinator.errors import (
    BadCheckpoint,
    BadLeaf,
    ClockApart,
    LedgerFork,
    LedgerFull,
    LedgerGap,
    LedgerMismatch,
    LedgerRollback,
    RefusedCall,
    RoleNotAllowed,
    StoreUnusable,
    TooLarge,
    WrongKey,
    WrongLedger,
)
from coordinator.ledgers import replica, witness
from coordinator.members import members
from coordinator.members.callers import Caller
from coordinator.members.enrol import enrol
from coordinator.office import Office
from coordinator.store.engine import open_store
from coordinator.store.tables import ledger_leaves
from privacy.ledger.checkpoint import cosign, verify_checkpoint
from privacy.ledger.contents import checked_entries
from privacy.ledger.leaves import KeyAdopted, Opened, leaf_hash
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.tree import root
from tests.coordinator.house import (
    NOW,
    Joined,
    Keys,
    a_message,
    a_round,
    an_office,
    caller_for,
    contents,
    joined,
    signed,
    token_of,
)
from tests.coordinator.ledger import FakeLedger, Request, a_ledger, send, text
from tests.coordinator.store.at_once import at_once

LATER = NOW + timedelta(days=1)


def verified(office: Office, ledger: FakeLedger, note: bytes) -> tuple[int, bytes, object]:
    """Size, root and time of a note that both have signed, by the verifier keys alone."""
    found = verify_checkpoint(
        note,
        origin=ledger.origin,
        log_key=Verifier.of(ledger.origin, Algorithm.ED25519, ledger.key),
        witnesses=(Verifier.parse(office.witness),),
        quorum=1,
    )
    return found.checkpoint.size, found.checkpoint.root, found.cosigned["npu.example/witness"]


def kept(office: Office, member: str) -> tuple[list[bytes], list[tuple[int, bytes]]]:
    """The leaves and the notes of a member's ledger as the witness has them."""
    head = replica.newest(office.store, member)
    size = 0 if head is None else head.size
    return list(replica.leaves(office.store, member, size)), list(replica.notes(office.store, member, size))


def test_it_keeps_what_it_cosigns_and_cosigns_what_extends_it(office: Office) -> None:
    museum = joined(office, "museum")
    assert replica.newest(office.store, "museum") is None
    ledger = a_ledger(office, museum)
    first = ledger.request(0).send(office, museum.caller)
    assert verified(office, ledger, first) == (2, root(ledger.hashes()), NOW)
    ledger.spend(signed(museum, a_message(museum)), LATER).grow(3, LATER)
    second = ledger.request(2).send(office, museum.caller, LATER)
    assert verified(office, ledger, second) == (6, root(ledger.hashes()), LATER)
    assert kept(office, "museum") == (ledger.leaves, [(2, first), (6, second)])
    head = replica.newest(office.store, "museum")
    assert head is not None
    assert (head.size, head.checkpoint.root, head.time, head.note) == (6, root(ledger.hashes()), LATER, second)


def test_members_ledgers_do_not_touch_each_other(office: Office) -> None:
    one, two = joined(office, "one"), joined(office, "two")
    mine, other = a_ledger(office, one), a_ledger(office, two).grow(4)
    mine.request(0).send(office, one.caller)
    other.request(0).send(office, two.caller)
    assert kept(office, "one")[0] == mine.leaves
    assert kept(office, "two")[0] == other.leaves


def test_the_same_again_gets_the_same_bytes_whatever_the_clock_says(office: Office) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum)
    request = ledger.request(0)
    note = request.send(office, museum.caller)
    before = contents(office.store)
    assert request.send(office, museum.caller, LATER) == note
    assert ledger.request(2).send(office, museum.caller, LATER) == note  # a node that has its answer, and asks again
    assert contents(office.store) == before


def test_a_ledger_that_stood_alone_before_it_joined_goes_on_under_its_own_name(office: Office) -> None:
    keys = Keys()
    handed = members.invite(office, members.Institution("museum", "Museum", "museum", "46"), NOW)
    csr = keys.csr()
    found = enrol(office, token_of(handed), csr, keys.enrolling(csr), "standalone/ledger/museum-1a", NOW)
    museum = Joined("museum", keys, found, caller_for(office, found.certificate))
    ledger = a_ledger(office, museum)
    assert ledger.origin == "standalone/ledger/museum-1a"
    assert verified(office, ledger, ledger.request(0).send(office, museum.caller))[0] == 2


Made = Callable[[Office, Joined, FakeLedger], Request]
"""A bad request of a member whose ledger has 6 entries, of which the witness has cosigned 4."""


def _flipped(leaf: bytes) -> bytes:
    """A leaf that reads, and says something else: another version of the software, or another key."""
    old = b'"public_key":"'
    at = leaf.index(old) + len(old)
    return leaf[:at] + (b"0" if leaf[at : at + 1] != b"0" else b"1") + leaf[at + 1 :]


def _forked(ledger: FakeLedger, at: int) -> FakeLedger:
    """Another ledger with the same first entries, of the same length."""
    other = FakeLedger(ledger.origin, ledger.key, ledger.leaves[:at])
    for seq in range(at, len(ledger.leaves)):
        other.append(KeyAdopted(seq=seq, time=NOW + timedelta(seconds=1), public_key=text(ledger.key)))
    return other


def _with(ledger: FakeLedger, *entries: object) -> Request:
    """The four entries that are cosigned and then others, signed as they stand."""
    other = FakeLedger(ledger.origin, ledger.key, ledger.leaves[:4])
    for entry in entries:
        if isinstance(entry, bytes):
            other.leaves.append(entry)
        else:
            other.append(entry)  # type: ignore[arg-type]
    return other.request(4)


def _key(seq: int, ledger: FakeLedger, **changes: object) -> KeyAdopted:
    fields = {"seq": seq, "time": NOW, "public_key": text(ledger.key)} | changes
    return KeyAdopted(**fields)  # type: ignore[arg-type]


OTHER = Ed25519PrivateKey.generate()
BAD: dict[str, tuple[type[RefusedCall], Made]] = {
    "rollback": (LedgerRollback, lambda _o, _m, ledger: ledger.request(0, 3)),
    "rollback to nothing": (BadCheckpoint, lambda _o, _m, ledger: ledger.request(0, 0)),
    "fork of the same size": (LedgerFork, lambda _o, _m, ledger: _forked(ledger, 2).request(0, 4)),
    "fork of a smaller size": (LedgerFork, lambda _o, _m, ledger: _forked(ledger, 2).request(0, 3)),
    "fork that grows": (LedgerFork, lambda _o, _m, ledger: _forked(ledger, 2).request(4)),
    "fork with the honest proof": (
        LedgerFork,
        lambda _o, _m, ledger: replace(_forked(ledger, 2).request(4), consistency=ledger.request(4).consistency),
    ),
    "ledger begun anew": (
        LedgerFork,
        lambda office, museum, _l: a_ledger(office, museum, NOW + timedelta(seconds=5)).grow(9).request(4),
    ),
    "from an older size": (LedgerMismatch, lambda _o, _m, ledger: ledger.request(2)),
    "from nothing": (LedgerMismatch, lambda _o, _m, ledger: ledger.request(0)),
    "from a later size": (LedgerMismatch, lambda _o, _m, ledger: ledger.request(5)),
    "from a negative size": (LedgerMismatch, lambda _o, _m, ledger: replace(ledger.request(4), old_size=-1)),
    "gap": (LedgerGap, lambda _o, _m, ledger: replace(ledger.request(4), leaves=ledger.leaves[5:])),
    "a leaf too many": (
        LedgerGap,
        lambda _o, _m, ledger: replace(ledger.request(4), leaves=[*ledger.leaves[4:], ledger.leaves[5]]),
    ),
    "no leaves": (LedgerGap, lambda _o, _m, ledger: replace(ledger.request(4), leaves=[])),
    "gap in the tree too": (LedgerGap, lambda _o, _m, ledger: _with(ledger, _key(5, ledger))),
    "reordered": (LedgerGap, lambda _o, _m, ledger: replace(ledger.request(4), leaves=ledger.leaves[:3:-1])),
    "reordered in the tree too": (
        LedgerGap,
        lambda _o, _m, ledger: _with(ledger, ledger.leaves[5], ledger.leaves[4]),
    ),
    "an entry twice": (LedgerGap, lambda _o, _m, ledger: _with(ledger, ledger.leaves[4], ledger.leaves[4])),
    "altered leaf": (
        BadLeaf,
        lambda _o, _m, ledger: replace(ledger.request(4), leaves=[_flipped(ledger.leaves[4]), ledger.leaves[5]]),
    ),
    "no entry": (BadLeaf, lambda _o, _m, ledger: _with(ledger, b'{"seq":4}')),
    "not canonical": (BadLeaf, lambda _o, _m, ledger: _with(ledger, ledger.leaves[4].replace(b":", b": ", 1))),
    "empty leaf": (BadLeaf, lambda _o, _m, ledger: _with(ledger, b"")),
    "time that goes back": (
        BadLeaf,
        lambda _o, _m, ledger: _with(ledger, _key(4, ledger, time=NOW - timedelta(seconds=1))),
    ),
    "opened twice": (
        BadLeaf,
        lambda _o, _m, ledger: _with(
            ledger, Opened(seq=4, time=NOW, origin=ledger.origin, public_key=text(ledger.key), version="1")
        ),
    ),
    "from the future": (
        ClockApart,
        lambda _o, _m, ledger: _with(ledger, _key(4, ledger, time=NOW + timedelta(minutes=10, seconds=1))),
    ),
    "a key that was not enrolled": (
        WrongKey,
        lambda _o, _m, ledger: _with(ledger, _key(4, ledger, public_key=text(OTHER))),
    ),
    "signed by another key": (
        WrongKey,
        lambda _o, _m, ledger: replace(ledger.request(4), note=ledger.checkpoint(key=OTHER)),
    ),
    "another's origin": (
        WrongLedger,
        lambda _o, _m, ledger: replace(ledger, origin="npu.example/ledger/other").request(4),
    ),
    "no note": (BadCheckpoint, lambda _o, _m, ledger: replace(ledger.request(4), note=b"")),
    "noise": (BadCheckpoint, lambda _o, _m, ledger: replace(ledger.request(4), note=bytes(range(256)))),
    "a note cut off": (BadCheckpoint, lambda _o, _m, ledger: replace(ledger.request(4), note=ledger.checkpoint()[:-9])),
    "another base64": (
        BadCheckpoint,
        lambda _o, _m, ledger: replace(ledger.request(4), note=ledger.checkpoint()[:-1] + b"=\n"),
    ),
    "the signature of another size": (
        BadCheckpoint,
        lambda _o, _m, ledger: replace(ledger.request(4), note=ledger.checkpoint().replace(b"\n6\n", b"\n7\n")),
    ),
    "the signature of another root": (
        BadCheckpoint,
        lambda _o, _m, ledger: replace(
            ledger.request(4),
            note=ledger.checkpoint().replace(base64.b64encode(root(ledger.hashes())), base64.b64encode(bytes(32))),
        ),
    ),
    "an extension line": (
        BadCheckpoint,
        lambda _o, _m, ledger: replace(ledger.request(4), note=ledger.checkpoint().replace(b"\n\n", b"\nmore\n\n")),
    ),
    "cosigned already": (
        BadCheckpoint,
        lambda office, _m, ledger: replace(
            ledger.request(4), note=cosign(ledger.checkpoint(), office.witness_name, office.witness_key, NOW)
        ),
    ),
    "a wrong proof": (BadCheckpoint, lambda _o, _m, ledger: replace(ledger.request(4), consistency=[bytes(32)] * 2)),
    "no proof": (BadCheckpoint, lambda _o, _m, ledger: replace(ledger.request(4), consistency=[])),
    "a proof of short hashes": (BadCheckpoint, lambda _o, _m, ledger: replace(ledger.request(4), consistency=[b"x"])),
    "a proof without end": (
        TooLarge,
        lambda _o, _m, ledger: replace(ledger.request(4), consistency=[b""] * (witness.MOST_HASHES + 1)),
    ),
    "too many leaves": (
        TooLarge,
        lambda _o, _m, ledger: replace(ledger.request(4), leaves=[b""] * (witness.MOST_LEAVES + 1)),
    ),
    "too many bytes": (TooLarge, lambda _o, _m, ledger: replace(ledger.request(4), leaves=[bytes(1 << 20)] * 3)),
    "a long note": (
        TooLarge,
        lambda _o, _m, ledger: replace(ledger.request(4), note=bytes(witness.LARGEST_REQUEST + 1)),
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_refusal_has_its_reason_and_changes_nothing(office: Office, what: str) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum).grow(4)
    ledger.request(0, 4).send(office, museum.caller)
    before = contents(office.store)
    expected, make = BAD[what]
    with pytest.raises(expected) as caught:
        make(office, museum, ledger).send(office, museum.caller)
    assert type(caught.value) is expected
    assert str(caught.value).endswith(".")
    assert contents(office.store) == before
    assert verified(office, ledger, ledger.request(4).send(office, museum.caller))[0] == 6  # the honest one still is


def test_a_mismatch_says_what_the_witness_has(office: Office) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum).grow(4)
    ledger.request(0, 5).send(office, museum.caller)
    with pytest.raises(LedgerMismatch, match="The witness has 5 entries"):
        ledger.request(2).send(office, museum.caller)
    with pytest.raises(LedgerRollback, match="The witness has 5 entries"):
        ledger.request(0, 2).send(office, museum.caller)


def test_a_first_entry_of_another_ledger_is_refused(office: Office) -> None:
    museum = joined(office, "museum")
    ledger = FakeLedger("npu.example/ledger/other", museum.keys.signing).begin(office.witness)
    ledger.origin = museum.enrolled.ledger
    with pytest.raises(WrongLedger):
        ledger.request(0).send(office, museum.caller)
    assert kept(office, "museum") == ([], [])


def test_clocks_may_differ_by_ten_minutes(office: Office) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum, NOW + timedelta(minutes=10))
    note = ledger.request(0).send(office, museum.caller)
    assert verified(office, ledger, note)[2] == NOW


def test_the_time_of_a_cosignature_never_goes_back(office: Office) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum)
    ledger.request(0).send(office, museum.caller, LATER)
    ledger.grow(1)
    note = ledger.request(2).send(office, museum.caller, NOW)
    assert verified(office, ledger, note)[2] == LATER


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.VIEWER, Role.OPERATOR])
def test_only_a_member_has_a_ledger(office: Office, role: Role) -> None:
    museum = joined(office, "museum")
    other = Caller(**{**vars(museum.caller), "role": role})
    with pytest.raises(RoleNotAllowed):
        a_ledger(office, museum).request(0).send(office, other)


def test_a_member_with_a_new_key_says_so_in_its_ledger(office: Office) -> None:
    museum, new = joined(office, "museum"), Keys()
    ledger = a_ledger(office, museum)
    ledger.request(0).send(office, museum.caller)
    handed = members.invite_again(office, "museum", NOW)
    csr = new.csr()
    enrolled = enrol(office, token_of(handed), csr, new.enrolling(csr), "", NOW)
    caller = caller_for(office, enrolled.certificate)
    ledger.grow(1)
    with pytest.raises(WrongKey, match="enrolled"):  # the old key signs on
        ledger.request(2).send(office, caller)
    moved = FakeLedger(ledger.origin, new.signing, ledger.leaves[:])
    with pytest.raises(WrongKey, match="says so in its ledger first"):
        moved.request(2).send(office, caller)
    moved.grow(1)
    assert verified(office, moved, moved.request(2).send(office, caller))[0] == 4


def test_a_member_that_lost_its_folder_goes_on_from_the_witness(office: Office) -> None:
    museum, new = joined(office, "museum"), Keys()
    send(office, museum, a_round(office).id, signed(museum, a_message(museum)))
    handed = members.invite_again(office, "museum", NOW)
    csr = new.csr()
    enrolled = enrol(office, token_of(handed), csr, new.enrolling(csr), "", NOW)
    assert enrolled.ledger == museum.enrolled.ledger
    leaves, notes = kept(office, "museum")
    assert checked_entries((seq, leaf, leaf_hash(leaf)) for seq, leaf in enumerate(leaves))[0][2].type == "spend"
    assert len(notes) == 1


def test_what_it_has_must_be_what_it_cosigned(office: Office) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum)
    ledger.request(0).send(office, museum.caller)
    with office.store.transaction() as connection:
        connection.execute(
            update(ledger_leaves).where(ledger_leaves.c.seq == 0).values(leaf=_flipped(ledger.leaves[0]))
        )
    ledger.grow(1)
    with pytest.raises(StoreUnusable):
        ledger.request(2).send(office, museum.caller)


@pytest.mark.parametrize("table", ["ledger_leaves", "ledger_checkpoints", "events"])
def test_where_the_store_fails_there_is_no_cosignature_and_nothing_half_kept(office: Office, table: str) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum)

    def fail(_connection: object, _cursor: object, said: str, *_: object) -> None:
        if said.startswith(f"INSERT INTO {table} "):
            raise OSError("the disk is full")

    before = contents(office.store)
    event.listen(office.store.engine, "after_cursor_execute", fail)
    with pytest.raises(OSError, match="full"):
        ledger.request(0).send(office, museum.caller)
    event.remove(office.store.engine, "after_cursor_execute", fail)
    assert contents(office.store) == before
    ledger.request(0).send(office, museum.caller)


def test_the_note_is_in_the_store_before_anybody_has_it(office: Office) -> None:
    """Another process sees it as soon as the call is over, and none while its transaction is open."""
    museum = joined(office, "museum")
    other = open_store(office.home.store_url())
    seen: list[object] = []
    event.listen(office.store.engine, "commit", lambda _: seen.append(replica.newest(other, "museum")))
    note = a_ledger(office, museum).request(0).send(office, museum.caller)
    head = replica.newest(other, "museum")
    assert seen == [None]
    assert head is not None
    assert head.note == note


def test_of_two_ways_to_go_on_at_once_one_is_cosigned(office: Office) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum)
    ledger.request(0).send(office, museum.caller)
    ways = [FakeLedger(ledger.origin, ledger.key, ledger.leaves[:]).grow(number) for number in (1, 2, 3, 4)]
    ways.append(_forked(ways[-1], 2))
    meet = threading.Barrier(len(ways))
    ended: list[object] = []

    def ask(way: FakeLedger) -> None:
        request = way.request(2)
        meet.wait()
        try:
            ended.append(request.send(office, museum.caller, LATER))
        except RefusedCall as error:
            ended.append(error.reason)

    threads = [threading.Thread(target=ask, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes = [each for each in ended if isinstance(each, bytes)]
    assert len(notes) == 1
    assert {each for each in ended if isinstance(each, str)} <= {"LEDGER_MISMATCH", "LEDGER_ROLLBACK", "LEDGER_FORK"}
    assert [note for _, note in kept(office, "museum")[1]][1:] == notes


def test_what_was_cosigned_while_a_request_was_checked_decides_what_it_gets(office: Office) -> None:
    """The same request twice gets one note; another way to go on is told that it comes too late."""
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum)
    ledger.request(0).send(office, museum.caller)
    ways = [FakeLedger(ledger.origin, ledger.key, ledger.leaves[:]).grow(number) for number in (1, 1, 2)]

    def asking(way: FakeLedger) -> Callable[[], bytes | str]:
        def ask() -> bytes | str:
            try:
                return way.request(2).send(office, museum.caller)
            except RefusedCall as error:
                return error.reason

        return ask

    found, _ = at_once(office, [asking(way) for way in ways])
    head = replica.newest(office.store, "museum")
    assert head is not None
    if head.size == 3:  # whichever came first
        assert found == [head.note, head.note, "LEDGER_MISMATCH"]
    else:
        assert found == ["LEDGER_MISMATCH", "LEDGER_MISMATCH", head.note]
    assert kept(office, "museum")[0] == ways[0 if head.size == 3 else 2].leaves


def looks_at_leaves(office: Office) -> list[str]:
    """Grows by a statement for each time that leaves are read."""
    found: list[str] = []

    def looked(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT") and "FROM ledger_leaves" in statement:
            found.append(statement)

    event.listen(office.store.engine, "before_cursor_execute", looked)
    return found


CHEAP = (
    "from an older size",
    "gap",
    "a leaf too many",
    "no leaves",
    "no proof",
    "a proof of short hashes",
    "a proof without end",
    "too many leaves",
    "too many bytes",
    "signed by another key",
    "another's origin",
    "noise",
)


@pytest.mark.parametrize("what", CHEAP)
def test_what_is_seen_to_be_wrong_is_refused_before_the_ledger_is_read(office: Office, what: str) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum).grow(4)
    ledger.request(0, 4).send(office, museum.caller)
    looks = looks_at_leaves(office)
    expected, make = BAD[what]
    with pytest.raises(expected):
        make(office, museum, ledger).send(office, museum.caller)
    assert not looks
    ledger.request(4).send(office, museum.caller)
    assert len(looks) == 1


def test_a_ledger_with_too_many_entries_is_not_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum)
    ledger.request(0).send(office, museum.caller)
    monkeypatch.setattr(witness, "MOST_ENTRIES", 2)
    looks = looks_at_leaves(office)
    with pytest.raises(LedgerFull):
        ledger.grow(1).request(2).send(office, museum.caller)
    assert not looks


def test_a_proof_with_a_ledgers_first_entries_is_refused(office: Office) -> None:
    museum = joined(office, "museum")
    first = a_ledger(office, museum).request(0)
    with pytest.raises(BadCheckpoint, match="proof"):
        replace(first, consistency=[bytes(32)]).send(office, museum.caller)


def test_a_ledger_is_read_in_pieces_so_that_nobody_waits_for_all_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody commits while somebody reads."""
    monkeypatch.setattr(replica, "PIECE", 7)
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum).grow(28)
    ledger.request(0).send(office, museum.caller)
    looks = looks_at_leaves(office)
    with pytest.raises(LedgerRollback):
        ledger.request(0, 20).send(office, museum.caller)
    assert len(looks) == 3
    ledger.grow(1).request(30).send(office, museum.caller)
    assert len(looks) == 3 + 5


def test_long_ledgers_go_and_come_in_pieces(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "PIECE", 7)
    museum = joined(office, "museum")
    ledger = a_ledger(office, museum).grow(29)
    sizes = list(range(2, 32, 2))
    for old, size in zip([0, *sizes], sizes, strict=False):
        ledger.request(old, size).send(office, museum.caller)
    leaves, notes = kept(office, "museum")
    assert leaves == ledger.leaves[:30]
    assert [size for size, _ in notes] == sizes
    assert list(replica.leaves(office.store, "museum", 11)) == ledger.leaves[:11]
    assert [size for size, _ in replica.notes(office.store, "museum", 11)] == [2, 4, 6, 8, 10]


@settings(max_examples=25)
@given(st.data())
def test_whatever_is_asked_the_notes_are_of_one_ledger(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Two copies of a ledger that part somewhere, asked in any order: every note that was given covers what is kept."""
    with an_office(tmp_path_factory.mktemp("any")) as office:
        museum = joined(office, "museum")
        one = a_ledger(office, museum).grow(5)
        copies = (one, _forked(one, data.draw(st.integers(2, 7), label="parting")))
        given_out: list[bytes] = []
        for _ in range(6):
            copy = data.draw(st.sampled_from(copies))
            size = data.draw(st.integers(1, len(copy.leaves)))
            request = copy.request(data.draw(st.integers(0, size)), size)
            try:
                given_out.append(request.send(office, museum.caller))
            except RefusedCall:
                continue
        leaves, notes = kept(office, "museum")
        assert {note for _, note in notes} == set(given_out)
        for note in given_out:
            size, found, _ = verified(office, one, note)
            assert found == root([leaf_hash(leaf) for leaf in leaves[:size]])
