"""The kinds of chart: what each shows, as numbers with the words that go with them.

`name` is what a screen reader says of it. A point's `text` is its figure as people read it, with its uncertainty.
"""

from dataclasses import dataclass
from typing import Literal

PLUS_MINUS = "\u00a0±\u00a0"
"""Between a figure and its uncertainty; no line is broken there."""

Unit = Literal["count", "kr", "share", "number"]


@dataclass(frozen=True)
class Point:
    """A figure of one series at one category; `low` and `high` hold the truth 19 times in 20, None where exact."""

    category: str
    series: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Bars:
    """Categories down, a bar for each series, with the uncertainty as a line across its end."""

    name: str
    unit: Unit
    series: tuple[str, ...]
    points: tuple[Point, ...]
    steps: tuple[str, ...] = ()
    """What the numbers 1, 2, … of a scale of steps are called; none where the scale is of numbers."""


@dataclass(frozen=True)
class Lines:
    """Categories along, in their order, a line for each series, with the uncertainty as a band."""

    name: str
    unit: Unit
    series: tuple[str, ...]
    points: tuple[Point, ...]
    brush: bool = False
    categories: tuple[str, ...] = ()
    """All along the axis, where some have no point; else those of the points."""
    steps: tuple[str, ...] = ()
    """As of bars."""


@dataclass(frozen=True)
class Stop:
    """An end of flows: a group on the left or the right, as high as it is large."""

    label: str
    side: Literal["left", "right"]
    size: float
    text: str


@dataclass(frozen=True)
class Ribbon:
    """How many go from a group on the left to one on the right."""

    source: str
    target: str
    size: float
    text: str


@dataclass(frozen=True)
class Flows:
    """Ribbons between groups on two sides, as wide as they are large. `heads` name the sides."""

    name: str
    heads: tuple[str, str]
    stops: tuple[Stop, ...]
    ribbons: tuple[Ribbon, ...]


@dataclass(frozen=True)
class Tile:
    """A place on a tile map: its column and row, its short name, its figure; no value where it is withheld."""

    label: str
    short: str
    column: int
    row: int
    value: float | None
    text: str


@dataclass(frozen=True)
class Tiles:
    """A map of equal tiles, darker for more."""

    name: str
    unit: Unit
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Heat:
    """Rows and columns in their order, darker for more; a cell without a value is withheld."""

    name: str
    unit: Unit
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, str, float | None, str], ...]
    """Row, column, value, text."""


@dataclass(frozen=True)
class Meter:
    """Parts of a whole, in a row: such as what was spent of what is allowed."""

    name: str
    whole: float
    parts: tuple[tuple[str, float, str], ...]
    """Name, size, text."""


Chart = Bars | Lines | Flows | Tiles | Heat | Meter
