"""A study of tables and its parser.

It names tables of the closed catalogue with the measures that each carries and the share of the budget of each,
the bounds of one customer's contribution, and the thresholds of disclosure. Its digest covers the cells that the
catalogue makes of it (`privacy.studies.file`), and the numbers among which its quantiles are chosen. The studies of
cross-use: `privacy.studies.cross_use`.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from privacy.bounds.windows import Period
from privacy.budget.amounts import Rho
from privacy.catalogue.dimensions import TIER_QUANTILES
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.quantiles import MEASURES as QUANTILE_MEASURES
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds, Needs, Table
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
    """A table of the catalogue with the relative share of each measure that it carries.

    It is within the study's bounds, unless it says that it is within the wide ones, or has bounds for each category.
    """

    name: str
    shares: Annotated[dict[str, Share], Field(min_length=1)]
    wide: Literal[True] | None = None
    cell_bounds: dict[str, BoundsSection] | None = None


class QuantilesSection(Strict):
    """Quantiles, as decimals below 1, of what each customer has of a measure, with the share of the budget of each."""

    measure: str
    at: Annotated[list[Annotated[str, Field(pattern=r"^0\.[0-9]{1,3}$")]], Field(min_length=1, max_length=16)]
    share: Share


class StudyFile(Strict):
    """The TOML file of a study, field by field."""

    name: Name
    version: Positive
    title: Title
    window: Period
    rho: Annotated[str, Field(max_length=40)]
    cohorts: Annotated[list[Cohort], Field(min_length=1, max_length=16)]
    bounds: BoundsSection
    wide_bounds: BoundsSection | None = None
    disclosure: DisclosureSection
    quantiles: Annotated[list[QuantilesSection], Field(min_length=1, max_length=8)] | None = None
    tables: Annotated[list[TableSection], Field(max_length=64)]


@dataclass(frozen=True)
class QuantilePart:
    """One quantile of what each customer has of a measure: one number of the release, with its share of the budget."""

    measure: Measure
    at: Fraction
    rho: Rho

    @property
    def table(self) -> str:
        """As a ledger's entry and a policy call it, such as `revenue_quantiles`."""
        return f"{self.measure}_quantiles"

    @property
    def name(self) -> str:
        """Such as `revenue_quantiles/0.95`."""
        return f"{self.table}/{float(self.at)}"


@dataclass(frozen=True)
class Part:
    """One table of one measure: a run of cells in the release's vector, with its share of the budget."""

    bounded: BoundedTable
    measure: Measure
    rho: Rho

    @property
    def table(self) -> Table:
        """What the cells are of."""
        return self.bounded.table

    @property
    def name(self) -> str:
        """Such as `county/revenue`."""
        return f"{self.table.name}/{self.measure}"


@dataclass(frozen=True)
class Study:
    """A checked study. The release's vector is the parts' cells, one after the other, in this order.

    `quantiles` are told beside the vector, one number each in this order. `period` is how long its window is.
    """

    name: str
    version: int
    title: str
    digest: str
    rho: Rho
    bounds: Bounds
    disclosure: DisclosureSection
    cohorts: tuple[str, ...]
    parts: tuple[Part, ...]
    quantiles: tuple[QuantilePart, ...] = ()
    period: Period = "year"

    def __hash__(self) -> int:
        """Of its digest, which is one of all the rest."""
        return hash(self.digest)

    @property
    def names(self) -> tuple[str, ...]:
        """The tables and the quantiles, as a policy names them, each once."""
        return tuple(dict.fromkeys([part.table for part in self.quantiles] + [table.name for table in self.tables]))

    @property
    def has_tiers(self) -> bool:
        """Whether any table takes the thresholds of the value tiers."""
        return any(Needs.TIERS in table.needs for table in self.tables)

    @property
    def bounded_tables(self) -> tuple[BoundedTable, ...]:
        """The tables with the bounds that each has, each once, in order."""
        return tuple({part.table.name: part.bounded for part in self.parts}.values())

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that the parts come from, each once, in order."""
        return tuple({part.table.name: part.table for part in self.parts}.values())

    @property
    def cells(self) -> int:
        """The length of the release's vector."""
        return sum(part.table.cells for part in self.parts)

    @property
    def figures(self) -> int:
        """How many figures a release tells: its cells and its quantiles."""
        return self.cells + len(self.quantiles)

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
    parts, quantiles = _parts(file, total, origin), _quantiles(file, total, origin)
    if not parts and not quantiles:
        raise BadStudy(f"{origin}: it asks for no table and no quantile. Name some under `tables` or `quantiles`.")
    said = {"study": file.model_dump(mode="json", exclude_none=True), "layout": _layout(parts)}
    if quantiles:
        said["candidates"] = {part.measure: list(CANDIDATES[part.measure]) for part in quantiles}
    return Study(
        name=file.name,
        version=file.version,
        title=file.title,
        digest=digest_of(said),
        rho=total,
        bounds=_bounds(file.bounds),
        disclosure=file.disclosure,
        cohorts=tuple(file.cohorts),
        parts=parts,
        quantiles=quantiles,
        period=file.window,
    )


def _bounds(section: BoundsSection) -> Bounds:
    return Bounds(section.max_orders, section.max_lines, section.max_tickets, section.max_revenue_kr * 100)


def _all_shares(file: StudyFile) -> int:
    of_tables = sum(share for table in file.tables for share in table.shares.values())
    return of_tables + sum(section.share * len(section.at) for section in file.quantiles or ())


def _quantiles(file: StudyFile, total: Rho, origin: str) -> tuple[QuantilePart, ...]:
    """Each quantile gets the share that its section says. Raises BadStudy."""
    parts: list[QuantilePart] = []
    for section in file.quantiles or ():
        if section.measure not in QUANTILE_MEASURES:
            measures = ", ".join(QUANTILE_MEASURES)
            raise BadStudy(f"{origin}: quantiles: there are none of {section.measure!r}, but of {measures}.")
        points = [Fraction(at) for at in section.at]
        if points != sorted(set(points), reverse=True) or points[-1] == 0:
            raise BadStudy(
                f"{origin}: quantiles of {section.measure}: `at` names each once, falling, and above 0, such as "
                '["0.95", "0.8"].'
            )
        if any(part.measure == section.measure for part in parts):
            raise BadStudy(f"{origin}: quantiles of {section.measure} stand there twice. Name all of them in one `at`.")
        rho = _portion(total, section.share, _all_shares(file))
        parts += [QuantilePart(Measure(section.measure), at, rho) for at in points]
    if any(part.rho.micro == 0 for part in parts):
        raise BadStudy(f"{origin}: rho {total} is too little for so many parts: a quantile would get nothing.")
    return tuple(parts)


def _bounded(section: TableSection, table: Table, file: StudyFile, origin: str) -> BoundedTable:
    """The table with its bounds. Raises BadStudy where it cannot have these, or the study lacks what it needs."""
    if Needs.TWELVE_MONTHS in table.needs and file.window != "year":
        raise BadStudy(
            f"{origin}: table {table.name!r} is of twelve months, and this study's window is a {file.window}. Leave it "
            'out, or write window = "year".'
        )
    tiers = next((each.at for each in file.quantiles or () if each.measure == Measure.REVENUE), [])
    if Needs.TIERS in table.needs and [Fraction(at) for at in tiers] != [Fraction(at) for at in TIER_QUANTILES]:
        raise BadStudy(
            f"{origin}: table {table.name!r} takes the thresholds of the value tiers: it needs quantiles of revenue at "
            f"{', '.join(TIER_QUANTILES)}, in that order."
        )
    if section.cell_bounds is None:
        if section.wide and file.wide_bounds is None:
            raise BadStudy(
                f"{origin}: table {table.name!r} is within wide bounds, and the study has none: add `wide_bounds`."
            )
        return BoundedTable(table, (_bounds(file.wide_bounds if section.wide and file.wide_bounds else file.bounds),))
    if section.wide or set(section.cell_bounds) != set(table.dimension.categories):
        raise BadStudy(
            f"{origin}: table {table.name!r}: cell_bounds has every category once, and takes the place of `wide`: name "
            f"{', '.join(table.dimension.categories)}."
        )
    try:
        bounded = BoundedTable(table, tuple(_bounds(section.cell_bounds[name]) for name in table.dimension.categories))
    except ValueError as error:
        raise BadStudy(f"{origin}: cell_bounds: {error}.") from error
    if Measure.CUSTOMERS not in section.shares:
        raise BadStudy(
            f"{origin}: table {table.name!r} has cell_bounds and no share of customers. These alone are the same "
            "whatever the bounds: without them nothing adds up to this table, and a category of it that is withheld "
            "could nearly be worked out from the others. Give customers a share, or leave cell_bounds out."
        )
    return bounded


def _parts(file: StudyFile, total: Rho, origin: str) -> tuple[Part, ...]:
    all_shares = _all_shares(file)
    parts: list[Part] = []
    for section in file.tables:
        table = TABLES.get(section.name)
        if table is None:
            raise BadStudy(f"{origin}: the catalogue has no table {section.name!r}; it has {', '.join(TABLES)}.")
        if any(part.table is table for part in parts):
            raise BadStudy(f"{origin}: table {section.name!r} stands there twice.")
        bounded = _bounded(section, table, file, origin)
        for measure in Measure:
            share = section.shares.get(measure)
            if share is not None and measure in table.measures:
                parts.append(Part(bounded, measure, _portion(total, share, all_shares)))
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
