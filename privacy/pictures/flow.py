"""Flows between groups as ribbons inside a circle: an arc for each group, a ribbon as wide as what two share."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from privacy.pictures.svg import Picture

# Okabe and Ito's colours, told apart with every kind of colour vision; then the same again, lighter.
COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#b8a800",
    "#7f7f7f",
    "#66aad1",
    "#f0c566",
    "#66c5ab",
    "#e0afca",
    "#9ad2f2",
    "#e69e66",
    "#d4cb66",
    "#b2b2b2",
)
_GAP, _ARC = math.radians(4), 14
_FULL = 2 * math.pi


@dataclass(frozen=True)
class _Span:
    begin: float
    end: float


def draw(
    picture: Picture,
    centre: tuple[float, float],
    radius: float,
    labels: Sequence[str],
    shared: Mapping[tuple[int, int], float],
) -> None:
    """Draws the flows. `shared` by two different groups, each pair once; what is not there, or nothing, has no ribbon.

    A group with no ribbon has no arc. Nothing is drawn where nothing is shared.
    """
    weights = {pair: value for pair, value in shared.items() if value > 0 and pair[0] != pair[1]}
    totals = [sum(value for pair, value in weights.items() if group in pair) for group in range(len(labels))]
    present = [group for group, total in enumerate(totals) if total > 0]
    if not present:
        return
    unit = (_FULL - _GAP * len(present)) / sum(totals)
    spans: dict[int, _Span] = {}
    at = -math.pi / 2
    for group in present:
        spans[group] = _Span(at, at + totals[group] * unit)
        at = spans[group].end + _GAP
    used = {group: spans[group].begin for group in present}
    for (one, other), value in sorted(weights.items(), key=lambda each: (-each[1], each[0])):
        width = value * unit
        ends = [_Span(used[group], used[group] + width) for group in (one, other)]
        used[one] += width
        used[other] += width
        hint = f"{labels[one]} – {labels[other]}: {value:,.0f}".replace(",", "\u202f")
        picture.path(_ribbon(centre, radius - _ARC, *ends), COLOURS[one % len(COLOURS)], hint, 0.55)
    for group in present:
        _arc(picture, centre, radius, spans[group], labels[group], COLOURS[group % len(COLOURS)])


def _arc(picture: Picture, centre: tuple[float, float], radius: float, span: _Span, label: str, colour: str) -> None:
    large = int(span.end - span.begin > math.pi)
    outer, inner = radius, radius - _ARC + 2
    d = (
        f"M {_at(centre, outer, span.begin)} A {outer} {outer} 0 {large} 1 {_at(centre, outer, span.end)} "
        f"L {_at(centre, inner, span.end)} A {inner} {inner} 0 {large} 0 {_at(centre, inner, span.begin)} Z"
    )
    picture.path(d, colour, label)
    middle = (span.begin + span.end) / 2
    x, y = centre[0] + (radius + 10) * math.cos(middle), centre[1] + (radius + 10) * math.sin(middle)
    anchor = "start" if math.cos(middle) > 0.2 else "end" if math.cos(middle) < -0.2 else "middle"
    picture.text(x, y + 4 + 6 * math.sin(middle), label, anchor=anchor)


def _ribbon(centre: tuple[float, float], radius: float, one: _Span, other: _Span) -> str:
    """From one arc over the middle to the other, and back."""
    middle = f"{centre[0]:.2f} {centre[1]:.2f}"
    return (
        f"M {_at(centre, radius, one.begin)} A {radius} {radius} 0 0 1 {_at(centre, radius, one.end)} "
        f"Q {middle} {_at(centre, radius, other.begin)} "
        f"A {radius} {radius} 0 0 1 {_at(centre, radius, other.end)} Q {middle} {_at(centre, radius, one.begin)} Z"
    )


def _at(centre: tuple[float, float], radius: float, angle: float) -> str:
    return f"{centre[0] + radius * math.cos(angle):.2f} {centre[1] + radius * math.sin(angle):.2f}"
