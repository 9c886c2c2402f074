"""Ledgers of members that are no nodes: real leaves, real checkpoints, and what the witness is asked with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coordinator.ledgers import replica
from coordinator.ledgers.witness import witness
from coordinator.members.callers import Caller
from coordinator.office import Office
from coordinator.rounds.submissions import Receipt, submit
from privacy.bounds.windows import Window
from privacy.ledger.checkpoint import Checkpoint, sign_checkpoint
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import (
    Entry,
    KeyAdopted,
    Opened,
    Spent,
    SpentPart,
    WitnessAdopted,
    leaf_hash,
    parse,
    serialise,
)
from privacy.ledger.tree import consistency_proof, root
from privacy.signing.envelope import public_key_text
from privacy.studies.price import price
from privacy.studies.study import Study
from protos.kudos.v1.envelope_pb2 import Envelope
from protos.kudos.v1.release_pb2 import Release
from tests.coordinator.house import NOW, STUDY, Joined


@dataclass
class FakeLedger:
    """The leaves of a ledger and the key that signs its checkpoints."""

    origin: str
    key: Ed25519PrivateKey
    leaves: list[bytes] = field(default_factory=list)

    def append(self, entry: Entry) -> None:
        """Adds a leaf, wherever its entry belongs."""
        self.leaves.append(serialise(entry))

    def begin(self, vkey: str, time: datetime = NOW) -> "FakeLedger":
        """The two entries that a ledger of a network begins with."""
        self.append(Opened(seq=0, time=time, origin=self.origin, public_key=text(self.key), version="0.1.0"))
        self.append(WitnessAdopted(seq=1, time=time, witness=vkey))
        return self

    @property
    def last(self) -> datetime:
        """The time of the last entry."""
        return parse(self.leaves[-1]).time

    def grow(self, number: int, time: datetime | None = None) -> "FakeLedger":
        """Entries that nobody needs: the same key again."""
        for _ in range(number):
            self.append(KeyAdopted(seq=len(self.leaves), time=time or self.last, public_key=text(self.key)))
        return self

    def spend(self, envelope: bytes, time: datetime | None = None, **changes: Any) -> "FakeLedger":
        """The entry that books a release."""
        self.append(spent(len(self.leaves), time or self.last, envelope, **changes))
        return self

    def checkpoint(self, size: int | None = None, key: Ed25519PrivateKey | None = None) -> bytes:
        """The signed checkpoint of the first leaves, or of all."""
        many = len(self.leaves) if size is None else size
        return sign_checkpoint(Checkpoint(self.origin, many, root(self.hashes(many))), key or self.key)

    def hashes(self, size: int | None = None) -> list[bytes]:
        """Of the first leaves, or of all."""
        return [leaf_hash(leaf) for leaf in self.leaves[:size]]

    def request(self, old_size: int, size: int | None = None) -> "Request":
        """What an honest node asks the witness."""
        hashes = self.hashes(size)
        proof = consistency_proof(old_size, hashes)
        return Request(self.checkpoint(size), old_size, proof, tuple(self.leaves[old_size:size]))


@dataclass(frozen=True)
class Request:
    """The fields of WitnessLedgerRequest."""

    note: bytes
    old_size: int
    consistency: Sequence[bytes]
    leaves: Sequence[bytes]

    def send(self, office: Office, caller: Caller, now: datetime = NOW) -> bytes:
        """The cosigned note."""
        return witness(office, caller, self.note, self.old_size, self.consistency, self.leaves, now)


def text(key: Ed25519PrivateKey) -> str:
    """The public key as leaves write it."""
    return public_key_text(key.public_key())


def a_ledger(office: Office, member: Joined, time: datetime = NOW) -> FakeLedger:
    """A member's ledger with nothing booked."""
    return FakeLedger(member.enrolled.ledger, member.keys.signing).begin(office.witness, time)


def spent(seq: int, time: datetime, envelope: bytes, study: Study = STUDY, **changes: Any) -> Spent:
    """The entry that books a release of a study, as a node writes it."""
    release = Release.FromString(Envelope.FromString(envelope).payload)
    priced = price(study)
    fields: dict[str, Any] = {
        "study": study.name,
        "study_digest": study.digest,
        "round": None,
        "window": Window(date.fromisoformat(release.window_first), date.fromisoformat(release.window_last)),
        "release_digest": release_digest(envelope),
    }
    parts = tuple(
        SpentPart(
            table=each.part.table.name,
            measure=str(each.part.measure),
            cells=each.part.table.cells,
            l2_squared=each.l2_squared,
            scale=each.mechanism.scale,
            rho_u=each.cost.micro,
        )
        for each in priced.parts
    )
    cost = priced.spend
    return Spent(
        seq=seq, time=time, parts=parts, epsilon_u=cost.epsilon.micro, rho_u=cost.rho.micro, **(fields | changes)
    )


def cosigned_leaves(office: Office, member: str) -> list[bytes]:
    """Every leaf that the witness has of a member's ledger, in order."""
    head = replica.newest(office.store, member)
    return [] if head is None else list(replica.leaves(office.store, member, head.size))


def booked(
    office: Office, caller: Caller, origin: str, key: Ed25519PrivateKey, envelope: bytes, now: datetime = NOW
) -> None:
    """Has a release witnessed: the ledger goes on from what the witness has, until the entry that the release names.

    Nothing happens where the witness has that entry already.
    """
    entry = Release.FromString(Envelope.FromString(envelope).payload).entry
    there = cosigned_leaves(office, caller.id)
    if len(there) > entry:
        return
    ledger = FakeLedger(origin, key, there[:])
    if not there:
        ledger.begin(office.witness, now - timedelta(seconds=1))
    ledger.grow(entry - len(ledger.leaves), now)
    ledger.spend(envelope, now).request(len(there)).send(office, caller, now)


def send(office: Office, member: Joined, round_id: str, envelope: bytes, now: datetime = NOW) -> Receipt:
    """Leaves and checkpoint first, the release's bytes afterwards: as a node sends it."""
    booked(office, member.caller, member.enrolled.ledger, member.keys.signing, envelope, now)
    return submit(office.store, member.caller, round_id, envelope, now)
