"""The sealed sketches of all rounds against the ledgers that booked them: each is paid for, once a year, beforehand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from privacy.audit.ledgers import CheckedLedger
from privacy.audit.markets import HeldSketch
from privacy.audit.paths import announcement_path, sketches_path
from privacy.audit.records import Header
from privacy.audit.releases_check import HeldRelease
from privacy.audit.rounds_check import CheckedRound
from privacy.audit.studies_check import is_sketch
from privacy.audit.times_check import SLACK
from privacy.audit.verdict import Finding
from privacy.ledger.leaves import Spent
from privacy.sketch.header import Contents
from privacy.studies.cross_use import CrossUseStudy


def check_sketches(
    rounds: Mapping[str, CheckedRound], ledgers: Mapping[str, CheckedLedger], header: Header
) -> list[Finding]:
    """Every sketch that came for a round of `rounds` against its member's ledger, and every booked one against those.

    A member without a ledger is `check_ledgers_shown`'s to name.
    """
    found: list[Finding] = []
    first: dict[tuple[str, str], tuple[bytes, str]] = {}
    for name, checked in rounds.items():
        for each in checked.held.sketches:
            if each.contents is None:
                continue  # said of the round already
            told = [*_twice(each, each.contents, name, first)]
            if each.member in ledgers:
                told += _booked(each, each.contents, checked, ledgers[each.member], header)
            found += [Finding(code, said, name, None, sketches_path(name), each.line) for code, said in told]
    if rounds or header.source == "coordinator":
        held = [each for checked in rounds.values() for each in checked.held.sketches]
        found += _unsent(ledgers.values(), {_digest(each.contents) for each in held if each.contents is not None})
    return found


def check_counted(
    rounds: Mapping[str, CheckedRound], held: Mapping[str, Sequence[HeldRelease]], published: Iterable[str]
) -> list[Finding]:
    """Rounds of cross-use with counts or a benchmark (`published` has their names), and without any market."""
    counted = {each.round for releases in held.values() for each in releases} | set(published)
    found = []
    for name, checked in rounds.items():
        cross_use = checked.announcement is not None and isinstance(checked.announcement.study, CrossUseStudy)
        if cross_use and name in counted and checked.held.made is None and not _said(checked):
            said = "Counts were taken for this round, and its market is missing."
            found.append(Finding("MARKET_MISSING", said, name, None, announcement_path(name)))
    return found


def _said(checked: CheckedRound) -> bool:
    return any(each.code == "MARKET_MISSING" for each in checked.findings)


def _twice(
    sketch: HeldSketch, contents: Contents, name: str, first: dict[tuple[str, str], tuple[bytes, str]]
) -> Iterator[tuple[str, str]]:
    digest, where = first.setdefault((sketch.member, contents.terms.epoch), (contents.sketch_digest, name))
    if digest != contents.sketch_digest:
        said = f"{sketch.member} sent another sketch of {contents.terms.epoch} to round {where}: there is one a year."
        yield "SKETCH_TWICE", said


def _booked(
    sketch: HeldSketch, contents: Contents, checked: CheckedRound, ledger: CheckedLedger, header: Header
) -> Iterator[tuple[str, str]]:
    """Whether an entry booked what a header names, and said so before the sketch was taken."""
    spends = ((each, each.entry) for each in ledger.spends if isinstance(each.entry, Spent) and is_sketch(each.entry))
    found = next((each for each in spends if each[1].release_digest == _digest(contents)), None)
    if found is None:
        yield "SKETCH_NOT_BOOKED", f"No entry of {sketch.member}'s ledger booked the sketch that this header names."
        return
    (placed, entry), opened = found, ledger.opened
    study = None if checked.announcement is None else checked.announcement.study
    asked = study.sketch_digest if isinstance(study, CrossUseStudy) else None
    said = (contents.entry, contents.terms.window, contents.ledger, asked)
    if opened is not None and said != (entry.seq, entry.window, opened.origin, entry.study_digest):
        what = f"{sketch.member}'s sketch names another ledger, entry, window or study than entry {entry.seq} books."
        yield "SKETCH_DIFFERS", what
    if placed.line in ledger.rebooked:
        said_again = f"{sketch.member}'s sketch follows a recovery, which gave its bytes up: they came from nowhere."
        yield "RECOVERY_DIFFERS", said_again
    point = ledger.covered(placed.line)
    cosigned = None if point is None else point.time
    witnessed = bool(ledger.points) or header.witness is not None
    if witnessed and (cosigned is None or cosigned - sketch.received > SLACK):
        when = f"{sketch.received:%Y-%m-%d %H:%M:%S} UTC"
        yield "SKETCH_BEFORE_COSIGNATURE", f"{sketch.member}'s sketch was taken at {when}, before it was cosigned."


def _unsent(ledgers: Iterable[CheckedLedger], sent: set[str]) -> list[Finding]:
    """Sketches that were booked, and that no round has."""
    said = "The entry booked a sketch, and no round has it. It is paid for."
    return [
        Finding("UNSENT", said, ledger.member, each.entry.seq, ledger.file, each.line)
        for ledger in ledgers
        for each in ledger.spends
        if isinstance(each.entry, Spent) and is_sketch(each.entry) and each.entry.release_digest not in sent
    ]


def _digest(contents: Contents) -> str:
    """How a ledger names what is inside."""
    return "sha256:" + contents.sketch_digest.hex()
