"""JSON exports: a list of records, pages that hold one under some key (`Data`, `item_grosses`), or a list of pages."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from node.errors import ImportRefused
from node.ingest.readers.chunk import Chunk, text_table

_LARGEST = 256 * 1024 * 1024
_ROWS = 100_000
_PAGE_KEYS = ("Data", "data", "items", "item_grosses", "customers", "events", "results", "records", "value")

Record = dict[str, str]


def records(path: Path) -> tuple[list[str], list[Record]]:
    """The names of all keys, in the order of their first use, and the records as text.

    Nested objects are flattened with dots. Raises ImportRefused for what is no list of records.
    """
    if path.stat().st_size > _LARGEST:
        raise ImportRefused(
            f"{path.name} is larger than {_LARGEST // 2**20} MB of JSON. Export shorter periods, or CSV."
        )
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=str, parse_int=str)
        found = [_flat(item) for item in _list(content, path)]
    except json.JSONDecodeError as error:
        raise ImportRefused(
            f"{path.name}, line {error.lineno}, column {error.colno}: no JSON from here on. It is cut off or damaged; "
            "export it again."
        ) from None
    except (UnicodeDecodeError, RecursionError):
        raise ImportRefused(f"{path.name} cannot be read as JSON. Export it again as UTF-8.") from None
    if not found:
        raise ImportRefused(f"{path.name} holds no records, so nothing tells what it is. Leave it out.")
    return list(dict.fromkeys(key for item in found for key in item)), found


def chunks(columns: Sequence[str], wanted: Sequence[int], found: Sequence[Record], size: int) -> Iterator[Chunk]:
    """The records as rows, of each the columns `wanted`; the place of a row is the number of its record."""
    for first in range(0, len(found), _ROWS):
        part = [[row.get(name, "") for name in columns] for row in found[first : first + _ROWS]]

        def lines(places: Sequence[int], first: int = first) -> list[int]:
            return [first + row + 1 for row in places]

        yield Chunk(text_table(wanted, part), lines, size=size * len(part) // len(found))


def _list(content: Any, path: Path) -> list[dict[str, Any]]:
    if isinstance(content, dict):
        content = _page(content)
    elif isinstance(content, list) and content and all(_is_page(item) for item in content):
        content = [record for page in content for record in _page(page) or ()]
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise ImportRefused(
            f'{path.name} holds no list of records. Expected [...] or a page such as {{"Data": [...]}}.'
        )
    return content


def _is_page(item: Any) -> bool:
    """Whether an item of a list is a page; a record may hold a list too, but not under such a key."""
    return isinstance(item, dict) and _page(item) is not None and any(key in item for key in _PAGE_KEYS)


def _page(content: dict[str, Any]) -> list[Any] | None:
    """The records of a page: the only list in it, whatever its key, beside texts and numbers such as `Next`."""
    lists = [value for value in content.values() if isinstance(value, list)]
    others = [value for value in content.values() if isinstance(value, list | dict)]
    is_page = len(lists) == 1 == len(others) and all(isinstance(item, dict) for item in lists[0])
    return lists[0] if is_page else None


def _flat(item: dict[str, Any], prefix: str = "") -> Record:
    flat: Record = {}
    for key, value in item.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            flat.update(_flat(value, f"{name}."))
        else:
            flat[name] = _text(value)
    return flat


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(_text(item) for item in value)
        case _:
            return str(value)
