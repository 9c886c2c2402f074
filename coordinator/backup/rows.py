"""A table's rows as lines of JSON: the first names the columns, each other one is a row; bytes are base64."""

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import LargeBinary, Table

from coordinator.store.rows import Values
from privacy.backup.errors import BackupDamaged


def written(table: Table, rows: Sequence[Values]) -> bytes:
    """Rows of a table."""
    names = [column.name for column in table.columns]
    lines = [names, *([_out(row[name]) for name in names] for row in rows)]
    return b"".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for line in lines)


def read(table: Table, content: bytes) -> list[dict[str, Any]]:
    """What `written` wrote of a table of that name, of the same version. Raises BackupDamaged."""
    try:
        names, *rows = (json.loads(line) for line in content.split(b"\n")[:-1])
        columns = {column.name for column in table.columns}
        binary = [isinstance(table.columns[name].type, LargeBinary) for name in names]
        found = [dict(zip(names, _row(row, binary), strict=True)) for row in rows if columns == set(names)]
    except (KeyError, ValueError, TypeError) as error:
        raise BackupDamaged(
            f"The backup's rows of {table.name} are not as this program writes them. Nothing was restored."
        ) from error
    if len(found) < len(rows):
        raise BackupDamaged(f"The backup's rows of {table.name} have other columns. Nothing was restored.")
    return found


def _out(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value


def _row(values: Sequence[Any], binary: Iterable[bool]) -> list[Any]:
    return [
        base64.b64decode(value, validate=True) if each and value is not None else value
        for value, each in zip(values, binary, strict=True)
    ]
