"""How the values of a leaf are written in JSON: one spelling each, so that equal entries are equal bytes."""

import re
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator

from privacy.bounds.windows import Window
from privacy.ledger.note import Algorithm, BadVerifierKey, Verifier
from privacy.mechanisms.calibration import BadMechanism, DiscreteGaussian, parse_scale
from privacy.mechanisms.quantile import parse_quantile, quantile_text

LARGEST_NUMBER = 2**53 - 1
"""The largest integer that RFC 7493 (I-JSON), and so RFC 8785, lets stand as a number."""

_LONGEST_INTEGER = 40  # digits; a squared sensitivity has 25 at most
_INTEGER = re.compile(rf"[1-9][0-9]{{0,{_LONGEST_INTEGER - 1}}}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_WINDOW = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{4}-[0-9]{2}-[0-9]{2})")


def whole_second(moment: datetime) -> datetime:
    """`moment` in UTC, cut to the second before it. Raises ValueError for one without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def format_time(moment: datetime) -> str:
    """RFC 3339, such as 2025-11-30T23:59:59Z. Raises ValueError unless `moment` is UTC in whole seconds."""
    if moment.tzinfo is not UTC or moment.microsecond:
        raise ValueError("not UTC in whole seconds")
    return moment.replace(tzinfo=None).isoformat() + "Z"


def parse_time(text: Any) -> datetime:
    """The moment that `format_time` writes so. Raises ValueError for any other spelling."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise ValueError("not a time such as 2025-11-30T23:59:59Z")
    return datetime.fromisoformat(text)


def parse_window(text: Any) -> Window:
    """The window that `str` writes so, such as 2025-01-01/2025-12-31. Raises ValueError for anything else."""
    match = _WINDOW.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("not a window such as 2025-01-01/2025-12-31")
    first, last = (date.fromisoformat(day) for day in match.groups())
    if first > last:
        raise ValueError("a window that ends before it begins")
    return Window(first, last)


def _parse_integer(value: Any) -> int:
    if type(value) is int and 0 <= value <= LARGEST_NUMBER:
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value) and int(value) > LARGEST_NUMBER:
        return int(value)
    raise ValueError("not a whole number, 0 or more, written as a string beyond 2^53 - 1 and only there")


def _format_integer(value: int) -> int | str:
    return value if value <= LARGEST_NUMBER else str(value)


def _parse_scale(text: Any) -> Fraction:
    try:
        return DiscreteGaussian(parse_scale(text)).scale
    except BadMechanism as error:
        raise ValueError(str(error)) from error  # what pydantic collects


def _parse_alpha(text: Any) -> Fraction:
    try:
        return parse_quantile(text)
    except BadMechanism as error:
        raise ValueError(str(error)) from error


def _parse_delta(text: Any) -> Fraction:
    if isinstance(text, str) and re.fullmatch(r"[1-9][0-9]{0,39}/[1-9][0-9]{0,39}", text):
        value = Fraction(text)
        if str(value) == text and value < 1:
            return value
    raise ValueError("not a reduced fraction between 0 and 1, such as 1/1000000")


Integer = Annotated[int, PlainValidator(_parse_integer), PlainSerializer(_format_integer)]
Time = Annotated[datetime, PlainValidator(parse_time), PlainSerializer(format_time)]
Period = Annotated[Window, PlainValidator(parse_window), PlainSerializer(str)]
Scale = Annotated[Fraction, PlainValidator(_parse_scale), PlainSerializer(str)]
Alpha = Annotated[Fraction, PlainValidator(_parse_alpha), PlainSerializer(quantile_text)]
"""A quantile, in whole thousandths: "0.95"."""
Delta = Annotated[Fraction, PlainValidator(_parse_delta), PlainSerializer(str)]
Sequence = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
PublicKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A raw Ed25519 public key in lower-case hexadecimal."""
Origin = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.:-]*/ledger/[a-z0-9][a-z0-9.-]*$", max_length=200)]
"""Such as `standalone/ledger/fjordteatret-1a2b3c4d`: `<coordinator>/ledger/<member>`."""


def _check_witness(text: str) -> str:
    try:
        algorithm = Verifier.parse(text).algorithm
    except BadVerifierKey as error:
        raise ValueError(str(error)) from error
    if algorithm is not Algorithm.COSIGNATURE_V1:
        raise ValueError("not the key of a witness")
    return text


VerifierKey = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9.:-]*/witness\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$", max_length=320),
    AfterValidator(_check_witness),
]
"""A witness by its name and key, as signed notes write them: `npu.example/witness+3ca700f2+BCms…`."""
LeafHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""The hash of a leaf in lower-case hexadecimal."""
Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$")]
Label = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""The name of a study, a table, a measure or a round."""
