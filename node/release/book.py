"""Spend before release, exactly once: the one place where figures get their noise and privacy is paid for.

Cap check, entry, noise and the signed bytes are one durable transaction. A process that dies at any instant
leaves nothing, or the entry with its bytes; and whoever asks again for the same study and window gets those.

In it the quantiles are drawn first, then the tables of the value tiers are made from the thresholds that were drawn,
and then all tables get their noise: a tier is a function of what the customer has and of what the release tells.

Stored bytes are handed out for as long as the policy allows the study, whatever has become of its caps, since
they are paid for. They are not handed out once the study, or one of its tables, is no longer allowed: a
member that withdraws sends nothing more. Its own operator can still look at them (`node.release.outbox`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from node.release import stored
from node.release.booking import Booked as Booked  # what `release` gives, wants and raises
from node.release.booking import Clock as Clock
from node.release.booking import KeyNotInLedger as KeyNotInLedger
from node.release.booking import Step, book, unobserved
from node.release.thresholds import amounts, told_before
from privacy.bounds.tiers import tier_vectors
from privacy.bounds.windows import Window, year_before
from privacy.budget.policy import Policy
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Needs
from privacy.errors import Refused
from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.fields import whole_second
from privacy.ledger.leaves import (
    AnyPart,
    Spent,
    SpentByCell,
    SpentPart,
    SpentQuantile,
    WitnessAdopted,
)
from privacy.ledger.note import Verifier
from privacy.ledger.store import Ledger, Transaction
from privacy.mechanisms.drawing import BadVector, draw, draw_quantile
from privacy.rounds.tiers import tiers_of_study
from privacy.signing.envelope import RELEASE, sign
from privacy.studies.price import Price, PricedPart, PricedQuantile, price
from privacy.studies.study import Part, Study
from protos.kudos.v1.release_pb2 import Release

if TYPE_CHECKING:
    from node.release.prepare import Exact

Vectors = Mapping[tuple[str, Measure], NDArray[np.int64]]
"""The exact cells of each table and measure, shape (cells of the table,), int64, revenue in øre."""


class BadWitness(Refused):
    """A key that cannot be the witness's."""

    reason = "BAD_WITNESS"


def release(
    study: Study,
    window: Window,
    exact: "Exact",
    policy: Policy,
    ledger: Ledger,
    key: Ed25519PrivateKey,
    clock: Clock,
    step: Step = unobserved,
    *,
    round_name: str | None = None,
) -> Booked:
    """Books the signed release of `study` over `window`, unless there is one, which is paid for.

    `exact` has the exact cells of the study's tables (others are left alone), what the value tiers are made of, and how
    many customers lie between the candidates of its quantiles. `step` is told the name of each point that is reached,
    for tests that end the process there. `round_name` is the round that asks, where one does; the stored release
    answers every later round, too. Raises, with nothing spent: `BadMechanism` for a study that cannot be priced,
    `BadVector` for what is not of its layout, `PolicyRefused`, `BudgetExhausted`, `ClockWentBack`, `KeyNotInLedger`,
    and what the ledger raises.
    """
    priced = price(study)
    _check(study, exact)
    _load_noise(priced)

    def paid(contents: Contents) -> int | None:
        found = stored.find(contents, study, window)
        return None if found is None else found.stored.seq

    def make(transaction: Transaction, now: datetime) -> tuple[bytes, Spent]:
        told = _told(study, priced, exact, window, transaction.contents)
        step("chosen")
        vectors = {**exact.vectors, **_of_tiers(study, exact, told)}
        cells = np.concatenate([_noisy(part, _vector(part.part, vectors)) for part in priced.parts] or [_NOTHING])
        step("drawn")
        envelope = sign(RELEASE, _payload(study, window, told, cells, transaction), key)
        step("signed")
        return envelope, _entry(study, window, priced, envelope, transaction.next_seq, now, round_name)

    return book(study, priced.spend, policy, ledger, key, clock, step, paid=paid, make=make)


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


_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class _Told:
    """The quantiles of a release, and the thresholds of the value tiers now and in the twelve months before."""

    quantiles: Sequence[int]
    tiers: tuple[int, ...]
    tiers_before: tuple[int, ...]


def _told(study: Study, priced: Price, exact: "Exact", window: Window, contents: Contents) -> _Told:
    """Draws the quantiles. The months before have the thresholds that a release told of them, else the same limits."""
    chosen = [draw_quantile(exact.quantiles[each.part.measure], each.mechanism) for each in priced.quantiles]
    quantiles = amounts(study.quantiles, chosen)
    if not study.has_tiers:
        return _Told(quantiles, (), ())
    tiers = tiers_of_study(study, quantiles) or ()
    return _Told(quantiles, tiers, told_before(contents, year_before(window)) or tiers)


def _of_tiers(study: Study, exact: "Exact", told: _Told) -> Vectors:
    """The exact cells of the tables that the thresholds make."""
    if exact.tiers is None or not told.tiers:
        return {}
    return tier_vectors(exact.tiers, told.tiers, told.tiers_before, study.bounded_tables)


def _noisy(priced: PricedPart, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """A part with its noise: the same for all cells, or each cell's own."""
    if not priced.by_cell:
        return draw(values, priced.mechanism)
    each = zip(priced.mechanisms, values.reshape(-1, 1), strict=True)
    return np.concatenate([draw(value, mechanism) for mechanism, value in each])


def _check(study: Study, exact: "Exact") -> None:
    """Raises BadVector unless what is exact is of the study's layout, as far as no threshold is needed to tell."""
    for part in study.parts:
        if Needs.TIERS not in part.table.needs:
            _vector(part, exact.vectors)
    missing = [part.table for part in study.quantiles if part.measure not in exact.quantiles]
    if missing or (study.has_tiers and exact.tiers is None):
        raise BadVector(
            f"{missing[0] if missing else 'The value tiers'} cannot be made of this. Nothing was spent: this is a "
            "defect of Kudos, please report it."
        )


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
    """Has OpenDP loaded and its measurements made before the ledger is locked: noise for no cells, and for nobody."""
    for part in priced.parts:
        for mechanism in set(part.mechanisms):
            draw(_NOTHING, mechanism)
    for each in priced.quantiles:
        draw_quantile(np.zeros(each.mechanism.candidates + 1, dtype=np.int64), each.mechanism)


def _payload(study: Study, window: Window, told: _Told, cells: NDArray[np.int64], transaction: Transaction) -> bytes:
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
        thresholds=told.quantiles,
        thresholds_before=told.tiers_before,
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
        parts=(*map(_quantile_part, priced.quantiles), *map(_part, priced.parts)),
        epsilon_u=priced.spend.epsilon.micro,
        rho_u=priced.spend.rho.micro,
        release_digest=release_digest(envelope),
    )


def _quantile_part(priced: PricedQuantile) -> SpentQuantile:
    return SpentQuantile(
        table=priced.part.table,
        measure=str(priced.part.measure),
        cells=1,
        alpha=priced.part.at,
        candidates=priced.mechanism.candidates,
        scale=priced.mechanism.scale,
        rho_u=priced.cost.micro,
    )


def _part(priced: PricedPart) -> AnyPart:
    table, measure, cells = priced.part.table.name, str(priced.part.measure), priced.part.table.cells
    if priced.by_cell:
        return SpentByCell(
            table=table,
            measure=measure,
            cells=cells,
            l2_squared=tuple(noise.l2_squared for noise in priced.noises),
            scale=tuple(noise.mechanism.scale for noise in priced.noises),
            rho_u=priced.cost.micro,
        )
    return SpentPart(
        table=table,
        measure=measure,
        cells=cells,
        l2_squared=priced.l2_squared,
        scale=priced.mechanism.scale,
        rho_u=priced.cost.micro,
    )
