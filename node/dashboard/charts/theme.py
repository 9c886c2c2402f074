"""The colours of charts, light and dark.

Series have the colours of Okabe and Ito ("Color Universal Design", 2008), which every kind of colour vision tells
apart; quantities go from light to dark in one blue, on a dark page the other way round. Text and lines have a contrast
of at least 4.5 to 1 against the page, marks at least 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from typing import Any, Final, Literal

Shade = Literal["light", "dark"]

_INK: Final = {"light": "#1b1f24", "dark": "#e8ecf1"}
_QUIET: Final = {"light": "#57606a", "dark": "#a7b1bc"}
_GRID: Final = {"light": "#e3e7eb", "dark": "#2c343d"}
_SERIES: Final = {
    "light": ["#0072b2", "#b85c00", "#00795a", "#a14d7e", "#6b6b6b", "#8a7400"],
    "dark": ["#56b4e9", "#f0a030", "#2fc09a", "#e39cc3", "#b8b8b8", "#e6d13c"],
}
_HEAT: Final = {
    "light": ["#d6e6f4", "#abd0e6", "#6aaed6", "#3787c0", "#105ba4", "#08306b"],
    "dark": ["#16324a", "#1c4f78", "#2a72a8", "#4f9acb", "#8cc4e6", "#d3eaf8"],
}
_FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"


def theme(shade: Shade) -> dict[str, Any]:
    """A configuration of Vega-Lite."""
    ink, quiet, grid = _INK[shade], _QUIET[shade], _GRID[shade]
    return {
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": ink,
            "titleColor": quiet,
            "gridColor": grid,
            "domainColor": quiet,
            "tickColor": quiet,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "labelLimit": 190,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
        },
        "legend": {
            "labelColor": ink,
            "titleColor": quiet,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "orient": "top",
            "labelLimit": 320,
            "symbolType": "square",
            "symbolOpacity": 1,
        },
        "range": {"category": _SERIES[shade], "ramp": _HEAT[shade], "heatmap": _HEAT[shade]},
        "style": {
            "error": {"color": ink, "strokeWidth": 1.5},
            "head": {"color": quiet},
            "label": {"color": ink},
            "on-weak": {"color": ink},
            "on-strong": {"color": "#ffffff" if shade == "light" else "#12161b"},
        },
    }
