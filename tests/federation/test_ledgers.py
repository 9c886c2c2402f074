"""Ledgers over the wire: what a member, or somebody in its place, asks the witness, and what auditors take along."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coordinator.authority.peer import Role
from coordinator.home import Home as OfficeHome
from coordinator.office import opened
from coordinator.rounds.rounds import open_round
from privacy.ledger.checkpoint import verify_checkpoint
from privacy.ledger.leaves import KeyAdopted, leaf_hash
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.tree import root
from privacy.signing.envelope import RELEASE, sign
from protos.kudos.v1 import ledger_pb2 as messages
from protos.kudos.v1.release_pb2 import Release
from tests.coordinator.house import BENCHMARK, STUDY, WINDOW, WINDOW_LAST
from tests.coordinator.ledger import FakeLedger, Request, text
from tests.federation import killed
from tests.federation.house import Coordinator, Serving, made, now
from tests.federation.peers import Peer, Scene, asked, book, ledger_of, ledger_stub, member, other

HEAD = messages.GetLedgerHeadRequest()
OWN = messages.GetOwnLedgerRequest()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Members and others before a server in a process of its own; alfa has a release in a round."""
    coordinator = made(tmp_path_factory.mktemp("ledgers") / "coordinator")
    with Serving(coordinator), coordinator.office() as office:
        peers = [member(office, name) for name in ("alfa", "beta", "gamma", "delta")]
        open_round(office, BENCHMARK, WINDOW_LAST, now() + timedelta(days=1), now(), 1, "open")
        peers += [other(office, Role(role), role) for role in ("auditor", "viewer", "operator")]
        scene = Scene(coordinator, {peer.id: peer for peer in peers})
        book(office, scene.peers["alfa"], _release(scene.peers["alfa"]))
        scene.submit("alfa", "open", _release(scene.peers["alfa"]))()
        yield scene


def _release(peer: Peer) -> bytes:
    message = Release(
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
    return sign(RELEASE, message.SerializeToString(deterministic=True), peer.keys.signing)


def _verified(coordinator: Coordinator, ledger: FakeLedger, note: bytes) -> int:
    """The size of a note that ledger and witness have signed, and that has the root of the ledger's leaves."""
    with opened(OfficeHome(coordinator.home)) as office:
        witness = Verifier.parse(office.witness)
    found = verify_checkpoint(
        note,
        origin=ledger.origin,
        log_key=Verifier.of(ledger.origin, Algorithm.ED25519, ledger.key),
        witnesses=(witness,),
        quorum=1,
    ).checkpoint
    assert found.root == root(ledger.hashes(found.size))
    return found.size


def _begun(scene: Scene, who: str) -> FakeLedger:
    with scene.coordinator.office() as office:
        return ledger_of(office, scene.peers[who])


def test_a_ledger_is_witnessed_grows_and_comes_back(scene: Scene) -> None:
    ledger = _begun(scene, "delta").grow(300)
    assert scene.ledger_call("delta", "GetLedgerHead", HEAD)().note == b""
    assert scene.ledger_call("delta", "GetOwnLedger", OWN)() == []
    notes = [scene.witness("delta", ledger.request(old, size))().note for old, size in ((0, 200), (200, 302))]
    assert [_verified(scene.coordinator, ledger, note) for note in notes] == [200, 302]
    assert scene.witness("delta", ledger.request(200))().note == notes[1]
    assert scene.ledger_call("delta", "GetLedgerHead", HEAD)().note == notes[1]
    answer = scene.ledger_call("delta", "GetOwnLedger", OWN)()
    assert [leaf for message in answer for leaf in message.leaves] == ledger.leaves
    assert [note for message in answer for note in message.notes] == notes
    assert max(message.ByteSize() for message in answer) < 1 << 20


def test_large_leaves_come_back_in_messages_below_a_mebibyte(scene: Scene) -> None:
    with scene.coordinator.office() as office:
        beta = scene.peers["beta"]
        ledger = ledger_of(office, beta)
        envelope = _release(beta)
        for _ in range(150):  # some 5 kB each
            ledger.spend(envelope)
        for old in range(0, len(ledger.leaves), 100):
            scene.witness("beta", ledger.request(old, min(old + 100, len(ledger.leaves))))()
    answer = scene.ledger_call("beta", "GetOwnLedger", OWN)()
    assert len(answer) > 2
    assert max(message.ByteSize() for message in answer) < 1 << 20
    assert [leaf for message in answer for leaf in message.leaves] == ledger.leaves


def _forked(ledger: FakeLedger, at: int) -> FakeLedger:
    parted = FakeLedger(ledger.origin, ledger.key, ledger.leaves[:at])
    for seq in range(at, len(ledger.leaves)):
        time = now() + timedelta(seconds=60)
        parted.append(KeyAdopted(seq=seq, time=time, public_key=text(ledger.key)))
    return parted


def _altered(ledger: FakeLedger) -> list[bytes]:
    first, second = ledger.leaves[4:]
    at = first.index(b'"public_key":"') + 14
    return [first[:at] + (b"1" if first[at : at + 1] == b"0" else b"0") + first[at + 1 :], second]


_KEY = Ed25519PrivateKey.generate()
_BAD: dict[str, tuple[Callable[[FakeLedger], Request], str, str]] = {
    "rollback": (lambda ledger: ledger.request(0, 3), "FAILED_PRECONDITION", "LEDGER_ROLLBACK"),
    "fork": (lambda ledger: _forked(ledger, 2).request(4), "FAILED_PRECONDITION", "LEDGER_FORK"),
    "fork of what is cosigned": (
        lambda ledger: _forked(ledger, 2).request(0, 4),
        "FAILED_PRECONDITION",
        "LEDGER_FORK",
    ),
    "another size": (lambda ledger: ledger.request(2), "FAILED_PRECONDITION", "LEDGER_MISMATCH"),
    "gap": (lambda ledger: replace(ledger.request(4), leaves=ledger.leaves[5:]), "INVALID_ARGUMENT", "LEDGER_GAP"),
    "reordered": (
        lambda ledger: replace(ledger.request(4), leaves=ledger.leaves[:3:-1]),
        "INVALID_ARGUMENT",
        "LEDGER_GAP",
    ),
    "altered leaf": (
        lambda ledger: replace(ledger.request(4), leaves=_altered(ledger)),
        "INVALID_ARGUMENT",
        "BAD_LEAF",
    ),
    "wrong key": (
        lambda ledger: replace(ledger.request(4), note=ledger.checkpoint(key=_KEY)),
        "INVALID_ARGUMENT",
        "WRONG_KEY",
    ),
    "noise": (lambda ledger: replace(ledger.request(4), note=bytes(range(256))), "INVALID_ARGUMENT", "BAD_CHECKPOINT"),
    "no proof": (lambda ledger: replace(ledger.request(4), consistency=()), "INVALID_ARGUMENT", "BAD_CHECKPOINT"),
    "another's origin": (
        lambda ledger: replace(ledger, origin="npu.example/ledger/alfa").request(4),
        "INVALID_ARGUMENT",
        "WRONG_LEDGER",
    ),
    "the future": (lambda ledger: _tomorrow(ledger).request(4), "FAILED_PRECONDITION", "CLOCK_APART"),
    "too many leaves": (
        lambda ledger: replace(ledger.request(4), leaves=[b"x"] * 257),
        "RESOURCE_EXHAUSTED",
        "TOO_LARGE",
    ),
}


def _tomorrow(ledger: FakeLedger) -> FakeLedger:
    return FakeLedger(ledger.origin, ledger.key, ledger.leaves[:4]).grow(1, now() + timedelta(days=1))


@pytest.fixture(scope="module")
def four(scene: Scene) -> FakeLedger:
    """A ledger of six entries, of which four are cosigned."""
    ledger = _begun(scene, "gamma").grow(4)
    scene.witness("gamma", ledger.request(0, 4))()
    return ledger


@pytest.mark.parametrize("what", _BAD)
def test_what_the_witness_refuses(scene: Scene, four: FakeLedger, what: str) -> None:
    make, code, reason = _BAD[what]
    sentence = scene.refuses(scene.witness("gamma", make(four)), code, reason)
    assert "alfa" not in sentence
    assert scene.ledger_call("gamma", "GetLedgerHead", HEAD)().note


def test_another_members_ledger_with_ones_own_certificate(scene: Scene, four: FakeLedger) -> None:
    """Leaves and note are right, and whoever sends them is another."""
    sentence = scene.refuses(scene.witness("beta", four.request(4)), "INVALID_ARGUMENT", "WRONG_LEDGER")
    assert "gamma" not in sentence


@pytest.mark.parametrize("who", ["auditor", "viewer", "operator"])
@pytest.mark.parametrize("method", ["GetLedgerHead", "WitnessLedger", "GetOwnLedger", "GetOwnRelease"])
def test_what_members_alone_may_ask(scene: Scene, four: FakeLedger, who: str, method: str) -> None:
    request = {
        "GetLedgerHead": HEAD,
        "WitnessLedger": asked(four.request(4)),
        "GetOwnLedger": OWN,
        "GetOwnRelease": messages.GetOwnReleaseRequest(release_digest="sha256:" + "0" * 64),
    }[method]
    scene.refuses(scene.ledger_call(who, method, request), "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")


def test_without_a_certificate_nobody_asks_anything(scene: Scene) -> None:
    def call() -> object:
        with ledger_stub(scene.coordinator) as calls:
            return calls.GetLedgerHead(HEAD, timeout=30)

    scene.cuts_off(call, grpc.StatusCode.UNAVAILABLE)


def test_a_member_gets_its_own_release_back_and_no_other(scene: Scene) -> None:
    with scene.coordinator.office() as office, office.store.reading() as connection:
        digest = connection.exec_driver_sql("SELECT digest FROM submissions WHERE member = 'alfa'").scalar_one()
    for name in (f"sha256:{digest}", "sha256:" + "0" * 64, "", "sha256:"):
        request = messages.GetOwnReleaseRequest(release_digest=name)
        mine = scene.ledger_call("alfa", "GetOwnRelease", request)().envelope
        assert mine == (_release(scene.peers["alfa"]) if name.endswith(digest) else b"")
        assert scene.ledger_call("gamma", "GetOwnRelease", request)().envelope == b""


def _exported(scene: Scene, who: str, *, restricted: bool) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    answer = scene.ledger_call(who, "Export", messages.ExportRequest(restricted=restricted))()
    for message in answer:
        assert message.path not in files or list(files)[-1] == message.path
        assert len(message.content) <= 1 << 16
        files[message.path] = files.get(message.path, b"") + message.content
    return files


def test_an_auditor_takes_everything_and_an_operator_what_is_public(scene: Scene) -> None:
    everything = _exported(scene, "auditor", restricted=True)
    public = _exported(scene, "operator", restricted=False)
    assert {path for path in everything if path.startswith("public/")} == set(public)
    assert [path for path in everything if not path.startswith("public/")] == [
        "restricted/bundle.json",
        "restricted/releases/alfa.jsonl",
    ]
    assert json.loads(everything["restricted/releases/alfa.jsonl"])["round"] == "open"
    leaves = everything["public/ledgers/alfa/leaves.jsonl"].splitlines()
    note = everything["public/ledgers/alfa/checkpoints/3.note"]
    ledger = FakeLedger(scene.peers["alfa"].ledger, scene.peers["alfa"].keys.signing, leaves)
    assert _verified(scene.coordinator, ledger, note) == len(leaves) == 3
    assert [leaf_hash(leaf) for leaf in leaves] == ledger.hashes()


@pytest.mark.parametrize(
    ("who", "restricted"), [("operator", True), ("viewer", False), ("alfa", False), ("alfa", True)]
)
def test_others_take_nothing(scene: Scene, who: str, restricted: bool) -> None:
    request = messages.ExportRequest(restricted=restricted)
    scene.refuses(scene.ledger_call(who, "Export", request), "PERMISSION_DENIED", "ROLE_NOT_ALLOWED")


@pytest.mark.parametrize(("point", "kept"), [("cosigning", 0), ("cosigned", 1)])
def test_a_coordinator_that_is_killed_while_it_cosigns(tmp_path: Path, point: str, kept: int) -> None:
    """Before the transaction's end nothing is kept; after it, the same question gets the answer that was lost."""
    coordinator = made(tmp_path / "coordinator")
    with coordinator.office() as office:
        alfa = member(office, "alfa")
        ledger = ledger_of(office, alfa)
    program = (sys.executable, killed.__file__, "coordinator", point)
    scene = Scene(coordinator, {"alfa": alfa})
    with Serving(coordinator, program) as server:
        with pytest.raises(grpc.RpcError):
            scene.witness("alfa", ledger.request(0))()
        server.process.wait(timeout=60)
    stored = coordinator.rows()
    assert [len(stored[table]) for table in ("ledger_leaves", "ledger_checkpoints")] == [2 * kept, kept]
    with Serving(coordinator):
        note = scene.witness("alfa", ledger.request(0))().note
    assert _verified(coordinator, ledger, note) == 2
    if kept:
        assert coordinator.rows() == stored
        assert note in stored["ledger_checkpoints"][0]


def test_the_exported_folder_is_what_the_wire_gives(scene: Scene, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    said = scene.coordinator.good("export", "--out", out, "--restricted")
    wire = _exported(scene, "auditor", restricted=True)
    there = {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()}
    headers = ("public/bundle.json", "restricted/bundle.json")  # say when each was made
    assert {path: content for path, content in there.items() if path not in headers} == {
        path: content for path, content in wire.items() if path not in headers
    }
    assert said["files"] == len(there)
