"""A heat map of what pairs of groups have in common: a triangle of cells, darker for more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from privacy.pictures.svg import PALETTE, Picture, on, step_of

CELL, LABEL = 62, 150


@dataclass(frozen=True)
class Shared:
    """What a pair shares: `value` with its standard error `error`, or neither and why not."""

    value: float | None
    error: float | None
    why_not: str


def size_of(labels: Sequence[str]) -> tuple[int, int]:
    """Width and height in pixels of the map of so many groups."""
    return LABEL + CELL * len(labels), 34 + CELL * len(labels) + 22


def draw(
    picture: Picture, x: float, y: float, heading: str, labels: Sequence[str], pairs: Mapping[tuple[int, int], Shared]
) -> None:
    """Draws a map with its upper left corner at a point. `pairs` by row and column, row >= column."""
    picture.text(x, y + 14, heading, "title")
    top = y + 34
    largest = max((pair.value for pair in pairs.values() if pair.value is not None), default=0.0)
    for row, label in enumerate(labels):
        middle = top + row * CELL + CELL / 2
        picture.text(x + LABEL - 10, middle + 4, _short(label, 19), anchor="end")
        picture.text(
            x + LABEL + row * CELL + CELL / 2, top + len(labels) * CELL + 15, _short(label, 9), "small", "middle"
        )
        for column in range(row + 1):
            pair = pairs.get((row, column))
            _cell(picture, x + LABEL + column * CELL, top + row * CELL, pair, largest, f"{label} – {labels[column]}")


def _cell(picture: Picture, x: float, y: float, pair: Shared | None, largest: float, names: str) -> None:
    if pair is None:  # there is no such pair: an institution with itself
        return
    if pair.value is None:
        picture.box(x, y, CELL, CELL, "", f"{names}: {pair.why_not}")
        picture.text(x + CELL / 2, y + CELL / 2 + 4, "–", "quiet", "middle")
        return
    step = step_of(pair.value, largest)
    error = "" if pair.error is None else f"±{_number(2 * pair.error)}"
    picture.box(x, y, CELL, CELL, PALETTE[step], f"{names}: {_number(pair.value)} {error}")
    picture.text(x + CELL / 2, y + CELL / 2, _number(pair.value), anchor="middle", fill=on(step))
    picture.text(x + CELL / 2, y + CELL / 2 + 15, error, "small", "middle", fill=on(step))


def _number(value: float) -> str:
    """With thin spaces between thousands, as Norwegians and many others write it."""
    return f"{value:,.0f}".replace(",", "\u202f")


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"
