"""The whole audit: everything in a bundle, in the order in which one thing rests on another; and the report of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from privacy.audit.benchmarks_check import CheckedBenchmark, announcements, check_benchmarks
from privacy.audit.certificates_check import check_certificates, check_sketch_times, check_times
from privacy.audit.errors import BadBundle, UsageError
from privacy.audit.ledger_check import check_ledger
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.ones_check import check_ones
from privacy.audit.paths import MEMBERS, PUBLIC, RESTRICTED, checkpoints_in, ledgers_in, releases_in
from privacy.audit.reading import Bundle
from privacy.audit.records import Header, MemberLine, read_record
from privacy.audit.releases_check import CheckedReleases, check_releases
from privacy.audit.rounds_check import CheckedRound, check_roster, check_rounds, coordinator_key
from privacy.audit.sketches_check import check_counted, check_sketches
from privacy.audit.spending import Account, account
from privacy.audit.studies_check import Studies
from privacy.audit.verdict import Finding, Verdict, verdict
from privacy.audit.whole_check import (
    Pinned,
    check_by_the_list,
    check_ledgers_shown,
    check_pins,
    check_releases_shown,
    check_strangers,
)
from privacy.estimate.figures import same_figures
from privacy.rounds.announcement import Announcement
from privacy.studies.shelf import AnyStudy, shipped

UNSEEN = (
    "that members fed in true data, and every sale of it",
    "that nodes drew their noise, and threw the coins of their sketches, as installed (what is installed here: "
    "kudos-audit mechanism)",
    "that sealed bytes hold the sketch that was booked (each member that opens it checks)",
    "that this is the only ledger and the only coordinator's copy, unless you compare with what you saw before "
    "(kudos-audit watch BUNDLE) or with what members hold",
)
"""What no audit of files can see; docs/audit.md has the whole list, and what reduces each."""


class _Checked(Protocol):
    """Whatever was checked, with what was found."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found."""


@dataclass(frozen=True)
class Report:
    """What an audit came to. `names` are the members' names by their ids; `made` is when the bundle was."""

    scope: str
    trust_domain: str
    made: datetime
    names: dict[str, str]
    ledgers: tuple[CheckedLedger, ...]
    accounts: tuple[Account, ...]
    rounds: tuple[CheckedRound, ...]
    releases: tuple[CheckedReleases, ...] | None
    benchmarks: tuple[CheckedBenchmark, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The first word."""
        return verdict(self.findings)

    @property
    def sketches(self) -> int:
        """How many sealed sketches came for its rounds."""
        return sum(len(each.held.sketches) for each in self.rounds)

    @property
    def figures(self) -> int:
        """How many published figures were computed again."""
        return sum(each.figures or 0 for each in self.benchmarks)

    def name(self, subject: str) -> str:
        """A member's name; a round's id as it is."""
        return self.names.get(subject, subject)


def known_studies(rounds: Iterable[CheckedRound], given: Iterable[AnyStudy] = ()) -> dict[str, AnyStudy]:
    """The studies that are known, by digest: those that are shipped, announced, and given."""
    announced = [each.announcement.study for each in rounds if each.announcement is not None]
    return {study.digest: study for study in (*shipped().values(), *announced, *given)}


def audit_ledgers(
    bundle: Bundle, *, only: str | None = None, given: Sequence[AnyStudy] = (), pinned: Pinned | None = None
) -> Report:
    """The ledgers of a bundle, or one of them: chain, checkpoints, costs, caps. Needs no releases.

    Raises UsageError where there is no such ledger, and BadBundle.
    """
    _check_public(bundle)
    members = _members(bundle)
    ledgers = _ledgers(bundle, members, only)
    rounds = check_rounds(bundle)
    studies = known_studies(rounds.values(), given)
    accounts = tuple(account(each, studies, bundle.headers[PUBLIC].made) for each in ledgers.values())
    findings = [*check_pins(bundle, pinned), *_of(ledgers.values()), *_of(accounts), *check_strangers(bundle)]
    return _report(bundle, "ledger", members, ledgers.values(), accounts, (), None, (), findings)


def audit_network(
    bundle: Bundle,
    restricted: Bundle | None = None,
    *,
    only_round: str | None = None,
    given: Sequence[AnyStudy] = (),
    pinned: Pinned | None = None,
) -> Report:
    """Everything: ledgers, releases, certificates, rounds and benchmarks of all members and years.

    `restricted` is the bundle with the releases, where it is another one than `bundle`. With `only_round`, findings are
    those of one round and of the ledgers and releases of its members; what was published before for the same window, or
    of cross-use of the same year, is computed again all the same. Raises UsageError and BadBundle.
    """
    _check_public(bundle)
    shown = bundle if restricted is None else restricted
    _check_pair(bundle, shown)
    members, rounds = _members(bundle), check_rounds(bundle)
    if only_round is not None and only_round not in rounds:
        raise UsageError(f"The bundle has no round {only_round}. It has: {', '.join(rounds) or 'none'}.")
    studies, asked = known_studies(rounds.values(), given), announcements(rounds)
    ledgers = _ledgers(bundle, members, None)
    releases = _releases(shown, ledgers, studies, rounds, bundle.headers[PUBLIC])
    held = None if releases is None else {each.member: each.releases for each in releases}
    certificates = check_certificates(bundle)
    benchmarks = check_benchmarks(bundle, coordinator_key(bundle), rounds, ledgers, held)
    accounts = tuple(account(each, studies, bundle.headers[PUBLIC].made) for each in ledgers.values())
    findings = [
        *check_pins(bundle, pinned),
        *_of(ledgers.values()),
        *_of(accounts),
        *certificates.findings,
        *_of(rounds.values()),
        *(found for each in asked.values() for found in check_roster(each, ledgers)),
        *check_by_the_list(bundle, members, ledgers, rounds, held or {}),
        *_of(releases or ()),
        *(found for each in releases or () for found in check_times(certificates, each.releases)),
        *check_sketch_times(certificates, rounds.values()),
        *check_sketches(rounds, ledgers, bundle.headers[PUBLIC]),
        *check_counted(rounds, held or {}, {each.round for each in benchmarks}),
        *check_ones(rounds, held or {}),
        *check_ledgers_shown(ledgers, benchmarks, held or {}, rounds),
        *_of(benchmarks),
        *check_releases_shown(releases, rounds),
        *check_strangers(bundle, shown),
    ]
    if only_round is None:
        return _report(
            bundle, "network", members, ledgers.values(), accounts, rounds.values(), releases, benchmarks, findings
        )
    seats = asked[only_round].roster if only_round in asked else ()
    whose = {"", only_round, *(seat.member for seat in seats), *_beside(only_round, rounds, asked)}
    return _report(
        bundle,
        f"round {only_round}",
        members,
        [each for each in ledgers.values() if each.member in whose],
        [each for each in accounts if each.member in whose],
        [rounds[only_round]],
        None if releases is None else [each for each in releases if each.member in whose],
        [each for each in benchmarks if each.round == only_round],
        [each for each in findings if each.subject in whose],
    )


def _beside(round_name: str, rounds: Iterable[str], asked: Mapping[str, Announcement]) -> set[str]:
    """The rounds of the same figures, and those of which nobody knows: what they showed decides what this may."""
    if round_name not in asked:
        return set(rounds)
    return {name for name in rounds if name not in asked or same_figures(asked[name], asked[round_name])}


# ---- what is there


def _check_public(bundle: Bundle) -> None:
    if PUBLIC not in bundle.headers:
        raise UsageError(f"{bundle.path} has releases and nothing to hold them against. Give the public bundle first.")


def _check_pair(bundle: Bundle, shown: Bundle) -> None:
    if shown is not bundle and RESTRICTED not in shown.headers:
        raise UsageError(f"{shown.path} has no releases. Give a restricted bundle: --releases BUNDLE")
    if RESTRICTED in shown.headers:
        one, other = bundle.headers[PUBLIC], shown.headers[RESTRICTED]
        if one.trust_domain != other.trust_domain:
            raise UsageError(
                f"{shown.path} has releases of {other.trust_domain}, and {bundle.path} is of {one.trust_domain}."
            )
        if one.made != other.made:
            raise UsageError(
                f"{shown.path} has releases as of {other.made:%Y-%m-%d %H:%M:%S} UTC, and {bundle.path} is as of "
                f"{one.made:%Y-%m-%d %H:%M:%S}. Give two parts that were exported together."
            )


def _members(bundle: Bundle) -> dict[str, MemberLine]:
    if not bundle.has(MEMBERS):
        return {}
    found: dict[str, MemberLine] = {}
    for line in bundle.lines(MEMBERS):
        record = read_record(MemberLine, line.content, MEMBERS, line.number)
        if record.member in found:
            raise BadBundle(f"the member {record.member} stands there twice", MEMBERS, line.number)
        found[record.member] = record
    return found


def _ledgers(bundle: Bundle, members: Mapping[str, MemberLine], only: str | None) -> dict[str, CheckedLedger]:
    names = [name for name in ledgers_in(bundle.paths) if only in (None, name)]
    if only is not None and not names:
        raise UsageError(
            f"The bundle has no ledger of {only}. It has: {', '.join(ledgers_in(bundle.paths)) or 'none'}."
        )
    sizes = checkpoints_in(bundle.paths)
    origins = {name: record.ledger for name, record in members.items()}
    return {name: check_ledger(bundle, name, sizes.get(name, []), origins.get(name)) for name in names}


def _releases(
    shown: Bundle,
    ledgers: Mapping[str, CheckedLedger],
    studies: Studies,
    rounds: Mapping[str, CheckedRound],
    header: Header,
) -> tuple[CheckedReleases, ...] | None:
    """The releases of every member that has any, or a ledger; None where the restricted part is not there."""
    if RESTRICTED not in shown.headers:
        return None
    names = sorted({*ledgers, *releases_in(shown.paths)})
    none = {name: CheckedLedger(name, (), (), (), ()) for name in names}
    return tuple(check_releases(shown, ledgers.get(name, none[name]), studies, rounds, header) for name in names)


def _of(checked: Iterable[_Checked]) -> list[Finding]:
    return [found for each in checked for found in each.findings]


def _report(
    bundle: Bundle,
    scope: str,
    members: Mapping[str, MemberLine],
    ledgers: Iterable[CheckedLedger],
    accounts: Iterable[Account],
    rounds: Iterable[CheckedRound],
    releases: Iterable[CheckedReleases] | None,
    benchmarks: Iterable[CheckedBenchmark],
    findings: Iterable[Finding],
) -> Report:
    header = bundle.headers[PUBLIC]
    return Report(
        scope=scope,
        trust_domain=header.trust_domain,
        made=header.made,
        names={name: record.name for name, record in members.items()},
        ledgers=tuple(ledgers),
        accounts=tuple(accounts),
        rounds=tuple(rounds),
        releases=None if releases is None else tuple(releases),
        benchmarks=tuple(benchmarks),
        findings=tuple(findings),
    )
