"""A count against the sketches of a market, paid for and blurred: as every release, in one transaction, and once.

It is stored by study and window: a study counts a window once, against the sketches of one market.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from node.release.booking import Booked, Clock, Step, book, unobserved
from node.release.stored import Verified
from node.release.stored_cross_use import count_of
from privacy.bounds.windows import Window
from privacy.budget.policy import Policy, PolicyRefused
from privacy.errors import Refused
from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.leaves import Spent, SpentLaplace, SpentPart
from privacy.ledger.store import Ledger, Transaction
from privacy.mechanisms.drawing import BadVector, draw, draw_laplace
from privacy.rounds.count_fit import COUNT
from privacy.signing.envelope import sign
from privacy.sketch.counting import HISTOGRAM_L1, Counted
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import CountPrice, count_price
from protos.kudos.v1 import cross_use_pb2 as wire

TABLE, SUMS, HISTOGRAM = "cross_use", "sums", "histogram"
"""What a ledger calls the two parts of a count."""


class CountedBefore(Refused):
    """The study has counted the window against other sketches already."""

    reason = "COUNTED_BEFORE"


class NoPeers(Refused):
    """A market with nobody else in it."""

    reason = "NO_PEERS"


@dataclass(frozen=True)
class Peer:
    """A member that is counted against, and what became of that: COUNTED, or why not; `ones` of its sketch are set."""

    member: str
    status: str
    ones: int


@dataclass(frozen=True)
class Against:
    """The peers of a market, in its order, and the digest of its sketches. Nothing here knows of own customers."""

    sketches_digest: bytes
    peers: tuple[Peer, ...]


def check_against(found: Verified[wire.Count], sketches_digest: bytes) -> None:
    """Raises CountedBefore where a stored count is one against other sketches; a lost one says nothing of that."""
    if found.message is not None and found.message.sketches_digest != sketches_digest:
        raise CountedBefore(
            f"Entry {found.stored.seq} of this ledger counted the same study and months against the sketches of "
            "another market. A count is made once: a second one would tell more than was paid for. Nothing was spent. "
            "Decline the round, or ask the coordinator to open one of another study."
        )


def check_named(found: Verified[wire.Count], policy: Policy) -> None:
    """Raises PolicyRefused for a stored count that lets pairs be named where the policy does not let them any more."""
    if found.message is not None and found.message.named_pairs and not policy.named_pairs:
        raise PolicyRefused(
            f"The count that entry {found.stored.seq} booked says that pairs which name your institution may be "
            "published, and `sketch.named_pairs` in your policy does not allow that any more. A count is made once, "
            "and never signed anew. Nothing was sent, and nothing was spent. Decline the round, or set "
            "`sketch.named_pairs` to true again if your institution decides so.",
            "sketch.named_pairs",
        )


def check_peers(peers: Sequence[object]) -> None:
    """Raises NoPeers where there is nobody to count against."""
    if not peers:
        raise NoPeers(
            "The market of this round has no other member in it: there is nothing to count. Nothing was spent."
        )


def book_count(
    study: CrossUseStudy,
    window: Window,
    counted: Counted,
    against: Against,
    policy: Policy,
    ledger: Ledger,
    key: Ed25519PrivateKey,
    clock: Clock,
    step: Step = unobserved,
    *,
    round_name: str | None = None,
) -> Booked:
    """Books the signed count of `study` over `window` against the sketches of a market, unless there is one.

    `counted` is exact, one column for each peer; `step` and `round_name` are as in `node.release.book.release`. Raises,
    with nothing spent: NoPeers, CountedBefore, `BadVector`, `BadMechanism`, `PolicyRefused`, `BudgetExhausted`,
    `ClockWentBack`, `KeyNotInLedger`, and what the ledger raises.
    """
    check_peers(against.peers)
    priced = count_price(study, len(against.peers))
    _check_shape(study, counted, len(against.peers))
    _load_noise(priced)

    def paid(contents: Contents) -> int | None:
        found = count_of(contents, study, window)
        if found is None:
            return None
        check_against(found, against.sketches_digest)
        check_named(found, policy)
        return found.stored.seq

    def make(transaction: Transaction, now: datetime) -> tuple[bytes, Spent]:
        cells = draw(counted.cells.reshape(-1), priced.sums)
        histogram = draw_laplace(counted.histogram, priced.histogram)
        step("drawn")
        payload = _payload(study, window, against, cells, histogram, transaction, named_pairs=policy.named_pairs)
        envelope = sign(COUNT, payload, key)
        step("signed")
        return envelope, _entry(study, window, priced, cells.size, envelope, transaction.next_seq, now, round_name)

    return book(study, priced.spend, policy, ledger, key, clock, step, paid=paid, make=make)


def _check_shape(study: CrossUseStudy, counted: Counted, peers: int) -> None:
    """Of the shape alone; a check of the values could tell of them."""
    if counted.cells.shape != (len(study.groups) + 1, peers + 1) or counted.histogram.shape != (peers + 1,):
        raise BadVector(
            f"A count of {study.name} has {len(study.groups) + 1} rows, and a column more than peers. Nothing was "
            "spent: this is a defect of Kudos, please report it."
        )


def _load_noise(priced: CountPrice) -> None:
    """Has OpenDP loaded and its measurements made before the ledger is locked: noise for no cells at all."""
    nothing = np.zeros(0, dtype=np.int64)
    draw(nothing, priced.sums)
    draw_laplace(nothing, priced.histogram)


def _payload(
    study: CrossUseStudy,
    window: Window,
    against: Against,
    cells: NDArray[np.int64],
    histogram: NDArray[np.int64],
    transaction: Transaction,
    *,
    named_pairs: bool,
) -> bytes:
    """The count; of whatever customers, its size follows from study and market: its figures are of fixed width."""
    message = wire.Count(
        ledger=transaction.contents.opened.origin,
        entry=transaction.next_seq,
        study=study.name,
        study_version=study.version,
        study_digest=study.digest,
        window_first=window.first.isoformat(),
        window_last=window.last.isoformat(),
        sketches_digest=against.sketches_digest,
        named_pairs=named_pairs,
        peers=[wire.PeerCounted(member=peer.member, status=peer.status, ones=peer.ones) for peer in against.peers],
        cells=cells.tolist(),
        histogram=histogram.tolist(),
    )
    return message.SerializeToString(deterministic=True)


def _entry(
    study: CrossUseStudy,
    window: Window,
    priced: CountPrice,
    cells: int,
    envelope: bytes,
    seq: int,
    now: datetime,
    round_name: str | None,
) -> Spent:
    sums = SpentPart(
        table=TABLE,
        measure=SUMS,
        cells=cells,
        l2_squared=priced.l2_squared,
        scale=priced.sums.scale,
        rho_u=priced.rho.micro,
    )
    histogram = SpentLaplace(
        table=TABLE,
        measure=HISTOGRAM,
        cells=cells // (len(study.groups) + 1),
        l1=HISTOGRAM_L1,
        scale=priced.histogram.scale,
        epsilon_u=priced.epsilon.micro,
    )
    return Spent(
        seq=seq,
        time=now,
        study=study.name,
        study_digest=study.digest,
        round=round_name,
        window=window,
        parts=(sums, histogram),
        epsilon_u=priced.spend.epsilon.micro,
        rho_u=priced.spend.rho.micro,
        release_digest=release_digest(envelope),
    )
