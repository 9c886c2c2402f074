"""The announcement of a round: what is asked of whom, over which window, until when.

The payload of an envelope of type ROUND is the RFC 8785 form of one JSON object, signed by the coordinator:

    v               1
    coordinator     trust domain of the network
    round           the round's name, unique there
    study           the study's file, as text; study_digest and layout_digest are what it must come to
    window_first    first and last local day, YYYY-MM-DD
    window_last
    opened          UTC, YYYY-MM-DDTHH:MM:SSZ
    deadline
    sketch_deadline of a study of cross-use alone: until when sketches are taken, between the two
    roster          who is asked, by member: member, name, industry, county, size_class (or null), signing_key and
                    sealing_key (hexadecimal), identity_commitment and identity_epoch (or null)

It never changes: the same bytes are what a member agrees to, what its release answers, and what an auditor reads.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from privacy.bounds.windows import Window
from privacy.errors import KudosError
from privacy.ledger.fields import format_time, parse_time
from privacy.problems import first_problem
from privacy.signing.envelope import BadEnvelope, sign, verify
from privacy.studies.cross_use import MOST_MEMBERS, CrossUseStudy
from privacy.studies.file import LONGEST_TEXT, BadStudy
from privacy.studies.shelf import AnyStudy, parse

ROUND = "application/vnd.kudos.v1.round"
"""The payload type of an announcement."""

LARGEST_ROSTER = 5_000
"""Members that a round may ask: about as many as an announcement has room for in a message of the wire."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,120}$")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Label = Annotated[str, Field(min_length=1, max_length=120)]


class BadAnnouncement(KudosError):
    """Bytes that are no announcement of a round by this coordinator, or one that contradicts itself."""

    reason = "BAD_ANNOUNCEMENT"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Seat(_Strict):
    """A member in a round's roster, as the coordinator certifies it."""

    member: Slug
    name: Label
    industry: Slug
    county: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    size_class: Slug | None
    signing_key: Key
    sealing_key: Key
    identity_commitment: Key | None
    identity_epoch: Annotated[int, Field(ge=0, le=10_000)] | None


class _Payload(_Strict):
    v: Literal[1]
    coordinator: Domain
    round: Slug
    study: Annotated[str, Field(max_length=LONGEST_TEXT)]
    study_digest: str
    layout_digest: str
    window_first: str
    window_last: str
    opened: str
    deadline: str
    sketch_deadline: str | None = None
    roster: Annotated[tuple[Seat, ...], Field(min_length=1, max_length=LARGEST_ROSTER, strict=False)]


@dataclass(frozen=True)
class Announcement:
    """A round as it was announced. `study` is what `study_text` says; the roster is in the order of its members.

    A round of cross-use has a `sketch_deadline`, and no other has one.
    """

    coordinator: str
    round: str
    study: AnyStudy
    study_text: str
    window: Window
    opened: datetime
    deadline: datetime
    roster: tuple[Seat, ...]
    sketch_deadline: datetime | None = None

    def seat(self, member: str) -> Seat | None:
        """The seat of a member; None where it is not in the roster."""
        return next((seat for seat in self.roster if seat.member == member), None)


def announce(announcement: Announcement, key: Ed25519PrivateKey) -> bytes:
    """The signed announcement. Raises BadAnnouncement where it would not be read back as it is."""
    payload: dict[str, Any] = {
        "v": 1,
        "coordinator": announcement.coordinator,
        "round": announcement.round,
        "study": announcement.study_text,
        "study_digest": announcement.study.digest,
        "layout_digest": announcement.study.layout_digest,
        "window_first": announcement.window.first.isoformat(),
        "window_last": announcement.window.last.isoformat(),
        "opened": format_time(announcement.opened),
        "deadline": format_time(announcement.deadline),
        "roster": [seat.model_dump() for seat in announcement.roster],
    }
    if announcement.sketch_deadline is not None:
        payload["sketch_deadline"] = format_time(announcement.sketch_deadline)
    envelope = sign(ROUND, rfc8785.dumps(payload), key)
    if read(envelope, key.public_key()) != announcement:
        raise BadAnnouncement("This round cannot be announced as it stands: it would not be read back as it is.")
    return envelope


def read(envelope: bytes, key: Ed25519PublicKey) -> Announcement:
    """The announcement that the coordinator's key signed.

    Raises BadAnnouncement for anything else: another signer, a field that is missing or too many, a digest that the
    study's text does not come to, a roster out of order or with a member twice, a deadline before the opening.
    """
    try:
        payload = verify(ROUND, envelope, key)
        said = _Payload.model_validate_json(payload)
    except BadEnvelope as error:
        raise BadAnnouncement(f"The announcement of a round is not the coordinator's: {error}") from error
    except ValidationError as error:
        raise BadAnnouncement(f"The announcement of a round cannot be read: {first_problem(error)}.") from error
    try:
        study = parse(said.study, f"the study of round {said.round}")
        window = Window(date.fromisoformat(said.window_first), date.fromisoformat(said.window_last))
        opened, deadline = parse_time(said.opened), parse_time(said.deadline)
        sketches = None if said.sketch_deadline is None else parse_time(said.sketch_deadline)
    except (BadStudy, ValueError) as error:
        raise BadAnnouncement(f"The announcement of round {said.round} cannot be read: {error}") from error
    members = [seat.member for seat in said.roster]
    if members != sorted(set(members)):
        raise BadAnnouncement(f"The roster of round {said.round} is out of order, or names a member twice.")
    if (study.digest, study.layout_digest) != (said.study_digest, said.layout_digest):
        raise BadAnnouncement(
            f"Round {said.round} announces a study by another digest than its text comes to here. "
            f"Node and coordinator may have different versions of Kudos: compare them."
        )
    if not (2000 <= window.first.year <= window.last.year <= 2200 and 2000 <= opened.year <= deadline.year <= 2200):
        raise BadAnnouncement(f"Round {said.round} is of another age.")
    if not opened < deadline:
        raise BadAnnouncement(f"Round {said.round} ends before it begins.")
    _check_stages(said.round, study, opened, sketches, deadline, len(members))
    return Announcement(
        said.coordinator, said.round, study, said.study, window, opened, deadline, said.roster, sketches
    )


def _check_stages(
    name: str, study: AnyStudy, opened: datetime, sketches: datetime | None, deadline: datetime, members: int
) -> None:
    """A round of cross-use, and only that, has two stages; and no more members than a market may have."""
    if isinstance(study, CrossUseStudy) != (sketches is not None):
        raise BadAnnouncement(
            f"Round {name} is of {study.name}: a round of cross-use takes sketches until a deadline, and no other does."
        )
    if sketches is not None and not opened < sketches < deadline:
        raise BadAnnouncement(f"Round {name} takes sketches until a time outside of its own.")
    if sketches is not None and members > MOST_MEMBERS:
        raise BadAnnouncement(
            f"Round {name} asks {members} members for cross-use; a market has {MOST_MEMBERS} at most."
        )
