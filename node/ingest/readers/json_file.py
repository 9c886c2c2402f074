"""JSON exports: a list of records, or pages that hold one under some key (`Data`, `items`, `results`)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from node.errors import ImportRefused
from node.ingest.readers.chunk import Chunk, text_table

_LISTS = ("Data", "data", "items", "results", "records", "value")
_LARGEST = 512 * 1024 * 1024
_ROWS = 200_000


def records(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The names of all keys, in the order of their first use, and the records as text.

    Nested objects are flattened with dots. Raises ImportRefused for what is no list of records.
    """
    if path.stat().st_size > _LARGEST:
        raise ImportRefused(f"{path.name} is larger than {_LARGEST // 2**20} MB of JSON. Export shorter periods.")
    try:
        content = json.loads(path.read_bytes(), parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise ImportRefused(
            f"{path.name}, line {error.lineno}: no JSON from here on. It is cut off or damaged; export it again."
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise ImportRefused(f"{path.name} cannot be read as JSON. Export it again as UTF-8.") from error
    found = [_flat(item) for item in _list(content, path)]
    return list(dict.fromkeys(key for item in found for key in item)), found


def chunks(columns: list[str], rows: list[dict[str, str]]) -> Iterator[Chunk]:
    """The records as rows; the place of a row is the number of its record."""
    for first in range(0, len(rows), _ROWS):
        part = [[row.get(name, "") for name in columns] for row in rows[first : first + _ROWS]]

        def lines(wanted: Any, first: int = first) -> list[int]:
            return [first + row + 1 for row in wanted]

        yield Chunk(text_table(len(columns), part), lines)


def _list(content: Any, path: Path) -> list[dict[str, Any]]:
    if isinstance(content, dict):
        content = next((content[key] for key in _LISTS if isinstance(content.get(key), list)), None)
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise ImportRefused(
            f'{path.name} holds no list of records. Expected [...] or a page such as {{"Data": [...]}}.'
        )
    return content


def _flat(item: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
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
