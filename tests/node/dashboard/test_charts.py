"""Charts: every kind is a specification that Vega-Lite knows and that is drawn; ribbons keep what flows."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.dashboard.charts import drawing, ribbons
from node.dashboard.charts.kinds import Bars, Chart, Flows, Heat, Lines, Meter, Point, Ribbon, Stop, Tile, Tiles
from node.dashboard.charts.specs import spec_of
from node.dashboard.charts.theme import theme
from node.dashboard.language import Language

NB = Language("nb")
HOSTILE = '</script><img src=x onerror="alert(1)">&'

POINTS = (
    Point("16–24", "Dere", 0.2, "20 %"),
    Point("16–24", HOSTILE, 0.3, "30 % ± 2", 0.28, 0.32),
    Point(HOSTILE, "Dere", 0.8, "80 %"),
)
CHARTS: dict[str, Chart] = {
    "bars": Bars("Alder", "share", ("Dere", HOSTILE), POINTS),
    "lines": Lines("Alder", "share", ("Dere", HOSTILE), POINTS, brush=True, categories=("x", "16–24", HOSTILE)),
    "flows": Flows(
        "Flyt",
        ("før", "nå"),
        (Stop(HOSTILE, "left", 5, "5"), Stop("Nye", "left", 2, "2"), Stop("Topp", "right", 7, "7")),
        (Ribbon(HOSTILE, "Topp", 5, "5"), Ribbon("Nye", "Topp", 2, "2")),
    ),
    "tiles": Tiles(
        "Kart", "share", (Tile("Oslo", HOSTILE, 1, 1, 0.5, "50 %"), Tile("Agder", "Agder", 0, 2, None, "–"))
    ),
    "heat": Heat("Varme", "count", ("a", HOSTILE), ("b",), (("a", "b", 3.0, "3"), (HOSTILE, "b", None, "–"))),
    "meter": Meter("Budsjett", 3.0, (("brukt", 1.0, "1"), (HOSTILE, 2.0, "2"))),
}


@pytest.mark.parametrize("kind", CHARTS)
def test_a_specification_is_one_of_vega_lite(kind: str) -> None:
    spec = spec_of(CHARTS[kind])
    alt.Chart.from_dict(spec | {"config": theme("light")})  # validates against Vega-Lite's schema
    assert spec["description"] == CHARTS[kind].name
    assert "config" not in spec


@pytest.mark.parametrize("kind", CHARTS)
def test_a_picture_is_whole_and_a_name_in_it_stays_a_name(kind: str) -> None:
    picture = ET.fromstring(drawing.svg(CHARTS[kind], NB))  # noqa: S314  our own
    tags = {each.tag.rpartition("}")[2] for each in picture.iter()}
    assert tags.isdisjoint({"script", "img", "foreignObject"})
    assert drawing.png(CHARTS[kind], NB).startswith(b"\x89PNG")


def test_steps_have_their_names_on_the_axis() -> None:
    """From the first to the last, and none between."""
    points = (Point("a", "b", 2, "two"),)
    for chart in (
        Bars("x", "number", ("b",), points, steps=("one", "two")),
        Lines("x", "number", ("b",), points, steps=("one", "two")),
    ):
        spec = spec_of(chart)
        alt.Chart.from_dict(spec | {"config": theme("light")})
        picture = drawing.svg(chart, NB)
        assert ">one<" in picture
        assert ">two<" in picture
        assert ">1,5<" not in picture


def test_what_is_withheld_breaks_a_line() -> None:
    spec = spec_of(CHARTS["lines"])
    (rows,) = spec["datasets"].values() if "datasets" in spec else ([*spec["data"]["values"]],)
    assert any(row["category"] == "x" and row["value"] is None for row in rows)


@st.composite
def flows(draw: st.DrawFn) -> Flows:
    numbers = {
        (source, target): draw(st.integers(0, 1000)) for source in ("a", "b", "new") for target in ("a", "b", "lost")
    }
    left = {source: sum(n for (s, _), n in numbers.items() if s == source) for source in ("a", "b", "new")}
    right = {target: sum(n for (_, t), n in numbers.items() if t == target) for target in ("a", "b", "lost")}
    stops = [Stop(name, "left", size, "") for name, size in left.items()]
    stops += [Stop(name, "right", size, "") for name, size in right.items()]
    return Flows("", ("", ""), tuple(stops), tuple(Ribbon(s, t, n, "") for (s, t), n in numbers.items()))


@given(flows())
def test_ribbons_fill_their_ends_and_never_overlap_there(chart: Flows) -> None:
    ends = {(each["side"], each["label"]): (each["from"], each["to"]) for each in ribbons.ends(chart)}
    points = list(ribbons.curves(chart))
    for side, across in (("left", 0.0), ("right", 1.0)):
        for label in {stop.label for stop in chart.stops if stop.side == side}:
            mine = [
                (each["low"], each["high"])
                for each in points
                if each["across"] == across
                and (chart.ribbons[each["ribbon"]].source if side == "left" else chart.ribbons[each["ribbon"]].target)
                == label
            ]
            low, high = ends[side, label]
            spans = sorted(span for span in mine if span[1] > span[0])
            if spans:
                assert spans[0][0] == pytest.approx(low, abs=0.01)
                assert spans[-1][1] == pytest.approx(high, abs=0.01)
            for (_, before), (after, _) in pairwise(spans):
                assert after == pytest.approx(before, abs=0.01)
