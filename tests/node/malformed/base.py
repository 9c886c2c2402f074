"""The sales that every malformed file is made from, and what a file is expected to become."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

HEADER = ["order_id", "line_id", "ordered_at", "event_id", "ticket_type", "quantity", "amount", "state", "email"]
ROWS = [
    [
        f"M{number}",
        "1",
        f"2026-0{number % 8 + 1}-1{number % 9}T18:00:00+01:00",
        f"E{number % 5}",
        ("Voksen", "Ordinær", "Barn", "Student")[number % 4],
        str(number % 3 + 1),
        f"{100 * (number % 3 + 1)}.00",
        "paid",
        f"person{number % 17}@example.no" if number % 4 else "",
    ]
    for number in range(40)
]


class Becomes(Enum):
    """What must become of a file."""

    SAME = "imported, with exactly the sales that it is made from"
    REFUSED = "refused"
    EITHER = "imported or refused, whichever it is, as a whole"


@dataclass(frozen=True)
class Malformed:
    """A file by its name and bytes, and what must become of it."""

    name: str
    content: bytes
    becomes: Becomes


def text(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\n") -> str:
    """Rows as a text with delimiters."""
    return "".join(delimiter.join(row) + end for row in rows)


def plain() -> str:
    """The sales as they should be."""
    return text([HEADER, *ROWS])


def some_cell(draw: Random) -> tuple[int, int]:
    """A place in the rows."""
    return draw.randrange(len(ROWS)), draw.randrange(len(HEADER))


def with_cell(draw: Random, value: str) -> list[list[str]]:
    """The header and the rows, of which one cell is another."""
    row, column = some_cell(draw)
    rows = [list(each) for each in ROWS]
    rows[row][column] = value
    return [HEADER, *rows]
