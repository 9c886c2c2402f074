"""Checkpoints and keys."""

from datetime import UTC, datetime

from privacy.ledger.checkpoint import cosign, sign_checkpoint
from privacy.ledger.note import Algorithm, Verifier
from privacy.signing.envelope import public_key_text
from tests.privacy.audit import houses
from tests.privacy.audit.dishonesty.kinds import Kinds, liar
from tests.privacy.audit.federation import Federation
from tests.privacy.audit.houses import Node, key_of

kind = Kinds([])


@kind("a checkpoint signed by another key than the ledger's", "both", "CHECKPOINT_UNSIGNED")
def _(network: Federation) -> None:
    node = liar(network)
    for size, time in node.sealed:
        node.notes[size] = node.note(size, time, key=key_of("thief"))


@kind("a checkpoint without a signature of the ledger", "coordinator", "CHECKPOINT_UNSIGNED")
def _(network: Federation) -> None:
    _without_line(liar(network), 0)


@kind("a checkpoint without the witness's cosignature", "node", "NOT_COSIGNED")
def _(network: Federation) -> None:
    _without_line(liar(network), 1)


def _without_line(node: Node, which: int) -> None:
    for size, note in node.notes.items():
        text, _, lines = note.partition(b"\n\n")
        kept = [line for index, line in enumerate(lines.splitlines(keepends=True)) if index != which]
        node.notes[size] = text + b"\n\n" + b"".join(kept)


@kind("a cosignature by somebody who is not the witness", "node", "NOT_COSIGNED")
def _(network: Federation) -> None:
    node = liar(network)
    _without_line(node, 1)
    for size, time in node.sealed:
        node.notes[size] = cosign(node.notes[size], "friend.example/witness", key_of("friend"), time)


@kind("a ledger that names a witness of its own", "node", "WITNESS_DIFFERS")
def _(network: Federation) -> None:
    friend = Verifier.of("friend.example/witness", Algorithm.COSIGNATURE_V1, key_of("friend"))
    node = liar(network)
    node.leaves[1] = {**node.leaves[1], "witness": str(friend)}
    node.seal()


@kind("a cosignature moved to another checkpoint", "node", "CHECKPOINT_SIGNATURE")
def _(network: Federation) -> None:
    node = liar(network)
    (first, *_), last = sorted(node.notes), max(node.notes)
    line = node.notes[first].splitlines(keepends=True)[-1]
    node.notes[last] = b"".join(node.notes[last].splitlines(keepends=True)[:-1]) + line


@kind("a checkpoint that is altered", "both", "CHECKPOINT_UNREADABLE")
def _(network: Federation) -> None:
    node = liar(network)
    size = max(node.notes)
    node.notes[size] = node.notes[size].replace(f"\n{size}\n".encode(), f"\n{size + 1}\n".encode(), 1)


@kind("cosignatures whose times go back", "coordinator", "WITNESS_TIME_BACK")
def _(network: Federation) -> None:
    node = liar(network)
    node.sealed[0] = (2, datetime(2025, 6, 1, tzinfo=UTC))
    node.seal()


@kind("a witness exchanged for another one later on", "node", "WITNESS_DIFFERS")
def _(network: Federation) -> None:
    friend = Verifier.of("friend.example/witness", Algorithm.COSIGNATURE_V1, key_of("friend"))
    node = liar(network)
    node.append({**node.of_type("witness"), "witness": str(friend)}, datetime(2026, 3, 1, tzinfo=UTC))
    node.seal()
    signed = sign_checkpoint(houses.checkpoint_of(node, len(node.leaves)), node.key)
    time = node.sealed[-1][1]
    node.notes[len(node.leaves)] = cosign(signed, "friend.example/witness", key_of("friend"), time)


@kind("a ledger that the witness writes itself: one key that signs and cosigns", "coordinator", "NOT_COSIGNED")
def _(network: Federation) -> None:
    node = liar(network)
    node.key = houses.WITNESS_KEY
    node.leaves[0]["public_key"] = public_key_text(node.key.public_key())
    node.seal()
