"""Real exports of pretix give what pretix's own database holds, in every language and dialect."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from node.home import Home
from node.ingest.places import UNKNOWN, county_of
from node.store.database import opened
from privacy.catalogue.dimensions import COUNTY, TICKET_TYPE
from tests.node.ingest.house import asked, import_, matched, new_home, store_of, totals

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pretix"
EXPECTED = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))
TOTALS = (
    EXPECTED["totals"]["paid_orders_with_tickets"],
    EXPECTED["totals"]["tickets"],
    EXPECTED["totals"]["revenue_ore"],
)
LANGUAGES = ("nb", "en")
DIALECTS = ("comma", "semicolon", "excel")
WHOLE = [
    f"{sheet}.{language}.{dialect}.csv"
    for sheet in ("orders", "positions")
    for language in LANGUAGES
    for dialect in DIALECTS
]
CATEGORIES = {"Ordinær": "ordinary", "Student": "student", "Barn": "child", "Fribillett": "complimentary"}

Order = dict[str, Any]

STORED = """
    SELECT order_id, line_id, ordered_at, ordered_on, quantity, amount_ore, ticket_category, channel, state, order_rank,
           line_rank
    FROM order_lines ORDER BY ALL
"""
"""The imported lines, without what depends on which import brought them."""


def sold(orders: list[Order]) -> list[Order]:
    """Orders that are paid and have a ticket that is not cancelled."""
    return [order for order in orders if order["status"] == "paid" and _kept(order)]


def _kept(order: Order) -> list[dict[str, Any]]:
    return [position for position in order["positions"] if not position["canceled"]]


def day_of(order: Order) -> date:
    """The local day of an order."""
    return datetime.fromisoformat(order["datetime"]).astimezone(ZoneInfo(EXPECTED["timezone"])).date()


def per_order(home: Home) -> dict[str, tuple[date, int, int]]:
    """By order: its day, tickets and revenue."""
    rows = asked(
        home,
        """
        SELECT n.order_id, o.ordered_on, sum(s.tickets)::BIGINT, sum(s.revenue_ore)::BIGINT
        FROM sales s JOIN orders o USING (order_no)
        JOIN (SELECT DISTINCT order_id, order_rank FROM order_lines) n ON n.order_rank = o.order_rank
        GROUP BY ALL
        """,
    )
    return {order: (day, tickets, revenue) for order, day, tickets, revenue in rows}


def expected_per_order(orders: list[Order]) -> dict[str, tuple[date, int, int]]:
    return {
        order["code"]: (day_of(order), len(_kept(order)), sum(position["price_ore"] for position in _kept(order)))
        for order in sold(orders)
    }


def expected_counties() -> dict[bytes, str]:
    """By match id, the county of every customer with an order that was no mere reservation."""
    counties: dict[bytes, str] = {}
    for order in EXPECTED["orders"]:
        identity = order["email"] or order["phone"]
        if identity and order["status"] in ("paid", "canceled"):
            county = county_of(order["zipcode"], order["country"]) if order["zipcode"] else UNKNOWN
            known = counties.get(matched(identity), UNKNOWN)
            counties[matched(identity)] = known if county == UNKNOWN else county
    return counties


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_positions_are_what_the_shop_sold(home: Home, language: str, dialect: str) -> None:
    report = import_(home, FIXTURES / f"positions.{language}.{dialect}.csv")
    item = report.files[0]
    assert (item.system, item.rows, item.rejected) == ("pretix", EXPECTED["totals"]["positions"], 0)
    assert totals(home) == TOTALS
    assert per_order(home) == expected_per_order(EXPECTED["orders"])
    customers = dict(asked(home, "SELECT match_id, county FROM customers"))
    assert {match: COUNTY.categories[county] for match, county in customers.items()} == expected_counties()
    assert report.customers == len(customers)
    assert report.reject_file is None


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_orders_alone_give_the_same_sums(home: Home, language: str, dialect: str) -> None:
    report = import_(home, FIXTURES / f"orders.{language}.{dialect}.csv")
    assert report.files[0].rows == EXPECTED["totals"]["orders"]
    assert totals(home) == TOTALS
    assert per_order(home) == expected_per_order(EXPECTED["orders"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_is_read_by_its_sheet_of_positions(home: Home, language: str) -> None:
    import_(home, FIXTURES / f"all.{language}.xlsx")
    from_workbook = store_of(home)
    assert per_order(home) == expected_per_order(EXPECTED["orders"])
    home.store_file.unlink()
    import_(home, FIXTURES / f"positions.{language}.comma.csv")
    assert store_of(home) == from_workbook


def test_ticket_types_become_categories(home: Home) -> None:
    import_(home, FIXTURES / "positions.nb.comma.csv")
    counted = asked(home, "SELECT ticket_type, sum(tickets)::BIGINT FROM sales GROUP BY ticket_type")
    expected: dict[str, int] = {}
    for order in sold(EXPECTED["orders"]):
        for position in _kept(order):
            category = CATEGORIES[position["item"]]
            expected[category] = expected.get(category, 0) + 1
    assert {TICKET_TYPE.categories[index]: count for index, count in counted} == expected


def test_an_order_without_an_address_is_nobodys(home: Home) -> None:
    import_(home, FIXTURES / "positions.en.comma.csv")
    rows = asked(
        home,
        "SELECT unit FROM orders JOIN order_lines USING (order_rank) WHERE order_id = 'KASSE'",
    )
    assert {unit < 0 for (unit,) in rows} == {True}


def test_addresses_that_differ_in_case_alone_are_one_customer(home: Home) -> None:
    import_(home, FIXTURES / "positions.nb.comma.csv")
    kari = [order["code"] for order in sold(EXPECTED["orders"]) if (order["email"] or "").lower().startswith("kari")]
    units = asked(
        home,
        "SELECT DISTINCT unit FROM orders JOIN order_lines USING (order_rank) WHERE order_id IN (SELECT unnest(?))",
        [kari],
    )
    assert len(kari) > 1
    assert len(units) == 1


@pytest.mark.parametrize(
    "sequence",
    [("orders.nb.comma.csv", "positions.en.comma.csv"), ("positions.en.comma.csv", "orders.nb.comma.csv")],
)
def test_orders_and_positions_in_either_sequence_are_counted_once(home: Home, sequence: tuple[str, str]) -> None:
    for name in sequence:
        import_(home, FIXTURES / name)
    assert totals(home) == TOTALS
    assert per_order(home) == expected_per_order(EXPECTED["orders"])


def test_the_sequence_of_orders_and_positions_makes_no_difference(tmp_path: Path) -> None:
    names = ("orders.nb.comma.csv", "positions.nb.comma.csv")
    first, second = new_home(tmp_path / "first"), new_home(tmp_path / "second")
    import_(first, *(FIXTURES / name for name in names))
    import_(second, *(FIXTURES / name for name in reversed(names)))
    assert store_of(first) == store_of(second)


def test_importing_again_changes_nothing(home: Home) -> None:
    file = FIXTURES / "positions.nb.comma.csv"
    first = import_(home, file).files[0]
    before = store_of(home)
    again = import_(home, file).files[0]
    assert (again.lines_new, again.lines_updated, again.lines_unchanged) == (0, 0, first.lines_new)
    assert again.skipped == first.skipped
    assert store_of(home) == before
    assert asked(home, "SELECT DISTINCT import_no FROM profiles") == [(1,)]


def test_exports_of_single_events_add_up_to_the_whole(home: Home) -> None:
    for slug in ("dukkehjem", "julespill"):
        import_(home, FIXTURES / f"positions.event-{slug}.nb.comma.csv")
    assert per_order(home) == expected_per_order(EXPECTED["orders"])
    overlapping = import_(home, FIXTURES / "positions.paid-only.en.comma.csv").files[0]
    assert overlapping.lines_new == 0
    assert totals(home) == TOTALS


def test_a_later_cancellation_takes_the_order_back(home: Home, tmp_path: Path) -> None:
    text = (FIXTURES / "positions.nb.comma.csv").read_text(encoding="utf-8")
    order = max(sold(EXPECTED["orders"]), key=lambda order: len(_kept(order)))
    code, tickets = order["code"], len(_kept(order))
    later = "".join(
        line.replace('"betalt"', '"kansellert"') if f'"{code}"' in line else line
        for line in text.splitlines(keepends=True)
    )
    import_(home, FIXTURES / "positions.nb.comma.csv")
    (tmp_path / "later.csv").write_text(later, encoding="utf-8")
    item = import_(home, tmp_path / "later.csv").files[0]
    assert (item.lines_new, item.lines_updated) == (0, tickets)
    assert totals(home) == (TOTALS[0] - 1, TOTALS[1] - tickets, TOTALS[2] - expected_per_order([order])[code][2])


def test_a_payment_that_is_taken_back_takes_the_sale_back(home: Home, tmp_path: Path) -> None:
    """A line that was sold and is a reservation again is no sale any more."""
    text = (FIXTURES / "positions.en.comma.csv").read_text(encoding="utf-8")
    order = sold(EXPECTED["orders"])[0]
    later = "".join(
        line.replace('"paid"', '"expired"') if f'"{order["code"]}"' in line else line
        for line in text.splitlines(keepends=True)
    )
    import_(home, FIXTURES / "positions.en.comma.csv")
    (tmp_path / "later.csv").write_text(later, encoding="utf-8")
    item = import_(home, tmp_path / "later.csv").files[0]
    assert item.lines_updated == len(_kept(order))
    assert order["code"] not in per_order(home)
    again = import_(home, FIXTURES / "positions.en.comma.csv").files[0]
    assert again.lines_updated == len(_kept(order))
    assert totals(home) == TOTALS


def test_secrets_of_tickets_and_names_of_guests_are_not_kept(home: Home) -> None:
    import_(home, FIXTURES / "positions.nb.comma.csv")
    with opened(home) as connection:
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        kept = "\n".join(repr(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in tables)
    for order in EXPECTED["orders"]:
        assert not order["email"] or order["email"] not in kept
        assert not order["name"] or order["name"] not in kept


@pytest.mark.parametrize("name", [*WHOLE, "all.nb.xlsx", "all.en.xlsx", "positions.paid-only.nb.comma.csv"])
def test_totals_are_those_of_pretix(home: Home, name: str) -> None:
    report = import_(home, FIXTURES / name)
    assert report.files[0].system == "pretix"
    assert report.files[0].rejected == 0
    assert totals(home) == TOTALS


def test_every_order_has_its_tickets_revenue_and_customer(home: Home) -> None:
    import_(home, FIXTURES / "positions.nb.comma.csv")
    stored = asked(
        home,
        "SELECT n.order_id, sum(s.tickets)::BIGINT, sum(s.revenue_ore)::BIGINT, any_value(s.unit) > 0 FROM sales s "
        "JOIN (SELECT DISTINCT order_id, order_rank FROM order_lines) n USING (order_rank) GROUP BY ALL ORDER BY ALL",
    )
    expected = sorted(
        (
            order["code"],
            len(_kept(order)),
            sum(position["price_ore"] for position in _kept(order)),
            bool(order["email"] or order["phone"] or order["customer"]),
        )
        for order in sold(EXPECTED["orders"])
    )
    assert stored == expected


def test_one_customer_per_address(home: Home) -> None:
    import_(home, FIXTURES / "positions.en.semicolon.csv", FIXTURES / "orders.en.comma.csv")
    identities = [order["email"] or order["phone"] for order in sold(EXPECTED["orders"])]
    addresses = {identity.casefold() for identity in identities if identity}
    assert asked(home, "SELECT count(DISTINCT unit) FROM sales WHERE unit > 0") == [(len(addresses),)]


def test_the_sequence_of_files_does_not_matter_and_again_changes_nothing(tmp_path: Path) -> None:
    files = [FIXTURES / "orders.nb.comma.csv", FIXTURES / "positions.nb.comma.csv"]
    there, back = new_home(tmp_path / "there"), new_home(tmp_path / "back")
    import_(there, *files)
    import_(back, *reversed(files))
    assert asked(there, STORED) == asked(back, STORED)
    assert totals(there) == totals(back) == TOTALS
    again = import_(there, *files)
    assert [(file.lines_new, file.lines_updated) for file in again.files] == [(0, 0), (0, 0)]
    assert asked(there, STORED) == asked(back, STORED)


def test_days_are_local(home: Home) -> None:
    import_(home, FIXTURES / "positions.en.comma.csv")
    days = asked(home, "SELECT DISTINCT ordered_on::VARCHAR FROM order_lines WHERE order_id = 'ZRHT8'")
    assert days == [("2025-01-01",)]
