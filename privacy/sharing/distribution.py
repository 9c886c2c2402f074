"""How many members of a cohort say that they are on which level: what the coordinator publishes of self-assessments.

The payload of an envelope of type DISTRIBUTION is the RFC 8785 form of one JSON object, signed by the coordinator:

    v               1
    coordinator     trust domain of the network
    version         1, 2, …
    made            UTC, YYYY-MM-DDTHH:MM:SSZ
    cohorts         by kind and name: cohort, members, and levels: for each driver the members on level 1 … 5

A cohort stands there where at least FEWEST of its members share their own, and where neither sums nor differences of
everything that was ever published tell of fewer than that (`told_of`): whoever joins, leaves or changes its levels
changes nothing until enough others have. Members are counted, not envelopes. So FEWEST - 2 members that put together
what they know, old levels and new, are left with what at least two others have said together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field

from privacy.errors import KudosError
from privacy.estimate.cohorts import KINDS, NETWORK, Member, cohorts_of
from privacy.estimate.isolation import MOST_TRIES, isolates, rank
from privacy.identity.payload import Payload, read, written
from privacy.ledger.fields import format_time, parse_time
from privacy.rounds.announcement import Domain
from privacy.sharing.assessment import DRIVERS, LEVELS
from privacy.signing.envelope import BadEnvelope, sign, verify

DISTRIBUTION = "application/vnd.kudos.v1.self-assessments"
"""The payload type of a distribution."""

FEWEST = 5
"""Of fewer members nothing is told."""

MOST_COHORTS = 2_000


class BadDistribution(KudosError):
    """Bytes that are no distribution signed by the coordinator."""

    reason = "BAD_DISTRIBUTION"


@dataclass(frozen=True)
class CohortLevels:
    """A cohort: how many members share, and of each driver how many are on level 1 … 5."""

    cohort: str
    members: int
    levels: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Distribution:
    """What is published of all self-assessments."""

    coordinator: str
    version: int
    made: datetime
    cohorts: tuple[CohortLevels, ...]

    def cohort(self, name: str) -> CohortLevels | None:
        """A cohort by its name; None where it is not there."""
        return next((each for each in self.cohorts if each.cohort == name), None)


Statements = Mapping[str, str]
"""By member, what it stands by: a name that changes when its levels do, such as the digest of what it has signed."""


def told_of(
    stated: Sequence[tuple[Member, str]],
    before: Collection[str],
    last: Mapping[str, Statements],
    most_tries: int = MOST_TRIES,
) -> dict[str, Statements]:
    """The cohorts that a next version tells of, by name, and what is counted in each; none where there is none yet.

    stated: the members that share, each with what it stands by. before: what was ever counted in any cohort of any
    version. last: what the newest version counts, by cohort. most_tries: how long one search may be
    (`privacy.estimate.isolation`); a cohort whose search is longer is not taken.

    A statement that was never counted is *fresh*; a member has one at most. Cohorts are counted anew, by their kinds'
    order, as long as every sum or difference of those that are has FEWEST fresh statements in it or more, or else
    follows from what the last version says. That is enough for all versions at once: take any combination of all that
    was ever published, and the newest version of which it has anything that does not follow from older ones. What was
    fresh then is in no older version, and the combination has nothing of newer ones; so at least FEWEST members'
    statements of that version are left standing in it. The work does not grow with the number of versions.

    A cohort that cannot be counted anew stays as the last version has it, while all whom that counts still share: the
    same numbers again say nothing. The whole network is counted anew, or there is no next version.
    """
    of = {member.member: statement for member, statement in stated}
    seen = frozenset(before)
    fresh = {(member, statement) for member, statement in of.items() if statement not in seen}
    anew: list[Statements] = []
    found: dict[str, Statements] = {}
    for cohort in cohorts_of([member for member, _ in stated], KINDS):
        counts = {member: of[member] for member in sorted(cohort.members)}
        old = last.get(cohort.name, {})
        if _hides([*anew, counts], tuple(last.values()), fresh, most_tries):
            anew.append(counts)
            found[cohort.name] = counts
        elif cohort.name == NETWORK:
            return {}
        elif old and old.keys() <= counts.keys():
            found[cohort.name] = dict(old)
    return found


def _hides(
    anew: Sequence[Statements], last: Sequence[Statements], fresh: Collection[tuple[str, str]], most_tries: int
) -> bool:
    """Whether each combination of `anew` has at least FEWEST members' fresh statements in it, or follows from `last`.

    Asked for the newest of `anew`, which has some itself.
    """
    if sum(item in fresh for item in anew[-1].items()) < FEWEST:
        return False
    every = sorted({item for counts in (*anew, *last) for item in counts.items()})
    rows = np.array([[counts.get(member) == said for member, said in every] for counts in (*anew, *last)], np.int8)
    of_fresh = rows[: len(anew), [item in fresh for item in every]]
    follows = rank(rows[len(anew) :]) if last else 0  # nothing fresh is in it: the ranks add up
    return rank(rows) == rank(of_fresh) + follows and not isolates(of_fresh, FEWEST - 1, most_tries)


def counted(cohort: str, levels: Sequence[Mapping[str, int]]) -> CohortLevels:
    """How many of a cohort's self-assessments are on which level of which driver."""
    on = {
        driver: tuple(sum(each[driver] == level for each in levels) for level in range(1, len(LEVELS) + 1))
        for driver in DRIVERS
    }
    return CohortLevels(cohort, len(levels), on)


_Count = Annotated[int, Field(ge=0, le=100_000)]


class _Cohort(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    cohort: Annotated[str, Field(pattern=r"^[a-z0-9:-]{1,128}$")]
    members: Annotated[int, Field(ge=FEWEST, le=100_000)]
    levels: dict[str, Annotated[list[_Count], Field(min_length=len(LEVELS), max_length=len(LEVELS))]]


class _Payload(Payload):
    coordinator: Domain
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    made: Annotated[str, Field(max_length=20)]
    cohorts: Annotated[list[_Cohort], Field(min_length=1, max_length=MOST_COHORTS)]


def make(distribution: Distribution, key: Ed25519PrivateKey) -> bytes:
    """The signed envelope."""
    payload = _Payload(
        v=1,
        coordinator=distribution.coordinator,
        version=distribution.version,
        made=format_time(distribution.made),
        cohorts=[
            _Cohort(
                cohort=each.cohort,
                members=each.members,
                levels={driver: list(counts) for driver, counts in each.levels.items()},
            )
            for each in distribution.cohorts
        ],
    )
    return sign(DISTRIBUTION, written(payload), key)


def open_distribution(envelope: bytes, public_key: Ed25519PublicKey) -> Distribution:
    """The distribution that the coordinator has signed.

    Raises BadDistribution for anything else, and where the members on the levels are not as many as the cohort has.
    """
    try:
        said = read(_Payload, verify(DISTRIBUTION, envelope, public_key))
        made = parse_time(said.made)
    except (BadEnvelope, ValueError) as error:
        raise BadDistribution(f"This is no distribution of self-assessments: {error}") from error
    for each in said.cohorts:
        if set(each.levels) != set(DRIVERS) or any(sum(counts) != each.members for counts in each.levels.values()):
            raise BadDistribution("A distribution of self-assessments counts other members than it has.")
    names = [each.cohort for each in said.cohorts]
    if len(set(names)) != len(names):
        raise BadDistribution("A distribution of self-assessments has a cohort twice.")
    found = tuple(
        CohortLevels(each.cohort, each.members, {driver: tuple(each.levels[driver]) for driver in DRIVERS})
        for each in said.cohorts
    )
    return Distribution(said.coordinator, said.version, made, found)
