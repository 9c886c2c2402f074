"""The sketch of a year, paid for and flipped: as every release, in one durable transaction, and once.

The list of its customers is on the disk before (`node.store.frozen`); a crash in between has spent nothing.
"""

from collections.abc import Callable
from datetime import datetime

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from node.release.booking import Booked, Clock, Step, book, unobserved
from node.release.stored_cross_use import StoredSketch, sketch_of
from privacy.budget.policy import Policy
from privacy.errors import Refused
from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.leaves import Spent, SpentResponse
from privacy.ledger.store import Ledger, Transaction
from privacy.mechanisms.bit_planes import flipped
from privacy.sketch.bitmap import filled
from privacy.sketch.sketch import SketchTerms, sign_sketch
from privacy.studies.cross_use import SKETCH, CrossUseStudy
from privacy.studies.cross_use_price import sketch_spend


class OtherSketch(Refused):
    """The year has a sketch of other parameters already."""

    reason = "OTHER_SKETCH"


def check_same(found: StoredSketch, study: CrossUseStudy) -> None:
    """Raises OtherSketch unless the sketch that an epoch has is the one that a study wants."""
    if found.entry.study_digest != study.sketch_digest:
        raise OtherSketch(
            f"This node has a sketch of {found.epoch}, booked as entry {found.entry.seq}, and {study.name} wants one "
            "with other buckets or flips. There is one a year: a second would tell more of your customers than was "
            f"paid for. Nothing was spent. Decline the round, or wait for one over months that end in another year."
        )


def book_sketch(
    study: CrossUseStudy,
    terms: SketchTerms,
    own: NDArray[np.int64],
    policy: Policy,
    ledger: Ledger,
    key: Ed25519PrivateKey,
    clock: Clock,
    step: Step = unobserved,
    *,
    bind: Callable[[str], None],
    round_name: str | None = None,
) -> Booked:
    """Books the signed sketch of an epoch, unless there is one, which is paid for.

    `own` are the buckets of its list, int64 (n,); a customer changes one of them. `bind` is told the digest of the
    sketch before it is paid for, to write it beside the list. `step` and `round_name` are as in
    `node.release.book.release`. Raises, with nothing spent: OtherSketch, BadSketch, `PolicyRefused`, `BudgetExhausted`,
    `ClockWentBack`, `KeyNotInLedger`, what the ledger raises, and what `bind` does.
    """
    exact = filled(own, terms.buckets)

    def paid(contents: Contents) -> int | None:
        found = sketch_of(contents, terms.epoch)
        if found is None:
            return None
        check_same(found, study)
        return found.entry.seq

    def make(transaction: Transaction, now: datetime) -> tuple[bytes, Spent]:
        bits = flipped(exact, study.response)
        step("drawn")
        envelope = sign_sketch(terms, transaction.contents.opened.origin, transaction.next_seq, bits, key)
        step("signed")
        entry = _entry(study, terms, envelope, transaction.next_seq, now, round_name)
        bind(entry.release_digest)
        return envelope, entry

    return book(study, sketch_spend(study), policy, ledger, key, clock, step, paid=paid, make=make)


def _entry(
    study: CrossUseStudy, terms: SketchTerms, envelope: bytes, seq: int, now: datetime, round_name: str | None
) -> Spent:
    epsilon_u = sketch_spend(study).epsilon.micro
    part = SpentResponse(
        table=SKETCH,
        measure="customers",
        cells=terms.buckets,
        flips=study.response.flips,
        flip_bits=study.response.bits,
        epsilon_u=epsilon_u,
    )
    return Spent(
        seq=seq,
        time=now,
        study=SKETCH,
        study_digest=study.sketch_digest,
        round=round_name,
        window=terms.window,
        parts=(part,),
        epsilon_u=epsilon_u,
        rho_u=0,
        release_digest=release_digest(envelope),
    )
