"""How much of a release would be more than its noise: for the institution's own eyes, before it decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.cli.output import count, kroner, percent

if TYPE_CHECKING:
    from node.release.prepare import Vectors
    from privacy.studies.price import Price, PricedPart

_MEASURES = ("customers", "orders", "tickets", "revenue")
COLUMNS = ["table", "figures>", *(f"{measure}>" for measure in _MEASURES), "lost>"]


@dataclass(frozen=True)
class Blurred:
    """Of so many figures, how many are `lost`: no larger than the standard error of their noise; `empty` ones are 0.

    Who gets such a figure cannot tell it from nothing.
    """

    figures: int
    lost: int
    empty: int

    def __add__(self, other: "Blurred") -> "Blurred":
        return Blurred(self.figures + other.figures, self.lost + other.lost, self.empty + other.empty)


def blurred(part: "PricedPart", vectors: "Vectors") -> Blurred:
    """What the noise does to the figures of a part."""
    values = [int(value) for value in vectors[part.part.table.name, part.part.measure]]
    lost = sum(abs(value) <= noise.scale for value, noise in zip(values, part.mechanisms, strict=True))
    return Blurred(len(values), lost, values.count(0))


def all_blurred(priced: "Price", vectors: "Vectors") -> Blurred:
    """What the noise does to all figures of a release."""
    return sum((blurred(each, vectors) for each in priced.parts), Blurred(0, 0, 0))


def verdict(whole: Blurred, cost: str, *, empty: bool) -> str:
    """What somebody who decides on a release should know, in a sentence or two; `cost` is what it would spend.

    `empty`: whether there is nothing that it would tell of (`node.release.in_view.is_empty`). Quantiles are of known
    customers alone, and say nothing of other sales.
    """
    if empty:
        nothing = "There are no sales" if whole.figures else "There are no sales to known customers"
        return f"{nothing} in this window: a release would spend {cost} of your budget on noise alone."
    if not whole.figures:
        return f"It tells quantiles alone, each a number from a public list near your own, for {cost} of your budget."
    if not whole.lost:
        return f"All {count(whole.figures)} figures are larger than their noise."
    zeros = f" ({count(whole.empty)} of them are 0)" if whole.empty else ""
    said = (
        f"{count(whole.lost)} of {count(whole.figures)} figures are no larger than their noise{zeros}: others will "
        "learn nothing from these."
    )
    if 2 * whole.lost > whole.figures:
        said += f" Most of what {cost} of your budget buys would be noise."
    return said


def rows(priced: "Price", vectors: "Vectors") -> Iterator[tuple[str, ...]]:
    """A row of two lines per table: the noise of one figure, and what that is of the house's own median figure.

    Two lines, so that a terminal of 80 columns shows them whole. Where each cell has noise of its own, it is that of
    the median figure. Quantiles come first, with the noise of the one that has most, in customers.
    """
    for name in dict.fromkeys(each.part.table for each in priced.quantiles):
        quantiles = [each for each in priced.quantiles if each.part.table == name]
        noise = f"±{count(round(max(each.mechanism.rank_error for each in quantiles)))}\ncustomers"
        places = (noise if measure == quantiles[0].part.measure else "" for measure in _MEASURES)
        yield name, count(len(quantiles)), *places, count(0)
    for name in dict.fromkeys(each.part.table.name for each in priced.parts):
        parts = [each for each in priced.parts if each.part.table.name == name]
        together = sum((blurred(each, vectors) for each in parts), Blurred(0, 0, 0))
        cells = (_cell(parts, measure, vectors) for measure in _MEASURES)
        yield name, count(together.figures), *cells, count(together.lost)


def _cell(parts: "list[PricedPart]", measure: str, vectors: "Vectors") -> str:
    part = next((each for each in parts if each.part.measure == measure), None)
    if part is None:
        return ""
    values = vectors[part.part.table.name, part.part.measure]
    cells = zip(values, part.mechanisms, strict=True)
    filled = sorted((int(value), float(noise.scale)) for value, noise in cells if value > 0)
    median, scale = filled[len(filled) // 2] if filled else (0, float(part.mechanism.scale))
    shown = kroner(scale) if measure == "revenue" else count(round(scale))
    return f"±{shown}\n{_relative(scale / median) if median else '–'}"


def _relative(share: float) -> str:
    """An error as a share of a figure. Above the figure itself, how far above tells nothing more."""
    return "> 100 %" if share > 1 else percent(share, 1 if share < 0.1 else 0)
