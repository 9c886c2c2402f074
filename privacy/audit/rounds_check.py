"""Rounds: what the coordinator announced, to whom, and under which keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privacy.audit.bundle import envelope_of
from privacy.audit.errors import BadBundle
from privacy.audit.ledgers import CheckedLedger, Placed, keys_named
from privacy.audit.markets import Asked, HeldMarket, check_market
from privacy.audit.paths import announcement_path, round_path, rounds_in
from privacy.audit.reading import Bundle
from privacy.audit.records import Dsse, RoundRecord, read_record
from privacy.audit.studies_check import COUNT_PARTS
from privacy.audit.times_check import SLACK
from privacy.audit.verdict import Finding
from privacy.ledger.leaves import Spent
from privacy.rounds.announcement import Announcement, BadAnnouncement, read
from privacy.sketch.buckets import epoch_of
from privacy.studies.cross_use import SKETCH, CrossUseStudy


@dataclass(frozen=True)
class CheckedRound:
    """A round: its announcement, where it reads, and where it stands; of one of cross-use, what it counts against."""

    name: str
    announcement: Announcement | None
    record: RoundRecord | None
    findings: tuple[Finding, ...]
    held: HeldMarket = field(default_factory=HeldMarket)


def coordinator_key(bundle: Bundle) -> Ed25519PublicKey | None:
    """The key that signs rounds and benchmarks, as the bundle says; None where it names none, or no key."""
    text = bundle.headers["public"].coordinator_key
    try:
        return None if text is None else Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError:
        return None


def check_rounds(bundle: Bundle) -> dict[str, CheckedRound]:
    """The rounds of a bundle's public part, by name. Raises `BadBundle` where a file cannot be read."""
    key = coordinator_key(bundle)
    names = rounds_in(bundle.paths)
    if key is None:
        said = "The bundle names no key of a coordinator, so that no round or benchmark can be checked."
        return {
            name: CheckedRound(name, None, None, (Finding("COORDINATOR_KEY_UNKNOWN", said, name),)) for name in names
        }
    return {name: _checked(bundle, name, key) for name in names}


def _checked(bundle: Bundle, name: str, key: Ed25519PublicKey) -> CheckedRound:
    path = announcement_path(name)
    record = (
        read_record(RoundRecord, bundle.read(round_path(name)), round_path(name))
        if bundle.has(round_path(name))
        else None
    )
    if not bundle.has(path):
        finding = Finding("ANNOUNCEMENT_UNREADABLE", "The announcement of this round is missing.", name, None, path)
        return CheckedRound(name, None, record, (finding,))
    try:
        signed = envelope_of(read_record(Dsse, bundle.read(path), path))
        announcement = read(signed, key)
    except (BadAnnouncement, BadBundle) as error:
        said = error.what if isinstance(error, BadBundle) else str(error)
        return CheckedRound(name, None, record, (Finding("ANNOUNCEMENT_UNREADABLE", said, name, None, path),))
    held, found = check_market(bundle, Asked(name, announcement, signed, record), key)
    return CheckedRound(
        name, announcement, record, (*_against_record(bundle, name, announcement, record), *found), held
    )


def _against_record(bundle: Bundle, name: str, announcement: Announcement, record: RoundRecord | None) -> list[Finding]:
    said: list[str] = []
    domain = bundle.headers["public"].trust_domain
    if announcement.coordinator != domain:
        said.append(f"The announcement is of the network {announcement.coordinator}, and the bundle of {domain}.")
    if announcement.round != name:
        said.append(f"The announcement is of the round {announcement.round}.")
    if record is None:
        said.append("There is no record of where this round stands.")
    elif (record.round, record.opened, record.deadline) != (name, announcement.opened, announcement.deadline):
        said.append("The record of this round has another name, opening or deadline.")
    return [Finding("ANNOUNCEMENT_DIFFERS", text, name, None, announcement_path(name)) for text in said]


def check_roster(announcement: Announcement, ledgers: Mapping[str, CheckedLedger]) -> list[Finding]:
    """The roster's keys against those that the members' own ledgers name while the round was open."""
    found = []
    for seat in announcement.roster:
        ledger = ledgers.get(seat.member)
        if ledger is None or not ledger.placed:
            continue
        if seat.signing_key in ledger.keys_between(announcement.opened, announcement.opened):
            continue
        place = announcement.round, None, announcement_path(announcement.round)
        if seat.signing_key in {key for _, key in keys_named(ledger.placed)}:
            said = (
                f"The roster has a signing key of {seat.member} that the ledger names, and not at the round's opening."
            )
            found.append(Finding("ROSTER_KEY_MOVED", said, *place))
        else:
            said = f"The roster has a signing key of {seat.member} that this member's ledger never names."
            found.append(Finding("ROSTER_KEY_DIFFERS", said, *place))
    return found


def check_asked(ledger: CheckedLedger, rounds: Mapping[str, CheckedRound]) -> list[Finding]:
    """The rounds that a ledger's entries name: there, and asking for just this of just this member, before.

    `rounds` are all that the coordinator ever opened. A release may answer other rounds too, of the same study and
    window, and its entry names only the first.
    """
    found = []
    for each in ledger.spends:
        entry = each.entry
        if not isinstance(entry, Spent) or entry.round is None:
            continue
        if entry.round not in rounds:
            said = f"This entry was booked for the round {entry.round}, which is not here: kept back, or never held."
            found.append(_of_entry(ledger, each, "ROUND_MISSING", said))
            continue
        asked = rounds[entry.round].announcement
        if asked is not None:
            what = _otherwise(ledger.member, entry, asked)
            what += _against_market(ledger.member, entry, rounds[entry.round].held)
            said = f"This entry was booked for the round {entry.round}"
            found += [_of_entry(ledger, each, "ROUND_DIFFERS", f"{said}, {text}.") for text in what]
    return found


def _otherwise(member: str, entry: Spent, asked: Announcement) -> list[str]:
    """In what a round did not ask for what an entry booked."""
    found = []
    if not _asks_for(asked, entry):
        found.append("which asked for another study or window")
    if asked.seat(member) is None:
        found.append("which did not ask this member")
    if asked.opened - entry.time > SLACK:
        found.append(f"which was opened only at {asked.opened:%Y-%m-%d %H:%M} UTC")
    return found


def _asks_for(asked: Announcement, entry: Spent) -> bool:
    """Whether a round asks for what an entry booked. A sketch stands for a year, of whichever window in it."""
    if entry.study == SKETCH:
        sketch = asked.study.sketch_digest if isinstance(asked.study, CrossUseStudy) else None
        return (sketch, epoch_of(asked.window)) == (entry.study_digest, epoch_of(entry.window))
    return (asked.study.digest, asked.window) == (entry.study_digest, entry.window)


def _against_market(member: str, entry: Spent, held: HeldMarket) -> list[str]:
    """In what a count that was booked for a round is none against its market."""
    if held.market is None or entry.study == SKETCH:
        return []
    if member not in held.market.members:
        return ["whose market has no sketch of this member"]
    peers = len(held.market.peers_of(member))
    cells = [part.cells for part in entry.parts if (part.table, part.measure) == COUNT_PARTS[1]]
    return [] if cells in ([], [peers + 1]) else [f"in whose market it has {peers} peers, and books other cells"]


def _of_entry(ledger: CheckedLedger, placed: Placed, code: str, sentence: str) -> Finding:
    return Finding(code, sentence, ledger.member, placed.entry.seq, ledger.file, placed.line)
