"""The file of a study, whatever its kind: how its text is read, and what stands in every one.

A study's digest is the SHA-256 of the RFC 8785 form of what it says and of what the catalogue makes of it, so that a
comment or a line break changes nothing, and a number, or a category of the catalogue, changes everything.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, TypeVar

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from privacy.budget.amounts import BadAmount, Epsilon, Rho
from privacy.errors import KudosError
from privacy.problems import first_problem

LONGEST_TEXT = 65_536
"""Characters of a study's file. The shipped ones have some 2 000."""
LONGEST_LINE = 400
"""Characters of one line of it."""
MOST_DOTS = 20
"""Dots in one line of it. tomllib keeps every beginning of a dotted key, the square of its length."""


class BadStudy(KudosError):
    """A study file that cannot be used as it stands."""

    reason = "BAD_STUDY"


class UnknownStudy(KudosError):
    """No study of that name is shipped."""

    reason = "UNKNOWN_STUDY"


def _seen(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it has a character that cannot be seen, or that steers a terminal; leave it out")
    return text


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Positive = Annotated[int, Field(gt=0, le=10**9)]
Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_seen)]


class Strict(BaseModel):
    """Fields of a study's file: all of them known, none converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DisclosureSection(Strict):
    """When a published cell is shown, suppressed or marked (percentages are whole numbers)."""

    min_members: Annotated[int, Field(ge=3, le=1000)]
    dominance_percent: Annotated[int, Field(ge=1, le=100)]
    unreliable_percent: Annotated[int, Field(ge=1, le=100)]


_File = TypeVar("_File", bound=Strict)
_Amount = TypeVar("_Amount", Epsilon, Rho)
_Study = TypeVar("_Study")


def toml_of(text: str, origin: str) -> dict[str, Any]:
    """What the text of a study's file says. Raises BadStudy where it is too long to be one, or no TOML."""
    _check_size(text, origin)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError; so is a number of 5000 digits
        raise BadStudy(_printable(f"{origin}: not TOML: {error}.")) from error


def checked(kind: type[_File], content: dict[str, Any], origin: str) -> _File:
    """The fields of a study's file. Raises BadStudy with the first field that is wrong."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise BadStudy(_printable(f"{origin}: {first_problem(error)}.")) from error


def amount(kind: type[_Amount], text: str, field: str, origin: str) -> _Amount:
    """An amount of privacy in a study's file. Raises BadStudy with the field."""
    try:
        return kind.parse(text)
    except BadAmount as error:
        raise BadStudy(f"{origin}: {field}: {error}") from error


def digest_of(content: Any) -> str:
    """`sha256:` and the digest of the RFC 8785 form, in hexadecimal."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def shipped_files() -> list[tuple[str, dict[str, Any]]]:
    """The studies that come with Kudos, by file name: the name, and what the file says."""
    folder = resources.files("privacy.studies")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return [(file.name, toml_of(file.read_text(encoding="utf-8"), file.name)) for file in files]


def text_of(file: str) -> str:
    """The text of a study's file. Raises UnknownStudy where it cannot be read."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnknownStudy(f"{file} cannot be read as a study file.") from error


def found(name: str, studies: Mapping[str, _Study]) -> _Study:
    """The study of that name. Raises UnknownStudy."""
    if not re.fullmatch(r"[a-z0-9-]{1,64}", name) or name not in studies:
        raise UnknownStudy(f"There is no study of that name. There is: {', '.join(studies)}.")
    return studies[name]


def _check_size(text: str, origin: str) -> None:
    """Raises BadStudy for a text that would take a reader of TOML long, or much memory; itself takes one look at it.

    Lines end with a line feed alone, as in TOML; whatever stands in them counts, comments and texts too.
    """
    if len(text) > LONGEST_TEXT:
        raise BadStudy(f"{origin}: it has {len(text)} characters, and a study at most {LONGEST_TEXT}. Shorten it.")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise BadStudy(
                f"{origin}: line {number} has {len(line)} characters, and a line of a study at most {LONGEST_LINE}. "
                "Break it in two."
            )
        if line.count(".") > MOST_DOTS:
            raise BadStudy(
                f"{origin}: line {number} has more than {MOST_DOTS} dots. Break it in two, or leave some out."
            )


def _printable(text: str) -> str:
    """What may be shown on a terminal of a text that quotes a stranger's file."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)[:500]
