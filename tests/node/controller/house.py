"""Sales of a few people, every table of a store, and a search through every byte of a node's folder."""

from pathlib import Path
from typing import Any

from node.home import Home
from node.store.database import opened
from tests.node.ingest.house import csv

HEAD = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,state,customer_key,email,phone,name,consents\n"


def line(
    order: str,
    *,
    who: str = "",
    day: str = "2026-03-05",
    number: int = 1,
    quantity: int = 1,
    state: str = "paid",
    key: str = "",
    phone: str = "",
    consents: str = "",
) -> str:
    """One line of a file of sales."""
    email = f"{who}.nordmann@example.no" if who else ""
    name = f"{who.capitalize()} Nordmann" if who else ""
    sold = f"{order},{number},{day}T12:00:00Z,E1,Voksen,{quantity},{100 * quantity}.00,{state}"
    return f"{sold},{key},{email},{phone},{name},{consents}\n"


def sales(folder: Path, *lines: str, name: str = "sales.csv") -> Path:
    """A file of them."""
    return csv(folder, name, HEAD + "".join(lines))


TABLES = (
    "meta", "imports", "import_notes", "qualities", "profiles", "order_lines", "events", "freezes", "frozen",
    "performances", "customers", "orders", "sales",
)  # fmt: skip


def everything(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as it stands there."""
    with opened(home) as connection:
        found = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert found == set(TABLES)
        return {name: sorted(connection.execute(f"FROM {name}").fetchall(), key=repr) for name in TABLES}


def files_with(folder: Path, *secrets: bytes) -> list[str]:
    """The files below a folder in which any of some bytes stand."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return sorted(path.name for path in files if any(secret in path.read_bytes() for secret in secrets))
