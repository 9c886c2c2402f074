"""Keeps the tables of fields in docs/standard.md and docs/standarden.md equal to the standard that the node has."""

import re
from pathlib import Path

from node.ingest import standard

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {"standard.md": "en", "standarden.md": "nb"}
"""The pages with tables of fields, and their languages."""

_HEADS = {
    "en": ("field", "type", "meaning", "example", "One of: "),
    "nb": ("felt", "type", "betydning", "eksempel", "Ett av: "),
}
_BLOCK = re.compile(r"(<!-- fields: ([a-z_]+) -->\n).*?(<!-- end of fields -->)", re.DOTALL)


def table(resource: str, language: str) -> str:
    """The table of a resource's fields, in English (`en`) or in bokmål (`nb`)."""
    field, kind, meaning, example, one_of = _HEADS[language]
    title = standard.TITLES[resource][language == "nb"]
    rows = [f"{title}\n", f"| {field} | {kind} | {meaning} | {example} |", "| --- | --- | --- | --- |"]
    for each in standard.RESOURCES[resource]:
        words = f" {one_of}{', '.join(f'`{word}`' for word in each.one_of)}." if each.one_of else ""
        said = each.description if language == "en" else each.bokmal
        name = f"`{each.name}`" + (" *" if each.required else "")
        rows.append(f"| {name} | {each.type} | {said}{words} | `{each.example}` |")
    return "\n".join(rows) + "\n"


def renewed(text: str, language: str) -> str:
    """A page with its tables made anew."""
    return _BLOCK.sub(lambda found: found[1] + table(found[2], language) + found[3], text)


def stale() -> list[str]:
    """The pages whose tables are not what the standard says."""
    texts = {name: (DOCS / name).read_text(encoding="utf-8") for name in PAGES}
    return [name for name, text in texts.items() if renewed(text, PAGES[name]) != text]


def write() -> None:
    """Writes the tables into the pages."""
    for name, language in PAGES.items():
        page = DOCS / name
        page.write_text(renewed(page.read_text(encoding="utf-8"), language), encoding="utf-8")
