"""What the header of a sealed sketch must say, to be one that a round takes from a member: `privacy.sketch.header`."""

from coordinator.errors import BadSketch, OtherTerms, WrongLedger, WrongRound
from coordinator.rounds.asked import Wanted
from privacy.rounds.announcement import Announcement
from privacy.rounds.market import announcement_digest
from privacy.signing.envelope import parse_public_key
from privacy.sketch.buckets import epoch_of
from privacy.sketch.errors import BadSeal
from privacy.sketch.header import SealedHeader, Sending, check_sending, read_header
from privacy.studies.cross_use import CrossUseStudy


def fitting_header(
    envelope: bytes, announced: Announcement, announcement: bytes, study: CrossUseStudy, member: str, ledger: str
) -> SealedHeader:
    """The header in an envelope, if its sketch is one that this round takes from this member.

    `announced` is what the signed bytes `announcement` say. Raises BadSketch, WrongRound, WrongLedger and OtherTerms.
    """
    seat = announced.seat(member)
    if seat is None:
        raise ValueError("a member that the round does not ask")
    try:
        header = read_header(envelope, parse_public_key(seat.signing_key))
    except BadSeal as error:
        raise BadSketch(
            f"{error} The round takes what the key in its roster has signed; if your node has had a new key since, ask "
            "the coordinator's operator to open the round anew."
        ) from error
    try:
        check_sending(
            header, Sending(announced.coordinator, announced.round, member, announcement_digest(announcement))
        )
    except BadSeal as error:
        raise WrongRound(str(error)) from error
    if not set(header.keys) <= {each.member for each in announced.roster}:
        raise WrongRound(f"This sketch is sealed for somebody whom round {announced.round} does not ask.")
    if header.contents.ledger != ledger:
        raise WrongLedger(f"This sketch is booked in another ledger than yours, {ledger}. Send it from its own node.")
    _check_terms(header, announced, study)
    terms, held = header.contents.terms, (seat.identity_commitment, seat.identity_epoch)
    if (terms.identity_commitment.hex(), terms.identity_epoch) != held:
        raise OtherTerms(
            f"This sketch is made with another identity key than round {announced.round} has you seated with. Let the "
            "node run once, so that it has the network's key, and ask the coordinator's operator for a new round."
            if seat.identity_commitment
            else f"Round {announced.round} has you seated without the network's identity key, so that common customers "
            "could not be told. The next round will ask you again."
        )
    return header


def wanted_by(header: SealedHeader, study: CrossUseStudy) -> Wanted:
    """What the entry that the header names must book: the sketch inside, once for all studies that share it."""
    return Wanted(header.contents.sketch_digest.hex(), study.sketch_digest, header.contents.terms.window)


def _check_terms(header: SealedHeader, announced: Announcement, study: CrossUseStudy) -> None:
    terms, epoch = header.contents.terms, epoch_of(announced.window)
    if (terms.buckets, terms.response) != (study.buckets, study.response):
        raise OtherTerms(
            f"This sketch has {terms.buckets} buckets and {terms.flips} flips of 2^{terms.flip_bits}, and {study.name} "
            f"asks for {study.buckets} and {study.response.flips} of 2^{study.response.bits}. There is one sketch a "
            "year: take part in studies of one kind alone."
        )
    if terms.epoch != epoch:
        raise OtherTerms(f"This sketch stands for {terms.epoch}, and round {announced.round} asks for that of {epoch}.")
