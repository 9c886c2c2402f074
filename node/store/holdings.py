"""How much the store holds, and since when: for who looks after the node, not for figures."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Holdings:
    """`order_lines` as imported, and the time of the last import in UTC, without its zone; None before the first."""

    order_lines: int
    last_import: datetime | None


def holdings(connection: "DuckDBPyConnection") -> Holdings:
    """What the store holds now."""
    ((lines, last),) = connection.execute(
        "SELECT (SELECT count(*) FROM order_lines), max(imported_at) FROM imports"
    ).fetchall()
    return Holdings(int(lines), last)
