"""Tixly's pages, as JSON and as CSV: sales, returns by ticket, anonymous sales, customers, events.

Synthetic, from the public field names: no real export was at hand.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from node.home import Home
from privacy.catalogue.dimensions import CHANNEL, COUNTY
from tests.node.ingest.house import asked, import_, matched, new_home, store_of, totals

Record = dict[str, Any]

CUSTOMERS: list[Record] = [
    {
        "Id": 11,
        "Name": "Kari Nordmann",
        "FirstName": "Kari",
        "LastName": "Nordmann",
        "DateOfBirth": "1985-02-03T00:00:00",
        "Gender": 2,
        "ZipCode": "5003",
        "City": "Bergen",
        "Country": "Norway",
        "Email": "kari@example.no",
        "Created": "2024-01-01T10:00:00",
        "Edited": None,
    },
    {
        "Id": 12,
        "Name": "Ola Hansen",
        "FirstName": "Ola",
        "LastName": "Hansen",
        "DateOfBirth": None,
        "Gender": 0,
        "ZipCode": "0150",
        "City": "Oslo",
        "Country": None,
        "Email": "ola@example.no",
        "Created": "2024-01-01T10:00:00",
        "Edited": None,
    },
]
EVENTS: list[Record] = [
    {
        "EventId": 7,
        "Name": "Peer Gynt",
        "StartDate": "2025-06-01T19:00:00",
        "Venue": "Storsalen",
        "Hall": "A",
        "Categories": ["Teater", "Klassiker"],
        "Capacity": 500,
        "Sold": 3,
        "EventGroup": "Peer Gynt 2025",
    }
]


def sale(number: int, order: int, ticket: int, **values: Any) -> Record:
    """A row of events/sales."""
    return {
        "SaleTicketId": number,
        "TicketId": ticket,
        "EventId": 7,
        "CustomerId": 11,
        "IsAnonymousSale": False,
        "OrderId": order,
        "TicketTypeId": 1,
        "TicketType": "Ordinær",
        "PriceZone": "A",
        "Section": "Parkett",
        "Row": "1",
        "Seat": str(ticket),
        "TicketCount": 1,
        "Price": 450.5,
        "Fee": 25,
        "Online": True,
        "Scanned": None,
        "Created": "2025-05-01T12:00:00",
        **values,
    }


BOUGHT = [sale(1, 100, 501), sale(2, 100, 502), sale(3, 101, 503, CustomerId=12, TicketType="Student", Price=200)]
RETURNED = sale(4, 102, 502, TicketCount=-1, Created="2025-05-10T12:00:00")
AT_THE_DOOR = sale(5, 103, 504, CustomerId=99, IsAnonymousSale=True, Online=False)


def page(records: Sequence[Record]) -> bytes:
    return json.dumps({"Data": records, "Next": "https://example.no/api/v3?page=2"}).encode()


def table(records: Sequence[Record]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), delimiter=";")
    writer.writeheader()
    for record in records:
        writer.writerow({key: json.dumps(value) if isinstance(value, bool) else value for key, value in record.items()})
    return text.getvalue().encode("utf-8-sig")


FORMS = {"json": page, "csv": table}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def files(folder: Path, form: str, *tables: Sequence[Record]) -> list[Path]:
    """The tables as files of a form."""
    paths = []
    for number, records in enumerate(tables):
        path = folder / f"part{number}.{form}"
        path.write_bytes(FORMS[form](records))
        paths.append(path)
    return paths


@pytest.mark.parametrize("form", FORMS)
def test_sales_customers_and_events_make_one_store(home: Home, tmp_path: Path, form: str) -> None:
    report = import_(home, *files(tmp_path, form, CUSTOMERS, [*BOUGHT, AT_THE_DOOR], EVENTS))
    assert [item.layout for item in report.files] == ["customers", "sales", "events"]
    assert totals(home) == (3, 4, 45_050 * 3 + 20_000)
    customers = asked(home, "SELECT match_id, birth_year, county FROM customers ORDER BY birth_year")
    assert [(match, year, COUNTY.categories[county]) for match, year, county in customers] == [
        (matched("kari@example.no"), 1985, "46"),
        (matched("ola@example.no"), None, "03"),
    ]
    assert asked(home, "SELECT event_title, production, genre, capacity FROM events") == [
        ("Peer Gynt", "Peer Gynt 2025", "Teater, Klassiker" if form == "json" else "['Teater', 'Klassiker']", 500)
    ]
    assert asked(home, "SELECT DISTINCT channel, quantity FROM order_lines WHERE order_id = '103'") == [
        (CHANNEL.categories.index("box_office"), 1)
    ]
    assert asked(home, "SELECT count(*) FROM orders WHERE unit < 0") == [(1,)]


def test_json_and_csv_give_the_same_sales(tmp_path: Path) -> None:
    stores = []
    for form in FORMS:
        home = new_home(tmp_path / form)
        import_(home, *files(tmp_path / form, form, CUSTOMERS, [*BOUGHT, RETURNED, AT_THE_DOOR]))
        stores.append(store_of(home))
    assert stores[0] == stores[1]


@pytest.mark.parametrize("form", FORMS)
def test_a_return_takes_back_the_sale_of_its_ticket_in_another_order(home: Home, tmp_path: Path, form: str) -> None:
    import_(home, *files(tmp_path, form, CUSTOMERS, [*BOUGHT, RETURNED]))
    assert asked(
        home, "SELECT ordered_on::VARCHAR, sum(tickets)::BIGINT, sum(revenue_ore)::BIGINT FROM sales GROUP BY 1"
    ) == [("2025-05-01", 2, 45_050 + 20_000)]


def test_a_return_that_comes_with_a_later_page_is_applied_and_only_once(home: Home, tmp_path: Path) -> None:
    (first,) = files(tmp_path, "json", BOUGHT)
    import_(home, first)
    assert totals(home) == (2, 3, 110_100)
    later = tmp_path / "later.json"
    later.write_bytes(page([BOUGHT[1], RETURNED]))
    item = import_(home, later).files[0]
    assert (item.lines_new, item.lines_unchanged) == (1, 1)
    assert totals(home) == (2, 2, 65_050)
    before = store_of(home)
    import_(home, later)
    assert store_of(home) == before


def test_a_ticket_that_is_sold_again_is_taken_back_from_whom_it_was_sold_to_last(home: Home, tmp_path: Path) -> None:
    again = sale(6, 104, 502, CustomerId=12, Price=300, Created="2025-05-11T12:00:00")
    back = sale(7, 105, 502, CustomerId=12, Price=300, TicketCount=-1, Created="2025-05-12T12:00:00")
    import_(home, *files(tmp_path, "json", [*BOUGHT, RETURNED, again, back]))
    assert totals(home) == (2, 2, 65_050)
    assert asked(home, "SELECT count(*) FROM sales WHERE tickets < 0") == [(0,)]


def test_a_return_before_its_sale_was_imported_waits_for_it(home: Home, tmp_path: Path) -> None:
    parts = files(tmp_path, "json", [RETURNED], BOUGHT)
    report = import_(home, parts[0])
    assert report.unmatched_returns == 1
    assert totals(home)[1] == -1
    report = import_(home, parts[1])
    assert report.unmatched_returns == 0
    assert totals(home) == (2, 2, 65_050)


def test_pages_may_stand_in_one_file(home: Home, tmp_path: Path) -> None:
    together = tmp_path / "pages.json"
    together.write_bytes(b"[" + page(BOUGHT[:1]) + b"," + page(BOUGHT[1:]) + b"]")
    import_(home, together)
    assert totals(home) == (2, 3, 110_100)


def test_several_tickets_in_a_row_cost_their_price_each(home: Home, tmp_path: Path) -> None:
    import_(home, *files(tmp_path, "json", [sale(1, 100, 501, TicketCount=3, Price=100)]))
    assert totals(home) == (1, 3, 30_000)
    assert asked(home, "SELECT unit_price_ore FROM order_lines") == [(10_000,)]
