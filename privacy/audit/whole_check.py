"""What is found over the whole of a bundle: whose it is, what it should have and has not, and what it has besides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from privacy.audit.benchmarks_check import CheckedBenchmark, announcements
from privacy.audit.certificates_check import authority_of
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.members_check import check_members
from privacy.audit.paths import AUTHORITY, HEADER, PUBLIC
from privacy.audit.reading import Bundle
from privacy.audit.records import MemberLine
from privacy.audit.releases_check import CheckedReleases, HeldRelease
from privacy.audit.rounds_check import CheckedRound, check_asked
from privacy.audit.verdict import Finding


@dataclass(frozen=True)
class Pinned:
    """What an auditor knows of one network from elsewhere, as by joining it; None where nothing.

    `authority` is the SHA-256 of the authority's certificate in DER, hexadecimal. `fetched`: the bundle was taken from
    this very network's coordinator, and can be of no other.
    """

    trust_domain: str
    coordinator_key: str | None = None
    witness: str | None = None
    authority: str | None = None
    fetched: bool = False


def check_pins(bundle: Bundle, pinned: Pinned | None) -> list[Finding]:
    """The network and the keys that the bundle names against those that the auditor has from elsewhere."""
    header = bundle.headers[PUBLIC]
    file = f"{PUBLIC}/{HEADER}"
    found: list[Finding] = []
    if pinned is None:
        return found
    if pinned.trust_domain != header.trust_domain:
        said = f"This bundle is of {header.trust_domain}, and you have joined {pinned.trust_domain}"
        if pinned.fetched:
            return [Finding("PIN_DIFFERS", f"{said}, whose coordinator sent it.", file=file)]
        said += ": none of its keys could be compared. If you have joined that one too, say where: --home DIR"
        return [Finding("OTHER_NETWORK", said, file=file)]
    if pinned.coordinator_key not in (None, header.coordinator_key):
        said = _other("coordinator", header.coordinator_key, str(pinned.coordinator_key))
        found.append(Finding("PIN_DIFFERS", said, file=file))
    if pinned.witness not in (None, header.witness):
        said = _other("witness", header.witness, str(pinned.witness))
        found.append(Finding("PIN_DIFFERS", said, file=file))
    if pinned.authority not in (None, authority_of(bundle) or pinned.authority):  # one that is missing is said already
        said = "The network's authority is another one than the one you have."
        found.append(Finding("PIN_DIFFERS", said, file=AUTHORITY))
    return found


def _other(whose: str, named: str | None, kept: str) -> str:
    return (
        f"The bundle names {named or 'no key'} as the {whose}'s key, and the one you joined under is {kept} "
        "(audit.toml in your folder). Take a bundle yourself (kudos-audit export); if that names it too, call the "
        "network's operator, by a number that you have from elsewhere, before you believe either."
    )


def check_ledgers_shown(
    ledgers: Mapping[str, CheckedLedger],
    benchmarks: Iterable[CheckedBenchmark],
    held: Mapping[str, Sequence[HeldRelease]],
    rounds: Mapping[str, CheckedRound],
) -> list[Finding]:
    """Members that released or sketched, and show no ledger: what they spent nobody can tell."""
    included = {each.member for one in benchmarks if one.benchmark is not None for each in one.benchmark.releases}
    released = included | {member for member, found in held.items() if found}
    released |= {each.member for checked in rounds.values() for each in checked.held.sketches}
    said = "This member has released, and its ledger is not there."
    return [Finding("LEDGER_MISSING", said, member) for member in sorted(released - ledgers.keys())]


def check_by_the_list(
    bundle: Bundle,
    members: Mapping[str, MemberLine],
    ledgers: Mapping[str, CheckedLedger],
    rounds: Mapping[str, CheckedRound],
    held: Mapping[str, Sequence[HeldRelease]],
) -> list[Finding]:
    """What a coordinator's bundle is held to, for it has all members and all rounds; and whoever else shows some.

    Who made a bundle is its maker's word: that it were a node's gets nobody a better verdict.
    """
    whole = bundle.headers[PUBLIC].source == "coordinator"
    found: list[Finding] = []
    if members or rounds or whole:
        released = [member for member, releases in held.items() if releases]
        found += check_members(members, ledgers, announcements(rounds).values(), released)
    if rounds or whole:
        found += [one for each in ledgers.values() for one in check_asked(each, rounds)]
    if not whole:
        said = "A node made this bundle: it has not all members and rounds. Take the network's from the coordinator."
        found.append(Finding("NODE_ALONE", said, file=f"{PUBLIC}/{HEADER}"))
    return found


def check_releases_shown(
    releases: Iterable[CheckedReleases] | None, rounds: Mapping[str, CheckedRound]
) -> list[Finding]:
    """A bundle with rounds and without the releases that were sent for them (None)."""
    if releases is not None:
        return []
    said = (
        "The releases are not here (--releases BUNDLE): entries are not matched with them, and no figure is computed "
        "again."
    )
    return [Finding("RELEASES_NOT_SHOWN", said)] if rounds else []


def check_strangers(*bundles: Bundle) -> list[Finding]:
    """Files that no bundle has."""
    names = dict.fromkeys(name for bundle in bundles for name in bundle.strangers)
    return [Finding("STRANGE_FILE", "No bundle has such a file; it was not read.", file=name) for name in names]
