"""One release, or one count of a round of cross-use: whether it is what the entry that booked it says that it is."""

from google.protobuf.message import DecodeError

from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.audit.studies_check import Studies, Told
from privacy.ledger.leaves import Spent
from privacy.rounds.count_fit import COUNT, check_count
from privacy.rounds.fit import Misfit, UnfitRelease, check_release
from privacy.rounds.market import Market
from privacy.signing.envelope import RELEASE, BadEnvelope, parse_public_key, verify
from privacy.studies.cross_use import CrossUseStudy
from protos.kudos.v1.cross_use_pb2 import Count
from protos.kudos.v1.envelope_pb2 import Envelope
from protos.kudos.v1.release_pb2 import Release

_CODES = {
    Misfit.WRONG_LEDGER: "RELEASE_DIFFERS",
    Misfit.WRONG_STUDY: "RELEASE_DIFFERS",
    Misfit.WRONG_WINDOW: "RELEASE_DIFFERS",
    Misfit.WRONG_LAYOUT: "RELEASE_LAYOUT",
    Misfit.TOO_LARGE: "RELEASE_LAYOUT",
    Misfit.BAD_RELEASE: "RELEASE_UNREADABLE",
    Misfit.ABSURD_VALUE: "RELEASE_UNREADABLE",
}

_MISFITS = {
    Misfit.WRONG_LEDGER: "it names another ledger",
    Misfit.WRONG_STUDY: "it names another study, or another version of it",
    Misfit.WRONG_WINDOW: "it is over another window",
    Misfit.WRONG_LAYOUT: "it has other cells than the study",
    Misfit.TOO_LARGE: "it is larger than any release of the study",
    Misfit.BAD_RELEASE: "what is signed is no release",
    Misfit.ABSURD_VALUE: "it has a figure that no institution could have",
}


def unverified(envelope: bytes) -> Release | Count | None:
    """What a release says of itself, whoever signed it; None for bytes that are none."""
    message = Envelope()
    try:
        message.ParseFromString(envelope)
        release: Release | Count = Count() if message.payload_type == COUNT else Release()
        release.ParseFromString(message.payload)
    except DecodeError:
        return None
    return release if message.payload_type in (RELEASE, COUNT) and release.ledger else None


def faults_of(envelope: bytes, placed: Placed, ledger: CheckedLedger, studies: Studies, market: Market | None) -> Told:
    """In what a release is not what its entry booked. `market` is that of the round that took it, if it has one."""
    entry = placed.entry
    assert isinstance(entry, Spent)  # noqa: S101  only spends book releases
    study = studies.get(entry.study_digest)
    counted = isinstance(study, CrossUseStudy)
    try:
        key = parse_public_key(ledger.key_before(placed.line) or "")
        verify(COUNT if counted else RELEASE, envelope, key)
    except (BadEnvelope, ValueError):
        return [("RELEASE_SIGNATURE", "The release is not signed by the key that the ledger names for its entry.")]
    opened = ledger.opened
    if study is None or opened is None or (counted and market is None):
        return []  # said of the ledger, or of the round, already
    try:
        if not isinstance(study, CrossUseStudy):
            said = check_release(envelope, key, study, entry.window, opened.origin).entry
        elif market is not None:
            other = _other_market(envelope, ledger.member, market)
            if other:
                return other
            said = check_count(envelope, key, study, entry.window, opened.origin, market, ledger.member).entry
    except UnfitRelease as error:
        told = f"The release is not what its entry booked: {_MISFITS[error.misfit]}."
        return [(_CODES[error.misfit], told)]
    if said != entry.seq:
        return [("RELEASE_DIFFERS", f"The release names entry {said}, and was booked by this one.")]
    return []


def _other_market(envelope: bytes, member: str, market: Market) -> Told:
    """Whether a count is one against other sketches than those of the market; it is verified elsewhere."""
    if member not in market.members:
        return [("COUNT_NOT_IN_MARKET", "This count is of a member that has no sketch in the market of its round.")]
    count = unverified(envelope)
    if not isinstance(count, Count):
        return []
    peers = tuple(peer.member for peer in count.peers)
    if (count.sketches_digest, peers) == (market.sketches_digest, market.peers_of(member)):
        return []
    return [("COUNT_OF_OTHER_MARKET", "This count was made against other sketches than its round's market has.")]
