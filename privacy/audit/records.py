"""The records of a bundle's JSON and JSON lines: each field, read strictly. docs/bundle.md has them for people."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, ValidationError

from privacy.audit.errors import BadBundle
from privacy.ledger.fields import Origin, PublicKey, VerifierKey, format_time, parse_time
from privacy.problems import first_problem

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,120}$")]
Text = Annotated[str, Field(max_length=2000)]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
Role = Literal["member", "auditor", "viewer", "operator"]


def _moment(value: Any) -> datetime:
    return parse_time(format_time(value) if isinstance(value, datetime) else value)


Time = Annotated[datetime, PlainValidator(_moment), PlainSerializer(format_time)]
"""A moment in UTC and whole seconds; in JSON as `privacy.ledger.fields` writes it."""


def _when_made(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 3000:  # sums of such moments stay in range
        raise ValueError("not a moment at which a bundle can have been made")
    return moment


Made = Annotated[Time, AfterValidator(_when_made)]

Form = TypeVar("Form", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Header(_Strict):
    """bundle.json: which network, made when and by whom.

    `coordinator_key` signs rounds and benchmarks, `witness` cosigns ledgers; both are what the maker says they are.
    A bundle of a single node that works alone names no network: `trust_domain` is `standalone`.
    """

    v: Literal[1]
    kind: Literal["public", "restricted"]
    trust_domain: Domain
    made: Made
    source: Literal["coordinator", "node"]
    coordinator_key: PublicKey | None
    witness: VerifierKey | None


class MemberLine(_Strict):
    """A line of members.jsonl. `ledger` is the origin of the member's ledger; null where it never showed one."""

    member: Slug
    name: Annotated[str, Field(min_length=1, max_length=120)]
    industry: Slug
    county: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    size_class: Slug | None
    state: Slug
    ledger: Origin | None


class CertificateLine(_Strict):
    """A line of certificates.jsonl. `der` is the certificate in DER."""

    role: Role
    holder: Slug
    state: Slug
    issued: Time
    not_before: Time
    not_after: Time
    der: Base64


class RoundRecord(_Strict):
    """round.json: where a round stands. `ended` is when it was closed or aborted; `reason` says why it was aborted."""

    round: Slug
    state: Slug
    opened: Time
    deadline: Time
    ended: Time | None
    reason: Text | None


class Signature(_Strict):
    """A signature of a DSSE envelope."""

    keyid: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    sig: Base64


class Dsse(_Strict):
    """An envelope as DSSE writes it in JSON, with one signature."""

    payloadType: Annotated[str, Field(pattern=r"^[a-z0-9./+-]{1,120}$")]  # noqa: N815  DSSE's own name
    payload: Base64
    signatures: Annotated[tuple[Signature, ...], Field(min_length=1, max_length=1, strict=False)]


class ReleaseLine(Dsse):
    """A line of releases/<member>.jsonl: the envelope, the round that it came for, and when it came.

    Both are null in a node's own bundle.
    """

    round: Slug | None
    received: Time | None


class MarketRecord(Dsse):
    """market.json of a round of cross-use: the envelope, and when the coordinator made it."""

    made: Time


class SketchLine(Dsse):
    """A line of sketches.jsonl: the envelope of a sealed sketch's header, whose it is, and when the sketch had come.

    `declined` is when the member declined the round after all; null where it did not.
    """

    member: Slug
    received: Time
    declined: Time | None


def read_record(form: type[Form], content: bytes, file: str, line: int | None = None) -> Form:
    """A record from its JSON. Raises `BadBundle` with the place for anything else."""
    try:
        found = form.model_validate_json(content)
        json.loads(content, object_pairs_hook=_once)
    except ValidationError as error:
        raise BadBundle(first_problem(error), file, line) from error
    except _Twice as error:
        raise BadBundle(f"the key {error} stands there twice", file, line) from error
    return found


class _Twice(ValueError):
    """A key that stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Two readers may take two different ones of a key that stands twice."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _Twice(key)
        seen.add(key)
