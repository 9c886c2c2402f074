"""Releases that no round takes: each is refused by name, changes no row, and leaves the coordinator alive."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import grpc
import pytest

from coordinator.authority.peer import Role
from coordinator.rounds.rounds import abort, close, open_round
from privacy.signing.envelope import RELEASE, sign
from protos.kudos.v1.envelope_pb2 import Envelope
from protos.kudos.v1.federation_pb2 import DeclineRequest
from protos.kudos.v1.release_pb2 import Release
from tests.coordinator.house import BENCHMARK, STUDY, WINDOW, WINDOW_LAST
from tests.federation.house import Serving, made, now
from tests.federation.peers import Peer, Scene, book, member, other

OPEN, EARLIER, CLOSED, ABORTED = "open", "earlier", "closed", "aborted"
_NAN = struct.unpack("<q", struct.pack("<d", float("nan")))[0]
_CELLS = 9  # the number of the field in release.proto


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Three members and an auditor, a member that came too late, and rounds in every state."""
    coordinator = made(tmp_path_factory.mktemp("bad") / "coordinator")
    end = now() + timedelta(days=1)
    with Serving(coordinator), coordinator.office() as office:
        peers = [member(office, name) for name in ("alfa", "beta", "gamma")]
        for name, last in ((CLOSED, date(2025, 6, 30)), (ABORTED, date(2025, 7, 31)), (OPEN, WINDOW_LAST)):
            open_round(office, BENCHMARK, last, end, now(), 1, name)
        open_round(office, BENCHMARK, date(2025, 11, 30), end, now(), 1, EARLIER)
        abort(office.store, ABORTED, "A test.", now())
        close(office.store, CLOSED, end)
        peers += [member(office, "late"), other(office, Role.AUDITOR, "kari"), other(office, Role.VIEWER, "siri")]
        yield Scene(coordinator, {peer.id: peer for peer in peers})


def _message(peer: Peer) -> Release:
    return Release(
        ledger=peer.ledger,
        entry=2,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        layout_digest=STUDY.layout_digest,
        window_first=WINDOW.first.isoformat(),
        window_last=WINDOW.last.isoformat(),
        cells=[100] * STUDY.cells,
    )


def _written(message: Release) -> bytes:
    return message.SerializeToString(deterministic=True)


def _release(peer: Peer, change: Callable[[Release], object] = lambda _message: None) -> bytes:
    message = _message(peer)
    change(message)
    return sign(RELEASE, _written(message), peer.keys.signing)


def _signed(payload: Callable[[bytes], bytes]) -> Callable[[Peer], bytes]:
    return lambda peer: sign(RELEASE, payload(_written(_message(peer))), peer.keys.signing)


def _changed(change: Callable[[Release], object]) -> Callable[[Peer], bytes]:
    return lambda peer: _release(peer, change)


def _cell(value: int, at: int = 0) -> Callable[[Peer], bytes]:
    def change(message: Release) -> None:
        message.cells[at] = value

    return _changed(change)


def _as_varints(payload: bytes) -> bytes:
    """The cells as varints, of the wire type that the field does not have."""
    release = Release.FromString(payload)
    del release.cells[:]
    return _written(release) + bytes([_CELLS << 3 | 0, 100]) * STUDY.cells


_BYTES: dict[str, Callable[[Peer], bytes]] = {
    "nothing": lambda _peer: b"",
    "text": lambda _peer: b'{"cells": [NaN]}',
    "random": lambda _peer: bytes(range(256)),
    "cut off": lambda peer: _release(peer)[:-10],
    "cut off in the middle": lambda peer: _release(peer)[:700],
    "an unknown field": lambda peer: _release(peer) + b"\x7a\x01x",
    "a field twice": lambda peer: _release(peer) + b"\x0a" + bytes([len(RELEASE)]) + RELEASE.encode(),
    "another wire type": lambda peer: b"\x08\x05" + _release(peer),
    "a flipped bit": lambda peer: _flipped(_release(peer)),
    "no signature": lambda peer: _unsigned(_release(peer)),
    "another payload type": lambda peer: sign(
        "application/vnd.kudos.v1.round", _written(_message(peer)), peer.keys.signing
    ),
    "signed bytes that are no release": _signed(lambda _payload: b"\xff\xff\xff"),
    "a signed release that is cut off": _signed(lambda payload: payload[:-5]),
    "a signed unknown field": _signed(lambda payload: payload + b"\x7a\x01x"),
    "signed cells of another wire type": _signed(_as_varints),
    "a signed field twice": _signed(lambda payload: payload + b"\x12\x00"),
    "an entry beyond 2^53": _changed(lambda message: setattr(message, "entry", 2**63)),
    "an empty payload": _signed(lambda _payload: b""),
}


def _flipped(envelope: bytes) -> bytes:
    at = len(envelope) // 2
    return envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :]


def _unsigned(envelope: bytes) -> bytes:
    message = Envelope.FromString(envelope)
    message.signature = b""
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("what", [name for name in _BYTES if name != "an empty payload"])
def test_bytes_that_are_no_release(scene: Scene, what: str) -> None:
    scene.refuses(scene.submit("alfa", OPEN, _BYTES[what](scene.peers["alfa"])), "INVALID_ARGUMENT", "BAD_RELEASE")


_WRONG: dict[str, tuple[Callable[[Peer], bytes], str]] = {
    "an empty payload": (_BYTES["an empty payload"], "WRONG_LEDGER"),
    "another's ledger": (
        _changed(lambda message: setattr(message, "ledger", "npu.example/ledger/beta")),
        "WRONG_LEDGER",
    ),
    "no ledger": (_changed(lambda message: setattr(message, "ledger", "")), "WRONG_LEDGER"),
    "another digest": (_changed(lambda message: setattr(message, "study_digest", "sha256:" + "0" * 64)), "WRONG_STUDY"),
    "another study": (_changed(lambda message: setattr(message, "study", "other")), "WRONG_STUDY"),
    "another version": (_changed(lambda message: setattr(message, "study_version", 2)), "WRONG_STUDY"),
    "another layout": (
        _changed(lambda message: setattr(message, "layout_digest", "sha256:" + "0" * 64)),
        "WRONG_LAYOUT",
    ),
    "a cell less": (_changed(lambda message: message.cells.pop()), "WRONG_LAYOUT"),
    "a cell more": (_changed(lambda message: message.cells.append(1)), "WRONG_LAYOUT"),
    "no cells": (_changed(lambda message: message.ClearField("cells")), "WRONG_LAYOUT"),
    "another last day": (_changed(lambda message: setattr(message, "window_last", "2025-12-30")), "WRONG_WINDOW"),
    "another first day": (_changed(lambda message: setattr(message, "window_first", "2024-12-31")), "WRONG_WINDOW"),
    "no window": (_changed(lambda message: message.ClearField("window_first")), "WRONG_WINDOW"),
    "the largest integer": (_cell(2**63 - 1), "ABSURD_VALUE"),
    "the smallest integer": (_cell(-(2**63)), "ABSURD_VALUE"),
    "the bits of a NaN": (_cell(_NAN), "ABSURD_VALUE"),
    "a milliard customers": (_cell(10**9), "ABSURD_VALUE"),
    "customers far below zero": (_cell(-(10**6)), "ABSURD_VALUE"),
    "the last cell": (_cell(2**62, -1), "ABSURD_VALUE"),
}


@pytest.mark.parametrize("what", list(_WRONG))
def test_releases_of_something_else(scene: Scene, what: str) -> None:
    make, reason = _WRONG[what]
    scene.refuses(scene.submit("alfa", OPEN, make(scene.peers["alfa"])), "INVALID_ARGUMENT", reason)


def test_signed_by_another_member_in_the_callers_name(scene: Scene) -> None:
    alfa, beta = scene.peers["alfa"], scene.peers["beta"]
    forged = sign(RELEASE, _written(_message(alfa)), beta.keys.signing)
    scene.refuses(scene.submit("alfa", OPEN, forged), "INVALID_ARGUMENT", "BAD_RELEASE")


def test_the_key_id_of_one_member_over_the_signature_of_another(scene: Scene) -> None:
    alfa, beta = scene.peers["alfa"], scene.peers["beta"]
    message = Envelope.FromString(sign(RELEASE, _written(_message(alfa)), beta.keys.signing))
    message.key_id = Envelope.FromString(_release(alfa)).key_id
    forged = message.SerializeToString(deterministic=True)
    scene.refuses(scene.submit("alfa", OPEN, forged), "INVALID_ARGUMENT", "BAD_RELEASE")


def test_another_members_release_as_the_callers_own(scene: Scene) -> None:
    stolen = _release(scene.peers["beta"])
    scene.refuses(scene.submit("alfa", OPEN, stolen), "INVALID_ARGUMENT", "BAD_RELEASE")


def test_a_release_of_one_window_for_the_round_of_another(scene: Scene) -> None:
    old = _release(scene.peers["alfa"])
    scene.refuses(scene.submit("alfa", EARLIER, old), "INVALID_ARGUMENT", "WRONG_WINDOW")


@pytest.mark.parametrize("name", ["", "nothing", "../open", "o" * 100_000, "open\0", "' OR 1=1 --"])
def test_a_round_that_there_is_not(scene: Scene, name: str) -> None:
    release = _release(scene.peers["alfa"])
    sentence = scene.refuses(scene.submit("alfa", name, release), "NOT_FOUND", "UNKNOWN_ROUND")
    assert len(sentence) < 200


def test_a_member_that_the_round_does_not_ask(scene: Scene) -> None:
    scene.refuses(scene.submit("late", OPEN, _release(scene.peers["late"])), "PERMISSION_DENIED", "NOT_IN_ROSTER")
    scene.refuses(scene.call("late", "Decline", DeclineRequest(round=OPEN)), "PERMISSION_DENIED", "NOT_IN_ROSTER")


@pytest.mark.parametrize("name", [CLOSED, ABORTED])
def test_a_round_that_is_over(scene: Scene, name: str) -> None:
    release = _release(scene.peers["alfa"])
    scene.refuses(scene.submit("alfa", name, release), "FAILED_PRECONDITION", "ROUND_CLOSED")
    scene.refuses(scene.call("alfa", "Decline", DeclineRequest(round=name)), "FAILED_PRECONDITION", "ROUND_CLOSED")


@pytest.mark.parametrize("who", ["kari", "siri"])
def test_a_role_that_releases_nothing(scene: Scene, who: str) -> None:
    release = _release(replace(scene.peers[who], ledger=scene.peers["alfa"].ledger))
    scene.refuses(scene.submit(who, OPEN, release), "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")


def test_a_second_release_that_differs_and_the_same_one_again(scene: Scene) -> None:
    beta = scene.peers["beta"]
    first, second = _release(beta), _cell(101)(beta)
    with scene.coordinator.office() as office:
        book(office, beta, first)
    receipt = scene.submit("beta", OPEN, first)()
    scene.refuses(scene.submit("beta", OPEN, second), "ALREADY_EXISTS", "SUBMISSION_DIFFERS")
    before = scene.coordinator.rows()
    assert scene.submit("beta", OPEN, first)() == receipt
    assert scene.coordinator.rows() == before
    assert (OPEN, "beta") in [row[:2] for row in before["submissions"]]
    scene.refuses(scene.call("beta", "Decline", DeclineRequest(round=OPEN)), "FAILED_PRECONDITION", "STALE_STAGE")


def test_a_release_that_the_ledger_has_not_booked(scene: Scene) -> None:
    gamma = scene.peers["gamma"]
    first, second = _release(gamma), _cell(101)(gamma)
    sentence = scene.refuses(scene.submit("gamma", OPEN, first), "FAILED_PRECONDITION", "NOT_WITNESSED")
    assert "entry 2" in sentence
    with scene.coordinator.office() as office:
        book(office, gamma, first)
    scene.refuses(scene.submit("gamma", OPEN, second), "INVALID_ARGUMENT", "NOT_BOOKED")
    scene.submit("gamma", OPEN, first)()


@pytest.mark.parametrize("size", [8 * STUDY.cells + 4097, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_more_bytes_than_a_release_has(scene: Scene, size: int) -> None:
    scene.refuses(scene.submit("alfa", OPEN, bytes(size)), "RESOURCE_EXHAUSTED", "TOO_LARGE")


def test_more_bytes_than_a_message_has(scene: Scene) -> None:
    scene.cuts_off(scene.submit("alfa", OPEN, bytes(5 << 20)), grpc.StatusCode.RESOURCE_EXHAUSTED)
