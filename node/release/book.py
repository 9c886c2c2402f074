"""Spend before release, exactly once: the one place where figures get their noise and privacy is paid for.

Cap check, entry, noise and the signed bytes are one durable transaction. A process that dies at any instant
leaves nothing, or the entry with its bytes; and whoever asks again for the same study and window gets those.

Stored bytes are handed out for as long as the policy allows the study, whatever has become of its caps, since
they are paid for. They are not handed out once the study, or one of its tables, is no longer allowed: a
member that withdraws sends nothing more. Its own operator can still look at them (`node.release.outbox`).
"""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from node.release import stored
from node.release.booking import Booked as Booked  # what `release` gives, wants and raises
from node.release.booking import Clock as Clock
from node.release.booking import KeyNotInLedger as KeyNotInLedger
from node.release.booking import Step, book, unobserved
from privacy.bounds.windows import Window
from privacy.budget.policy import Policy
from privacy.catalogue.measures import Measure
from privacy.errors import Refused
from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.fields import whole_second
from privacy.ledger.leaves import KeyAdopted, Spent, SpentPart, WitnessAdopted
from privacy.ledger.note import Verifier
from privacy.ledger.store import Ledger, Transaction
from privacy.mechanisms.drawing import BadVector, draw
from privacy.signing.envelope import RELEASE, public_key_text, sign
from privacy.studies.price import Price, price
from privacy.studies.study import Part, Study
from protos.kudos.v1.release_pb2 import Release

Vectors = Mapping[tuple[str, Measure], NDArray[np.int64]]
"""The exact cells of each table and measure, shape (cells of the table,), int64, revenue in øre."""


class BadWitness(Refused):
    """A key that cannot be the witness's."""

    reason = "BAD_WITNESS"


def release(
    study: Study,
    window: Window,
    vectors: Vectors,
    policy: Policy,
    ledger: Ledger,
    key: Ed25519PrivateKey,
    clock: Clock,
    step: Step = unobserved,
    *,
    round_name: str | None = None,
) -> Booked:
    """Books the signed release of `study` over `window`, unless there is one, which is paid for.

    `vectors` has the exact cells of all parts of the study (others are left alone). `step` is told the name
    of each point that is reached, for tests that end the process there. `round_name` is the round that asks, where one
    does; the stored release answers every later round, too. Raises, with nothing spent:
    `BadMechanism` for a study that cannot be priced, `BadVector` for vectors that are not of its layout,
    `PolicyRefused`, `BudgetExhausted`, `ClockWentBack`, `KeyNotInLedger`, and what the ledger raises.
    """
    priced = price(study)
    exact = [_vector(each.part, vectors) for each in priced.parts]
    _load_noise(priced)

    def paid(contents: Contents) -> int | None:
        found = stored.find(contents, study, window)
        return None if found is None else found.stored.seq

    def make(transaction: Transaction, now: datetime) -> tuple[bytes, Spent]:
        cells = np.concatenate([draw(values, part.mechanism) for part, values in zip(priced.parts, exact, strict=True)])
        step("drawn")
        envelope = sign(RELEASE, _payload(study, window, cells, transaction), key)
        step("signed")
        return envelope, _entry(study, window, priced, envelope, transaction.next_seq, now, round_name)

    return book(study, priced.spend, policy, ledger, key, clock, step, paid=paid, make=make)


def adopt_key(ledger: Ledger, key: Ed25519PrivateKey, clock: Clock) -> None:
    """Makes `key` the one that signs what this ledger books from now on: an entry, unless it is already.

    Raises `ClockWentBack` and what the ledger raises.
    """
    with ledger.transaction() as transaction:
        public_key = public_key_text(key.public_key())
        if transaction.contents.public_key != public_key:
            now = whole_second(clock())
            transaction.append(KeyAdopted(seq=transaction.next_seq, time=now, public_key=public_key))


def adopt_witness(ledger: Ledger, witness: str, clock: Clock) -> None:
    """Makes `witness`, a verifier key, the one without whose cosignature no bytes leave: an entry, unless it is so.

    Raises `BadWitness` for a key that is none or one of this ledger's own, `ClockWentBack`, and what the ledger raises.
    """
    with ledger.transaction() as transaction:
        if transaction.contents.witness != witness:
            if Verifier.parse(witness).public_key.hex() in transaction.contents.public_keys:
                raise BadWitness(
                    "The coordinator names a key of this node's own as its witness's. Nothing was written; ask "
                    "its operator."
                )
            now = whole_second(clock())
            transaction.append(WitnessAdopted(seq=transaction.next_seq, time=now, witness=witness))


def _vector(part: Part, vectors: Vectors) -> NDArray[np.int64]:
    """The vector of a part, checked for its shape and type; a check of its values could tell of them."""
    vector = vectors.get((part.table.name, part.measure))
    shape = (part.table.cells,)
    if not isinstance(vector, np.ndarray) or vector.dtype != np.int64 or vector.shape != shape:
        raise BadVector(
            f"{part.name} must be {part.table.cells} integers of 64 bits, one per category. Nothing was "
            f"spent: this is a defect of Kudos, please report it."
        )
    return vector


def _load_noise(priced: Price) -> None:
    """Has OpenDP loaded and its measurements made before the ledger is locked: noise for no cells at all."""
    for part in priced.parts:
        draw(np.zeros(0, dtype=np.int64), part.mechanism)


def _payload(study: Study, window: Window, cells: NDArray[np.int64], transaction: Transaction) -> bytes:
    """The release, of the same size for whatever data: all its numbers are of fixed width."""
    message = Release(
        ledger=transaction.contents.opened.origin,
        entry=transaction.next_seq,
        study=study.name,
        study_version=study.version,
        study_digest=study.digest,
        layout_digest=study.layout_digest,
        window_first=window.first.isoformat(),
        window_last=window.last.isoformat(),
        cells=cells.tolist(),
    )
    return message.SerializeToString(deterministic=True)


def _entry(
    study: Study, window: Window, priced: Price, envelope: bytes, seq: int, now: datetime, round_name: str | None
) -> Spent:
    return Spent(
        seq=seq,
        time=now,
        study=study.name,
        study_digest=study.digest,
        round=round_name,
        window=window,
        parts=tuple(
            SpentPart(
                table=each.part.table.name,
                measure=str(each.part.measure),
                cells=each.part.table.cells,
                l2_squared=each.l2_squared,
                scale=each.mechanism.scale,
                rho_u=each.cost.micro,
            )
            for each in priced.parts
        ),
        epsilon_u=priced.spend.epsilon.micro,
        rho_u=priced.spend.rho.micro,
        release_digest=release_digest(envelope),
    )
