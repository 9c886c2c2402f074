"""The cohorts of a benchmark: which members' releases are added together.

A cohort's name says what its members share: `network`, `industry:museum`, `county:46`, `industry-county:museum:46`,
`size:small`. Every member is in one cohort of each kind; a member without a size class is in none of the kind `size`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from privacy.estimate.errors import InvalidCohortsError

NETWORK = "network"
KINDS = (NETWORK, "industry", "county", "industry-county", "size")
"""From what is published first to what is published last: a cohort that would give away a few members yields to those
before it."""


@dataclass(frozen=True)
class Member:
    """A member whose release is included, with what its seat in the round's roster says. None of it is data."""

    member: str
    industry: str
    county: str
    size_class: str | None = None


@dataclass(frozen=True)
class Cohort:
    """A named set of members, by their ids."""

    name: str
    members: frozenset[str]

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return kind_of(self.name)


def kind_of(name: str) -> str:
    """The kind of the cohort of this name: what stands before the first colon."""
    return name.partition(":")[0]


def cohorts_of(members: Sequence[Member], kinds: Collection[str]) -> tuple[Cohort, ...]:
    """The cohorts of these kinds, by kind as in KINDS and then by name, whatever the order of members and kinds.

    Only cohorts with a member are there. Raises InvalidCohortsError for a member twice or a kind that is not in KINDS.
    """
    if len({member.member for member in members}) < len(members):
        raise InvalidCohortsError("A member is included twice. Take one release of each.")
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise InvalidCohortsError(f"There are no cohorts by {unknown[0]!r}; there are by {', '.join(KINDS)}.")
    return tuple(cohort for kind in KINDS if kind in kinds for cohort in _of_kind(members, kind))


def _of_kind(members: Sequence[Member], kind: str) -> list[Cohort]:
    sets: dict[str, set[str]] = {}
    for member in members:
        name = _name(member, kind)
        if name is not None:
            sets.setdefault(name, set()).add(member.member)
    return [Cohort(name, frozenset(ids)) for name, ids in sorted(sets.items())]


def _name(member: Member, kind: str) -> str | None:
    match kind:
        case "industry":
            return f"industry:{member.industry}"
        case "county":
            return f"county:{member.county}"
        case "industry-county":
            return f"industry-county:{member.industry}:{member.county}"
        case "size":
            return None if member.size_class is None else f"size:{member.size_class}"
        case _:
            return NETWORK
