"""A study and its parser.

A study names tables of the closed catalogue with the measures that each carries and the share of the budget of each,
the bounds of one customer's contribution, and the thresholds of disclosure. Its digest is the SHA-256 of the RFC 8785
form of what it says and of the cells that the catalogue makes of it, so that a comment or a line break changes
nothing, and a number, or a category of the catalogue, changes everything.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from privacy.budget.amounts import BadAmount, Rho
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Table
from privacy.errors import KudosError
from privacy.problems import first_problem

LONGEST_TEXT = 65_536
"""Characters of a study's file. The shipped one has some 2 000."""
LONGEST_LINE = 400
"""Characters of one line of it."""
MOST_DOTS = 20
"""Dots in one line of it. tomllib keeps every beginning of a dotted key, the square of its length."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Positive = Annotated[int, Field(gt=0, le=10**9)]
Count = Annotated[int, Field(gt=0, le=10_000)]
Kroner = Annotated[int, Field(gt=0, le=500_000)]
Share = Annotated[int, Field(gt=0, le=10**6)]
Cohort = Literal["network", "industry", "county", "industry-county", "size"]


class UnknownStudy(KudosError):
    """No study of that name is shipped."""

    reason = "UNKNOWN_STUDY"


class BadStudy(KudosError):
    """A study file that cannot be used as it stands."""

    reason = "BAD_STUDY"


def _seen(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it has a character that cannot be seen, or that steers a terminal; leave it out")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BoundsSection(_Strict):
    """What one customer may contribute, per window; an anonymous sale is bounded as one order.

    Noise grows with these. At the largest of them, and with the least budget that there is, thirty standard deviations
    of it still are a figure that a release may have (`privacy.rounds.fit`).
    """

    max_orders: Count
    max_lines: Count
    max_tickets: Count
    max_revenue_kr: Kroner


class DisclosureSection(_Strict):
    """When a published cell is shown, suppressed or marked (percentages are whole numbers)."""

    min_members: Annotated[int, Field(ge=3, le=1000)]
    dominance_percent: Annotated[int, Field(ge=1, le=100)]
    unreliable_percent: Annotated[int, Field(ge=1, le=100)]


class TableSection(_Strict):
    """A table of the catalogue with the relative share of each measure that it carries."""

    name: str
    shares: Annotated[dict[str, Share], Field(min_length=1)]


class StudyFile(_Strict):
    """The TOML file of a study, field by field."""

    name: Name
    version: Positive
    title: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_seen)]
    window: Literal["year"]
    rho: Annotated[str, Field(max_length=40)]
    cohorts: Annotated[list[Cohort], Field(min_length=1, max_length=16)]
    bounds: BoundsSection
    disclosure: DisclosureSection
    tables: Annotated[list[TableSection], Field(min_length=1, max_length=64)]


@dataclass(frozen=True)
class Part:
    """One table of one measure: a run of cells in the release's vector, with its share of the budget."""

    table: Table
    measure: Measure
    rho: Rho

    @property
    def name(self) -> str:
        """Such as `county/revenue`."""
        return f"{self.table.name}/{self.measure}"


@dataclass(frozen=True)
class Study:
    """A checked study. The release's vector is the parts' cells, one after the other, in this order."""

    name: str
    version: int
    title: str
    digest: str
    rho: Rho
    bounds: Bounds
    disclosure: DisclosureSection
    cohorts: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that the parts come from, each once, in order."""
        return tuple({part.table.name: part.table for part in self.parts}.values())

    @property
    def cells(self) -> int:
        """The length of the release's vector."""
        return sum(part.table.cells for part in self.parts)

    @cached_property
    def layout_digest(self) -> str:
        """SHA-256 of the layout: which integer of the vector is which cell."""
        return _digest(_layout(self.parts))


def _layout(parts: tuple[Part, ...]) -> list[list[str | list[str]]]:
    return [[part.table.name, str(part.measure), list(part.table.dimension.categories)] for part in parts]


def _digest(content: Any) -> str:
    return "sha256:" + hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def parse(text: str, origin: str) -> Study:
    """A study from the text of its file.

    Raises BadStudy, with `origin` and the line or the field, where the text is too long to be one or no TOML, names
    what the catalogue does not have, or asks for a budget that cannot be divided.
    """
    _check_size(text, origin)
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError; so is a number of 5000 digits
        raise BadStudy(_printable(f"{origin}: not TOML: {error}.")) from error
    try:
        file = StudyFile.model_validate(content)
    except ValidationError as error:
        raise BadStudy(_printable(f"{origin}: {first_problem(error)}.")) from error
    if len(set(file.cohorts)) < len(file.cohorts):
        raise BadStudy(f"{origin}: cohorts: one of them stands there twice.")
    try:
        total = Rho.parse(file.rho)
    except BadAmount as error:
        raise BadStudy(f"{origin}: rho: {error}") from error
    parts = _parts(file, total, origin)
    said = {"study": file.model_dump(mode="json"), "layout": _layout(parts)}
    return Study(
        name=file.name,
        version=file.version,
        title=file.title,
        digest=_digest(said),
        rho=total,
        bounds=Bounds(
            file.bounds.max_orders,
            file.bounds.max_lines,
            file.bounds.max_tickets,
            file.bounds.max_revenue_kr * 100,
        ),
        disclosure=file.disclosure,
        cohorts=tuple(file.cohorts),
        parts=parts,
    )


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


def _parts(file: StudyFile, total: Rho, origin: str) -> tuple[Part, ...]:
    all_shares = sum(share for table in file.tables for share in table.shares.values())
    parts: list[Part] = []
    for section in file.tables:
        table = TABLES.get(section.name)
        if table is None:
            raise BadStudy(f"{origin}: the catalogue has no table {section.name!r}; it has {', '.join(TABLES)}.")
        if any(part.table is table for part in parts):
            raise BadStudy(f"{origin}: table {section.name!r} stands there twice.")
        for measure in Measure:
            share = section.shares.get(measure)
            if share is not None and measure in table.measures:
                parts.append(Part(table, measure, _portion(total, share, all_shares)))
        unknown = set(section.shares) - {str(measure) for measure in table.measures}
        if unknown:
            raise BadStudy(f"{origin}: table {section.name!r} has no measure {sorted(unknown)[0]!r}.")
    if any(part.rho.micro == 0 for part in parts):
        raise BadStudy(f"{origin}: rho {total} is too little for so many tables: a part would get nothing.")
    return tuple(parts)


def _portion(total: Rho, share: int, of: int) -> Rho:
    """A part's share of the budget in whole micro-units, rounded down so that the parts never exceed the whole."""
    return Rho(int(Fraction(total.micro * share, of)))


def shipped() -> dict[str, Study]:
    """The studies that come with Kudos, by name."""
    folder = resources.files("privacy.studies")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    studies = [parse(file.read_text(encoding="utf-8"), file.name) for file in files]
    return {study.name: study for study in studies}


def find(name_or_file: str) -> Study:
    """A shipped study by its name, or one from a file whose path ends in .toml.

    Raises UnknownStudy or BadStudy.
    """
    if name_or_file.endswith(".toml"):
        try:
            return parse(Path(name_or_file).read_text(encoding="utf-8"), name_or_file)
        except (OSError, UnicodeDecodeError) as error:
            raise UnknownStudy(f"{name_or_file} cannot be read as a study file.") from error
    studies = shipped()
    if not re.fullmatch(r"[a-z0-9-]{1,64}", name_or_file) or name_or_file not in studies:
        raise UnknownStudy(f"There is no study of that name. There is: {', '.join(studies)}.")
    return studies[name_or_file]
