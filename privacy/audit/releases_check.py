"""Releases and the entries that booked them, one to one; and each release against its study, window and round."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from privacy.audit.bundle import envelope_of
from privacy.audit.errors import BadBundle
from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.audit.paths import releases_path
from privacy.audit.reading import Bundle
from privacy.audit.records import Header, ReleaseLine, read_record
from privacy.audit.release_fit import faults_of, unverified
from privacy.audit.rounds_check import CheckedRound
from privacy.audit.studies_check import Studies, is_sketch
from privacy.audit.tiers_check import foreign_thresholds
from privacy.audit.times_check import SLACK
from privacy.audit.verdict import Finding
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Spent
from privacy.rounds.market import Market


@dataclass(frozen=True)
class HeldRelease:
    """A release as the bundle has it. `booked`: an entry of the member's ledger booked these very bytes."""

    member: str
    digest: str
    round: str | None
    received: datetime | None
    line: int
    envelope: bytes
    booked: bool


@dataclass(frozen=True)
class CheckedReleases:
    """A member's releases, and the entries whose releases are not there."""

    member: str
    releases: tuple[HeldRelease, ...]
    unsent: tuple[Placed, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Context:
    """What a member's releases are held against."""

    member: str
    ledger: CheckedLedger
    studies: Studies
    rounds: Mapping[str, CheckedRound]
    header: Header
    by_digest: Mapping[str, Placed]
    by_entry: Mapping[int, Placed]

    @property
    def file(self) -> str:
        return releases_path(self.member)

    @property
    def listed(self) -> bool:
        """Whether these are releases as a coordinator took them, and not what a node says of its own."""
        return self.header.source == "coordinator" or bool(self.rounds)

    def market_of(self, round_name: str | None) -> Market | None:
        """The market of a round; None where there is none that reads."""
        found = self.rounds.get(round_name or "")
        return None if found is None else found.held.market

    def finding(self, code: str, sentence: str, line: int | None, entry: int | None = None) -> Finding:
        return Finding(code, sentence, self.member, entry, self.file, line)


_FOREIGN = (
    "The release puts the customers of the twelve months before into value tiers by thresholds that neither it nor any "
    "release over those months has told."
)


def check_releases(
    bundle: Bundle, ledger: CheckedLedger, studies: Studies, rounds: Mapping[str, CheckedRound], header: Header
) -> CheckedReleases:
    """Holds a member's releases, in the restricted part of a bundle, against its ledger.

    `rounds` has all rounds, by name; `header` is the public part's. Raises `BadBundle` where a file does not read.
    """
    spends = ledger.spends
    by_digest = {each.entry.release_digest: each for each in spends if isinstance(each.entry, Spent)}
    context = _Context(
        ledger.member, ledger, studies, rounds, header, by_digest, {each.entry.seq: each for each in spends}
    )
    found: list[HeldRelease] = []
    findings: list[Finding] = []
    seen: set[tuple[str | None, str]] = set()
    rounds_seen: dict[str, str] = {}
    lines = bundle.lines(context.file) if bundle.has(context.file) else ()
    for line in lines:
        record = read_record(ReleaseLine, line.content, context.file, line.number)
        held, faults = _checked(context, record, line.number)
        findings += faults
        found.append(held)
        if context.listed and (record.round not in rounds or record.received is None):
            said = "This release has no time of arrival, or no round that is here: nobody can tell who left it out."
            findings.append(context.finding("RELEASE_UNPLACED", said, line.number))
        before = rounds_seen.setdefault(record.round, held.digest) if record.round else held.digest
        if (record.round, held.digest) in seen or before != held.digest:
            said = f"The member has another release for {record.round or 'no round'} already."
            findings.append(context.finding("RELEASE_TWICE", said, line.number))
        seen.add((record.round, held.digest))
    findings += [
        context.finding("THRESHOLDS_FOREIGN", _FOREIGN, None, each.entry.seq)
        for each in foreign_thresholds(ledger, [each.envelope for each in found])
    ]
    there = {each.digest for each in found}
    unsent = tuple(
        each
        for digest, each in by_digest.items()
        if digest not in there and not is_sketch(each.entry)  # what became of a sketch, `sketches_check` says
    )
    findings += [
        Finding("UNSENT", "The entry was booked, and its release was never received. It is paid for.", ledger.member,
                each.entry.seq, ledger.file, each.line)
        for each in unsent
    ]  # fmt: skip
    return CheckedReleases(ledger.member, tuple(found), unsent, tuple(findings))


def _checked(context: _Context, record: ReleaseLine, line: int) -> tuple[HeldRelease, list[Finding]]:
    try:
        envelope = envelope_of(record)
    except BadBundle as error:
        raise BadBundle(error.what, context.file, line) from error
    digest = release_digest(envelope)
    placed = context.by_digest.get(digest)
    held = HeldRelease(context.member, digest, record.round, record.received, line, envelope, placed is not None)
    if placed is None:
        return held, [_unbooked(context, envelope, line)]
    assert isinstance(placed.entry, Spent)  # noqa: S101  by_digest holds nothing else
    market = context.market_of(record.round or placed.entry.round)
    faults = faults_of(envelope, placed, context.ledger, context.studies, market)
    found = [context.finding(code, said, line, placed.entry.seq) for code, said in faults]
    found += [*_moments(context, placed, record, line)]
    if placed.line in context.ledger.rebooked and record.received is not None:
        said = "This release's entry follows a recovery, which gave its bytes up: they can have come from nowhere."
        found.append(context.finding("RECOVERY_DIFFERS", said, line, placed.entry.seq))
    return held, found


def _unbooked(context: _Context, envelope: bytes, line: int) -> Finding:
    """A release that no entry names: another one in the place of what an entry booked, or one without any entry."""
    release = unverified(envelope)
    if release is None:
        return context.finding("RELEASE_UNREADABLE", "These bytes are no release.", line)
    if release.entry in context.by_entry:
        said = f"The release names entry {release.entry}, which booked other bytes: another draw, or altered figures."
        return context.finding("RELEASE_SWAPPED", said, line, release.entry)
    said = f"No entry of the ledger booked this release; it names entry {release.entry}, which is no release."
    return context.finding("RELEASE_WITHOUT_ENTRY", said, line)


def _moments(context: _Context, placed: Placed, record: ReleaseLine, line: int) -> list[Finding]:
    """When and for what it came: after its entry was cosigned, for a round that asked for it, while that was open."""
    found: list[Finding] = []
    entry = placed.entry
    assert isinstance(entry, Spent)  # noqa: S101  only spends book releases
    point = context.ledger.covered(placed.line)
    cosigned = None if point is None else point.time
    witnessed = bool(context.ledger.points) or context.header.witness is not None
    if record.received is not None and witnessed and (cosigned is None or cosigned - record.received > SLACK):
        said = f"The release was taken at {record.received:%Y-%m-%d %H:%M:%S} UTC, before its entry was cosigned."
        found.append(context.finding("RELEASE_BEFORE_COSIGNATURE", said, line, entry.seq))
    if record.received is not None and record.received > context.header.made + SLACK:
        said = "The release was taken after the bundle was made."
        found.append(context.finding("RELEASE_LATE", said, line, entry.seq))
    of_round = context.rounds.get(record.round or "")
    asked = None if of_round is None else of_round.announcement
    if of_round is None or asked is None:
        return found
    made = of_round.held.made
    if made is not None and record.received is not None and made - record.received > SLACK:
        said = f"The count was taken at {record.received:%Y-%m-%d %H:%M:%S} UTC, before its round had a market."
        found.append(context.finding("COUNT_BEFORE_MARKET", said, line, entry.seq))
    if asked.seat(context.member) is None:
        said = f"Round {asked.round} did not ask this member."
        found.append(context.finding("RELEASE_UNASKED", said, line, entry.seq))
    if (asked.study.digest, asked.window) != (entry.study_digest, entry.window):
        said = f"Round {asked.round} asked for another study or window."
        found.append(context.finding("RELEASE_OF_OTHER_ROUND", said, line, entry.seq))
    if record.received is not None:
        found += [
            context.finding("RELEASE_LATE", text, line, entry.seq) for text in _outside(of_round, record.received)
        ]
    return found


def _outside(of_round: CheckedRound, received: datetime) -> list[str]:
    """Whether a release came while its round took none; a clock may have been set right in between."""
    asked, record = of_round.announcement, of_round.record
    if asked is not None and asked.opened - received > SLACK:
        return [f"The release was taken before round {asked.round} was opened."]
    if asked is not None and received - asked.deadline > SLACK:
        return [f"The release was taken after the deadline of round {asked.round}."]
    if record is not None and record.ended is not None and received - record.ended > SLACK:
        return [f"The release was taken after round {record.round} had ended."]
    return []
