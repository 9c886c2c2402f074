"""Real exports of pretix, in both languages and all dialects, against the truth in pretix's own database."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.node.ingest.homes import STORED, imported, new_home, rows

FOLDER = Path(__file__).parents[2] / "fixtures" / "pretix"
TRUTH: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
WHOLE = [
    f"{sheet}.{language}.{dialect}.csv"
    for sheet in ("orders", "positions")
    for language in ("nb", "en")
    for dialect in ("comma", "excel", "semicolon")
]
SOLD = "SELECT count(DISTINCT order_no), sum(tickets)::BIGINT, sum(revenue_ore)::BIGINT FROM sales"


def paid_orders() -> list[dict[str, Any]]:
    return [order for order in TRUTH["orders"] if order["status"] == "paid" and sold(order)]


def sold(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [position for position in order["positions"] if not position["canceled"]]


def totals() -> list[tuple[object, ...]]:
    of = TRUTH["totals"]
    return [(of["paid_orders_with_tickets"], of["tickets"], of["revenue_ore"])]


@pytest.mark.parametrize("name", [*WHOLE, "all.nb.xlsx", "all.en.xlsx", "positions.paid-only.nb.comma.csv"])
def test_totals_are_those_of_pretix(tmp_path: Path, name: str) -> None:
    home = new_home(tmp_path / "home")
    report = imported(home, FOLDER / name)
    assert report.files[0].system == "pretix"
    assert report.files[0].rejected == 0
    assert rows(home, SOLD) == totals()


def test_every_order_has_its_tickets_revenue_and_customer(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    imported(home, FOLDER / "positions.nb.comma.csv")
    stored = rows(
        home,
        "SELECT n.order_id, sum(s.tickets)::BIGINT, sum(s.revenue_ore)::BIGINT, any_value(s.unit) > 0 FROM sales s "
        "JOIN (SELECT DISTINCT order_id, order_rank FROM order_lines) n USING (order_rank) GROUP BY ALL ORDER BY ALL",
    )
    expected = sorted(
        (
            order["code"],
            len(sold(order)),
            sum(position["price_ore"] for position in sold(order)),
            bool(order["email"] or order["phone"] or order["customer"]),
        )
        for order in paid_orders()
    )
    assert stored == expected


def test_one_customer_per_address(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    imported(home, FOLDER / "positions.en.semicolon.csv", FOLDER / "orders.en.comma.csv")
    addresses = {
        (order["email"] or order["phone"]).casefold() for order in paid_orders() if order["email"] or order["phone"]
    }
    units = rows(home, "SELECT count(DISTINCT unit) FROM sales WHERE unit > 0")
    assert units == [(len(addresses),)]


def test_the_sequence_of_files_does_not_matter_and_again_changes_nothing(tmp_path: Path) -> None:
    files = [FOLDER / "orders.nb.comma.csv", FOLDER / "positions.nb.comma.csv"]
    there, back = new_home(tmp_path / "there"), new_home(tmp_path / "back")
    imported(there, *files)
    imported(back, *reversed(files))
    assert rows(there, STORED) == rows(back, STORED)
    assert rows(there, SOLD) == rows(back, SOLD) == totals()
    again = imported(there, *files)
    assert [(file.lines_new, file.lines_updated) for file in again.files] == [(0, 0), (0, 0)]
    assert rows(there, STORED) == rows(back, STORED)


def test_days_are_local(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    imported(home, FOLDER / "positions.en.comma.csv")
    assert rows(home, "SELECT DISTINCT ordered_on::VARCHAR FROM order_lines WHERE order_id = 'ZRHT8'") == [
        ("2025-01-01",)
    ]
