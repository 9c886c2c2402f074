"""What a count must be to answer a round of cross-use: signed, of this study, window and market, with sane figures.

A figure of a count is a sum over a member's customers, of ones or of +1 and -1: LARGEST_BASE at most either way, and
the noise stays within NOISE standard deviations of it, as for any release (`privacy.rounds.fit`).
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.message import DecodeError

from privacy.bounds.windows import Window
from privacy.ledger.fields import LARGEST_NUMBER
from privacy.rounds.fit import (
    LARGEST_BASE,
    Misfit,
    UnfitRelease,
    check_origin,
    check_window,
    noise_bound,
    signed_by_roster,
)
from privacy.rounds.market import Market
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price
from protos.kudos.v1.cross_use_pb2 import Count, PeerCounted

COUNT = "application/vnd.kudos.v1.count"
"""The payload type of a count."""

COUNTED = "COUNTED"
"""The status of a peer whose sketch was counted against."""
REFUSED = ("WRONG_SEAL", "NOT_SEALED_FOR_ME", "SKETCH_ALTERED", "OTHER_TERMS", "IMPLAUSIBLE", "NOT_THERE")
"""Why a peer's sketch was not: it opens under no key of the counter's or was not sealed for it, is not what its sender
signed, is of other parameters, epoch or identity key, has more or fewer bits set than any customers could give, or the
coordinator did not hand it out."""

_OVERHEAD = 4096
_PEER_BYTES = 128
"""Bytes of what is said of a peer beside its sums; a member's id has 61 at most."""


def check_count(
    envelope: bytes,
    signing_key: Ed25519PublicKey,
    study: CrossUseStudy,
    window: Window,
    ledger: str,
    market: Market,
    member: str,
) -> Count:
    """The count in an envelope, if it is one that this round takes from this member. Raises UnfitRelease."""
    peers = market.peers_of(member)
    rows = len(study.groups) + 1
    largest = 8 * (rows + 1) * (len(peers) + 1) + _PEER_BYTES * len(peers) + _OVERHEAD
    if len(envelope) > largest:
        raise UnfitRelease(
            Misfit.TOO_LARGE, f"A count of {study.name} has at most {largest} bytes here, and this has {len(envelope)}."
        )
    count = _parsed(envelope, signing_key)
    check_origin(count, "count", study, ledger)
    check_window(count, "count", window)
    said = tuple(peer.member for peer in count.peers)
    cells, bins = rows * (len(peers) + 1), len(peers) + 1
    if (
        member not in market.members
        or not peers
        or count.sketches_digest != market.sketches_digest
        or said != peers
        or (len(count.cells), len(count.histogram)) != (cells, bins)
    ):
        raise UnfitRelease(
            Misfit.WRONG_LAYOUT, "This count is of another market than the round's. Count against the sketches it has."
        )
    _check_statuses(count, study)
    _check_values(count, study, len(peers))
    return count


def _parsed(envelope: bytes, signing_key: Ed25519PublicKey) -> Count:
    payload, count = signed_by_roster(COUNT, envelope, signing_key), Count()
    try:
        count.ParseFromString(payload)
    except DecodeError as error:
        raise UnfitRelease(
            Misfit.BAD_RELEASE, "What is signed here is no count. Send what the node has made."
        ) from error
    if _known(count).SerializeToString(deterministic=True) != payload or count.entry > LARGEST_NUMBER:
        raise UnfitRelease(Misfit.BAD_RELEASE, "This count is not written as one. Send what the node has made.")
    return count


def _known(count: Count) -> Count:
    """The same count without fields that nobody knows."""
    return Count(
        ledger=count.ledger,
        entry=count.entry,
        study=count.study,
        study_version=count.study_version,
        study_digest=count.study_digest,
        window_first=count.window_first,
        window_last=count.window_last,
        sketches_digest=count.sketches_digest,
        named_pairs=count.named_pairs,
        peers=[PeerCounted(member=peer.member, status=peer.status, ones=peer.ones) for peer in count.peers],
        cells=count.cells,
        histogram=count.histogram,
    )


def _check_statuses(count: Count, study: CrossUseStudy) -> None:
    for peer in count.peers:
        counted = peer.status == COUNTED
        if (not counted and peer.status not in REFUSED) or peer.ones > (study.buckets if counted else 0):
            raise UnfitRelease(Misfit.BAD_RELEASE, "This count says of a peer's sketch what none can be.")


def _check_values(count: Count, study: CrossUseStudy, peers: int) -> None:
    priced = count_price(study, peers)
    for name, values, variance in (
        ("a sum", count.cells, priced.sums.scale**2),
        ("the histogram", count.histogram, 2 * priced.histogram.scale**2),
    ):
        if any(abs(value) > LARGEST_BASE + noise_bound(variance) for value in values):
            raise UnfitRelease(
                Misfit.ABSURD_VALUE, f"A figure of {name} is beyond what an institution's customers could come to."
            )
