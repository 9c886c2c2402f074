"""What an auditor saw before, against what it is shown now: the one check that colluding parties cannot prepare for.

A folder of its own keeps, by network: the newest checkpoint of each ledger as a signed note, and the digests of what
must never change (announcements, markets, benchmarks, releases as they were received). Every visit compares and then
keeps the newest; where something does not agree, nothing is overwritten, for what was kept is evidence. Of a bundle
that is in violation by itself nothing is kept: the next visits would be held against it.

A bundle that a node made has that node's ledger and little else. What it has is compared, and added to what was seen;
that the rest is not in it says nothing. A node may have entries that the coordinator's copy, cosigned to its end, has
not yet: they stay among what was seen until the copy has them, or goes on otherwise.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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
    market_path,
    rounds_in,
)
from privacy.audit.reading import Bundle
from privacy.audit.records import read_record
from privacy.audit.verdict import Finding, Verdict, verdict
from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.files import write_private
from privacy.ledger.leaves import Recovered, Spent
from privacy.ledger.tree import root

_ALONE = "standalone"
"""What the bundle of a node that is in no network says in place of one."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _SeenLedger(BaseModel):
    """`size` and `root` are those of what a witness has cosigned, or of all where there is none: that never changes.

    `releases` has those that the coordinator had received, by their digests: for which round, or empty. `uncovered` has
    the entries beyond `size`, in order, which a recovery may give up: by their hashes what they had booked of ε and ρ,
    in millionths, and by the same hashes in `digests` the releases that they had booked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    size: Annotated[int, Field(ge=0)]
    root: Hash
    releases: dict[Hash, str]
    uncovered: dict[Hash, tuple[int, int]] = {}
    digests: dict[Hash, str] = {}


class _Seen(BaseModel):
    """seen.json: ledgers by member, those of nodes that work alone by their origin; digests of files by their path."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    v: Annotated[int, Field(ge=1, le=1)]
    ledgers: dict[str, _SeenLedger]
    files: dict[str, Hash]


@dataclass(frozen=True)
class Visit:
    """What a visit came to. `kept` says whether what was seen is now the newest that is known.

    `first`: nothing was there to compare with. `whole`: what was seen before and is not in the bundle counts as gone.
    """

    findings: tuple[Finding, ...]
    first: bool
    whole: bool
    kept: bool
    ledgers: int
    entries: int


def visit(folder: Path, bundle: Bundle, report: Report, *, fetched: bool = False) -> Visit:
    """Compares a bundle, whose audit is `report`, with what the folder has of its network; keeps the newest.

    `fetched`: it came from the network's coordinator just now, and so has all, whoever it says has made it. Raises
    AuditError where the folder cannot be read.
    """
    place = folder / report.trust_domain
    whole = fetched or bundle.headers[PUBLIC].source == "coordinator"
    seen = _read(place / "seen.json")
    now = _of(bundle, report, seen, whole=whole)
    findings = tuple(_elsewhere(folder, report)) if seen is None else tuple(_compared(seen, report, now, whole=whole))
    kept = Verdict.VIOLATION not in (report.verdict, verdict(findings))
    if kept:
        for each in report.ledgers:
            _keep_note(place, bundle, each, _key(report, each), seen)
        write_private(place / "seen.json", _merged(seen, now).model_dump_json(indent=1).encode())
    entries = sum(len(each.hashes) for each in report.ledgers)
    first = seen is None or not (whole or seen.ledgers.keys() & now.ledgers or seen.files.keys() & now.files)
    return Visit(findings, first, whole, kept, len(report.ledgers), entries)


def _merged(seen: _Seen | None, now: _Seen) -> _Seen:
    """What is known after a visit: nothing of what was known is forgotten."""
    if seen is None:
        return now
    return _Seen(v=1, ledgers=seen.ledgers | now.ledgers, files=seen.files | now.files)


def _key(report: Report, ledger: CheckedLedger) -> str:
    """What a ledger is known by.

    Nodes that work alone choose their ids, and are all in one "network": two may have one id. An origin has a slash,
    and an id has none.
    """
    opened = ledger.opened
    return opened.origin if opened is not None and report.trust_domain == _ALONE else ledger.member


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


def _of(bundle: Bundle, report: Report, seen: _Seen | None, *, whole: bool) -> _Seen:
    """What there is now; of releases also those seen before, where this bundle shows none."""
    paths = [path for name in rounds_in(bundle.paths) for path in (announcement_path(name), market_path(name))]
    paths += [benchmark_path(name, each) for name, versions in benchmarks_in(bundle.paths).items() for each in versions]
    releases: dict[str, dict[str, str]] = {}
    for checked in report.releases or ():
        received = [each for each in checked.releases if each.received is not None]  # a node has others, which wait
        releases[checked.member] = {each.digest.removeprefix("sha256:"): each.round or "" for each in received}
    before = {} if seen is None else seen.ledgers
    return _Seen(
        v=1,
        ledgers={
            _key(report, each): _seen_ledger(
                each, before.get(_key(report, each)), releases.get(each.member, {}), whole=whole
            )
            for each in report.ledgers
        },
        files={path: hashlib.sha256(bundle.read(path)).hexdigest() for path in paths if bundle.has(path)},
    )


def _seen_ledger(
    ledger: CheckedLedger, before: _SeenLedger | None, releases: dict[str, str], *, whole: bool
) -> _SeenLedger:
    firm = ledger.points[-1].size if ledger.points and ledger.points[-1].time is not None else len(ledger.hashes)
    if before is not None and firm < before.size <= len(ledger.hashes):
        firm = before.size
    beyond = {ledger.hashes[each.line - 1].hex(): each.entry for each in ledger.placed if each.line > firm}
    uncovered = {mark: (entry.cost.epsilon.micro, entry.cost.rho.micro) for mark, entry in beyond.items()}
    digests = {mark: entry.release_digest for mark, entry in beyond.items() if isinstance(entry, Spent)}
    if before is not None:
        later = _to_come(before, ledger, whole=whole)
        uncovered |= {mark: before.uncovered[mark] for mark in later}
        digests |= {mark: before.digests[mark] for mark in later if mark in before.digests}
    return _SeenLedger(
        size=firm,
        root=root(ledger.hashes[:firm]).hex(),
        releases=({} if before is None else before.releases) | releases,
        uncovered=uncovered,
        digests=digests,
    )


def _to_come(before: _SeenLedger, ledger: CheckedLedger, *, whole: bool) -> list[str]:
    """The entries seen at a node, by their hashes, that the coordinator's copy may still get: it ends before them."""
    if not whole:
        return []
    beyond = [each.hex() for each in ledger.hashes[before.size :]]
    known = list(before.uncovered)
    return known[len(beyond) :] if beyond == known[: len(beyond)] else []


def _compared(seen: _Seen, report: Report, now: _Seen, *, whole: bool) -> list[Finding]:
    found: list[Finding] = []
    ledgers = {_key(report, each): each for each in report.ledgers}
    for key, before in seen.ledgers.items():
        if key in ledgers:
            found += _ledger(before, ledgers[key], whole=whole)
        elif whole:
            said = f"You saw {before.size} entries of this ledger, and now it is gone."
            found.append(Finding("LEDGER_VANISHED", said, key, None, leaves_path(key)))
    for path, digest in seen.files.items():
        if now.files.get(path) != digest and (whole or path in now.files):
            name = path.split("/")[2]
            code = "BENCHMARK_REWRITTEN" if "/benchmarks/" in path else "ROUND_REWRITTEN"
            kind = "benchmark" if "/benchmarks/" in path else "market" if "market" in path else "announcement"
            what = f"is gone: {path}" if path not in now.files else "is another one now"
            evidence = path if path in now.files else ""
            found.append(Finding(code, f"The {kind} that you saw at an earlier visit {what}.", name, None, evidence))
    return found + (_releases_gone(seen, report) if whole else [])


def _releases_gone(seen: _Seen, report: Report) -> list[Finding]:
    if report.releases is None:
        return []
    there = {each.digest.removeprefix("sha256:") for one in report.releases for each in one.releases}
    found = []
    for member, before in seen.ledgers.items():
        gone = sorted(before.releases.keys() - there)
        if gone:
            asked = f", for the round {before.releases[gone[0]]}" if before.releases[gone[0]] else ""
            said = (
                f"{len(gone)} of the releases that had been received from this member are gone, such as "
                f"sha256:{gone[0][:16]}…{asked}."
            )
            found.append(Finding("RELEASE_VANISHED", said, member))
    return found


def _ledger(before: _SeenLedger, ledger: CheckedLedger, *, whole: bool) -> list[Finding]:
    """Whether a ledger extends what was seen: recomputed from its leaves, which proves it without a proof."""
    if len(ledger.hashes) < before.size:
        said = f"You saw {before.size} entries of this ledger, and now it has {len(ledger.hashes)}."
        return [Finding("ROLLED_BACK", said, ledger.member, None, ledger.file)]
    if root(ledger.hashes[: before.size]).hex() != before.root:
        said = (
            f"The first {before.size} entries are not those that you saw: two ledgers are shown to different "
            f"people. The note that you kept then and the one in this bundle prove it together: keep both."
        )
        return [Finding("FORKED", said, ledger.member, None, ledger.file)]
    return [] if _to_come(before, ledger, whole=whole) else _given_up(before, ledger)


def _given_up(before: _SeenLedger, ledger: CheckedLedger) -> list[Finding]:
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
                f"This recovery counts {each.entry.cost} for what it gave up, and of that you saw entries that "
                f"had booked {booked}."
            )
            found.append(Finding("RECOVERY_UNDERSTATED", said, ledger.member, each.entry.seq, ledger.file, each.line))
        gone = gone.difference(each.entry.given_up)
    if gone:
        said = f"{len(gone)} entries of this ledger that you saw are gone, and no recovery names them."
        found.append(Finding("ROLLED_BACK", said, ledger.member, None, ledger.file))
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


def _keep_note(place: Path, bundle: Bundle, ledger: CheckedLedger, key: str, seen: _Seen | None) -> None:
    """The newest cosigned checkpoint, as it is: evidence that stands by itself."""
    before = 0 if seen is None or key not in seen.ledgers else seen.ledgers[key].size
    if ledger.points and ledger.points[-1].size >= before:
        content = bundle.read(checkpoint_path(ledger.member, ledger.points[-1].size))
        name = key.replace("/", "_")  # which neither an id nor an origin has
        write_private(place / "ledgers" / f"{name}.note", content)
