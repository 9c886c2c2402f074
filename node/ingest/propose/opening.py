"""Opens a file that no profile knows: of a JSON export's lists, the one whose rows look most like what is wanted."""

from collections.abc import Sequence
from pathlib import Path

from node.errors import ImportRefused
from node.ingest import recognise
from node.ingest.profile import Template
from node.ingest.propose import headers
from node.ingest.propose.draft import Answers, draft
from node.ingest.propose.look import looks
from node.ingest.readers import json_file, sniff
from node.ingest.readers.table import Table, open_table

_FEWEST = 3
"""So many names at least a header has that stands below titles, and so many but one are a field's."""


def opened(path: Path, template: Template | None = None) -> Table:
    """A file as its likeliest table.

    Raises ImportRefused for what cannot be read, and where the first line is no header: it may be a customer's row,
    which is neither shown nor written into a profile.
    """
    table = open_table(path, _is_header, below=_is_header_below)
    _refuse_without_header(table)
    if sniff.kind_of(path) != "json":
        return table
    places = json_file.places(json_file.content(path), path)
    inner = [open_table(path, lambda _: True, within=[place]) for place in places]
    return min([table, *inner], key=lambda each: _lacks(each, template))


def _known(names: Sequence[str]) -> int:
    """How many of some names are a field's."""
    return sum(
        any(
            headers.score(resource, field, name) >= 1
            for resource in headers.RESOURCES
            for field in headers.fields_of(resource)
        )
        for name in names
    )


def _is_header(names: Sequence[str]) -> bool:
    filled = [name for name in names if name.strip()]
    return (
        len(filled) > 1 and not recognise.holds_data(filled) and (recognise.names_columns(filled) or _known(filled) > 0)
    )


def _is_header_below(names: Sequence[str]) -> bool:
    """More is wanted of a row further down: what is taken for a header is shown, and may be a customer's row."""
    filled = [name for name in names if name.strip()]
    return len(filled) >= _FEWEST and not recognise.holds_data(filled) and _known(filled) >= _FEWEST - 1


def _refuse_without_header(table: Table) -> None:
    names = [name for name in table.headers if name.strip()]
    if len(names) == 1:
        raise ImportRefused(
            f"{table.called}, line 1: there stands one cell alone. If it is a title, delete the lines above the names "
            "of the columns and try again; if columns are parted by another sign than ; , | or tab, export it again."
        )
    if not _is_header(names):
        raise ImportRefused(
            f"{table.called}, line 1: there stand no names of columns that I know, and perhaps a row of data. Export "
            "it again with a header line; if it has one, write the first cells of it in one of the five languages "
            "(Ordrenr, Dato, Beløp …) and try again."
        )


def _lacks(table: Table, template: Template | None) -> tuple[int, int]:
    """How many needed fields a table has no column for, and how few columns have a field."""
    matched = draft(table, looks(table), Answers(), template).matched
    return len(matched.lacking), -sum(column.field is not None for column in matched.columns)
