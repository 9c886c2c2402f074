"""What members sign about the identity key: RFC 8785 JSON of a fixed shape, read strictly."""

from typing import Annotated, Literal, TypeVar

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from privacy.identity.chain import MAX_EPOCH
from privacy.problems import first_problem

MOST_BYTES = 65_536
"""No payload is longer: a chain of all epochs, sealed and in base 64, has some 22 kB."""

MemberId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Epoch = Annotated[int, Field(ge=0, le=MAX_EPOCH)]


class Payload(BaseModel):
    """Every payload has its version, and no field that its type does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    v: Literal[1]


P = TypeVar("P", bound=Payload)


def written(payload: Payload) -> bytes:
    """The one spelling of a payload."""
    return bytes(rfc8785.dumps(payload.model_dump()))


def read(kind: type[P], payload: bytes) -> P:
    """The payload that these bytes spell. Raises ValueError, with a reason, for any others."""
    if len(payload) > MOST_BYTES:
        raise ValueError(f"it has {len(payload)} bytes, and at most {MOST_BYTES} are read")
    try:
        found = kind.model_validate_json(payload)
    except ValidationError as error:
        raise ValueError(first_problem(error)) from None
    if written(found) != payload:
        raise ValueError("it is not canonical JSON (RFC 8785)")
    return found
