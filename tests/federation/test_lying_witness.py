"""A coordinator that lies as witness: the node books nothing, or sends nothing, says why, and loses nothing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coordinator.errors import WitnessBusy
from coordinator.service.one_each import OneEach
from node.network.recovery import recover_ledger
from node.wire import patience
from node.wire.federation import connected
from privacy.errors import KudosError
from privacy.ledger.checkpoint import Checkpoint, cosign, parse_text, sign_checkpoint
from privacy.ledger.leaves import KeyAdopted, leaf_hash, serialise
from privacy.ledger.note import Note, parse
from privacy.ledger.store import Ledger
from privacy.ledger.tree import root
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import load_signing_key
from tests.federation.house import MEMBERS, Federation, agree_by_itself, now, spent
from tests.federation.liar import Stage, lying

WHO = MEMBERS[3]
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    federation = joined.copied(tmp_path / "federation")
    agree_by_itself(federation.home(WHO))
    with lying(federation) as found:
        assert found.turn(WHO).faults == []  # its first entries are cosigned
        found.open_round("round")
        found.heard.clear()
        yield found


def _note(stage: Stage, origin: str | None = None, size: int | None = None, tree: bytes | None = None) -> bytes:
    """A checkpoint of the node's ledger but for what is changed, signed and cosigned by the true keys."""
    home = stage.federation.home(WHO)
    with Ledger.open(home.ledger_file) as ledger:
        true = ledger.contents().checkpoint
    changed = Checkpoint(origin or true.origin, size or true.size, tree or true.root)
    signed = sign_checkpoint(changed, load_signing_key(home.signing_key_file))
    return cosign(signed, stage.office.witness_name, stage.office.witness_key, now())


def _head(stage: Stage, note: bytes) -> None:
    def lie(answer: Any) -> Any:
        answer.note = note
        return answer

    stage.lies["GetLedgerHead"] = lie


def _reasons(stage: Stage) -> set[str]:
    return {fault.reason for fault in stage.turn(WHO).faults}


def _nothing_booked(stage: Stage, reason: str) -> None:
    assert _reasons(stage) == {reason}
    assert spent(stage.federation.home(WHO)) == []
    assert "Submit" not in stage.heard
    assert "WitnessLedger" not in stage.heard


def test_an_honest_witness_lets_the_release_go(stage: Stage) -> None:
    """The other half of the tests below: they fail for the lie and for nothing else."""
    assert stage.turn(WHO).did == ["round round: the release was sent"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"origin": "npu.example/ledger/another"}, "COORDINATOR_CONTRADICTS"),
        ({"size": 99}, "LEDGER_BEHIND"),
        ({"tree": b"r" * 32}, "LEDGER_FORKED"),
    ],
)
def test_a_head_that_is_not_of_this_ledger_stops_everything(stage: Stage, change: dict[str, Any], reason: str) -> None:
    _head(stage, _note(stage, **change))
    _nothing_booked(stage, reason)


@pytest.mark.parametrize("note", [b"no note", b"a\nb\n\n", bytes(70_000)])
def test_a_head_that_is_no_note_stops_everything(stage: Stage, note: bytes) -> None:
    _head(stage, note)
    _nothing_booked(stage, "COORDINATOR_CONTRADICTS")


@pytest.mark.parametrize("minutes", [-60, 60])
def test_nothing_is_booked_by_a_clock_that_differs(stage: Stage, minutes: int) -> None:
    def lie(answer: Any) -> Any:
        answer.time_s += 60 * minutes
        return answer

    stage.lies["Hello"] = lie
    assert "CLOCK_APART" in _reasons(stage)
    assert spent(stage.federation.home(WHO)) == []
    assert "Submit" not in stage.heard


def _uncosigned(note: bytes) -> bytes:
    read = parse(note)
    return bytes(Note(read.text, read.signatures[:1]))


def _by_a_stranger(note: bytes) -> bytes:
    return cosign(_uncosigned(note), "npu.example/witness", STRANGER, now())


def _of_less(note: bytes) -> bytes:
    return note.replace(f"\n{parse_text(parse(note).text).size}\n".encode(), b"\n1\n")


@pytest.mark.parametrize("change", [_uncosigned, _by_a_stranger, _of_less, lambda _note: b""])
def test_bytes_stay_until_a_true_cosignature_covers_them(stage: Stage, change: Any) -> None:
    home = stage.federation.home(WHO)

    def lie(answer: Any) -> Any:
        answer.note = change(answer.note)
        return answer

    stage.lies["WitnessLedger"] = lie
    assert _reasons(stage) == {"COORDINATOR_CONTRADICTS"}
    assert "Submit" not in stage.heard
    paid = spent(home)
    assert len(paid) == 1

    stage.lies.clear()
    assert stage.turn(WHO).did == ["round round: the release was sent"]
    assert spent(home) == paid


def _busy(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Has the witness turn the node away, so many times, as where it works at another request of it."""
    left, of = [None] * times, OneEach.of

    def turned_away(each: OneEach, member: str) -> AbstractContextManager[None]:
        if left:
            left.pop()
            raise WitnessBusy("Later.")
        return of(each, member)

    monkeypatch.setattr(patience, "LONGEST_PAUSE_S", 0.01)
    monkeypatch.setattr(OneEach, "of", turned_away)


def test_a_witness_that_is_busy_is_asked_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _busy(monkeypatch, patience.TRIES - 1)
    assert stage.turn(WHO).did == ["round round: the release was sent"]


def test_what_a_busy_witness_has_not_cosigned_waits_for_another_turn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _busy(monkeypatch, patience.TRIES)
    assert _reasons(stage) == {"REFUSED_BY_COORDINATOR"}
    assert "Submit" not in stage.heard
    paid = spent(stage.federation.home(WHO))
    assert len(paid) == 1
    assert stage.turn(WHO).did == ["round round: the release was sent"]
    assert spent(stage.federation.home(WHO)) == paid


def test_an_older_checkpoint_is_not_asked_for_without_end(stage: Stage) -> None:
    old = _note(stage)
    _head(stage, old)

    def lie(answer: Any) -> Any:
        answer.note = old
        return answer

    stage.lies["WitnessLedger"] = lie
    assert _reasons(stage) == {"COORDINATOR_CONTRADICTS"}
    assert "Submit" not in stage.heard


def test_a_history_under_a_key_of_its_own_is_not_recovered(stage: Stage) -> None:
    """The coordinator goes on with the node's own leaves, names a key of its own, and shows the node a fork."""
    home = stage.federation.home(WHO)
    before = home.ledger_file.read_bytes()
    with Ledger.open(home.ledger_file) as ledger:
        contents = ledger.contents()
    taken = KeyAdopted(seq=2, time=contents.entries[1].time, public_key=public_key_text(STRANGER.public_key()))
    leaves = [*(serialise(entry) for entry in contents.entries[:2]), serialise(taken)]
    forged = Checkpoint(contents.opened.origin, 3, root([leaf_hash(leaf) for leaf in leaves]))
    note = cosign(sign_checkpoint(forged, STRANGER), stage.office.witness_name, stage.office.witness_key, now())
    _head(stage, note)

    def lie(answers: list[Any]) -> list[Any]:
        del answers[1:]
        answers[0].leaves[:] = leaves
        answers[0].notes[:] = [note]
        return answers

    stage.lies["GetOwnLedger"] = lie
    with connected(home) as coordinator, pytest.raises(KudosError) as refused:
        recover_ledger(home, coordinator, contents.opened.origin)
    assert refused.value.reason in ("LEDGER_TAKEN_OVER", "LEDGER_TWO_HISTORIES")
    assert home.ledger_file.read_bytes() == before


def test_a_head_that_is_hidden_is_not_filled_without_end(stage: Stage) -> None:
    """Every answer to WitnessLedger is true; only what the witness says that it has stays empty."""
    _head(stage, b"")
    found = _reasons(stage)
    assert found
    assert found <= {"COORDINATOR_CONTRADICTS", "REFUSED_BY_COORDINATOR"}
    assert "Submit" not in stage.heard
