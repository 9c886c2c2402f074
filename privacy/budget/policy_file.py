"""The file that a policy stands in: the member's own TOML, read strictly, edited with its comments kept."""

import re
import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

from privacy.budget.amounts import BadAmount, Epsilon, Rho, Spend
from privacy.budget.policy import Allowance, Policy
from privacy.catalogue.quantiles import MEASURES
from privacy.catalogue.tables import TABLES
from privacy.errors import KudosError
from privacy.problems import first
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.file import Name
from privacy.studies.shelf import AnyStudy

LARGEST_SKETCH = Epsilon.parse("1.5")
LARGEST_DELTA = Fraction(1, 10**5)
_DELTA = re.compile(r"0\.[0-9]{1,18}")

DEFAULT_TEXT = """\
# The policy of this institution: what it takes part in, and how much privacy of its customers that may cost.
# Whatever is not allowed here is refused. Every change becomes an entry of the ledger.
# Amounts stand in quotes, with at most six decimals, because they are exact.

# The most that all releases of any twelve months in a row may cost. The two do not buy each other:
# epsilon pays for sketches and histograms, rho for tables and counts. As delivered they add up to a total
# of epsilon 3 at delta 0.000001 per twelve months: 1.1, and 1.9 that rho 0.08 amounts to.
[cap]
epsilon = "1.1"
rho = "0.08"
delta = "0.000001"

# The most that a single release may cost. The dearest study that comes with Kudos, benchmark-year, costs
# rho 0.06155.
[largest_release]
epsilon = "1"
rho = "0.065"

# Cross-use with other institutions. `epsilon` is the most that the yearly sketch of your customers may cost:
# 1.5 or less. A study fixes what it does cost (cross-use-year: just below 1); with a lower limit you take no
# part. A dearer sketch tells the other members more about who is a customer of yours. `named_pairs` says
# whether figures may be published that name you and one other institution as a pair.
[sketch]
epsilon = "1"
named_pairs = false

# Whether a person must approve what a round asks for. `kudos-node release` is itself a person's act: on a
# terminal it asks before it spends.
[approval]
required = true

# What your institution tells of itself, and of no customer: how far it says it has come in working with customers
# (kudos-node selfassess). Of five members and more together, their number on each level is published.
[sharing]
self_assessment = false

# What you take part in, study by study. A study is allowed as it stands now: if it changes, it is refused
# until somebody has read it again. `kudos-node policy allow NAME` adds an entry such as
#
#     [[allow]]
#     study = "benchmark"
#     digest = "sha256:..."
#     tables = ["totals", "month"]       # or "all"
"""


class BadPolicy(KudosError):
    """A policy file that cannot be used as it stands. Until it is mended, everything is refused."""

    reason = "BAD_POLICY"


def _exact(parser: Callable[[str], Any]) -> PlainValidator:
    def validate(value: Any) -> Any:
        try:
            return parser(value)
        except BadAmount as error:
            raise ValueError(str(error)) from error  # what pydantic collects

    return PlainValidator(validate)


def _parse_delta(text: str) -> Fraction:
    value = Fraction(text) if type(text) is str and _DELTA.fullmatch(text) else Fraction(0)
    if not 0 < value <= LARGEST_DELTA:
        raise ValueError(
            'δ is a decimal in quotes, above 0 and at most 0.00001. Write such as "0.000001": '
            "it is the probability that the promise about ε fails."
        )
    return value


def _parse_sketch(text: str) -> Epsilon:
    value = Epsilon.parse(text)
    if value > LARGEST_SKETCH:
        raise ValueError(f"A sketch may cost ε {LARGEST_SKETCH} at most. Write that or less.")
    return value


_TABLES = (*TABLES, *(f"{measure}_quantiles" for measure in MEASURES))


def _parse_tables(value: Any) -> tuple[str, ...] | None:
    if value == "all":
        return None
    if isinstance(value, list) and all(isinstance(name, str) and name in _TABLES for name in value):
        return tuple(sorted(set(value)))
    raise ValueError(f'Write "all", or a list of tables of the catalogue: {", ".join(_TABLES)}.')


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Amounts(_Strict):
    epsilon: Annotated[Epsilon, _exact(Epsilon.parse)]
    rho: Annotated[Rho, _exact(Rho.parse)]


class _Cap(_Amounts):
    delta: Annotated[Fraction, _exact(_parse_delta)]


class _Sketch(_Strict):
    epsilon: Annotated[Epsilon, _exact(_parse_sketch)]
    named_pairs: bool


class _Approval(_Strict):
    required: bool


class _Sharing(_Strict):
    self_assessment: bool = False


class _Allow(_Strict):
    study: Name
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    tables: Annotated[tuple[str, ...] | None, _exact(_parse_tables)]


class _File(_Strict):
    cap: _Cap
    largest_release: _Amounts
    sketch: _Sketch
    approval: _Approval
    sharing: _Sharing = _Sharing()
    allow: list[_Allow] = Field(default_factory=list)


def parse(text: str, origin: str) -> Policy:
    """The policy that the text of its file says; `origin` names the file in messages.

    Raises `BadPolicy` with the file, the field, the reason and what to do: for what is no TOML, for a setting
    that is missing, unknown or out of range, and for a study that stands there twice.
    """
    try:
        content = tomllib.loads(text)
    except (
        ValueError,
        RecursionError,
    ) as error:  # TOMLDecodeError is a ValueError; so is a number of 5000 digits
        raise BadPolicy(f"{origin}: this is not TOML: {error}. Correct that place in the file.") from error
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        raise BadPolicy(f"{origin}: {_explained(first(error))}") from error
    names = [entry.study for entry in file.allow]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadPolicy(f"{origin}: `allow.study`: {twice} stands there twice. Remove one of the two entries.")
    allowed = tuple(Allowance(entry.study, entry.digest, entry.tables) for entry in file.allow)
    return Policy(
        cap=Spend(file.cap.epsilon, file.cap.rho),
        delta=file.cap.delta,
        largest_release=Spend(file.largest_release.epsilon, file.largest_release.rho),
        sketch_epsilon=file.sketch.epsilon,
        named_pairs=file.sketch.named_pairs,
        approval_required=file.approval.required,
        allowed=allowed,
        self_assessment=file.sharing.self_assessment,
    )


def read(path: Path) -> Policy:
    """The policy in a file. Raises `BadPolicy`, also where the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicy(
            f"{path}: the policy cannot be read, and without one everything is refused. "
            f"Restore the file, as UTF-8 text that you may read."
        ) from error
    return parse(text, str(path))


def allow(text: str, study: AnyStudy) -> str:
    """The text of a policy with `study` allowed as it stands, with all its tables; comments are kept.

    An entry of the same name is replaced. Raises `BadPolicy` where `text` is no valid policy to begin with.
    """
    parse(text, "the policy")
    document = tomlkit.parse(text)
    if not document.get("allow"):
        document.pop("allow", None)
        document.add(tomlkit.nl())
        document["allow"] = tomlkit.aot()
    entries = document["allow"].unwrap()
    tables = "all" if isinstance(study, CrossUseStudy) else list(study.names)
    wanted = {"study": study.name, "digest": study.digest, "tables": tables}
    at = next((index for index, entry in enumerate(entries) if entry["study"] == study.name), None)
    if at is None:
        document["allow"].append(wanted)
    else:
        document["allow"][at].update(wanted)
    edited = tomlkit.dumps(document)
    parse(edited, "the policy")
    return edited


def share_self_assessment(text: str, *, on: bool) -> str:
    """The text of a policy that shares the institution's own self-assessment, or does not; comments are kept.

    Raises `BadPolicy` where `text` is no valid policy to begin with.
    """
    parse(text, "the policy")
    document = tomlkit.parse(text)
    if "sharing" not in document:
        entries = document.pop("allow", None)  # a table after an array of tables would read as a part of it
        document["sharing"] = tomlkit.table()
        if entries is not None:
            document["allow"] = entries
    document["sharing"]["self_assessment"] = on
    edited = tomlkit.dumps(document)
    parse(edited, "the policy")
    return edited


def _explained(problem: ErrorDetails) -> str:
    """One problem of the file as a sentence: the field, what is wrong, what to do."""
    steps = problem["loc"]
    field = ".".join(step for step in steps if isinstance(step, str))
    entry = next((f" (entry {step + 1})" for step in steps if isinstance(step, int)), "")
    match problem["type"]:
        case "missing":
            what = "is missing. Add it; a fresh policy shows how it is written."
        case "extra_forbidden":
            what = "is no setting of a policy. Correct its name or remove it."
        case "value_error":
            what = str(problem["ctx"]["error"])
        case _:
            what = f"{problem['msg']}. Correct it in the file."
    return f"`{field}`{entry}: {what}"
