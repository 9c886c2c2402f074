"""A draft as the text of a profile's file, with the reason of every column beside it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from node.ingest.propose.draft import Draft

_SETTINGS = ("rows", "delimiter", "decimal", "amount", "amount_suffix", "money", "dates", "fees")


def profile_text(name: str, title: str, rests_on: str, draft: Draft) -> str:
    """The TOML text of a profile of one's own with one layout."""
    lines = [
        f"# {title}: proposed by `kudos-node profile new`, and yours to correct (docs/profiles.md).",
        "# Keep `name` as it is for ever: it is a part of what sales are known by.",
        f"name = {_value(name)}",
        f"title = {_value(title)}",
        'basis = "own"',
        f"rests_on = {_value(rests_on)}",
    ]
    return "\n".join(lines) + "\n\n" + layout_text(draft, draft.layout["name"])


def layout_text(draft: Draft, name: str) -> str:
    """The TOML text of the draft's layout, under a name."""
    layout = draft.layout
    lines = [
        "[[layout]]",
        f"name = {_value(name)}",
        *(f"{key} = {_value(layout[key])}" for key in ("resource", "recognise")),
        *(f"{key} = {_value(layout[key])}" for key in _SETTINGS if key in layout),
        "",
        "[layout.columns]",
        *(f"{field} = {_value(column)}{_why(draft, field)}" for field, column in layout["columns"].items()),
    ]
    for field, words in layout["values"].items():
        lines += [
            "",
            f"[layout.values.{field}]",
            *(f"{_quoted(word)} = {_value(what)}" for word, what in words.items()),
        ]
    for match in layout["skip"]:
        lines += ["", "[[layout.skip]]", *(f"{key} = {_value(value)}" for key, value in match.items())]
    unread = [
        column for column in draft.matched.columns if column.field is None and not _is_used(column.header, layout)
    ]
    if unread:
        lines += ["", "# Not read:", *(f"#   {_comment(f'{column.header}: {column.reason}')}" for column in unread)]
    return "\n".join(lines) + "\n"


def _is_used(header: str, layout: Mapping[str, Any]) -> bool:
    """Whether a column is read for something beside a field of its own."""
    joined = [name for column in layout["columns"].values() if isinstance(column, dict) for name in column["join"]]
    return header in joined or header == layout.get("fees")


def _why(draft: Draft, field: str) -> str:
    reason = draft.reasons.get(field, "")
    return f"  # {_comment(reason)}" if reason else ""


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """A basic string: TOML's are JSON's, but that it takes no DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)
