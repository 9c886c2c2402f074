"""Customers, orders and net sales that follow from imported files, case by case."""

from pathlib import Path

import pytest

from node.home import Home
from node.ingest.standard import STATES
from privacy.catalogue.dimensions import COUNTY, GENDER
from tests.node.ingest.house import asked as rows
from tests.node.ingest.house import import_ as imported
from tests.node.ingest.house import new_home

HEADER = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,customer_key,email"
PRETIX = Path(__file__).parents[2] / "fixtures" / "pretix"
NET = "SELECT coalesce(sum(tickets), 0)::BIGINT, coalesce(sum(revenue_ore), 0)::BIGINT FROM sales"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def take(home: Home, *lines: str, header: str = HEADER) -> None:
    """Imports the lines as one file in the standard; none may be rejected."""
    file = home.path.parent / "file.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    report = imported(home, file)
    assert [each.rejected for each in report.files] == [0]


def line(
    order: str,
    number: int,
    day: str,
    who: str = "kari@example.no",
    quantity: int = 1,
    state: str = "paid",
    key: str = "",
) -> str:
    at = day if "T" in day else f"{day}T12:00:00"
    return f"{order},{number},{at},E1,Ordinær,{quantity},{quantity * 100}.00,web,{state},{key},{who}"


def sold(home: Home, count: int, day: str, *, series: str = "A") -> list[str]:
    return [line(f"{series}{number}", 1, day) for number in range(count)]


@pytest.mark.parametrize(
    ("last", "identified"),
    [
        (None, True),
        ("2024-12-30", False),
        ("2024-12-31T22:59:59Z", False),
        ("2024-12-31T23:00:00Z", True),  # 2025 where the institution is
    ],
)
def test_more_than_500_orders_in_a_calendar_year_are_nobodys(home: Home, last: str | None, identified: bool) -> None:
    more = [] if last is None else [line("B1", 1, last)]
    take(home, *sold(home, 500, "2024-05-01"), *more)
    assert rows(home, "SELECT identified FROM customers") == [(identified,)]
    assert rows(home, "SELECT count(*) FROM orders WHERE unit > 0") == [(500 + len(more),)]


def test_orders_of_many_lines_are_counted_once(home: Home) -> None:
    take(home, *(line(f"A{number % 3}", number, "2024-05-01") for number in range(501)))
    assert rows(home, "SELECT identified FROM customers") == [(True,)]


PEOPLE = "customer_key,email,birth_year,gender,postcode,segment,objects"


def person(home: Home) -> list[tuple[object, ...]]:
    return rows(home, "SELECT birth_year, gender, county, segment, released FROM customers")


def test_the_latest_attributes_count_and_empty_ones_take_nothing_back(home: Home) -> None:
    take(home, "K1,kari@example.no,1980,female,5003,essence,true", header=PEOPLE)
    vestland, oslo = COUNTY.categories.index("46"), COUNTY.categories.index("03")
    female, other = GENDER.categories.index("female"), GENDER.categories.index("other")
    assert person(home) == [(1980, female, vestland, "essence", False)]
    take(home, "K1,kari@example.no,1981,,,,", header=PEOPLE)
    assert person(home) == [(1981, female, vestland, "essence", False)]
    take(home, "K1,kari@example.no,,other,0150,release,false", header=PEOPLE)
    assert person(home) == [(1981, other, oslo, "release", True)]


def test_equal_match_id_joins_two_customer_keys(home: Home) -> None:
    take(
        home,
        line("A1", 1, "2025-03-01", key="K1"),
        line("A2", 1, "2025-03-02", who="KARI@example.no ", key="K2"),
        line("A3", 1, "2025-03-03", who="", key="K2"),
        line("A4", 1, "2025-03-04", who="ola@example.no", key="K3"),
        line("A5", 1, "2025-03-05", who="", key=""),
    )
    days = rows(home, "SELECT unit > 0, count(*) FROM orders GROUP BY unit ORDER BY ALL")
    assert days == [(False, 1), (True, 1), (True, 3)]
    assert rows(home, "SELECT count(*) FROM customers WHERE identified") == [(2,)]


def test_what_a_later_import_tells_of_one_key_counts_for_both(home: Home) -> None:
    take(home, "K1,kari@example.no,1980,female,,,", "K2,kari@example.no,,,5003,,", header=PEOPLE)
    take(home, "K2,kari@example.no,1981,,,,", header=PEOPLE)
    vestland, female = COUNTY.categories.index("46"), GENDER.categories.index("female")
    assert person(home) == [(1981, female, vestland, None, True)]


def test_an_objection_at_one_key_is_the_customers(home: Home) -> None:
    take(home, "K1,kari@example.no,,,,,true", "K2,kari@example.no,1980,,,,false", header=PEOPLE)
    assert rows(home, "SELECT released, identified FROM customers") == [(False, True)]


def test_the_day_of_an_order_is_that_of_its_first_sale(home: Home) -> None:
    take(
        home,
        line("A1", 1, "2025-01-02", quantity=-1),
        line("A1", 2, "2025-03-01"),
        line("A1", 3, "2025-02-01", quantity=2),
        line("A1", 4, "2025-07-01", quantity=-1),
        line("A2", 1, "2025-06-01", quantity=-1, who="ola@example.no"),
    )
    days = rows(home, "SELECT strftime(ordered_on, '%m-%d') FROM orders ORDER BY ordered_on")
    assert days == [("02-01",), ("06-01",)]  # an order of returns alone has only their day
    assert rows(home, "SELECT DISTINCT strftime(ordered_on, '%m-%d') FROM sales ORDER BY ALL") == days


def test_void_lines_count_nothing(home: Home) -> None:
    take(
        home,
        line("A1", 1, "2025-03-01", quantity=2, state="cancelled"),
        line("A2", 1, "2025-03-01", quantity=3, state="returned"),
        line("A3", 1, "2025-03-01", quantity=4),
        line("A3", 2, "2025-03-02", quantity=5, state="cancelled"),
        line("A3", 3, "2025-03-03", quantity=6, state="reserved"),
    )
    assert rows(home, NET) == [(4, 40_000)]
    assert rows(home, "SELECT count(DISTINCT order_no) FROM sales") == [(1,)]


@pytest.mark.parametrize("state", ["paid", "returned", "cancelled"])
def test_a_return_of_its_own_takes_back_whatever_its_state(home: Home, state: str) -> None:
    take(home, line("A1", 1, "2025-03-01", quantity=3), line("A1", 2, "2025-04-01", quantity=-1, state=state))
    assert rows(home, NET) == [(2, 20_000)]


def test_a_sale_that_is_void_is_not_taken_back_once_more(home: Home) -> None:
    header = HEADER + ",original_line_id"
    sale, other = line("A1", 1, "2025-03-01", state="returned"), line("A1", 2, "2025-03-01")
    take(home, sale + ",", other + ",", line("A1", 3, "2025-04-01", quantity=-1) + ",1", header=header)
    assert rows(home, NET) == [(1, 10_000)]


def only(folder: Path, name: str, order: str, *, old: str = "", new: str = "") -> Path:
    """The rows of one order of a pretix export, in a file of their own."""
    head, *body = (PRETIX / name).read_text(encoding="utf-8").splitlines()
    kept = [row.replace(old, new) if old else row for row in body if f'"{order}"' in row]
    assert kept
    file = folder / name
    file.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    return file


def test_a_summary_stands_in_until_lines_come(home: Home, tmp_path: Path) -> None:
    orders = only(tmp_path, "orders.en.comma.csv", "USGPT", old='"1434.50"', new='"1500.00"')
    imported(home, orders)
    assert rows(home, NET) == [(4, 150_000)]
    imported(home, only(tmp_path, "positions.en.comma.csv", "USGPT"))
    net = rows(home, NET)
    assert net != [(4, 150_000)]
    assert net == rows(
        home,
        "SELECT sum(quantity)::BIGINT, sum(amount_ore)::BIGINT FROM order_lines "
        f"WHERE NOT summary AND state = {STATES.index('paid')}",
    )
    imported(home, orders)
    assert rows(home, NET) == net


def test_a_summary_that_comes_after_the_lines_counts_nothing(home: Home, tmp_path: Path) -> None:
    imported(home, only(tmp_path, "positions.en.comma.csv", "USGPT"))
    net = rows(home, NET)
    imported(home, only(tmp_path, "orders.en.comma.csv", "USGPT", old='"1434.50"', new='"1500.00"'))
    assert rows(home, NET) == net
    assert rows(home, "SELECT count(*) FROM order_lines WHERE summary") == [(1,)]
