"""JSON exports: a list of records, pages that hold one under some key (`Data`, `item_grosses`), or a list of pages.

A record may hold its rows in a list, or in lists within lists: an order its lines, and a line its tickets.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.errors import ImportRefused
from node.ingest.readers.chunk import Chunk, text_table

_LARGEST = 256 * 1024 * 1024
_ROWS = 100_000
_LOOKED_AT = 50
_PAGE_KEYS = ("Data", "data", "items", "item_grosses", "customers", "events", "results", "records", "value")

Record = dict[str, str]


@dataclass(frozen=True)
class Records:
    """Rows as text, the names of all keys in the order of their first use, and the record that each row is of."""

    names: list[str]
    rows: list[Record]
    places: list[int]


def content(path: Path) -> Any:
    """What a file holds, numbers as they are written. Raises ImportRefused for what is no JSON."""
    if path.stat().st_size > _LARGEST:
        raise ImportRefused(
            f"{path.name} is larger than {_LARGEST // 2**20} MB of JSON. Export shorter periods, or CSV."
        )
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise ImportRefused(
            f"{path.name}, line {error.lineno}, column {error.colno}: no JSON from here on. It is cut off or damaged; "
            "export it again."
        ) from None
    except (UnicodeDecodeError, RecursionError):
        raise ImportRefused(f"{path.name} cannot be read as JSON. Export it again as UTF-8.") from None


def records(content: Any, path: Path) -> Records:
    """The records of a file as rows; nested objects are flattened with dots.

    Raises ImportRefused for what is no list of records.
    """
    try:
        found = [_flat(item) for item in _list(content, path)]
    except RecursionError:
        raise ImportRefused(f"{path.name} cannot be read as JSON. Export it again as UTF-8.") from None
    if not found:
        raise ImportRefused(f"{path.name} holds no records, so nothing tells what it is. Leave it out.")
    return _records(found, list(range(1, len(found) + 1)))


def nested(content: Any, path: Path, where: str) -> Records | None:
    """The rows that lie in a list within each record, with all that stands around them; None where no record has it.

    `where` has the list's key, and those of the lists around it, with dots between them.
    """
    keys = where.split(".")
    is_one = isinstance(content, dict) and isinstance(content.get(keys[0]), list)
    items = [content] if is_one else _list(content, path)
    if not any(isinstance(item.get(keys[0]), list) for item in items):
        return None
    rows: list[Record] = []
    places: list[int] = []
    for place, item in enumerate(items, start=1):
        found = list(_within(item, keys, ""))
        rows += found
        places += [place] * len(found)
    return _records(rows, places) if rows else None


def places(content: Any, path: Path) -> list[str]:
    """Where records have lists of records within them, the deepest first: what `nested` may be asked for."""
    is_one = isinstance(content, dict) and _page(content) is None
    items = [content] if is_one else _list(content, path)
    found = {place for item in items[:_LOOKED_AT] for place in _lists(item, "")}
    return sorted(found, key=lambda place: (-place.count("."), place))


def _lists(item: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, value in item.items():
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value) and "." not in key:
            yield f"{prefix}{key}"
            for each in value[:_LOOKED_AT]:
                yield from _lists(each, f"{prefix}{key}.")


def _within(item: dict[str, Any], keys: Sequence[str], prefix: str) -> Iterator[Record]:
    if not keys:
        yield _flat(item, prefix)
        return
    around = _flat({key: value for key, value in item.items() if key != keys[0]}, prefix)
    inner = item.get(keys[0])
    for each in inner if isinstance(inner, list) else ():
        if isinstance(each, dict):
            for row in _within(each, keys[1:], f"{prefix}{keys[0]}."):
                yield {**around, **row}


def _records(rows: list[Record], places: list[int]) -> Records:
    return Records(list(dict.fromkeys(key for row in rows for key in row)), rows, places)


def chunks(found: Records, wanted: Sequence[int], size: int) -> Iterator[Chunk]:
    """The rows, of each the columns `wanted`; the place of a row is the number of its record."""
    for first in range(0, len(found.rows), _ROWS):
        part = [[row.get(name, "") for name in found.names] for row in found.rows[first : first + _ROWS]]

        def lines(rows: Sequence[int], first: int = first) -> list[int]:
            return [found.places[first + row] for row in rows]

        yield Chunk(text_table(wanted, part), lines, size=size * len(part) // len(found.rows))


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
