"""Where the ends and the ribbons of a flow chart lie: heights are customers, ribbons bend like a cosine."""

import math
from collections.abc import Iterator
from typing import Any

from node.dashboard.charts.kinds import Flows, Stop

STEPS = 24
"""Points along a ribbon."""

_GAP = 0.03
"""Between two ends, as a part of all of a side."""


def ends(flows: Flows) -> list[dict[str, Any]]:
    """A rectangle for every end: label, text, side, and from which height to which."""
    height = _height(flows)
    return [
        {"label": stop.label, "text": stop.text, "side": stop.side, "from": low, "to": low + stop.size}
        for stop, low in _placed(flows, height)
    ]


def curves(flows: Flows) -> Iterator[dict[str, Any]]:
    """Points along every ribbon: which ribbon, its text and origin, how far across, and its lower and upper edge."""
    height = _height(flows)
    at: dict[tuple[str, str], float] = {(stop.side, stop.label): low for stop, low in _placed(flows, height)}
    order = {stop.label: index for index, stop in enumerate(each for each in flows.stops if each.side == "right")}
    starts, finishes = {}, {}
    for index, ribbon in sorted(enumerate(flows.ribbons), key=lambda each: order[each[1].target]):
        key = ("left", ribbon.source)
        starts[index], at[key] = at[key], at[key] + ribbon.size
    for index, ribbon in enumerate(flows.ribbons):
        key = ("right", ribbon.target)
        finishes[index], at[key] = at[key], at[key] + ribbon.size
    for index, ribbon in enumerate(flows.ribbons):
        for step in range(STEPS + 1):
            across = step / STEPS
            low = starts[index] + (finishes[index] - starts[index]) * (1 - math.cos(math.pi * across)) / 2
            yield {
                "ribbon": index,
                "source": ribbon.source,
                "text": ribbon.text,
                "across": round(across, 4),
                "low": round(low, 3),
                "high": round(low + ribbon.size, 3),
            }


def _height(flows: Flows) -> float:
    return max(sum(stop.size for stop in flows.stops if stop.side == side) for side in ("left", "right")) or 1.0


def _placed(flows: Flows, height: float) -> Iterator[tuple[Stop, float]]:
    """Every end with its lowest height; the first of a side is uppermost, heights are counted down from there."""
    for side in ("left", "right"):
        at = 0.0
        for stop in flows.stops:
            if stop.side == side:
                yield stop, at
                at += stop.size + _GAP * height
