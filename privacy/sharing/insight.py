"""An insight: a short text that a member attaches to a benchmark, for the members of one of its cohorts.

The payload of an envelope of type INSIGHT is the RFC 8785 form of one JSON object, signed by the member:

    v               1
    coordinator     trust domain of the network
    member          who says it
    round           of the benchmark that it is about
    benchmark       SHA-256 of that benchmark's envelope, hexadecimal
    cohort          whose members may read it, such as "network" or "industry:museum"; the sender is one of them
    written         UTC, YYYY-MM-DDTHH:MM:SSZ
    text            see `privacy.sharing.text`

It is called by the SHA-256 of its envelope. There is no field for a figure: what is in it, a person has written.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field

from privacy.errors import KudosError
from privacy.identity.payload import Hex32, MemberId, Payload, read, written
from privacy.ledger.fields import format_time, parse_time
from privacy.rounds.announcement import Domain, Slug
from privacy.sharing.text import LONGEST_TEXT, BadText, check
from privacy.signing.envelope import BadEnvelope, payload_of, sign, verify

INSIGHT = "application/vnd.kudos.v1.insight"
"""The payload type of an insight."""

LARGEST_INSIGHT = 8_192
"""Bytes of an envelope: four for every character of the longest text, and what goes around it."""

DIGEST = re.compile(r"[0-9a-f]{64}")
"""How an insight is called."""


class BadInsight(KudosError):
    """Bytes that are no insight signed by the member that it should be from."""

    reason = "BAD_INSIGHT"


@dataclass(frozen=True)
class Insight:
    """What a member says of a benchmark, to whom, and when it was written."""

    coordinator: str
    member: str
    round: str
    benchmark: str
    cohort: str
    written: datetime
    text: str


class _Payload(Payload):
    coordinator: Domain
    member: MemberId
    round: Slug
    benchmark: Hex32
    cohort: Annotated[str, Field(pattern=r"^[a-z0-9:-]{1,128}$")]
    written: Annotated[str, Field(max_length=20)]
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]


def make(insight: Insight, key: Ed25519PrivateKey) -> bytes:
    """The signed envelope. Raises BadText, and BadInsight where it would not be read back as it is."""
    check(insight.text)
    try:
        payload = _Payload(v=1, **{**vars(insight), "written": format_time(insight.written)})
    except ValueError as error:
        raise BadInsight("This cannot be shared as it stands: it would not be read back as it is.") from error
    return sign(INSIGHT, written(payload), key)


def open_insight(envelope: bytes, public_key: Ed25519PublicKey) -> Insight:
    """The insight that a key has signed.

    Raises BadInsight for anything else: another signer, a field that is missing or too many, another spelling, a text
    that is none. Whose key it is, and whether that member is in the cohort, is for the caller to know.
    """
    if len(envelope) > LARGEST_INSIGHT:
        raise BadInsight(f"An insight has at most {LARGEST_INSIGHT} bytes. It was not read.")
    try:
        said = read(_Payload, verify(INSIGHT, envelope, public_key))
        moment = parse_time(said.written)
        check(said.text)
    except (BadEnvelope, BadText, ValueError) as error:
        raise BadInsight(f"This is no insight of the member that it should be from: {error}") from error
    return Insight(said.coordinator, said.member, said.round, said.benchmark, said.cohort, moment, said.text)


def claimed(envelope: bytes) -> tuple[str, str] | None:
    """The member and the round that an envelope names, to look its key up by: nothing of it is believed."""
    try:
        said = read(_Payload, payload_of(envelope)) if len(envelope) <= LARGEST_INSIGHT else None
    except (BadEnvelope, ValueError):
        return None
    return None if said is None else (said.member, said.round)


def digest_of(envelope: bytes) -> str:
    """How an insight is called: the SHA-256 of its envelope, hexadecimal."""
    return hashlib.sha256(envelope).hexdigest()
