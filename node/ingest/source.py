"""One file to import: recognised, opened by the reader of its kind, and read chunk by chunk."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from node.ingest import recognise, templates
from node.ingest.profile import Profile
from node.ingest.readers.chunk import Chunk
from node.ingest.readers.table import Table, open_table
from node.ingest.recognise import Recognised


@dataclass(frozen=True)
class Source:
    """A recognised file, or rows of a database. `written` says how it is written, for the person at the screen.

    `unread` has the names of columns that the layout does not read.
    `path` names it; rows of a database have a `digest` of their own, for they are no file.
    """

    path: Path
    found: Recognised
    written: str
    size: int
    _chunks: Callable[[], Iterator[Chunk]]
    digest: str | None = None
    unread: Sequence[str] = ()

    def chunks(self) -> Iterator[Chunk]:
        """The rows, in the file's order."""
        return self._chunks()

    def sha256(self) -> str:
        """The digest of the file's bytes."""
        with self.digesting() as digest:
            return digest()

    @contextmanager
    def digesting(self) -> Iterator[Callable[[], str]]:
        """Gives what makes the digest of the file's bytes, at any time: whatever takes the file's name meanwhile."""
        if self.digest is not None:
            digest = self.digest
            yield lambda: digest
            return
        with self.path.open("rb") as file:
            yield lambda: _digest(file)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


def table_of(path: Path, profiles: Sequence[Profile]) -> Table:
    """A file as the table that some profiles read, or as the likeliest one. Raises ImportRefused as `open_table`."""
    layouts = [layout for profile in profiles for layout in profile.layouts]
    delimiters = [layout.delimiter for layout in layouts if layout.delimiter]
    within = dict.fromkeys(layout.rows for layout in layouts if layout.rows)

    def fits(headers: Sequence[str]) -> bool:
        return recognise.fits(headers, profiles)

    return open_table(path, fits, delimiters, within, below=fits)


def open_source(path: Path, profiles: Sequence[Profile]) -> Source:
    """Finds out what a file is and which layout it is written in.

    Raises ImportRefused for what cannot be imported: no text, no table, no layout that fits. Where all profiles are
    templates that nobody has completed, it says what the file lacks and how to complete one.
    """
    table = table_of(path, profiles)
    template = templates.asked(profiles)
    if template is not None and not recognise.fits(table.headers, profiles):
        raise templates.refusal(table, template)
    found = recognise.recognise(table.headers, profiles, table.called, path)
    wanted = sorted(set(found.index.values()))
    unread = tuple(header for header in table.headers if header not in found.index)

    def chunks() -> Iterator[Chunk]:
        return table.chunks(wanted, found.layout.decimal)

    return Source(path, found, table.written, table.size, chunks, unread=unread)
