"""Benchmarks: what was published, version by version, and every figure of it computed again from the releases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privacy.audit.bundle import envelope_of
from privacy.audit.errors import BadBundle
from privacy.audit.figures_check import compared
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.paths import PUBLIC, benchmark_path, benchmarks_in, round_path
from privacy.audit.reading import Bundle
from privacy.audit.records import Dsse, read_record
from privacy.audit.releases_check import HeldRelease
from privacy.audit.rounds_check import CheckedRound
from privacy.audit.times_check import SLACK
from privacy.audit.verdict import Finding
from privacy.errors import KudosError
from privacy.estimate.benchmark import BadBenchmark, Benchmark, read
from privacy.estimate.figures import same_figures
from privacy.estimate.recompute import Publication, Received, earlier_than, recompute
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Spent
from privacy.rounds.announcement import Announcement
from privacy.studies.cross_use import CrossUseStudy


@dataclass(frozen=True)
class CheckedBenchmark:
    """A version of a benchmark. `figures` counts the cells that were computed again; None where none could be."""

    round: str
    version: int
    benchmark: Benchmark | None
    figures: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Version:
    """A version as it was read. `digest` is that of its envelope."""

    round: str
    version: int
    digest: str
    benchmark: Benchmark

    @property
    def file(self) -> str:
        return benchmark_path(self.round, self.version)

    def finding(self, code: str, sentence: str) -> Finding:
        return Finding(code, sentence, self.round, None, self.file)


def check_benchmarks(
    bundle: Bundle,
    key: Ed25519PublicKey | None,
    rounds: Mapping[str, CheckedRound],
    ledgers: Mapping[str, CheckedLedger],
    releases: Mapping[str, Sequence[HeldRelease]] | None,
) -> tuple[CheckedBenchmark, ...]:
    """Checks the published benchmarks of these rounds, in order of publication.

    `releases` has the members' releases; None where the restricted part is not there. All rounds of a window, and all
    of cross-use of a year, must be in `rounds`: what was published earlier says what may be shown. Raises `BadBundle`
    where a file cannot be read.
    """
    listed = benchmarks_in(bundle.paths)
    read_ones: list[_Version] = []
    found: list[CheckedBenchmark] = []
    for name, checked in rounds.items():
        found += _missing(checked, listed.get(name, []))
        for version in listed.get(name, []) if key is not None else []:
            each = _read(bundle, name, version, key)
            if isinstance(each, Finding):
                found.append(CheckedBenchmark(name, version, None, None, (each,)))
            else:
                read_ones.append(each)
    ordered = sorted(read_ones, key=lambda each: (each.benchmark.published, each.round, each.version))
    publications = {} if releases is None else _publications(ordered, rounds, ledgers, releases)
    for each in ordered:
        findings = _form(each, rounds[each.round], ordered, bundle.headers[PUBLIC].made)
        findings += _included(each, rounds[each.round], ledgers, releases)
        figures, recomputed = _recomputed(each, publications, ordered)
        found.append(CheckedBenchmark(each.round, each.version, each.benchmark, figures, (*findings, *recomputed)))
    return tuple(found)


def _read(bundle: Bundle, name: str, version: int, key: Ed25519PublicKey | None) -> _Version | Finding:
    path = benchmark_path(name, version)
    try:
        envelope = envelope_of(read_record(Dsse, bundle.read(path), path))
        assert key is not None  # noqa: S101  nobody reads without
        return _Version(name, version, release_digest(envelope), read(envelope, key))
    except (BadBundle, BadBenchmark) as error:
        said = error.what if isinstance(error, BadBundle) else str(error)
        return Finding("BENCHMARK_UNREADABLE", said, name, None, path)


def _missing(checked: CheckedRound, versions: list[int]) -> list[CheckedBenchmark]:
    """Versions from 1 on without gaps, and at least one where the round is published."""
    wanted = list(range(1, max(versions, default=0) + 1))
    published = checked.record is not None and checked.record.state == "published"
    if not versions and not published:
        return []
    absent = sorted({*wanted, 1} - set(versions))
    why = f"there is version {versions[-1]}" if versions else "the round is published"
    evidence = benchmark_path(checked.name, versions[-1]) if versions else round_path(checked.name)
    return [
        CheckedBenchmark(checked.name, version, None, None, (
            Finding("BENCHMARK_MISSING", f"{benchmark_path(checked.name, version)} is missing: {why}.", checked.name,
                    None, evidence),
        ))
        for version in absent
    ]  # fmt: skip


# ---- what it says of itself


def _form(each: _Version, checked: CheckedRound, all_: Sequence[_Version], made: datetime) -> list[Finding]:
    said = each.benchmark
    found: list[Finding] = []
    if (said.round, said.version) != (each.round, each.version):
        found.append(
            each.finding("BENCHMARK_DIFFERS", f"This benchmark is version {said.version} of round {said.round}.")
        )
    asked = checked.announcement
    if asked is not None:
        study = asked.study
        wanted = (asked.coordinator, study.name, study.version, study.digest, asked.window)
        if (said.coordinator, said.study, said.study_version, said.study_digest, said.window) != wanted:
            found.append(
                each.finding(
                    "BENCHMARK_DIFFERS", "This benchmark is of another network, study or window than its round."
                )
            )
    found += [each.finding("PUBLISHED_OUT_OF_ORDER", text) for text in _moment(each, checked, all_, made)]
    if checked.record is not None and checked.record.state != "published":
        found.append(
            each.finding("BENCHMARK_DIFFERS", f"The benchmark's round is {checked.record.state}, and not published.")
        )
    before = next((other for other in all_ if (other.round, other.version) == (each.round, each.version - 1)), None)
    if before is not None and said.supersedes != before.digest:
        found.append(
            each.finding(
                "SUPERSEDES_BROKEN", f"This benchmark supersedes another version {before.version} than is here."
            )
        )
    return found


def _moment(each: _Version, checked: CheckedRound, all_: Sequence[_Version], made: datetime) -> list[str]:
    """What is wrong with when it was published: the order of publications decides what each may show."""
    time, asked, record = each.benchmark.published, checked.announcement, checked.record
    found = []
    if asked is not None and asked.opened - time > SLACK:
        found.append("The benchmark was published before its round was opened.")
    elif record is not None and record.ended is not None and record.ended - time > SLACK:
        found.append("The benchmark was published before its round was closed.")
    if time > made + SLACK:
        found.append("The benchmark is dated after the bundle was made.")
    for other in all_:
        if other.round == each.round and other.version == each.version - 1 and time < other.benchmark.published:
            found.append("The benchmark was published before the version before it.")
        if other is not each and other.benchmark.published == time and same_figures(other.benchmark, each.benchmark):
            found.append(
                f"Version {other.version} of round {other.round} was published of the same {_shared(each)} in the same "
                "second: neither was held against what the other shows."
            )
    return found


def _shared(each: _Version) -> str:
    """What those have in common that are held against a benchmark."""
    return "year of cross-use" if each.benchmark.body.market else "window"


def _included(
    each: _Version,
    checked: CheckedRound,
    ledgers: Mapping[str, CheckedLedger],
    releases: Mapping[str, Sequence[HeldRelease]] | None,
) -> list[Finding]:
    """Whose releases are in it: asked, booked, received, and nobody's left out."""
    found: list[Finding] = []
    included = {release.member: release.release_digest for release in each.benchmark.releases}
    asked = checked.announcement
    for member, digest in included.items():
        if asked is not None and asked.seat(member) is None:
            found.append(
                each.finding("INCLUDED_UNASKED", f"This benchmark includes {member}, which its round did not ask.")
            )
        if not _booked(ledgers.get(member), each.benchmark, digest):
            found.append(
                each.finding(
                    "INCLUDED_NOT_BOOKED",
                    f"No entry of {member}'s ledger booked the release that this benchmark includes.",
                )
            )
    if releases is None:
        return found
    received = {
        member: {held.digest for held in of_member if held.round == each.round}
        for member, of_member in releases.items()
    }
    for member, digest in included.items():
        if digest not in received.get(member, ()):
            found.append(
                each.finding(
                    "INCLUDED_NOT_RECEIVED",
                    f"This benchmark includes a release of {member} that was not received for its round.",
                )
            )
    left_out = sorted(member for member, digests in received.items() if digests and member not in included)
    for member in left_out:
        if each.benchmark.reason is None:
            found.append(each.finding("LEFT_OUT", f"{member} released for this round, and is left out without a word."))
        else:
            found.append(
                each.finding("LEFT_OUT_WITH_REASON", f"This benchmark leaves {member} out: {each.benchmark.reason}")
            )
    return found


def _booked(ledger: CheckedLedger | None, benchmark: Benchmark, digest: str) -> bool:
    wanted = (digest, benchmark.study_digest, benchmark.window)
    return ledger is not None and any(
        isinstance(each.entry, Spent)
        and (each.entry.release_digest, each.entry.study_digest, each.entry.window) == wanted
        for each in ledger.spends
    )


# ---- its figures


def _publications(
    versions: Iterable[_Version],
    rounds: Mapping[str, CheckedRound],
    ledgers: Mapping[str, CheckedLedger],
    releases: Mapping[str, Sequence[HeldRelease]],
) -> dict[tuple[str, int], Publication]:
    """The versions that can be computed again: those whose announcement, market and releases are all here."""
    found = {}
    for each in versions:
        asked = rounds[each.round].announcement
        received = [
            _received(release.member, release.release_digest, ledgers, releases) for release in each.benchmark.releases
        ]
        market = rounds[each.round].held.market
        without = asked is not None and isinstance(asked.study, CrossUseStudy) and market is None
        if asked is not None and not without and all(held is not None for held in received):
            there = tuple(held for held in received if held is not None)
            found[each.round, each.version] = Publication(each.benchmark, asked, there, market)
    return found


def _received(
    member: str,
    digest: str,
    ledgers: Mapping[str, CheckedLedger],
    releases: Mapping[str, Sequence[HeldRelease]],
) -> Received | None:
    ledger = ledgers.get(member)
    opened = None if ledger is None else ledger.opened
    held = next((held for held in releases.get(member, ()) if held.digest == digest), None)
    return None if held is None or opened is None else Received(member, opened.origin, held.envelope)


def _recomputed(
    each: _Version,
    publications: Mapping[tuple[str, int], Publication],
    versions: Sequence[_Version],
) -> tuple[int | None, list[Finding]]:
    publication = publications.get((each.round, each.version))
    if publication is None:
        return None, []  # what is missing was said already
    same = [other for other in versions if same_figures(other.benchmark, each.benchmark)]
    earlier = [other for other in same if other.benchmark.published < each.benchmark.published]
    if any((other.round, other.version) not in publications for other in earlier):
        said = f"Something was published of the same {_shared(each)} before, and its releases are not all here."
        return None, [each.finding("EARLIER_NOT_COMPUTABLE", said)]
    try:
        body = recompute(publication, earlier_than(each.benchmark, publications.values()))
    except (KudosError, ValueError) as error:
        return None, [each.finding("NOT_COMPUTABLE", f"This benchmark cannot be computed from its releases: {error}")]
    return len(body.cells), [each.finding(code, said) for code, said in compared(each.benchmark.body, body)]


def announcements(rounds: Mapping[str, CheckedRound]) -> dict[str, Announcement]:
    """The announcements that could be read, by round."""
    return {name: each.announcement for name, each in rounds.items() if each.announcement is not None}
