"""Charts as specifications of Vega-Lite, made with Vega-Altair: pure functions of `kinds`.

A specification has no colour: those of series, quantities and text are the theme's (`theme`), so that the same one is
light or dark on the page and light in print. Every mark says its figure in words, to the pointer and to screen readers.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import altair as alt

from node.dashboard.charts import ribbons
from node.dashboard.charts.kinds import PLUS_MINUS, Bars, Chart, Flows, Heat, Lines, Meter, Point, Tiles, Unit

Spec = dict[str, Any]

_BAR, _BETWEEN = 13, 10
"""Pixels of a bar, and between two categories."""

_TILE, _CELL = 46, 38
"""Pixels of a tile of a map, and of a cell of a heat map, downwards."""

_LEVEL = 4
"""So many columns have their heads written level; more are slanted."""

_MARGIN = 88
"""Pixels beside a flow chart, for the names of its ends."""

_FORMATS: dict[Unit, str] = {"count": ",.0f", "kr": ",.0f", "share": ".0%", "number": ",.1f"}


def spec_of(chart: Chart) -> Spec:
    """The specification of a chart, as wide as its container."""
    match chart:
        case Bars():
            drawn = _bars(chart)
        case Lines():
            drawn = _lines(chart)
        case Flows():
            drawn = _flows(chart)
        case Tiles():
            drawn = _tiles(chart)
        case Heat():
            drawn = _heat(chart)
        case Meter():
            drawn = _meter(chart)
    spec: Spec = drawn.properties(description=chart.name).to_dict(validate=False)
    spec.pop("config", None)  # the theme's
    return spec


def _bars(chart: Bars) -> Any:
    rows = _rows(chart.points, chart.unit)
    categories = _in_order(point.category for point in chart.points)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("category:N", sort=categories, title=None),
        yOffset=alt.YOffset("series:N", sort=list(chart.series)),
        tooltip=_tooltip(),
        description=alt.Description("text:N"),
    )
    axis, scale = _scale_of(chart, 0)
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        x=alt.X("value:Q", title=None, axis=axis, scale=scale), color=_colour(chart.series)
    )
    layers = [bars]
    if _uncertain(chart.points):
        known = base.transform_filter("isValid(datum.low)")
        layers.append(known.mark_rule(style="error").encode(x=alt.X("low:Q", title=None), x2="high:Q"))
    height = len(categories) * (_BAR * len(chart.series) + _BETWEEN)
    return alt.layer(*layers).properties(width="container", height=height)


def _lines(chart: Lines) -> Any:
    rows = _rows(chart.points, chart.unit)
    categories = list(chart.categories) or _in_order(point.category for point in chart.points)
    there = {(row["category"], row["series"]) for row in rows}
    missing = [(c, s) for c in categories for s in chart.series if (c, s) not in there]
    # A line is broken where there is no figure, not drawn across.
    rows += [{"category": c, "series": s, "value": None, "low": None, "high": None, "text": ""} for c, s in missing]
    labels = alt.Axis(labelAngle=0, labelOverlap="greedy", labelFlush=True, labelSeparation=8)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("category:O", sort=categories, title=None, axis=labels), color=_colour(chart.series)
    )
    axis, scale = _scale_of(chart, 1)
    y = alt.Y("value:Q", title=None, axis=axis, scale=scale)
    layers = []
    if _uncertain(chart.points):
        band = alt.Y("low:Q", title=None)
        layers.append(base.mark_area(opacity=0.25, invalid="break-paths-show-path-domains").encode(y=band, y2="high:Q"))
    layers.append(base.mark_line(strokeWidth=2, invalid="break-paths-show-path-domains").encode(y=y))
    dots = (
        base.transform_filter("isValid(datum.value)")
        .mark_point(filled=True, size=45, opacity=1)
        .encode(y=y, tooltip=_tooltip(), description=alt.Description("text:N"), shape=_shape(chart.series))
    )
    if chart.brush:
        brush = alt.selection_interval(encodings=["x"])
        dots = dots.add_params(brush).encode(opacity=alt.when(brush).then(alt.value(1)).otherwise(alt.value(0.25)))
    return alt.layer(*layers, dots).properties(width="container", height=240)


def _scale_of(chart: Bars | Lines, first: int) -> tuple[Any, Any]:
    """The axis of values and its scale: of numbers, or of named steps that begin with `first`."""
    if not chart.steps:
        step = 1 if chart.unit == "count" else alt.Undefined
        return alt.Axis(format=_FORMATS[chart.unit], tickCount=5, tickMinStep=step), alt.Scale(zero=True)
    number = len(chart.steps)
    named = f"{json.dumps(list(chart.steps), ensure_ascii=False)}[datum.value - 1]"
    axis = alt.Axis(values=list(range(1, number + 1)), labelExpr=named, labelOverlap="greedy")
    return axis, alt.Scale(domain=[first, number], nice=False)


def _flows(chart: Flows) -> Any:
    curves, ends = list(ribbons.curves(chart)), ribbons.ends(chart)
    y = alt.Y("low:Q", axis=None, scale=alt.Scale(reverse=True, nice=False, zero=True))
    x = alt.X("across:Q", axis=None, scale=alt.Scale(nice=False, zero=False, padding=_MARGIN))
    sources = [stop.label for stop in chart.stops if stop.side == "left"]
    hover = alt.selection_point(on="pointerover", fields=["ribbon"], empty=False)
    strength = alt.when(hover).then(alt.value(0.85)).otherwise(alt.value(0.45))
    colour = alt.Color("source:N", sort=sources, legend=None, scale=alt.Scale(domain=sources))
    ribbon = (
        alt.Chart(alt.InlineData(values=curves))
        .mark_area(line=False)
        .encode(x=x, y=y, y2="high:Q", detail="ribbon:N", color=colour, tooltip=_tooltip(), opacity=strength)
        .add_params(hover)
    )
    placed = [
        each
        | {"across": 0 if each["side"] == "left" else 1, "low": each["from"], "mid": (each["from"] + each["to"]) / 2}
        for each in ends
    ]
    layers = [ribbon]
    sides: tuple[tuple[str, Literal["left", "right"], int], ...] = (("left", "right", -8), ("right", "left", 8))
    for side, align, shift in sides:
        here = alt.Chart(alt.InlineData(values=[each for each in placed if each["side"] == side]))
        layers.append(here.mark_rule(style="error", strokeWidth=4).encode(x=x, y=y, y2="to:Q", tooltip=_tooltip()))
        layers.append(
            here.mark_text(style="label", align=align, dx=shift, fontSize=12).encode(
                x=x, y=alt.Y("mid:Q", axis=None), text="label:N", description=alt.Description("text:N")
            )
        )
    heads = [{"across": 0, "low": 0, "label": chart.heads[0]}, {"across": 1, "low": 0, "label": chart.heads[1]}]
    layers.append(
        alt.Chart(alt.InlineData(values=heads))
        .mark_text(style="head", dy=-14, fontSize=12)
        .encode(x=x, y=y, text="label:N")
    )
    return alt.layer(*layers).properties(width="container", height=380)


def _tiles(chart: Tiles) -> Any:
    rows = [
        {"column": each.column, "row": each.row, "short": each.short, "value": each.value, "text": each.text}
        for each in chart.tiles
    ]
    _strengthen(rows)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("column:O", axis=None), y=alt.Y("row:O", axis=None), tooltip=_tooltip()
    )
    return _shaded(base, chart.unit, "short:N").properties(
        width="container", height=_TILE * (1 + max(each.row for each in chart.tiles))
    )


def _heat(chart: Heat) -> Any:
    rows = [
        {
            "row": row,
            "column": column,
            "value": value,
            "text": f"{row} – {column}: {text}",
            "short": text.partition(PLUS_MINUS)[0],
        }
        for row, column, value, text in chart.cells
    ]
    _strengthen(rows)
    slanted = {"labelAngle": -35, "labelAlign": "left"} if len(chart.columns) > _LEVEL else {"labelAngle": 0}
    top = alt.Axis(orient="top", labelLimit=110, **slanted)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("column:N", sort=list(chart.columns), title=None, axis=top),
        y=alt.Y("row:N", sort=list(chart.rows), title=None),
        tooltip=_tooltip(),
    )
    return _shaded(base, chart.unit, "short:N").properties(width="container", height=_CELL * len(chart.rows))


def _shaded(base: Any, unit: Unit, label: str) -> Any:
    """Boxes that are darker for more, hollow without a value, each with its label."""
    legend = alt.Legend(format=_FORMATS[unit], title=None, gradientLength=160)
    boxes = base.mark_rect(cornerRadius=3).encode(
        color=alt.condition(
            "isValid(datum.value)",
            alt.Color("value:Q", legend=legend, scale=alt.Scale(zero=True, nice=True)),
            alt.value("#88888822"),
        ),
        description=alt.Description("text:N"),
    )
    weak = base.transform_filter("!datum.strong").mark_text(style="on-weak", fontSize=12).encode(text=label)
    strong = base.transform_filter("datum.strong").mark_text(style="on-strong", fontSize=12).encode(text=label)
    return alt.layer(boxes, weak, strong)


def _strengthen(rows: list[dict[str, Any]]) -> None:
    """Says of each row whether it is in the upper half of the colours, where text is read in the page's colour."""
    largest = max((row["value"] for row in rows if row["value"] is not None), default=0.0)
    for row in rows:
        row["strong"] = row["value"] is not None and 2 * row["value"] > largest > 0


def _meter(chart: Meter) -> Any:
    rows = []
    at = 0.0
    for name, size, text in chart.parts:
        rows.append({"series": name, "from": at, "to": at + size, "text": text})
        at += size
    scale = alt.Scale(domain=[0, max(chart.whole, at)], nice=False)
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(height=26, cornerRadius=2)
        .encode(
            x=alt.X("from:Q", title=None, scale=scale, axis=alt.Axis(format=",.1f", tickCount=6)),
            x2="to:Q",
            color=_colour([name for name, _, _ in chart.parts]),
            tooltip=_tooltip(),
            description=alt.Description("text:N"),
        )
        .properties(width="container", height=50)
    )


def _rows(points: Sequence[Point], unit: Unit) -> list[dict[str, Any]]:
    """Points for the chart; amounts in kroner."""
    by = 0.01 if unit == "kr" else 1.0
    return [
        {
            "category": each.category,
            "series": each.series,
            "value": each.value * by,
            "low": None if each.low is None else each.low * by,
            "high": None if each.high is None else each.high * by,
            "text": f"{each.category}, {each.series}: {each.text}",
        }
        for each in points
    ]


def _colour(series: Sequence[str]) -> Any:
    legend = alt.Legend(title=None) if len(series) > 1 else None
    return alt.Color("series:N", scale=alt.Scale(domain=list(series)), legend=legend)


def _shape(series: Sequence[str]) -> Any:
    # One legend for both: two that disagree about being there are warned of.
    legend = alt.Legend(title=None) if len(series) > 1 else None
    return alt.Shape("series:N", scale=alt.Scale(domain=list(series)), legend=legend)


def _tooltip() -> Any:
    return alt.Tooltip("text:N", title="")


def _uncertain(points: Sequence[Point]) -> bool:
    return any(point.low is not None for point in points)


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
