"""What an auditor saw before, against what it is shown now: the one check that colluding parties cannot prepare for.

A folder of its own keeps, by network: the newest checkpoint of each ledger as a signed note, and the digests of what
must never change (announcements, benchmarks, releases as they were received). Every visit compares and then keeps the
newest; where something does not agree, nothing is overwritten, for what was kept is evidence. Of a bundle that is in
violation by itself nothing is kept: the next visits would be held against it.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from privacy.audit.costs import words
from privacy.audit.errors import AuditError
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.network import Report
from privacy.audit.paths import (
    HEADER,
    PUBLIC,
    announcement_path,
    benchmark_path,
    benchmarks_in,
    checkpoint_path,
    leaves_path,
    rounds_in,
)
from privacy.audit.reading import Bundle
from privacy.audit.records import read_record
from privacy.audit.verdict import Finding, Verdict, verdict
from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.files import write_private
from privacy.ledger.leaves import Recovered, Spent
from privacy.ledger.tree import root

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _SeenLedger(BaseModel):
    """`size` and `root` are those of what a witness has cosigned, or of all where there is none: that never changes.

    `uncovered` has the entries beyond, which a recovery may give up: by their hashes what they had booked of ε and ρ,
    in millionths, and by the same hashes in `digests` the releases that they had booked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    size: Annotated[int, Field(ge=0)]
    root: Hash
    releases: dict[Hash, str]
    uncovered: dict[Hash, tuple[int, int]] = {}
    digests: dict[Hash, str] = {}


class _Seen(BaseModel):
    """seen.json: ledgers by member, digests of files by their path."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    v: Annotated[int, Field(ge=1, le=1)]
    ledgers: dict[str, _SeenLedger]
    files: dict[str, Hash]


@dataclass(frozen=True)
class Visit:
    """What a visit came to. `kept` says whether what was seen is now the newest that is known."""

    findings: tuple[Finding, ...]
    first: bool
    kept: bool
    ledgers: int
    entries: int


def visit(folder: Path, bundle: Bundle, report: Report) -> Visit:
    """Compares a bundle, whose audit is `report`, with what the folder has of its network; keeps the newest.

    Raises AuditError where the folder cannot be read.
    """
    place = folder / report.trust_domain
    seen = _read(place / "seen.json")
    now = _of(bundle, report, seen)
    findings = tuple(_elsewhere(folder, report)) if seen is None else tuple(_compared(seen, report, now))
    kept = Verdict.VIOLATION not in (report.verdict, verdict(findings))
    if kept:
        for each in report.ledgers:
            _keep_note(place, bundle, each)
        write_private(place / "seen.json", now.model_dump_json(indent=1).encode())
    entries = sum(len(each.hashes) for each in report.ledgers)
    return Visit(findings, seen is None, kept, len(report.ledgers), entries)


def _elsewhere(folder: Path, report: Report) -> list[Finding]:
    """A first visit to one network where another was visited before: under a new name nothing is compared."""
    others = sorted(each.parent.name for each in folder.glob("*/seen.json"))
    if not others:
        return []
    said = f"You have seen {', '.join(others)} before, and of {report.trust_domain} nothing: nothing can be compared."
    return [Finding("OTHER_NETWORK", said, file=f"{PUBLIC}/{HEADER}")]


def _read(file: Path) -> _Seen | None:
    try:
        return read_record(_Seen, file.read_bytes(), str(file))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AuditError(f"{file} cannot be read. Let your account read it: it is what you saw before.") from error


def _of(bundle: Bundle, report: Report, seen: _Seen | None) -> _Seen:
    """What there is now; of releases also those seen before, where this bundle shows none."""
    paths = [announcement_path(name) for name in rounds_in(bundle.paths)]
    paths += [benchmark_path(name, each) for name, versions in benchmarks_in(bundle.paths).items() for each in versions]
    releases: dict[str, dict[str, str]] = {}
    for checked in report.releases or ():
        releases[checked.member] = {each.digest.removeprefix("sha256:"): each.round or "" for each in checked.releases}
    before = {} if seen is None else seen.ledgers
    return _Seen(
        v=1,
        ledgers={
            each.member: _seen_ledger(
                each,
                before.get(each.member),
                releases.get(each.member, {}),
            )
            for each in report.ledgers
        },
        files={path: hashlib.sha256(bundle.read(path)).hexdigest() for path in paths if bundle.has(path)},
    )


def _seen_ledger(ledger: CheckedLedger, before: _SeenLedger | None, releases: dict[str, str]) -> _SeenLedger:
    firm = ledger.points[-1].size if ledger.points and ledger.points[-1].time is not None else len(ledger.hashes)
    if before is not None and firm < before.size <= len(ledger.hashes):
        firm = before.size
    beyond = {ledger.hashes[each.line - 1].hex(): each.entry for each in ledger.placed if each.line > firm}
    return _SeenLedger(
        size=firm,
        root=root(ledger.hashes[:firm]).hex(),
        releases=({} if before is None else before.releases) | releases,
        uncovered={mark: (entry.cost.epsilon.micro, entry.cost.rho.micro) for mark, entry in beyond.items()},
        digests={mark: entry.release_digest for mark, entry in beyond.items() if isinstance(entry, Spent)},
    )


def _compared(seen: _Seen, report: Report, now: _Seen) -> list[Finding]:
    found: list[Finding] = []
    ledgers = {each.member: each for each in report.ledgers}
    for member, before in seen.ledgers.items():
        found += _ledger(member, before, ledgers.get(member))
    for path, digest in seen.files.items():
        if now.files.get(path) != digest:
            name = path.split("/")[2]
            code = "BENCHMARK_REWRITTEN" if "/benchmarks/" in path else "ROUND_REWRITTEN"
            kind = "benchmark" if "/benchmarks/" in path else "announcement"
            what = f"is gone: {path}" if path not in now.files else "is another one now"
            evidence = path if path in now.files else ""
            found.append(Finding(code, f"The {kind} that you saw at an earlier visit {what}.", name, None, evidence))
    if report.releases is not None:
        there = {each.digest.removeprefix("sha256:") for one in report.releases for each in one.releases}
        for member, before in seen.ledgers.items():
            gone = sorted(before.releases.keys() - there)
            if gone:
                said = f"{len(gone)} of its releases that had been received are gone, such as sha256:{gone[0][:16]}…."
                found.append(Finding("RELEASE_VANISHED", said, member))
    return found


def _ledger(member: str, before: _SeenLedger, ledger: CheckedLedger | None) -> list[Finding]:
    """Whether a ledger extends what was seen: recomputed from its leaves, which proves it without a proof."""
    path = leaves_path(member)
    if ledger is None:
        said = f"You saw {before.size} entries of this ledger, and now it is gone."
        return [Finding("LEDGER_VANISHED", said, member, None, path)]
    if len(ledger.hashes) < before.size:
        said = f"You saw {before.size} entries of this ledger, and now it has {len(ledger.hashes)}."
        return [Finding("ROLLED_BACK", said, member, None, path)]
    if root(ledger.hashes[: before.size]).hex() != before.root:
        said = (
            f"Its first {before.size} entries are not those that you saw: two ledgers are shown to different "
            f"people. The note that you kept then and the one in this bundle prove it together: keep both."
        )
        return [Finding("FORKED", said, member, None, path)]
    return _given_up(member, before, ledger)


def _given_up(member: str, before: _SeenLedger, ledger: CheckedLedger) -> list[Finding]:
    """Entries that were seen before any witness had cosigned them, and are gone: named, and counted, by a recovery."""
    there = {hashed.hex() for hashed in ledger.hashes} if before.uncovered else set()
    gone = before.uncovered.keys() - there
    found: list[Finding] = []
    for each in ledger.placed:
        if not gone or not isinstance(each.entry, Recovered):
            continue
        again = _booked_again(before, ledger, each.line)
        named = [before.uncovered[hashed] for hashed in gone.intersection(each.entry.given_up) - again]
        booked = Spend(Epsilon(sum(one[0] for one in named)), Rho(sum(one[1] for one in named)))
        if not booked.fits_in(each.entry.cost):
            said = (
                f"It counts {words(each.entry.cost)} for what it gave up, and of that you saw entries that had booked "
                f"{words(booked)}."
            )
            found.append(Finding("RECOVERY_UNDERSTATED", said, member, each.entry.seq, ledger.file, each.line))
        gone = gone.difference(each.entry.given_up)
    if gone:
        said = f"{len(gone)} of its entries that you saw are gone, and no recovery names them."
        found.append(Finding("ROLLED_BACK", said, member, None, ledger.file))
    return found


def _booked_again(before: _SeenLedger, ledger: CheckedLedger, line: int) -> set[str]:
    """The hashes of entries that were seen, and are booked again in the ledger's own name after a line, at no less."""
    later = {
        each.entry.release_digest: each.entry.cost
        for each in ledger.spends
        if isinstance(each.entry, Spent) and each.line > line
    }
    found = set()
    for mark, digest in before.digests.items():
        epsilon, rho = before.uncovered[mark]
        if digest in later and Spend(Epsilon(epsilon), Rho(rho)).fits_in(later[digest]):
            found.add(mark)
    return found


def _keep_note(place: Path, bundle: Bundle, ledger: CheckedLedger) -> None:
    """The newest cosigned checkpoint, as it is: evidence that stands by itself."""
    if ledger.points:
        content = bundle.read(checkpoint_path(ledger.member, ledger.points[-1].size))
        write_private(place / "ledgers" / f"{ledger.member}.note", content)
