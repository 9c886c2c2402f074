"""Lines of several customers under one order number: what one of them does never moves what is kept of the others.

The whole path from files to exact cells, on stores that differ by one customer's rows.
"""

from datetime import date
from pathlib import Path

import pytest

from node.home import Home
from node.release.prepare import Vectors, exact_vectors
from node.store.database import opened
from privacy.bounds.windows import twelve_months_to
from privacy.studies.study import find
from tests.node.ingest.house import asked as rows
from tests.node.ingest.house import import_ as imported
from tests.node.ingest.house import new_home

HEADER = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,state,customer_key,objects\n"
STUDY = find("benchmark")


def line(order: int, number: int, customer: str, *, quantity: int = 1, month: int = 3, objects: str = "") -> str:
    state = "paid" if quantity > 0 else "returned"
    day = f"2026-{month:02d}-05T12:00:00+01:00"
    return f"{order},{number},{day},E1,Voksen,{quantity},{100 * quantity}.00,{state},{customer},{objects}\n"


def cells(folder: Path, lines: list[str]) -> Vectors:
    home = new_home(folder)
    file = folder / "sales.csv"
    file.write_text(HEADER + "".join(lines), encoding="utf-8")
    imported(home, file)
    with opened(home) as connection:
        return exact_vectors(connection, STUDY, twelve_months_to(date(2026, 10, 31)), "Europe/Oslo")


def assert_neighbours(one: Vectors, other: Vectors) -> None:
    for part in STUDY.parts:
        change = one[part.table.name, part.measure] - other[part.table.name, part.measure]
        declared = part.table.sensitivity(part.measure, STUDY.bounds)
        assert abs(change).sum() <= declared.l1, part.name
        assert (change**2).sum() <= declared.l2_squared, part.name


def test_a_customer_with_a_line_in_everybodys_order(tmp_path: Path) -> None:
    others = [line(order, 1, f"B{order}") for order in range(60)]
    everywhere = [line(order, 2, "A", month=4) for order in range(60)]
    assert_neighbours(cells(tmp_path / "with", others + everywhere), cells(tmp_path / "without", others))


def test_returns_of_anonymous_sales_under_ones_own_name(tmp_path: Path) -> None:
    anonymous = [line(order, 1, "", quantity=2) for order in range(60)]
    returned = [line(order, 2, "A", quantity=-1) for order in range(60)]
    assert_neighbours(cells(tmp_path / "with", anonymous + returned), cells(tmp_path / "without", anonymous))


def test_who_objects_is_in_no_cell_and_takes_nobody_along(tmp_path: Path) -> None:
    others = [line(order, 1, f"B{order}") for order in range(20)]
    objector = [line(order, 2, "A", objects="true") for order in range(20)]
    with_objector, without = cells(tmp_path / "with", others + objector), cells(tmp_path / "without", others)
    assert all((with_objector[key] == without[key]).all() for key in without)


SYSTEM = """
name = "luka"
title = "Luka"
basis = "documented"
rests_on = "Nothing: a test."
[[layout]]
name = "lines"
resource = "order_lines"
recognise = ["order", "line", "at", "price", "who"]
[layout.columns]
order_id = "order"
line_id = "line"
ordered_at = "at"
amount = "price"
customer_key = "who"
[[layout]]
name = "orders"
resource = "orders"
recognise = ["order", "at", "total", "tickets", "buyer"]
[layout.columns]
order_id = "order"
ordered_at = "at"
amount = "total"
quantity = "tickets"
customer_key = "buyer"
"""


def with_summaries(folder: Path, lines: list[tuple[int, str]], buyers: list[tuple[int, str]]) -> Home:
    """A store of lines and of summaries of the orders that they stand under."""
    home = new_home(folder)
    system = folder / "luka.toml"
    system.write_text(SYSTEM, encoding="utf-8")
    at = "2026-03-05T12:00:00"
    files = {
        "lines.csv": ["order,line,at,price,who", *(f"{order},1,{at},100.00,{who}" for order, who in lines)],
        "orders.csv": ["order,at,total,tickets,buyer", *(f"{order},{at},300.00,3,{who}" for order, who in buyers)],
    }
    for name, text in files.items():
        if text[1:]:
            (folder / name).write_text("\n".join(text) + "\n", encoding="utf-8")
            imported(home, folder / name, system=str(system))
    return home


def vectors(home: Home) -> Vectors:
    with opened(home) as connection:
        return exact_vectors(connection, STUDY, twelve_months_to(date(2026, 10, 31)), "Europe/Oslo")


def test_lines_of_others_under_the_numbers_of_ones_summaries(tmp_path: Path) -> None:
    others, everywhere = [(order, f"B{order}") for order in range(60)], [(order, "A") for order in range(60)]
    for one, other in (((everywhere, others), ([], others)), ((others, everywhere), (others, []))):
        with_a = vectors(with_summaries(tmp_path / f"with{len(one[0])}{one[0][0][1]}", *one))
        assert_neighbours(with_a, vectors(with_summaries(tmp_path / f"without{len(other[0])}", *other)))


@pytest.mark.parametrize("who", ["A", ""])
def test_lines_replace_the_summary_of_their_customer_and_are_that_customers(tmp_path: Path, who: str) -> None:
    home = with_summaries(tmp_path / "home", [(1, who)], [(1, "A")])
    assert rows(home, "SELECT unit > 0, tickets, revenue_ore FROM sales") == [(True, 1, 10_000)]
    assert rows(home, "SELECT count(*) FROM orders") == [(1,)]


def unnamed(folder: Path, *files_of_lines: list[tuple[int, str]]) -> Vectors:
    """The cells of a store of files whose lines have no names, one file after the other."""
    home = new_home(folder)
    for number, lines in enumerate(files_of_lines):
        file = folder / f"sales{number}.csv"
        rows_ = [f"{order},2026-03-05T12:00:00+01:00,E1,Voksen,1,100.00,paid,{who}" for order, who in lines]
        header = "order_id,ordered_at,event_id,ticket_type,quantity,amount,state,customer_key"
        file.write_text("\n".join([header, *rows_]) + "\n", encoding="utf-8")
        imported(home, file)
    return vectors(home)


def test_equal_lines_without_names_are_each_their_customers_own(tmp_path: Path) -> None:
    others, everywhere = [(order, f"B{order}") for order in range(60)], [(order, "A") for order in range(60)]
    alone = unnamed(tmp_path / "alone", others)
    for name, files_of_lines in {
        "later": [others, everywhere],
        "earlier": [everywhere, others],
        "in one": [[*everywhere, *others]],
    }.items():
        assert_neighbours(unnamed(tmp_path / name, *files_of_lines), alone)
