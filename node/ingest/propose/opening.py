"""Opens a file that no profile knows: of a JSON export's lists, the one whose rows look most like what is wanted."""

from pathlib import Path

from node.ingest.profile import Template
from node.ingest.propose.draft import Answers, draft
from node.ingest.propose.look import looks
from node.ingest.readers import json_file, sniff
from node.ingest.readers.table import Table, open_table


def opened(path: Path, template: Template | None = None) -> Table:
    """A file as its likeliest table. Raises ImportRefused for what cannot be read."""
    table = open_table(path, lambda _: True)
    if sniff.kind_of(path) != "json":
        return table
    places = json_file.places(json_file.content(path), path)
    inner = [open_table(path, lambda _: True, within=[place]) for place in places]
    return min([table, *inner], key=lambda each: _lacks(each, template))


def _lacks(table: Table, template: Template | None) -> tuple[int, int]:
    """How many needed fields a table has no column for, and how few columns have a field."""
    matched = draft(table, looks(table), Answers(), template).matched
    return len(matched.lacking), -sum(column.field is not None for column in matched.columns)
