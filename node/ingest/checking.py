"""Is a file in the standard, and where not: every cell by its field's type, and every row as an import reads it.

The check is stricter than the import, which forgives what it understands: the standard's words, times with a zone,
kroner with a point. Nothing is stored; the key that hashes is made anew and forgotten.
"""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from node.errors import ImportRefused
from node.ingest import recognise, remedies, standard
from node.ingest.column import Column, column_of
from node.ingest.harmonise import Harmoniser
from node.ingest.masked import masked
from node.ingest.people import Identities
from node.ingest.profile import NEEDED, Profile
from node.ingest.readers.chunk import Chunk, name_of
from node.ingest.readers.table import Table, open_table
from node.ingest.recognise import Recognised
from node.ingest.standard import Field
from node.ingest.values import Parser, Unreadable
from privacy.identity.chain import KeyChain

_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
HOPELESS = 100_000
"""So many faults that a file is wrong as a whole."""

_ZONED = re.compile(r".*(?:Z|[0-9][+-][0-9]{2}:?[0-9]{2})")
_OF_PEOPLE = frozenset(field.name for field in standard.RESOURCES[standard.CUSTOMERS])


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and what to do; `value` is masked unless it is an amount or a date."""

    line: int
    column: str
    reason: str
    value: str
    remedy: str


@dataclass
class Checked:
    """What came out for one file. `kind` says in words what it is; `advice` is of what is valid and could be better."""

    path: Path
    resource: str = ""
    kind: str = ""
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check(path: Path, profiles: Sequence[Profile], zone: str) -> Checked:
    """Checks a file against the standard where `profiles` is that alone, else against the profile that fits it.

    What cannot be read at all is a fault of line 1 and no exception.
    """
    checked = Checked(path)
    try:
        if [profile.basis for profile in profiles] == ["standard"]:
            _standard(path, profiles[0], checked, zone)
        else:
            _exported(path, profiles, checked, zone)
    except ImportRefused as error:
        checked.faults.append(_refused(str(error), path))
    checked.faults.sort(key=lambda fault: fault.line)
    return checked


def _refused(text: str, path: Path) -> Fault:
    """A refusal as a fault: its line if it names one, its last sentence as what to do."""
    found = re.match(rf"{re.escape(path.name)}[^:]*?, line ([0-9]+)[^:]*: (.*)", text, re.DOTALL)
    line, said = (int(found[1]), found[2]) if found else (1, text)
    reason, _, remedy = said.rpartition(". ")
    return Fault(line, "", f"{reason or said}.".replace("..", "."), "", remedy if reason else remedies.EXPORT_AGAIN)


def _exported(path: Path, profiles: Sequence[Profile], checked: Checked, zone: str) -> None:
    from node.ingest.source import open_source

    source = open_source(path, profiles)
    checked.resource = source.found.layout.resource
    checked.kind = f"{source.found.profile.title} ({source.found.profile.basis} profile), {source.found.layout.name}"
    harmonise = _harmoniser(source.found, zone)
    for chunk in source.chunks():
        _harmonised(harmonise, chunk, checked)
        if _hopeless(checked):
            break


def _standard(path: Path, profile: Profile, checked: Checked, zone: str) -> None:
    table = open_table(path, lambda headers: _resource(headers, path) is not None, (",",))
    resource = _resource(table.headers, path)
    if resource is None or recognise.holds_data(table.headers):
        names = "; ".join(f"{name}: {_wanted(name)} …" for name in standard.RESOURCES)
        reason = f"none of its {len(table.headers)} columns is the standard's ({names})"
        checked.faults.append(Fault(1, "", reason, "", remedies.NO_HEADER))
        return
    checked.resource = resource
    checked.kind = f"{resource} of the standard {standard.VERSION}; {table.written}"
    _dialect(table, checked)
    index = _header(table, resource, checked)
    strict = _Strict(resource, index)
    harmonise = None
    if all(name in index for name in _needed(resource)):
        layout = next(layout for layout in profile.layouts if layout.resource == resource)
        harmonise = _harmoniser(Recognised(profile, layout, index), zone)
    for chunk in table.chunks(sorted(index.values()), "."):
        checked.faults += strict(chunk)
        if harmonise is not None:
            _harmonised(harmonise, chunk, checked)
        else:
            checked.rows += chunk.table.num_rows + len(chunk.bad)
            checked.faults += [_fault(bad.line, "", bad.reason, "") for bad in chunk.bad]
        if _hopeless(checked):
            break
    checked.advice += strict.advice()


def _resource(headers: Sequence[str], path: Path) -> str | None:
    """Which resource a file is: by its name, else by the columns that it has; None where it has none of any."""
    there = set(recognise.index_of(headers))
    known = {name: len(there & {field.name for field in fields}) for name, fields in standard.RESOURCES.items()}
    if known.get(path.stem):
        return path.stem
    best = max(known, key=lambda name: (known[name], all(each in there for each in _needed(name))))
    return best if known[best] else None


def _needed(resource: str) -> list[str]:
    return [field.name for field in standard.RESOURCES[resource] if field.required]


def _wanted(resource: str) -> str:
    """What a file of a resource cannot do without, in words."""
    return ", ".join(_needed(resource)) or " or ".join(NEEDED[resource][0])


def _dialect(table: Table, checked: Checked) -> None:
    if table.dialect is None:
        checked.faults.append(Fault(1, "", f"it is {table.written}, and the standard is CSV", "", remedies.AS_CSV))
        return
    encoding = table.dialect.encoding.removesuffix("-sig")
    if encoding != "utf-8":
        checked.faults.append(Fault(1, "", f"it is written in {encoding}", "", remedies.AS_UTF8))
    if table.dialect.delimiter != ",":
        checked.faults.append(
            Fault(1, "", f"its columns are parted by {table.dialect.delimiter!r}", "", remedies.COMMAS)
        )


def _header(table: Table, resource: str, checked: Checked) -> dict[str, int]:
    """Where the standard's columns stand; says which are missing, stand twice, or are none of the standard's."""
    places = recognise.index_of(table.headers)
    names = [field.name for field in standard.RESOURCES[resource]]
    for name in _needed(resource):
        if name not in places:
            near = difflib.get_close_matches(name, [each for each in places if each not in names], 1, 0.6)
            remedy = f"Call the column {near[0]!r} {name!r}." if near else remedies.ADD_COLUMN
            checked.faults.append(Fault(1, name, "is not there, and must be", "", remedy))
    for header in places:
        bare = header.partition("#")[0]
        if header != bare and bare in names:
            checked.faults.append(Fault(1, bare, "stands twice in the header", "", remedies.ONCE))
        elif header not in names:
            near = difflib.get_close_matches(header, names, 1, 0.7)
            checked.advice.append(
                f"{header[:40]!r} is no column of {resource}"
                + (f" (did you mean {near[0]!r}?)" if near else "")
                + ": it is not read."
            )
    for header in table.headers:
        name = recognise.plain(header)
        if name in names and header.strip().lstrip("\ufeff") != name:
            checked.faults.append(
                Fault(1, name, f"is written {header.strip()!r}", "", "Write it in small letters, as the standard does.")
            )
    return {name: places[name] for name in names if name in places}


class _Strict:
    """Checks cells by the types, limits and words of their fields."""

    def __init__(self, resource: str, index: dict[str, int]) -> None:
        self._fields = [each for each in standard.RESOURCES[resource] if each.name in index]
        self._index = index
        self._parsers = {each.name: _parser(each) for each in self._fields}
        self._keys: set[int] = set()
        self._repeated = 0
        self._unzoned: dict[str, int] = {}

    def __call__(self, chunk: Chunk) -> list[Fault]:
        """The faults of a run of rows."""
        columns = {each.name: self._column(chunk, each.name) for each in self._fields}
        found: list[tuple[int, str, str, str]] = []
        for each in self._fields:
            column = columns[each.name]
            if each.required:
                empty = np.flatnonzero(column.empty.to_numpy(zero_copy_only=False))
                found += [(int(row), each.name, "is empty", "") for row in empty]
            parse = self._parsers[each.name]
            if parse is not None:
                for problem in column.read(parse)[1]:
                    rows = np.flatnonzero(problem.at >= 0)
                    found += [(int(row), each.name, problem.reason, problem.texts[problem.at[row]]) for row in rows]
            if each.type == "datetime":
                self._count_unzoned(each.name, column)
        self._count_repeated(columns)
        lines = chunk.lines([row for row, *_ in found]) if found else []
        return [_fault(line, name, reason, text) for line, (_, name, reason, text) in zip(lines, found, strict=True)]

    def advice(self) -> list[str]:
        """What is valid and could be better."""
        said = [
            f"{count} of {name} have no zone, and are taken for the institution's local time. Write it as in "
            "2025-03-01T18:00:00+01:00."
            for name, count in self._unzoned.items()
        ]
        if self._repeated:
            said.append(
                f"{self._repeated} rows have the order_id and line_id of an earlier row of this file: of each the one "
                "that was changed last counts, and the others do not."
            )
        return said

    def _column(self, chunk: Chunk, name: str) -> Column:
        return column_of(name, [chunk.table.column(name_of(self._index[name]))])

    def _count_unzoned(self, name: str, column: Column) -> None:
        without = np.array([text != "" and not _ZONED.fullmatch(text) for text in column.texts] + [False], dtype=bool)
        count = int(without[column.index].sum())
        if count:
            self._unzoned[name] = self._unzoned.get(name, 0) + count

    def _count_repeated(self, columns: dict[str, Column]) -> None:
        if "order_id" not in columns or "line_id" not in columns:
            return
        pairs = zip(columns["order_id"].rows.to_pylist(), columns["line_id"].rows.to_pylist(), strict=True)
        for order, line in pairs:
            key = hash((order, line))
            if line and key in self._keys:
                self._repeated += 1
            self._keys.add(key)


def _parser(field: Field) -> Parser | None:
    """What a cell of a field must be; None where any text will do, or where the import itself says what is wrong."""
    checks: dict[str, Callable[[Field], Parser]] = {
        "integer": _integer,
        "number": _number,
        "boolean": _boolean,
        "datetime": _datetime,
    }
    if field.one_of:
        return _word(field)
    return checks[field.type](field) if field.type in checks else None


def _word(field: Field) -> Parser:
    def parse(text: str) -> None:
        if text not in field.one_of:
            raise Unreadable(f"is none of {', '.join(field.one_of)}")

    return parse


def _integer(field: Field) -> Parser:
    def parse(text: str) -> None:
        if not re.fullmatch(r"[+-]?[0-9]{1,12}", text):
            raise Unreadable("is no whole number")
        _limited(float(text), field)

    return parse


def _number(field: Field) -> Parser:
    def parse(text: str) -> None:
        if not re.fullmatch(r"[+-]?[0-9]{1,15}(?:[.][0-9]+)?", text):
            raise Unreadable("is no number of kroner with a point, such as 395.00")
        if text.partition(".")[2][2:].strip("0"):
            raise Unreadable("is finer than one øre")
        _limited(float(text), field)

    return parse


def _datetime(_field: Field) -> Parser:
    def parse(text: str) -> None:
        if not _ISO.fullmatch(text):
            raise Unreadable("is no date that I know")

    return parse


def _boolean(_field: Field) -> Parser:
    def parse(text: str) -> None:
        if text not in ("true", "false", "True", "False", "TRUE", "FALSE", "1", "0"):
            raise Unreadable("is neither true nor false")

    return parse


def _limited(value: float, field: Field) -> None:
    if field.minimum is not None and value < field.minimum:
        raise Unreadable(f"is less than {field.minimum}")
    if field.maximum is not None and value > field.maximum:
        raise Unreadable(f"is more than {field.maximum}")


def _harmoniser(found: Recognised, zone: str) -> Harmoniser:
    return Harmoniser(found, Identities(KeyChain.generate(), frozenset()), zone)


def _harmonised(harmonise: Harmoniser, chunk: Chunk, checked: Checked) -> None:
    """Adds what an import would refuse of a chunk, where nothing was said of that cell before."""
    known = {(fault.line, fault.column) for fault in checked.faults}
    part = harmonise(chunk)
    checked.rows += part.rows
    checked.faults += [
        Fault(each.line, each.column, each.reason, each.value, remedies.remedy(each.reason))
        for each in part.rejects
        if (each.line, each.column) not in known
    ]


def _hopeless(checked: Checked) -> bool:
    """Whether so much is wrong that reading on only takes time; it is said then."""
    if len(checked.faults) <= HOPELESS:
        return False
    checked.advice.append(f"So much is wrong that reading stopped after {checked.rows} rows.")
    return True


def _fault(line: int, column: str, reason: str, text: str) -> Fault:
    """A fault of a cell. What is a person's is shown by its shape alone, dates too: one may be of birth."""
    shown = masked(text)
    if column in _OF_PEOPLE:
        shown = re.sub(r"[0-9]", "9", shown)
    return Fault(line, column, reason, shown, remedies.remedy(reason))
