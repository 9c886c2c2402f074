"""One file to import: recognised, opened by the reader of its kind, and read chunk by chunk."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from node.errors import ImportRefused
from node.ingest import recognise
from node.ingest.profile import Profile
from node.ingest.readers import csv_file, json_file, sniff, spreadsheet
from node.ingest.readers.chunk import Chunk
from node.ingest.recognise import Recognised


@dataclass(frozen=True)
class Source:
    """A recognised file. `written` says how it is written, for the person at the screen."""

    path: Path
    found: Recognised
    written: str
    size: int
    _chunks: Callable[[], Iterator[Chunk]]

    def chunks(self) -> Iterator[Chunk]:
        """The rows, in the file's order."""
        return self._chunks()

    def sha256(self) -> str:
        """The digest of the file's bytes."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def open_source(path: Path, profiles: Sequence[Profile]) -> Source:
    """Finds out what a file is and which layout it is written in.

    Raises ImportRefused for what cannot be imported: no text, no table, no layout that fits.
    """
    kind = sniff.kind_of(path)
    if kind == "spreadsheet":
        return _spreadsheet(path, profiles)
    if kind == "json":
        return _json(path, profiles)
    return _csv(path, profiles)


def _wanted(found: Recognised) -> list[int]:
    return sorted(set(found.index.values()))


def _csv(path: Path, profiles: Sequence[Profile]) -> Source:
    start = sniff.beginning(path)
    dialect, headers = sniff.header(start)
    if not recognise.fits(headers, profiles):
        delimiters = {layout.delimiter for profile in profiles for layout in profile.layouts if layout.delimiter}
        for delimiter in delimiters - {dialect.delimiter}:
            other, names = sniff.header(start, delimiter)
            if recognise.fits(names, profiles):
                dialect, headers = other, names
    found = recognise.recognise(headers, profiles, path.name)

    def chunks() -> Iterator[Chunk]:
        with path.open("rb") as file:
            yield from csv_file.chunks(file, path, dialect, len(headers), _wanted(found))

    return Source(path, found, str(dialect), path.stat().st_size, chunks)


def _spreadsheet(path: Path, profiles: Sequence[Profile]) -> Source:
    sheets = spreadsheet.sheets(path)
    if not sheets:
        raise ImportRefused(f"{path.name} has no sheet with a header. Export it again from the ticketing system.")
    fitting = [(name, headers) for name, headers in sheets if recognise.fits(headers, profiles)]
    name, headers = (fitting or sheets)[0]
    found = recognise.recognise(headers, profiles, f"{path.name}, sheet {name!r}")
    size = path.stat().st_size

    def chunks() -> Iterator[Chunk]:
        yield from spreadsheet.chunks(path, name, len(headers), _wanted(found), found.layout.decimal, size)

    return Source(path, found, f"Excel, sheet {name!r}", size, chunks)


def _json(path: Path, profiles: Sequence[Profile]) -> Source:
    headers, records = json_file.records(path)
    found = recognise.recognise(headers, profiles, path.name)
    size = path.stat().st_size

    def chunks() -> Iterator[Chunk]:
        yield from json_file.chunks(headers, _wanted(found), records, size)

    return Source(path, found, "JSON", size, chunks)
