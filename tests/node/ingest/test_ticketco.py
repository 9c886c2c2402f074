"""TicketCo's item_grosses, as a box office exports them and as the API gives them.

Synthetic, from the public field names: no real export was at hand.
"""

import json
from pathlib import Path

import pytest

from node.home import Home
from privacy.catalogue.dimensions import TICKET_TYPE
from tests.node.ingest.house import asked, csv, import_, matched, new_home, totals

HEADER = (
    "uuid;ref_number;transaction_datestamp;event_name;item_type_title;section_name;buyer_first_name;buyer_last_name;"
    "buyer_email;price;status;currency\r\n"
)
ROWS = (
    "a-1;R100;01.05.2025 18:30;Jon Fosse på ny;Ordinær;Sal Øst;Åse;Ødegård;ase@example.no;1 250,50;paid;NOK\r\n"
    "a-2;R100;01.05.2025 18:30;Jon Fosse på ny;Honnør;Sal Øst;Åse;Ødegård;ase@example.no;900,00;paid;NOK\r\n"
    "a-3;R101;31.12.2025 23:59;Jon Fosse på ny;Barn;Sal Øst;Bjørn;Sæther;bjorn@example.no;0,00;paid;NOK\r\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-8", "utf-8-sig", "utf-16"])
def test_a_norwegian_export(home: Home, tmp_path: Path, encoding: str) -> None:
    report = import_(home, csv(tmp_path, "salg.csv", (HEADER + ROWS).encode(encoding)))
    assert report.files[0].system == "ticketco"
    assert totals(home) == (2, 3, 215_050)
    assert asked(home, "SELECT DISTINCT event_title, venue FROM events") == [("Jon Fosse på ny", None)]
    assert asked(home, "SELECT DISTINCT price_zone FROM order_lines") == [("Sal Øst",)]
    days = asked(home, "SELECT DISTINCT ordered_on::VARCHAR, ordered_at::VARCHAR FROM order_lines ORDER BY 1")
    assert days == [("2025-05-01", "2025-05-01 16:30:00"), ("2025-12-31", "2025-12-31 22:59:00")]
    types = asked(home, "SELECT ticket_type FROM sales ORDER BY revenue_ore")
    assert [TICKET_TYPE.categories[index] for (index,) in types] == ["child", "senior", "ordinary"]
    matches = asked(home, "SELECT match_id FROM customers")
    assert set(matches) == {(matched("ase@example.no"),), (matched("bjorn@example.no"),)}


def test_the_pages_of_the_api(home: Home, tmp_path: Path) -> None:
    items = [
        {
            "uuid": f"a-{number}",
            "ref_number": "R100",
            "transaction_datestamp": "2025-12-31T23:30:00+00:00",
            "event_name": "Hedda",
            "item_type_id": 5,
            "item_type_title": "Ordinær",
            "item_type_type": "ticket",
            "section_name": "Sal",
            "buyer_first_name": "Kari",
            "buyer_last_name": "Nordmann",
            "buyer_email": "Kari@Example.no",
            "price": 250.5,
            "checked_in_at": None,
        }
        for number in range(2)
    ]
    path = csv(tmp_path, "page1.json", json.dumps({"item_grosses": items}))
    import_(home, path)
    assert totals(home) == (1, 2, 50_100)
    assert asked(home, "SELECT DISTINCT ordered_on::VARCHAR FROM order_lines") == [("2026-01-01",)]
    assert asked(home, "SELECT match_id FROM customers") == [(matched("kari@example.no"),)]
