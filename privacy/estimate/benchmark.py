"""A benchmark as it is signed: the RFC 8785 form of one JSON object, the payload of an envelope of type BENCHMARK.

    v               1
    coordinator     trust domain of the network
    round           the round's name, unique there
    version         1, 2, ...: a correction is a new version
    supersedes      null for version 1; else the SHA-256 of the envelope of the version before
    reason          why there is another, or why a first version leaves a release out; else null
    study           name; study_version, study_digest
    window_first    first and last local day, YYYY-MM-DD
    window_last
    published       UTC, YYYY-MM-DDTHH:MM:SSZ
    releases        by member: member, release_digest
    cohorts         see `CohortLine`
    cells           see `Cell`; docs/benchmark.md has the rules
    market          of a round of cross-use alone: see `MarketLine`

The order is fixed, so that equal benchmarks are equal bytes. Numbers are integers up to 2^53; decimals are text.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from privacy.bounds.windows import Window
from privacy.errors import KudosError
from privacy.estimate.body import ERROR_DECIMALS, LARGEST_SUM, SUM_NAMES, Body, Cell, CohortLine, MarketLine
from privacy.estimate.cohorts import KINDS, NETWORK, kind_of
from privacy.estimate.derived import EVERY_DECIMALS, THRESHOLD_DECIMALS
from privacy.estimate.reasons import Reason
from privacy.ledger.fields import Digest, format_time, parse_time
from privacy.problems import first_problem
from privacy.signing.envelope import BadEnvelope, sign, verify

BENCHMARK = "application/vnd.kudos.v1.benchmark"
"""The payload type of a benchmark."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,120}$")]
Count = Annotated[int, Field(ge=1, le=10**9)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]

_COHORT = re.compile(r"[a-z-]{1,20}(:[a-z0-9][a-z0-9-]{0,60}){0,2}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_+:.-]{0,129}")
"""Of a table or a category; one of a pair has the names of both."""
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.([0-9]{1,12}))?")
_COLONS = {"network": 0, "industry": 1, "county": 1, "industry-county": 2, "size": 1}


class BadBenchmark(KudosError):
    """Bytes that are no benchmark by this coordinator, or one that contradicts itself."""

    reason = "BAD_BENCHMARK"


@dataclass(frozen=True)
class Included:
    """A member whose release is in the benchmark, with the digest of the release as it was received."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    member: Slug
    release_digest: Digest


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """A published benchmark: what it is of, and its figures."""

    coordinator: str
    round: str
    version: int
    supersedes: str | None
    reason: str | None
    study: str
    study_version: int
    study_digest: str
    window: Window
    published: datetime
    releases: tuple[Included, ...]
    body: Body


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    v: Literal[1]
    coordinator: Domain
    round: Slug
    version: Count
    supersedes: Digest | None
    reason: Annotated[str, Field(min_length=1, max_length=1000)] | None
    study: Slug
    study_version: Count
    study_digest: Digest
    window_first: Day
    window_last: Day
    published: str
    releases: Annotated[tuple[Included, ...], Field(min_length=1, max_length=10_000)]
    cohorts: Annotated[tuple[CohortLine, ...], Field(min_length=1, max_length=10_000)]
    cells: tuple[Cell, ...]
    market: Annotated[tuple[MarketLine, ...], Field(min_length=1, max_length=10_000)] | None = None


def publish(benchmark: Benchmark, key: Ed25519PrivateKey) -> bytes:
    """The signed benchmark. Raises BadBenchmark where it would not be read back as it is."""
    return sign(BENCHMARK, serialise(benchmark), key)


def read(envelope: bytes, key: Ed25519PublicKey) -> Benchmark:
    """The benchmark that the coordinator's key signed. Raises BadBenchmark for anything else."""
    try:
        return parse(verify(BENCHMARK, envelope, key))
    except BadEnvelope as error:
        raise BadBenchmark(f"The benchmark is not the coordinator's: {error}") from error


def serialise(benchmark: Benchmark) -> bytes:
    """The payload. Raises BadBenchmark where `parse` would not give back an equal benchmark."""
    payload = _canonical(benchmark)
    if _parsed(payload) != benchmark:
        raise BadBenchmark("This benchmark cannot be published as it stands: it would not be read back as it is.")
    return payload


def parse(payload: bytes) -> Benchmark:
    """The benchmark whose payload this is.

    Raises BadBenchmark for anything but the canonical form of a benchmark that agrees with itself: fields in range,
    members and cohorts in order and each once, every cell of a published cohort and with its number of members, and
    nothing but a reason in what is suppressed. Whether the figures are right, `combine` tells.
    """
    benchmark = _parsed(payload)
    if _canonical(benchmark) != payload:
        raise BadBenchmark(f"The benchmark of round {benchmark.round} is not in the canonical form of what it says.")
    return benchmark


def _parsed(payload: bytes) -> Benchmark:
    try:
        said = _Payload.model_validate_json(payload)
    except ValidationError as error:
        raise BadBenchmark(f"The benchmark cannot be read: {first_problem(error)}.") from error
    try:
        return _checked(said)
    except ValueError as error:
        raise BadBenchmark(f"The benchmark of round {said.round} cannot be read: {error}.") from error


def _canonical(benchmark: Benchmark) -> bytes:
    """RFC 8785.

    The standard library's encoder gives it for an object like this one, with ASCII keys, no number but integers up to
    2^53, and text without lone surrogates: it escapes just what section 3.2.2.2 does, and the order of ASCII keys is
    that of their UTF-16 units. It is several times faster than rfc8785, which the tests hold it against.
    """
    payload = {
        "v": 1,
        **{name: getattr(benchmark, name) for name in _HEADER},
        "window_first": benchmark.window.first.isoformat(),
        "window_last": benchmark.window.last.isoformat(),
        "published": format_time(benchmark.published),
        "releases": [asdict(release) for release in benchmark.releases],
        "cohorts": [asdict(line) for line in benchmark.body.cohorts],
        "cells": [{name: getattr(cell, name) for name in _CELL} for cell in benchmark.body.cells],
    }
    if benchmark.body.market:
        payload["market"] = [asdict(line) for line in benchmark.body.market]
    try:
        text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except ValueError as error:
        raise BadBenchmark("This benchmark cannot be published as it stands: it cannot be written as JSON.") from error


_HEADER = (
    "coordinator",
    "round",
    "version",
    "supersedes",
    "reason",
    "study",
    "study_version",
    "study_digest",
)
_CELL = tuple(sorted(field.name for field in fields(Cell)))


def _checked(said: _Payload) -> Benchmark:
    """Raises ValueError with what is wrong."""
    window = Window(date.fromisoformat(said.window_first), date.fromisoformat(said.window_last))
    if window.first > window.last:
        raise ValueError("its window ends before it begins")
    if (said.version == 1) != (said.supersedes is None) or (said.version > 1 and said.reason is None):
        raise ValueError("a later version, and only that, says what it supersedes and why")
    members = [release.member for release in said.releases]
    if members != sorted(set(members)):
        raise ValueError("its releases are out of order, or name a member twice")
    _check_cohorts(said.cohorts, len(members))
    _check_market(said.market, members)
    _check_cells(said.cohorts, said.cells)
    header: dict[str, Any] = {name: getattr(said, name) for name in _HEADER}
    body = Body(said.cohorts, said.cells, said.market or ())
    return Benchmark(**header, window=window, published=parse_time(said.published), releases=said.releases, body=body)


def _check_market(market: tuple[MarketLine, ...] | None, members: Sequence[str]) -> None:
    """The members of a market are in order, and whoever's count is included is one of them."""
    if market is None:
        return
    ids = [line.member for line in market]
    if ids != sorted(set(ids)):
        raise ValueError("its market is out of order, or names a member twice")
    status = {line.member: line.status for line in market}
    if any(status.get(member, "sketched") == "sketched" for member in members):
        raise ValueError("its market says of a member whose count it includes that it sent none")
    if any(said in ("counted", "disagrees") and member not in members for member, said in status.items()):
        raise ValueError("its market says of a member that it counted, and includes no count of it")


def _check_cohorts(cohorts: tuple[CohortLine, ...], included: int) -> None:
    for line in cohorts:
        kind = kind_of(line.cohort)
        if not _COHORT.fullmatch(line.cohort) or _COLONS.get(kind) != line.cohort.count(":"):
            raise ValueError("a cohort has another name than its kind gives")
        if not 1 <= line.members <= included or (kind == NETWORK and line.members != included):
            raise ValueError(f"cohort {line.cohort} has another number of members than there are releases")
        if (line.reason is None) != (line.status == "published") or not _known(line.reason):
            raise ValueError(f"cohort {line.cohort} is published with a reason, or suppressed without a known one")
    keys = [(KINDS.index(kind_of(line.cohort)), line.cohort) for line in cohorts]
    if keys != sorted(set(keys)):
        raise ValueError("its cohorts are out of order, or one stands there twice")


def _check_cells(cohorts: tuple[CohortLine, ...], cells: tuple[Cell, ...]) -> None:
    position = {line.cohort: index for index, line in enumerate(cohorts) if line.status == "published"}
    seen: set[tuple[str, str, str, str]] = set()
    hidden: dict[tuple[str, str, str], bool] = {}
    last = 0
    for cell in cells:
        where = f"{cell.cohort} {cell.table} {cell.category} {cell.measure}"
        index = position.get(cell.cohort)
        if index is None or index < last or cohorts[index].members != cell.members:
            raise ValueError("a cell is of no published cohort, out of order, or has another number of members")
        if not (_NAME.fullmatch(cell.table) and _NAME.fullmatch(cell.category)):
            raise ValueError("a cell's table or category has no name")
        last = index
        key = (cell.cohort, cell.table, cell.category, cell.measure)
        if key in seen:
            raise ValueError(f"the cell {where} stands there twice")
        seen.add(key)
        _check_cell(cell, where)
        suppressed = cell.status == "suppressed"
        if cell.measure in _SUMS:
            if hidden.setdefault(key[:3], suppressed) != suppressed:
                raise ValueError(f"the cell {where} is not suppressed together with its other measures")
        elif hidden.get(key[:3], False) and not suppressed:
            raise ValueError(f"the cell {where} is a ratio of what is suppressed")


_SUMS = frozenset(SUM_NAMES.values())


def _check_cell(cell: Cell, where: str) -> None:
    if not _known(cell.reason):
        raise ValueError(f"the cell {where} has an unknown reason")
    figures = (cell.value, cell.standard_error, cell.low, cell.high, cell.uncut, cell.uncut_error)
    if cell.status == "suppressed":
        if cell.reason is None or set(figures) != {None}:
            raise ValueError(f"the cell {where} is suppressed without a reason, or shows something")
        return
    unbounded = cell.reason == Reason.INTERVAL_UNBOUNDED and cell.status == "unreliable"
    if unbounded != (cell.reason is not None) or unbounded != (cell.low is None) or unbounded != (cell.high is None):
        raise ValueError(f"the cell {where} lacks an interval, or has a reason for nothing")
    _check_figures(cell, where, unbounded=unbounded)
    _check_uncut(cell, where)


def _check_figures(cell: Cell, where: str, *, unbounded: bool) -> None:
    """The figures of a cell that is shown, which lacks an interval where that is unbounded."""
    decimals = 0 if cell.measure in _SUMS else EVERY_DECIMALS.get(cell.measure)
    if decimals is None:
        raise ValueError(f"the cell {where} has an unknown measure")
    if cell.measure in THRESHOLD_DECIMALS:  # nobody knows their errors
        if not unbounded or cell.standard_error is not None or not _is_decimal(cell.value, decimals):
            raise ValueError(f"the cell {where} has more than a value, or none")
        return
    if not _is_decimal(cell.standard_error, decimals + ERROR_DECIMALS) or str(cell.standard_error).startswith("-"):
        raise ValueError(f"the cell {where} has no standard error with {decimals + ERROR_DECIMALS} decimals")
    shown = (cell.value, *(() if unbounded else (cell.low, cell.high)))
    if cell.measure in _SUMS:
        right = all(type(figure) is int and abs(figure) <= LARGEST_SUM for figure in shown)
    else:
        right = all(_is_decimal(figure, decimals) for figure in shown)
    if not right:
        raise ValueError(f"the cell {where} has figures of the wrong form")
    if not unbounded and not Decimal(str(cell.low)) <= Decimal(str(cell.value)) <= Decimal(str(cell.high)):
        raise ValueError(f"the cell {where} has an interval around another value")


def _check_uncut(cell: Cell, where: str) -> None:
    """What is put back of a cell that is shown: of the form of its value and its error, both or neither."""
    if cell.uncut is None and cell.uncut_error is None:
        return
    decimals = 0 if cell.measure in _SUMS else EVERY_DECIMALS[cell.measure]
    if cell.measure in _SUMS:
        right = type(cell.uncut) is int and 0 <= cell.uncut <= LARGEST_SUM
    else:
        right = _is_decimal(cell.uncut, decimals) and not str(cell.uncut).startswith("-")
    if not right or not _is_decimal(cell.uncut_error, decimals + ERROR_DECIMALS):
        raise ValueError(f"the cell {where} has something put back that is of the wrong form")


def _is_decimal(text: object, decimals: int) -> bool:
    """Whether `published` could have written it with so many decimals."""
    match = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if match is None or len(match[1] or "") != decimals:
        return False
    return not (match[0].startswith("-") and not match[0].strip("-0."))  # zero has no sign


def _known(reason: str | None) -> bool:
    return reason is None or reason in Reason.__members__
