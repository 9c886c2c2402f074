"""A study of tables and its parser.

It names tables of the closed catalogue with the measures that each carries and the share of the budget of each,
the bounds of one customer's contribution, and the thresholds of disclosure. Its digest covers the cells that the
catalogue makes of it (`privacy.studies.file`). The studies of cross-use: `privacy.studies.cross_use`.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from privacy.budget.amounts import Rho
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Table
from privacy.studies.file import (
    BadStudy,
    DisclosureSection,
    Name,
    Positive,
    Strict,
    Title,
    amount,
    checked,
    digest_of,
    found,
    shipped_files,
    text_of,
    toml_of,
)

Count = Annotated[int, Field(gt=0, le=10_000)]
Kroner = Annotated[int, Field(gt=0, le=500_000)]
Share = Annotated[int, Field(gt=0, le=10**6)]
Cohort = Literal["network", "industry", "county", "industry-county", "size"]


class BoundsSection(Strict):
    """What one customer may contribute, per window; an anonymous sale is bounded as one order.

    Noise grows with these. At the largest of them, and with the least budget that there is, thirty standard deviations
    of it still are a figure that a release may have (`privacy.rounds.fit`).
    """

    max_orders: Count
    max_lines: Count
    max_tickets: Count
    max_revenue_kr: Kroner


class TableSection(Strict):
    """A table of the catalogue with the relative share of each measure that it carries."""

    name: str
    shares: Annotated[dict[str, Share], Field(min_length=1)]


class StudyFile(Strict):
    """The TOML file of a study, field by field."""

    name: Name
    version: Positive
    title: Title
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
        return digest_of(_layout(self.parts))


def _layout(parts: tuple[Part, ...]) -> list[list[str | list[str]]]:
    return [[part.table.name, str(part.measure), list(part.table.dimension.categories)] for part in parts]


def parse(text: str, origin: str) -> Study:
    """A study from the text of its file.

    Raises BadStudy, with `origin` and the line or the field, where the text is too long to be one or no TOML, names
    what the catalogue does not have, or asks for a budget that cannot be divided.
    """
    return from_content(toml_of(text, origin), origin)


def from_content(content: dict[str, Any], origin: str) -> Study:
    """A study from what its file says, read as TOML. Raises BadStudy as `parse` does."""
    file = checked(StudyFile, content, origin)
    if len(set(file.cohorts)) < len(file.cohorts):
        raise BadStudy(f"{origin}: cohorts: one of them stands there twice.")
    total = amount(Rho, file.rho, "rho", origin)
    parts = _parts(file, total, origin)
    said = {"study": file.model_dump(mode="json"), "layout": _layout(parts)}
    return Study(
        name=file.name,
        version=file.version,
        title=file.title,
        digest=digest_of(said),
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
    """The studies of tables that come with Kudos, by name. Those of every kind: `privacy.studies.shelf`."""
    studies = [from_content(content, origin) for origin, content in shipped_files() if "kind" not in content]
    return {study.name: study for study in studies}


def find(name_or_file: str) -> Study:
    """A shipped study of tables by its name, or one from a file whose path ends in .toml.

    Raises UnknownStudy or BadStudy.
    """
    if name_or_file.endswith(".toml"):
        return parse(text_of(name_or_file), name_or_file)
    return found(name_or_file, shipped())
