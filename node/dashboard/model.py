"""What a page says, before anything of it is drawn: texts in the reader's language, numbers as they are.

A page has blocks; a block has a chart, the table under it, or says why it has neither. Charts are values of
`node.dashboard.charts`, tables are written by templates and as CSV: both are made of these alone.
"""

import csv
import io
from dataclasses import dataclass
from typing import Literal

from node.dashboard.charts.kinds import Chart

Mark = Literal["", "above", "below", "level"]
"""How an own figure stands to the cohort's: above, below, or no further from it than noise."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Value:
    """A cell of a table: as people read it, as programs do (None for a text), and how it stands to the cohort."""

    text: str
    number: float | int | None = None
    mark: Mark = ""

    @property
    def numeric(self) -> bool:
        """Whether it stands in a column of numbers."""
        return self.number is not None


@dataclass(frozen=True)
class Table:
    """Rows under heads; the first column names the row."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def numeric(self, column: int) -> bool:
        """Whether a column is one of numbers."""
        return any(row[column].numeric for row in self.rows)


@dataclass(frozen=True)
class Empty:
    """Why there is nothing, and what comes next; `command` is to be typed, where something is.

    `english` is what the program itself says of it, where the page is in another language.
    """

    why: str
    after: str
    command: str = ""
    english: str = ""


@dataclass(frozen=True)
class Block:
    """A part of a page. `key` is unique there and stands in addresses; `said` is its finding, in a sentence."""

    key: str
    title: str
    said: str = ""
    chart: Chart | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()
    empty: Empty | None = None
    part: str = ""
    """The name of a template of its own, for what is neither chart nor table."""


@dataclass(frozen=True)
class Page:
    """A page: its theme, its title, the sentence on top, and its blocks."""

    key: str
    title: str
    lead: str
    blocks: tuple[Block, ...]

    def block(self, key: str) -> Block | None:
        """A block by its key."""
        return next((each for each in self.blocks if each.key == key), None)


def as_csv(table: Table) -> bytes:
    """A table for spreadsheets (RFC 4180, UTF-8 with its mark); no cell begins like a formula of theirs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_safe(head) for head in table.heads])
    for row in table.rows:
        writer.writerow([_safe(each.text) if each.number is None else each.number for each in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
