"""The documented profiles on files in the documented shapes, with the rows of the standard that must come out.

The files are synthetic (tests/fixtures/documented/make.py): they hold the profiles to the public documentation, and
say nothing about what the systems really write.
"""

import runpy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.node.ingest.harmonised import DOCUMENTED, harmonised, some
from tests.node.ingest.house import matched


def at(text: str) -> datetime:
    """A moment in UTC, as the store has it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


MAIN = ("order_id", "line_id", "ordered_at", "event_id", "ticket_type", "ticket_category", "quantity", "amount_ore",
        "channel", "state")  # fmt: skip
FEBRUARY_3, FEBRUARY_10 = at("2025-02-03T18:20:00+01:00"), at("2025-02-10T10:00:00+01:00")


def test_the_files_are_what_their_script_makes() -> None:
    made: dict[str, Any] = runpy.run_path(str(DOCUMENTED / "make.py"))
    made["files"].__globals__["_xls"] = lambda _rows: b""  # the library that writes .xls is no dependency
    for name, content in made["files"]().items():
        if not name.endswith(".xls"):
            assert (DOCUMENTED / name).read_bytes() == content, name


@pytest.mark.parametrize("name", ["tixly.sales.json", "tixly.sales.csv"])
def test_tixly_sales(name: str) -> None:
    rows = harmonised(DOCUMENTED / name)
    assert (rows.system, rows.layout, rows.rejects) == ("tixly", "sales", [])
    assert some(rows.lines, *MAIN, "ticket_id", "price_zone", "customer_key") == [
        ("3001", "501", FEBRUARY_3, "12", "Ordinær", "ordinary", 2, 79_000, "web", "paid", "9001", "A", "77"),
        ("3002", "502", at("2025-02-04T11:05:00+01:00"), "12", "Honnør", "senior", 1, 32_050, "box_office", "paid",
         "9002", "A", None),
        ("3001", "503", FEBRUARY_10, "12", "Ordinær", "ordinary", -1, -39_500, "box_office", "paid", "9001", "A", "77"),
    ]  # fmt: skip


def test_tixly_customers_and_events() -> None:
    customers = harmonised(DOCUMENTED / "tixly.customers.json")
    assert some(customers.profiles, "customer_key", "match_id", "birth_year", "county", "gender") == [
        ("77", matched("kari@example.no"), 1971, "46", None),
        ("78", matched("ola@example.no"), None, None, None),
    ]
    events = harmonised(DOCUMENTED / "tixly.events.json")
    assert some(
        events.events, "event_id", "event_title", "production", "genre", "venue", "capacity", "event_start"
    ) == [("12", "Vildanden", "Vildanden 2025", "Teater", "Teatret", 420, at("2025-03-21T19:00:00+01:00"))]


@pytest.mark.parametrize("name", ["ticketco.item_grosses.json", "ticketco.item_grosses.xls"])
def test_ticketco(name: str) -> None:
    rows = harmonised(DOCUMENTED / name)
    assert (rows.system, rows.rejects) == ("ticketco", [])
    assert some(rows.lines, "order_id", "line_id", "ordered_at", "event_title", "amount_ore", "quantity") == [
        ("R100", "0b8f-1", at("2025-05-01T18:30:00+02:00"), None, 25_050, 1),
        ("R101", "0b8f-2", at("2025-12-31T23:30:00+00:00"), None, 0, 1),
    ]
    assert some(rows.lines, "event_id", "ticket_category", "price_zone") == [
        ("Jon Fosse på ny", "ordinary", "Sal Øst"),
        ("Jon Fosse på ny", "child", "Sal Øst"),
    ]
    assert some(rows.profiles, "match_id") == [(matched("ase@example.no"),)]


def test_ticketmaster_blocks_and_returns() -> None:
    rows = harmonised(DOCUMENTED / "ticketmaster.tickets.csv")
    assert (rows.system, rows.layout, rows.rejects) == ("ticketmaster", "tickets", [])
    assert some(rows.lines, *MAIN, "changed_at", "unit_price_ore", "customer_key") == [
        ("88001", "1 301 PARKETT B 4", at("2025-02-03T18:20:00+01:00"), "301", "AV", "other", 4, 158_000, "other",
         "paid", FEBRUARY_3, 39_500, "40012"),
        ("88001", "1 301 PARKETT B 8", at("2025-02-03T18:20:00+01:00"), "301", "AV", "other", 1, 39_500, "other",
         "returned", FEBRUARY_10, 39_500, "40012"),
    ]  # fmt: skip
    assert some(rows.events, "event_id", "event_title") == [("301", "HEDDA0321")]
    customers = harmonised(DOCUMENTED / "ticketmaster.customers.csv")
    assert some(customers.profiles, "customer_key", "match_id", "birth_year", "gender", "county") == [
        ("40012", matched("kari@example.no"), 1971, "female", "46"),
        ("40013", matched("+47 912 34 567"), None, None, None),
    ]


STATES = '"3" = "paid"\n"2" = "reserved"\n"4" = "returned"\n'


def test_tessitura_says_nothing_of_what_its_numbers_mean() -> None:
    rows = harmonised(DOCUMENTED / "tessitura.orders.json")
    assert (rows.system, rows.layout) == ("tessitura", "orders")
    assert rows.lines == []
    assert {reject.column for reject in rejects_of(rows)} == {"LineItems.SubLineItems.StatusId"}
    assert "is no state that I know" in rows.rejects[0].reason


def rejects_of(rows: Any) -> Any:
    """The rejects, of which there must be some."""
    assert rows.rejects
    return rows.rejects


def test_tessitura_tickets_within_lines_within_orders(tmp_path: Path) -> None:
    own = tmp_path / "profiles"
    own.mkdir()
    shipped = (Path("node") / "ingest" / "profiles" / "tessitura.toml").read_text(encoding="utf-8")
    completed = shipped.replace('[[layout]]\nname = "constituents with', f'[layout.values.state]\n{STATES}\n'
                                '[[layout]]\nname = "constituents with')  # fmt: skip
    (own / "tessitura.toml").write_text(completed, encoding="utf-8")
    rows = harmonised(DOCUMENTED / "tessitura.orders.json", own=own)
    assert rows.rejects == []
    expected = [
        ("700", "9001", FEBRUARY_3, "55", "1", "other", 1, 39_500, "other", "paid", None, "9120"),
        ("700", "9002", FEBRUARY_3, "55", "1", "other", 1, 39_500, "other", "paid", None, "9120"),
        ("700", "9003", FEBRUARY_3, "56", "2", "other", 1, 20_000, "other", "reserved", None, "9120"),
        ("701", "9004", FEBRUARY_10, "55", "1", "other", -1, -39_500, "other", "returned", "9002", "9120"),
    ]
    assert some(rows.lines, *MAIN, "original_line_id", "customer_key") == expected
    single = harmonised(DOCUMENTED / "tessitura.order.json", own=own)
    assert some(single.lines, *MAIN, "original_line_id", "customer_key") == expected[:3]
    assert ("55", "Hedda") in some(rows.events, "event_id", "event_title")


def test_tessitura_constituents() -> None:
    rows = harmonised(DOCUMENTED / "tessitura.constituents.json")
    assert some(rows.profiles, "customer_key", "match_id", "gender", "county") == [
        ("9120", matched("kari@example.no"), "female", "46")
    ]


def test_business_central_invoices_and_what_credit_memos_take_back() -> None:
    rows = harmonised(DOCUMENTED / "business-central.invoices.json")
    assert (rows.system, rows.layout, rows.rejects) == ("business-central", "invoices with lines", [])
    assert rows.skipped == 1  # the comment; the draft is a reservation
    midnight = at("2025-02-03T00:00:00+01:00")
    assert some(rows.lines, *MAIN, "customer_key") == [
        ("PS-INV1", "10000", midnight, "BILL-1", "Skolebillett", "school", 25, 125_000, "other", "paid", "20000"),
        ("PS-INV2", "10000", at("2025-02-05T00:00:00+01:00"), "BILL-2", "Voksen", "ordinary", 1, 10_000, "other",
         "reserved", "20001"),
    ]  # fmt: skip
    memos = harmonised(DOCUMENTED / "business-central.credit_memos.json")
    assert some(memos.lines, *MAIN) == [
        ("PS-INV1", "PS-CR1 10000", at("2025-02-10T00:00:00+01:00"), "BILL-1", "Skolebillett", "school", -5, -25_000,
         "other", "returned")
    ]  # fmt: skip
    customers = harmonised(DOCUMENTED / "business-central.customers.json")
    assert some(customers.profiles, "customer_key", "county", "customer_type") == [("20000", "46", "company")]


def test_trekksofts_times_are_events_and_tagtools_list_has_segments() -> None:
    events = harmonised(DOCUMENTED / "trekksoft.availabilities.json")
    assert some(events.events, "event_id", "event_title", "event_start", "capacity") == [
        ("4296_1", "Fjordtur", at("2025-06-25T12:00:00+02:00"), 24)
    ]
    tagged = harmonised(DOCUMENTED / "tagtool.tagged.csv")
    assert tagged.system == "tagtool"
    assert some(tagged.profiles, "match_id", "segment") == [
        (matched("kari@example.no"), "enrichment"),
        (matched("ola@example.no"), None),
    ]
