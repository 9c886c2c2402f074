"""Where what stands in a bundle: every path that a bundle can have, and no other."""

import re

from privacy.audit.errors import BadBundle

PUBLIC, RESTRICTED = "public", "restricted"
HEADER = "bundle.json"
AUTHORITY = f"{PUBLIC}/authority.pem"
CERTIFICATES = f"{PUBLIC}/certificates.jsonl"
MEMBERS = f"{PUBLIC}/members.jsonl"

_ID = r"[a-z0-9][a-z0-9-]{0,60}"
_NUMBER = r"[1-9][0-9]{0,15}"
_LEAVES = re.compile(rf"public/ledgers/({_ID})/leaves\.jsonl")
_CHECKPOINT = re.compile(rf"public/ledgers/({_ID})/checkpoints/({_NUMBER})\.note")
_ROUND = re.compile(rf"public/rounds/({_ID})/(?:(?:announcement|round|market)\.json|sketches\.jsonl)")
_BENCHMARK = re.compile(rf"public/benchmarks/({_ID})/({_NUMBER})\.json")
_RELEASES = re.compile(rf"restricted/releases/({_ID})\.jsonl")
_SINGLE = {AUTHORITY, CERTIFICATES, MEMBERS, f"{PUBLIC}/{HEADER}", f"{RESTRICTED}/{HEADER}"}


def leaves_path(member: str) -> str:
    """Where a member's leaves stand."""
    return f"{PUBLIC}/ledgers/{member}/leaves.jsonl"


def checkpoint_path(member: str, size: int) -> str:
    """Where the checkpoint of a size stands."""
    return f"{PUBLIC}/ledgers/{member}/checkpoints/{size}.note"


def announcement_path(round_name: str) -> str:
    """Where a round's announcement stands."""
    return f"{PUBLIC}/rounds/{round_name}/announcement.json"


def round_path(round_name: str) -> str:
    """Where it says how a round stands."""
    return f"{PUBLIC}/rounds/{round_name}/round.json"


def market_path(round_name: str) -> str:
    """Where the market of a round of cross-use stands."""
    return f"{PUBLIC}/rounds/{round_name}/market.json"


def sketches_path(round_name: str) -> str:
    """Where the headers of the sealed sketches stand that came for a round of cross-use."""
    return f"{PUBLIC}/rounds/{round_name}/sketches.jsonl"


def benchmark_path(round_name: str, version: int) -> str:
    """Where a version of a benchmark stands."""
    return f"{PUBLIC}/benchmarks/{round_name}/{version}.json"


def releases_path(member: str) -> str:
    """Where a member's releases stand."""
    return f"{RESTRICTED}/releases/{member}.jsonl"


def is_path(path: str) -> bool:
    """Whether a bundle can have a file of this name."""
    several = (_LEAVES, _CHECKPOINT, _ROUND, _BENCHMARK, _RELEASES)
    return path in _SINGLE or any(form.fullmatch(path) for form in several)


def check_path(path: str) -> None:
    """Raises `BadBundle` for a path that no bundle has."""
    if not is_path(path):
        raise BadBundle("a bundle has no file of this name", printable(path))


def printable(path: str) -> str:
    """A name from elsewhere, as it may be shown: cut, and without what steers a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in path)[:200]


def ledgers_in(paths: tuple[str, ...]) -> list[str]:
    """The members that have a ledger or checkpoints there, in order."""
    found = {match[1] for path in paths for form in (_LEAVES, _CHECKPOINT) if (match := form.fullmatch(path))}
    return sorted(found)


def checkpoints_in(paths: tuple[str, ...]) -> dict[str, list[int]]:
    """The sizes of each member's checkpoints, smallest first."""
    found: dict[str, list[int]] = {}
    for path in paths:
        if match := _CHECKPOINT.fullmatch(path):
            found.setdefault(match[1], []).append(int(match[2]))
    return {member: sorted(sizes) for member, sizes in found.items()}


def rounds_in(paths: tuple[str, ...]) -> list[str]:
    """The rounds that are told of there, by announcement, state, market, sketches or benchmark, in order."""
    found = {match[1] for path in paths for form in (_ROUND, _BENCHMARK) if (match := form.fullmatch(path))}
    return sorted(found)


def benchmarks_in(paths: tuple[str, ...]) -> dict[str, list[int]]:
    """The versions of each round's benchmark, in order."""
    found: dict[str, list[int]] = {}
    for path in paths:
        if match := _BENCHMARK.fullmatch(path):
            found.setdefault(match[1], []).append(int(match[2]))
    return {name: sorted(versions) for name, versions in found.items()}


def releases_in(paths: tuple[str, ...]) -> list[str]:
    """The members that have releases there, in order."""
    return sorted(match[1] for path in paths if (match := _RELEASES.fullmatch(path)))
