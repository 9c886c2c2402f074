"""A picture under construction: shapes and texts in the order in which they are drawn, written as one SVG.

Texts are escaped by the XML writer, so that a name from elsewhere stays a text. Colours follow the reader's light or
dark setting; those of quantities are one blue, light to dark, which no colour blindness takes away.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

_STYLE = """
svg { background: #ffffff; color: #1b1f24; font-family: system-ui, sans-serif; }
text { fill: currentColor; font-size: 13px; }
.title { font-size: 17px; font-weight: 600; }
.small { font-size: 11px; }
.quiet { fill: #57606a; }
.none { fill: #eef1f4; }
.line { stroke: #ffffff; stroke-width: 1; }
@media (prefers-color-scheme: dark) {
  svg { background: #12161b; color: #e8ecf1; }
  .quiet { fill: #a7b1bc; }
  .none { fill: #252c34; }
  .line { stroke: #12161b; }
}
"""

PALETTE = ("#d6e6f4", "#abd0e6", "#6aaed6", "#3787c0", "#105ba4", "#08306b")
"""From little to much. Dark text is read on the first three, light text on the others."""


class Picture:
    """An SVG of a width and a height in pixels, with a title for those who do not see it."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self._root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {width} {height}",
                "width": str(width),
                "height": str(height),
                "role": "img",
            },
        )
        SubElement(self._root, "title").text = title
        SubElement(self._root, "desc").text = description
        SubElement(self._root, "style").text = _STYLE

    def text(self, x: float, y: float, content: str, kind: str = "", anchor: str = "start", fill: str = "") -> None:
        """A line of text whose baseline begins (`start`), has its middle or ends at a point."""
        attributes = {"x": _n(x), "y": _n(y), "text-anchor": anchor}
        if kind:
            attributes["class"] = kind
        if fill:
            attributes["style"] = f"fill: {fill}"
        SubElement(self._root, "text", attributes).text = content

    def box(self, x: float, y: float, width: float, height: float, fill: str, hint: str) -> None:
        """A rectangle; `fill` is a colour, or empty for what has no value. `hint` shows under the pointer."""
        attributes = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height)}
        self._shape("rect", attributes, fill, hint)

    def path(self, d: str, fill: str, hint: str, opacity: float = 1.0) -> None:
        """A closed path."""
        self._shape("path", {"d": d, "fill-opacity": _n(opacity)}, fill, hint)

    def written(self) -> str:
        """The SVG's text."""
        return tostring(self._root, encoding="unicode") + "\n"

    def _shape(self, name: str, attributes: dict[str, str], fill: str, hint: str) -> None:
        attributes["class"] = "line" if fill else "none line"
        if fill:
            attributes["fill"] = fill
        shape = SubElement(self._root, name, attributes)
        if hint:
            SubElement(shape, "title").text = hint


def step_of(value: float, largest: float) -> int:
    """Which of the PALETTE's steps a value from 0 to `largest` has."""
    if largest <= 0:
        return 0
    return min(len(PALETTE) - 1, max(0, int(value / largest * len(PALETTE))))


def on(step: int) -> str:
    """The colour in which text is read on a step of the PALETTE."""
    return "#1b1f24" if step < 3 else "#ffffff"


def _n(value: float) -> str:
    """A coordinate: two decimals are finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
