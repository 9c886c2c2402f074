"""A self-assessment: how far an institution says it has come in working with its customers, on four drivers.

The levels and drivers are those of the sector's workshops on customer relations. The payload of an envelope of type
ASSESSMENT is the RFC 8785 form of one JSON object, signed by the member: {v, coordinator, member, made, levels}, with
`levels` from driver to 1 (starter) … 5 (champion). It is of the institution, and of none of its customers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field

from privacy.errors import KudosError
from privacy.identity.payload import MemberId, Payload, read, written
from privacy.ledger.fields import format_time, parse_time
from privacy.rounds.announcement import Domain
from privacy.signing.envelope import BadEnvelope, sign, verify

ASSESSMENT = "application/vnd.kudos.v1.self-assessment"
"""The payload type of a self-assessment."""

LARGEST_ASSESSMENT = 2_048
"""Bytes of an envelope."""

LEVELS: Final = ("starter", "beginner", "native", "business", "champion")
"""From the lowest, which is 1."""

DRIVERS: Final = ("leadership", "planning", "systems", "analysis")
"""Leadership and management; planning and implementation; systems and IT; analysis, measurement and evaluation."""


class BadAssessment(KudosError):
    """No self-assessment: a level on each driver, signed by the member."""

    reason = "BAD_ASSESSMENT"
    exit_status = 2


@dataclass(frozen=True)
class Assessment:
    """The level on each driver, 1 to 5, and when a person has said so. Raises BadAssessment for any others."""

    made: datetime
    levels: Mapping[str, int]

    def __post_init__(self) -> None:
        if set(self.levels) != set(DRIVERS) or any(
            type(level) is not int or not 1 <= level <= len(LEVELS) for level in self.levels.values()
        ):
            raise BadAssessment(
                f"Say a level for each of {', '.join(DRIVERS)}: one of {', '.join(LEVELS)}, or 1 to {len(LEVELS)}."
            )


_Level = Annotated[int, Field(ge=1, le=len(LEVELS))]


class _Payload(Payload):
    coordinator: Domain
    member: MemberId
    made: Annotated[str, Field(max_length=20)]
    levels: dict[str, _Level]


def make(assessment: Assessment, coordinator: str, member: str, key: Ed25519PrivateKey) -> bytes:
    """The signed envelope, for one network."""
    payload = _Payload(
        v=1,
        coordinator=coordinator,
        member=member,
        made=format_time(assessment.made),
        levels={driver: assessment.levels[driver] for driver in DRIVERS},
    )
    return sign(ASSESSMENT, written(payload), key)


def open_assessment(envelope: bytes, coordinator: str, member: str, public_key: Ed25519PublicKey) -> Assessment:
    """The self-assessment that a member has signed for a network. Raises BadAssessment."""
    if len(envelope) > LARGEST_ASSESSMENT:
        raise BadAssessment(f"A self-assessment has at most {LARGEST_ASSESSMENT} bytes. It was not read.")
    try:
        said = read(_Payload, verify(ASSESSMENT, envelope, public_key))
        found = Assessment(parse_time(said.made), said.levels)
    except (BadEnvelope, ValueError) as error:
        raise BadAssessment(f"This is no self-assessment of {member}: {error}") from error
    if (said.coordinator, said.member) != (coordinator, member):
        raise BadAssessment(f"This is a self-assessment for another network, or of another member than {member}.")
    return found


def level(text: str) -> int:
    """A level by its name or its number. Raises BadAssessment."""
    if text in LEVELS:
        return LEVELS.index(text) + 1
    if text in map(str, range(1, len(LEVELS) + 1)):
        return int(text)
    raise BadAssessment(f"A level is one of {', '.join(LEVELS)}, or a number from 1 to {len(LEVELS)}.")
