"""The pages as one file to print or to send to a board: HTML without a script, or PDF set by Typst.

Both are made of the same pages as the dashboard's, with the same charts as SVG. Nothing is loaded from elsewhere, and a
text stays a text: templates escape it, and to Typst it is data and never markup.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

import typst

from node.dashboard import names
from node.dashboard.charts import drawing
from node.dashboard.language import Language
from node.dashboard.model import Block, Page, Table, Value
from node.dashboard.pages.index import PAGES
from node.dashboard.pages.overview import Tile, headline, tiles
from node.dashboard.rendering import environment
from node.dashboard.view import View


def pages_of(view: View, wanted: Sequence[str]) -> list[Page]:
    """The pages of a report, in the navigation's order; all of them where none is wanted.

    What says nothing on paper is left out, and of pages that nobody has named those without any figure.
    """
    made = [entry.make(view) for key, entry in PAGES.items() if key in (wanted or PAGES)]
    printed = [replace(page, blocks=tuple(block for block in page.blocks if _prints(block))) for page in made]
    return [page for page in printed if page.blocks and (wanted or any(_figure(block) for block in page.blocks))]


def _figure(block: Block) -> bool:
    return block.chart is not None or block.table is not None


def _left_out(view: View, pages: Sequence[Page]) -> str:
    """Which pages have no figure yet, in a sentence; nothing where the pages were named."""
    _ = view.language
    shown = [page.key for page in pages]
    if shown != [page.key for page in pages_of(view, ())]:
        return ""
    left = [_(entry.label) for key, entry in PAGES.items() if key not in shown]
    return _("Left out, for there are no figures yet: {pages}.", pages=", ".join(left)) if left else ""


def _prints(block: Block) -> bool:
    """Whether a block says something on paper: a form does not."""
    return bool(block.chart or block.table or block.empty or (block.said and not block.part))


def as_html(view: View, pages: Sequence[Page]) -> str:
    """One HTML file, light, that prints."""
    style = (resources.files("node.dashboard") / "static" / "report.css").read_text(encoding="utf-8")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            _=view.language,
            view=view,
            lead=headline(view),
            glance=glance(view),
            pages=pages,
            left=_left_out(view, pages),
            style=style,
            picture=lambda block: _address(block, view.language),
        )
    )


def as_pdf(view: View, pages: Sequence[Page]) -> bytes:
    """A PDF on A4, with headings that a reader's program finds."""
    _ = view.language
    said = {
        "lang": _.tag,
        "name": view.name,
        "months": _.months(view.window) if view.window else "",
        "beside": _("Beside: {cohort}", cohort=view.cohort_name) if view.against else "",
        "lead": headline(view),
        "glance": _table(glance(view)),
        "footer": _("± and bands: the truth lies within, 19 times in 20."),
        "left": _left_out(view, pages),
        "download": _("Key figures"),
        "pages": [
            {"title": page.title, "lead": page.lead, "blocks": [_block(block, _) for block in page.blocks]}
            for page in pages
        ],
    }
    source = (resources.files("node.dashboard") / "templates" / "report.typ").read_bytes()
    written = typst.compile(source, sys_inputs={"report": json.dumps(said)})
    if not isinstance(written, bytes):  # of several files, which a PDF never is
        raise TypeError("a PDF is one file")
    return written


def glance(view: View) -> Table:
    """The chosen key figures as a table."""
    _ = view.language
    heads = (_("Figure"), view.you, names.cohort(_, view.against.cohort) if view.against else "", _("Compared"), "")
    return Table(heads, tuple(_row(each, viewer=view.viewer) for each in tiles(view)))


def _row(tile: Tile, *, viewer: bool) -> tuple[Value, ...]:
    compared = f"{tile.compared} {tile.difference if tile.mark != 'level' else ''}".strip()
    own = Value("") if viewer else Value(tile.own)
    return Value(tile.label), own, Value(tile.theirs or tile.why), Value(compared, None, tile.mark), Value(tile.trend)


def _address(block: Block, _: Language) -> str:
    if block.chart is None:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.svg(block.chart, _).encode()).decode()


def _block(block: Block, _: Language) -> dict[str, Any]:
    return {
        "title": block.title,
        "said": block.said,
        "svg": drawing.svg(block.chart, _) if block.chart else "",
        "alt": block.chart.name if block.chart else "",
        "notes": list(block.notes),
        "table": _table(block.table) if block.table else None,
        "empty": [block.empty.why, f"{block.empty.after} {block.empty.command}".strip()] if block.empty else [],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "heads": list(table.heads),
        "numeric": [table.numeric(column) for column in range(len(table.heads))],
        "rows": [[cell.text for cell in row] for row in table.rows],
    }
