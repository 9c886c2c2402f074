"""Spend before release, exactly once: the one place where figures get their noise and privacy is paid for.

Cap check, entry, noise and the signed bytes are one durable transaction. A process that dies at any instant
leaves nothing, or the entry with its bytes; and whoever asks again for the same study and window gets those.

Stored bytes are handed out for as long as the policy allows the study, whatever has become of its caps, since
they are paid for. They are not handed out once the study, or one of its tables, is no longer allowed: a
member that withdraws sends nothing more. Its own operator can still look at them (`node.release.outbox`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from node.release import stored
from privacy.bounds.windows import Window
from privacy.budget.policy import Policy, check, check_allowed
from privacy.budget.twelve_months import spent_between
from privacy.catalogue.measures import Measure
from privacy.errors import Refused
from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.errors import ClockWentBack
from privacy.ledger.fields import format_time, whole_second
from privacy.ledger.leaves import KeyAdopted, PolicyAdopted, Spent, SpentPart, WitnessAdopted
from privacy.ledger.note import Verifier
from privacy.ledger.store import Ledger, Transaction
from privacy.mechanisms.drawing import BadVector, draw
from privacy.signing.envelope import RELEASE, public_key_text, sign
from privacy.studies.price import Price, price
from privacy.studies.study import Part, Study
from protos.kudos.v1.release_pb2 import Release

Vectors = Mapping[tuple[str, Measure], NDArray[np.int64]]
"""The exact cells of each table and measure, shape (cells of the table,), int64, revenue in øre."""

Clock = Callable[[], datetime]
"""The time of this instant, with its time zone."""


class KeyNotInLedger(Refused):
    """The signing key is another than the ledger names: what it signed could not be verified."""

    reason = "KEY_NOT_IN_LEDGER"


class BadWitness(Refused):
    """A key that cannot be the witness's."""

    reason = "BAD_WITNESS"


@dataclass(frozen=True)
class Booked:
    """A release that is paid for: its entry, and whether it was there `already`. Its bytes: `privacy.ledger.outbox`."""

    seq: int
    already: bool


def _unobserved(_point: str) -> None:
    pass


def release(
    study: Study,
    window: Window,
    vectors: Vectors,
    policy: Policy,
    ledger: Ledger,
    key: Ed25519PrivateKey,
    clock: Clock,
    step: Callable[[str], None] = _unobserved,
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
    step("before_begin")
    with ledger.transaction() as transaction:
        step("begun")
        check_allowed(policy, study)
        paid = stored.find(transaction.contents, study, window)
        if paid is not None:
            return Booked(paid.stored.seq, already=True)
        now = whole_second(clock())
        _check(transaction.contents, policy, study, priced, key, now)
        step("checked")
        if transaction.contents.policy_digest != policy.digest:
            transaction.append(_adopted(policy, transaction.next_seq, now))
        cells = np.concatenate([draw(values, part.mechanism) for part, values in zip(priced.parts, exact, strict=True)])
        step("drawn")
        payload = _payload(study, window, cells, transaction)
        envelope = sign(RELEASE, payload, key)
        step("signed")
        entry = _entry(study, window, priced, envelope, transaction.next_seq, now, round_name)
        transaction.append(entry)
        step("leaf_inserted")
        transaction.store(envelope)
        step("release_inserted")
    step("committed")
    return Booked(entry.seq, already=False)


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


def _check(
    contents: Contents, policy: Policy, study: Study, priced: Price, key: Ed25519PrivateKey, now: datetime
) -> None:
    if now < contents.last.time:
        raise ClockWentBack(format_time(now), format_time(contents.last.time))
    if public_key_text(key.public_key()) != contents.public_key:
        raise KeyNotInLedger(
            "The signing key of this node is not the one that its ledger names. Nothing was spent. Restore "
            "the key from your backup."
        )
    check(policy, study, priced.spend, spent_between(contents.entries, now))


def _adopted(policy: Policy, seq: int, now: datetime) -> PolicyAdopted:
    return PolicyAdopted(
        seq=seq,
        time=now,
        digest=policy.digest,
        cap_epsilon_u=policy.cap.epsilon.micro,
        cap_rho_u=policy.cap.rho.micro,
        delta=policy.delta,
        largest_epsilon_u=policy.largest_release.epsilon.micro,
        largest_rho_u=policy.largest_release.rho.micro,
    )


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
