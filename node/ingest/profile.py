"""Profiles: one TOML file per ticketing system that says how its exports are written.

A profile has layouts, one per kind of file that the system exports. A layout is recognised by the headers that it
names, maps columns to fields of the standard, and maps values (states, ticket types, channels) where the system's
words are not the standard's.
"""

import tomllib
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from node.errors import ImportRefused
from node.ingest import standard
from privacy.catalogue import dimensions
from privacy.problems import first_problem

Text = Annotated[str, Field(min_length=1, max_length=200)]
Column = Text | Annotated[list[Text], Field(min_length=1)]
"""A column that must be there; as a list, the first of these that the file has, and it may have none."""

Basis = Literal["verified", "documented", "template", "standard", "own"]
Resource = Literal["order_lines", "orders", "customers", "events"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


NEEDED = {
    standard.ORDER_LINES: (("order_id",), ("ordered_at",), ("amount", "unit_price")),
    standard.CUSTOMERS: (("customer_key", "email", "phone"),),
    standard.EVENTS: (("event_id",),),
}
"""Of each of these groups of fields a layout maps one at least, and a file has it."""


def _check_meanings(resource: str, name: str, meanings: Iterable[str]) -> None:
    field = standard.field(resource, name)
    allowed = dimensions.TICKET_TYPE.categories if name == "ticket_type" else field.one_of if field else ()
    for meaning in meanings:
        if meaning not in allowed:
            raise ValueError(f"values.{name}: {meaning!r} is none of {', '.join(allowed) or 'the mapped fields'}")


def _check_fields(resource: str, names: Iterable[str]) -> None:
    resource = standard.ORDER_LINES if resource == "orders" else resource
    for name in names:
        if standard.field(resource, name) is None:
            raise ValueError(f"the standard has no field {name!r} in {resource}")


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}") from error


def listed(column: "Column") -> list[str]:
    """The columns to try, in turn."""
    return [column] if isinstance(column, str) else column


class Match(_Strict):
    """Rows in which a column has one of some values, whatever the case of letters."""

    column: Column
    values: list[str]


class Joined(_Strict):
    """Several columns that make one text, such as a date and a time."""

    join: Annotated[list[Text], Field(min_length=2)]


class First(_Strict):
    """Several columns of which, row by row, the first that is not empty counts, such as a buyer's and a holder's."""

    first: Annotated[list[Text], Field(min_length=2)]


Mapped = Text | Joined | First | Annotated[list[Text | Joined | First], Field(min_length=1)]
"""What a field is read from; as a list, the first of these that the file has, and it may have none."""


@dataclass(frozen=True)
class Way:
    """One way to read a field: a column, several joined with a space, or the first of several that a row has."""

    names: tuple[str, ...]
    joined: bool = True

    def present(self, index: Container[str]) -> tuple[str, ...]:
        """The columns to read where a file has those of `index`: all of a join, what there is of the others."""
        there = tuple(name for name in self.names if name in index)
        return there if there == self.names or not self.joined else ()

    def __str__(self) -> str:
        return (" + " if self.joined else " else ").join(self.names)


def _way(mapped: "str | Joined | First") -> Way:
    if isinstance(mapped, str):
        return Way((mapped,))
    return Way(tuple(mapped.join)) if isinstance(mapped, Joined) else Way(tuple(mapped.first), joined=False)


class Template(_Strict):
    """What is known of a system whose exports nobody has described: what to export, and words that may stand in it.

    `hints` has for fields of the standard the headers to look for, before the usual ones.
    """

    resource: Resource = "order_lines"
    export: Annotated[str, Field(min_length=1, max_length=600)]
    hints: dict[str, list[Text]] = {}

    @model_validator(mode="after")
    def _known(self) -> "Template":
        _check_fields(self.resource, self.hints)
        return self


class Layout(_Strict):
    """One kind of file that a system exports.

    `orders` is a file with a row per order and no lines: its amounts stand until lines of the order are imported.
    `columns` maps fields of the standard to a column, to the first of several that the file has, to several that
    are joined with a space, or to several of which the first counts that a row has; `constants` gives the value of a
    field that no column has. `values` gives the meaning of a system's words. With `amount = "unit"` the amount is that
    of one ticket and is taken times the quantity; with `money = "ore"` amounts are whole øre. In a file of returns
    alone, `returns` makes every row one, whatever its sign. `fees` is the column of what an amount contains that is no
    ticket's price. Rows that `skip` matches are left out and counted; where `anonymous` matches, a row's customer is
    nobody. Of a column of these three that a file may lack a list is written, as under `columns`. `rows` says where
    in a JSON record the rows are: a list, or a list within lists, such as `LineItems.SubLineItems`. `query` is the
    SELECT that gives the rows where they are read from the institution's own database.
    """

    name: Text
    resource: Resource
    recognise: Annotated[list[Text], Field(min_length=1)]
    columns: dict[str, Mapped]
    values: dict[str, dict[str, str]] = {}
    constants: dict[str, str] = {}
    delimiter: Literal[";", ",", "\t", "|"] | None = None
    decimal: Literal[",", ".", "auto"] = "auto"
    amount: Literal["line", "unit"] = "line"
    money: Literal["kroner", "ore"] = "kroner"
    returns: bool = False
    rows: Annotated[str, Field(pattern=r"^[^.\s]+([.][^.\s]+)*$", max_length=200)] | None = None
    amount_suffix: str = ""
    dates: list[str] = []
    timezone: str | None = None
    fees: Column | None = None
    query: Annotated[str, Field(min_length=1, max_length=20_000)] | None = None
    anonymous: Match | None = None
    skip: list[Match] = []

    @model_validator(mode="after")
    def _known(self) -> "Layout":
        resource = standard.ORDER_LINES if self.resource == "orders" else self.resource
        for section in (self.columns, self.values, self.constants):
            _check_fields(resource, section)
        for needed in NEEDED[resource]:
            if not any(name in self.columns or name in self.constants for name in needed):
                raise ValueError(f"no column is mapped to {' or '.join(needed)}")
        for name, meanings in self.values.items():
            _check_meanings(resource, name, meanings.values())
        if self.timezone is not None:
            _check_zone(self.timezone)
        return self

    def columns_of(self, field: str) -> list[Way]:
        """The ways to read a field, of which the first counts that a file has. Empty where the layout has none."""
        mapped = self.columns.get(field, [])
        return [_way(each) for each in (mapped if isinstance(mapped, list) else [mapped])]

    @property
    def rules(self) -> "list[tuple[str, Column]]":
        """What else reads a column, and which: it changes sums or who is counted, so that none is passed over."""
        matches = [("skip", match) for match in self.skip] + ([("anonymous", self.anonymous)] if self.anonymous else [])
        return ([("fees", self.fees)] if self.fees else []) + [(rule, match.column) for rule, match in matches]

    @cached_property
    def used(self) -> set[str]:
        """Every column that the layout reads."""
        names = {name for field in self.columns for way in self.columns_of(field) for name in way.names}
        return names | {name for _, column in self.rules for name in listed(column)}


class ProfileFile(_Strict):
    """A profile's TOML file, field by field."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
    title: Text
    basis: Basis
    rests_on: Annotated[str, Field(min_length=1, max_length=600)]
    layout: list[Layout] = []
    template: Template | None = None

    @model_validator(mode="after")
    def _complete(self) -> "ProfileFile":
        if (self.basis == "template") != (self.template is not None):
            raise ValueError('a profile has a [template] where its basis is "template", and nowhere else')
        if not self.layout and self.template is None:
            raise ValueError(
                "it has no [[layout]], and needs one for each kind of file that the system writes (docs/profiles.md)"
            )
        return self


@dataclass(frozen=True)
class Profile:
    """A checked profile. `basis` says honestly what it rests on; `text` is its file, `origin` that file's name.

    A template has no layouts, or none of sales, until the institution completes it.
    """

    name: str
    title: str
    basis: Basis
    rests_on: str
    layouts: tuple[Layout, ...]
    template: Template | None = None
    text: str = ""
    origin: str = ""


def parse(text: str, origin: str) -> Profile:
    """A profile from the text of its file. Raises ImportRefused with the file and the field that is wrong."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError; so is a number of 5000 digits
        raise ImportRefused(f"{origin}: not TOML: {error}. Mend the line and import again.") from error
    try:
        file = ProfileFile.model_validate(content)
    except ValidationError as error:
        raise ImportRefused(f"{origin}: {first_problem(error)}. Mend the profile and import again.") from error
    return Profile(
        file.name, file.title, file.basis, file.rests_on, tuple(file.layout), file.template, text, Path(origin).name
    )


def _read(file: Traversable) -> Profile:
    try:
        return parse(file.read_text(encoding="utf-8"), str(file))
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{file.name}: no text in UTF-8. Save the profile as UTF-8 and import again.") from error


def shipped() -> dict[str, Profile]:
    """The profiles that come with the node, by name."""
    folder = resources.files("node.ingest.profiles")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    profiles = [_read(file) for file in files]
    return {profile.name: profile for profile in profiles}


def own(folder: Path) -> dict[str, Profile]:
    """The institution's own profiles, from the .toml files of a folder."""
    found = [_read(file) for file in sorted(folder.glob("*.toml"))]
    return {profile.name: profile for profile in found}


def find(name_or_file: str, folder: Path) -> list[Profile]:
    """The profiles to try: all for `auto`, else the one of that name or in that .toml file.

    Raises ImportRefused where there is none.
    """
    if name_or_file.endswith(".toml"):
        path = Path(name_or_file)
        if not path.is_file():
            raise ImportRefused(f"There is no profile file {name_or_file}. Check the path after --system.")
        return [_read(path)]
    known = {**shipped(), **own(folder)}
    if name_or_file == "auto":
        return list(known.values())
    if name_or_file not in known:
        raise ImportRefused(
            f"No system is called {name_or_file[:40]!r}. There is: {', '.join(known)}. "
            "Or give a profile of your own: --system my-system.toml; kudos-node profile new FILE proposes one."
        )
    return [known[name_or_file]]
