"""What a round of cross-use has before anybody counts: the sealed sketches that came, by their headers, and the market.

A sketch is in no bundle, and its seal is not the auditor's to open: its header is, which its sender has signed. What it
names is held against the round and its roster here, and against the sender's ledger in `sketches_check`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privacy.audit.bundle import envelope_of
from privacy.audit.errors import BadBundle
from privacy.audit.paths import announcement_path, market_path, sketches_path
from privacy.audit.reading import Bundle
from privacy.audit.records import MarketRecord, RoundRecord, SketchLine, read_record
from privacy.audit.times_check import SLACK
from privacy.audit.verdict import Finding
from privacy.rounds.announcement import Announcement, Seat
from privacy.rounds.market import BadMarket, Market, announcement_digest, read_market
from privacy.rounds.states import State
from privacy.signing.envelope import parse_public_key
from privacy.sketch.errors import BadSeal
from privacy.sketch.header import Contents, SealedHeader, Sending, check_sending, read_header
from privacy.studies.cross_use import CrossUseStudy


@dataclass(frozen=True)
class HeldSketch:
    """A sealed sketch that came for a round, by its header. `digest` is the SHA-256 of the header's envelope.

    `contents` is what the header says of the sketch; None where it does not read. `declined` is when the member
    declined the round after all.
    """

    member: str
    digest: bytes
    received: datetime
    declined: datetime | None
    line: int
    contents: Contents | None


@dataclass(frozen=True)
class HeldMarket:
    """What a round of cross-use has: the sketches that came, and the market, where there is one that reads.

    `made` is when the coordinator made the market, as it says.
    """

    sketches: tuple[HeldSketch, ...] = ()
    market: Market | None = None
    made: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """A round as it was announced, in the bundle under `name`. `signed` is the announcement as it was signed."""

    name: str
    announcement: Announcement
    signed: bytes
    record: RoundRecord | None


def check_market(bundle: Bundle, asked: Asked, key: Ed25519PublicKey) -> tuple[HeldMarket, list[Finding]]:
    """The market and the sketches of a round in a bundle's public part, held against what was announced.

    Raises `BadBundle` where a file cannot be read.
    """
    if not isinstance(asked.announcement.study, CrossUseStudy):
        there = [path for path in (market_path(asked.name), sketches_path(asked.name)) if bundle.has(path)]
        said = "This round is not one of cross-use, and takes no sketches."
        return HeldMarket(), [Finding("SKETCH_UNASKED", said, asked.name, None, path) for path in there]
    sketches, findings = _sketches(bundle, asked, asked.announcement.study)
    held, found = _market(bundle, asked, key, tuple(sketches))
    return held, [*findings, *found]


# ---- sketches


def _sketches(bundle: Bundle, asked: Asked, study: CrossUseStudy) -> tuple[list[HeldSketch], list[Finding]]:
    path = sketches_path(asked.name)
    found: list[HeldSketch] = []
    findings: list[Finding] = []
    for line in bundle.lines(path) if bundle.has(path) else ():
        record = read_record(SketchLine, line.content, path, line.number)
        try:
            envelope = envelope_of(record)
        except BadBundle as error:
            raise BadBundle(error.what, path, line.number) from error
        header, told = _header(record.member, envelope, asked, study)
        if any(each.member == record.member for each in found):
            told.append(("SKETCH_TWICE", f"{record.member} has another sketch in this round already."))
        told += [("SKETCH_LATE", text) for text in _untimely(record, asked, bundle.headers["public"].made)]
        findings += [Finding(code, said, asked.name, None, path, line.number) for code, said in told]
        contents = None if header is None else header.contents
        digest = hashlib.sha256(envelope).digest()
        found.append(HeldSketch(record.member, digest, record.received, record.declined, line.number, contents))
    return found, findings


def _header(
    member: str, envelope: bytes, asked: Asked, study: CrossUseStudy
) -> tuple[SealedHeader | None, list[tuple[str, str]]]:
    """A header as it reads, and what is wrong with it for this round, whoever's ledger has booked it."""
    announced = asked.announcement
    seat = announced.seat(member)
    if seat is None:
        return None, [("SKETCH_UNASKED", f"A sketch of {member} was taken, whom this round did not ask.")]
    try:
        header = read_header(envelope, parse_public_key(seat.signing_key))
    except (BadSeal, ValueError):
        said = f"The header of {member}'s sketch is none that the key in the roster has signed."
        return None, [("SKETCH_UNREADABLE", said)]
    found: list[tuple[str, str]] = []
    sending = Sending(announced.coordinator, announced.round, member, announcement_digest(asked.signed))
    try:
        check_sending(header, sending)
    except BadSeal:
        said = f"What was taken of {member} was sealed for another round or announcement, or by another member."
        found.append(("SKETCH_OF_OTHER_ROUND", said))
    found += [("SKETCH_DIFFERS", f"{member}'s sketch {text}.") for text in _other_terms(header, announced, seat, study)]
    strangers = sorted(header.keys.keys() - {each.member for each in announced.roster})
    if strangers:
        said = f"{member}'s sketch is sealed for {', '.join(strangers)}, whom this round did not ask."
        found.append(("SKETCH_SEALED_WRONG", said))
    return header, found


def _other_terms(header: SealedHeader, announced: Announcement, seat: Seat, study: CrossUseStudy) -> Iterable[str]:
    """In what a header says another sketch than this round counts against."""
    terms, epoch = header.contents.terms, str(announced.window.last.year)
    if (terms.buckets, terms.response) != (study.buckets, study.response):
        yield f"has {terms.buckets} buckets and {terms.flips} flips of 2^{terms.flip_bits}, and the study other ones"
    if (terms.epoch, str(terms.window.last.year)) != (epoch, epoch):
        yield f"is of {terms.epoch} and {terms.window}, and this round asks for one of {epoch}"
    if (terms.identity_commitment.hex(), terms.identity_epoch) != (seat.identity_commitment, seat.identity_epoch):
        yield "was made with another identity key than the roster has of it"


def _untimely(record: SketchLine, asked: Asked, made: datetime) -> Iterable[str]:
    announced, ended = asked.announcement, None if asked.record is None else asked.record.ended
    until = announced.sketch_deadline
    if announced.opened - record.received > SLACK:
        yield f"The sketch of {record.member} was taken before this round was opened."
    if until is not None and record.received - until > SLACK:
        yield f"The sketch of {record.member} was taken after the deadline for sketches."
    elif ended is not None and record.received - ended > SLACK:
        yield f"The sketch of {record.member} was taken after this round had ended."
    elif record.received - made > SLACK:
        yield f"The sketch of {record.member} was taken after the bundle was made."


# ---- the market


def _market(
    bundle: Bundle, asked: Asked, key: Ed25519PublicKey, sketches: tuple[HeldSketch, ...]
) -> tuple[HeldMarket, list[Finding]]:
    path, name = market_path(asked.name), asked.name
    if not bundle.has(path):
        counted = asked.record is not None and asked.record.state in (State.CLOSED, State.PUBLISHED)
        said = "This round was counted, and its market is missing: nobody can tell against which sketches."
        return HeldMarket(sketches), [
            Finding("MARKET_MISSING", said, name, None, announcement_path(name))
        ] if counted else []
    record = read_record(MarketRecord, bundle.read(path), path)
    try:
        market = read_market(envelope_of(record), key, asked.announcement, asked.signed)
    except (BadMarket, BadBundle) as error:
        said = error.what if isinstance(error, BadBundle) else str(error)
        return HeldMarket(sketches, None, record.made), [Finding("MARKET_UNREADABLE", said, name, None, path)]
    held = HeldMarket(sketches, market, record.made)
    told = [*_against_sketches(market, sketches, record.made), *_moment(record.made, asked, bundle)]
    return held, [Finding(code, said, name, None, path) for code, said in told]


def _against_sketches(market: Market, sketches: tuple[HeldSketch, ...], made: datetime) -> Iterable[tuple[str, str]]:
    """Each seat's header is here and says the same sketch; nobody's sketch is left out without a word."""
    came = {each.member: each for each in sketches}
    for seat in market.seats:
        sketch = came.get(seat.member)
        if sketch is None:
            yield "MARKET_DIFFERS", f"The market has {seat.member}, and no sketch of this member is here."
            continue
        named = None if sketch.contents is None else sketch.contents.sketch_digest
        if (sketch.digest, named) != (seat.header_digest, seat.sketch_digest):
            yield "MARKET_DIFFERS", f"The market names another sketch of {seat.member} than came, or another header."
        if sketch.received - made > SLACK:
            yield "MARKET_OUT_OF_ORDER", f"The market was made before the sketch of {seat.member} was there."
    for member in sorted(came.keys() - set(market.members)):
        declined = came[member].declined
        if declined is not None and declined - made <= SLACK:
            yield "LEFT_OUT_WITH_REASON", f"The market leaves {member} out, who had declined after sketching."
        else:
            yield "LEFT_OUT", f"{member} sent a sketch for this round, and the market leaves it out without a word."


def _moment(made: datetime, asked: Asked, bundle: Bundle) -> Iterable[tuple[str, str]]:
    if asked.announcement.opened - made > SLACK:
        yield "MARKET_OUT_OF_ORDER", "The market was made before its round was opened."
    if made - asked.announcement.deadline > SLACK or made - bundle.headers["public"].made > SLACK:
        yield "MARKET_OUT_OF_ORDER", "The market was made after its round's deadline, or after the bundle."
