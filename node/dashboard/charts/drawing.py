"""Charts as pictures: SVG, PNG and PDF, drawn offline by vl-convert; and the scripts that draw them in a browser."""

import json
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vl_convert

from node.dashboard.charts.kinds import Chart
from node.dashboard.charts.specs import spec_of
from node.dashboard.charts.theme import theme
from node.dashboard.language import Language
from node.home import write_private

WIDTH = 720
"""Pixels of a picture; on a page a chart is as wide as its place."""

_SNIPPET = "window.vegaEmbed = vegaEmbed; window.dispatchEvent(new Event('vega'));"


def svg(chart: Chart, _: Language) -> str:
    """A chart as SVG."""
    return str(vl_convert.vegalite_to_svg(_fixed(chart), format_locale=dict(_.d3)))


def png(chart: Chart, _: Language) -> bytes:
    """A chart as PNG, two dots to a pixel, on white."""
    spec = _fixed(chart)
    spec["config"]["background"] = "#ffffff"
    return bytes(vl_convert.vegalite_to_png(spec, scale=2, format_locale=dict(_.d3)))


def _fixed(chart: Chart) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(json.dumps(spec_of(chart)))
    return spec | {"width": WIDTH, "config": theme("light")}


@lru_cache(maxsize=1)
def scripts(folder: Path) -> bytes:
    """Vega, Vega-Lite and Vega-Embed as one module, as vl-convert carries them; kept in a folder: it takes seconds."""
    file = folder / f"vega-{version('vl-convert-python')}.js"
    if not file.exists():
        write_private(file, vl_convert.javascript_bundle(_SNIPPET).encode())
    return file.read_bytes()
