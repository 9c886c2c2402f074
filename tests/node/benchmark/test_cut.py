"""What each bound of a study cuts off alone, and all of them together."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from node.benchmark.cut import Cut, CutByEach, cut_by_each
from node.store.database import opened
from privacy.bounds.windows import twelve_months_to
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Study, parse
from tests.node.ingest.house import import_, new_home

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WINDOW = twelve_months_to(date(2025, 12, 31))
HEAD = "order_id,line_id,ordered_at,quantity,amount,state,email\n"


def study(wide: str = "", more: str = "") -> Study:
    return parse(
        f"""
        name = "cuts"
        version = 1
        title = "What bounds cut off"
        window = "year"
        rho = "0.01"
        cohorts = ["network"]
        bounds = {{ max_orders = 2, max_lines = 4, max_tickets = 6, max_revenue_kr = 600 }}
        {wide and "wide_bounds = { max_orders = 4, max_lines = 8, max_tickets = 12, max_revenue_kr = 1200 }"}
        disclosure = {{ min_members = 5, dominance_percent = 60, unreliable_percent = 25 }}
        tables = [{{ name = "totals", shares = {{ customers = 1, revenue = 1 }}{wide} }}, {more}]
        """,
        "cuts.toml",
    )


AGE_BAND = '{{ name = "age_band", shares = {{ {} }} }}'


@contextmanager
def sold(folder: Path, *lines: tuple[str, str, int, int, int]) -> "Iterator[DuckDBPyConnection]":
    """A store of lines: customer or nothing, order, line, tickets and kroner."""
    home = new_home(folder / "home")
    file = folder / "sales.csv"
    rows = (
        f"{name}{order},{line},2025-03-01T12:00:00+01:00,{tickets},{kroner}.00,paid,{name and f'{name}@example.no'}\n"
        for name, order, line, tickets, kroner in lines
    )
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    if lines:
        import_(home, file)
    with opened(home) as connection:
        yield connection


NOTHING = Cut(0, 0.0, 0.0, 0.0)


def test_each_bound_alone_and_all_together(tmp_path: Path) -> None:
    lines = [
        *(("anna", f"A{order}", 1, 1, 100) for order in range(4)),  # 4 orders: two too many
        *(("bo", "B", line, 1, 25) for line in range(8)),  # 8 lines: four too many, and two tickets
        ("cato", "C", 1, 8, 1000),  # 2 tickets and 400 kr too many
        ("", "D", 1, 10, 0),  # nobody known: 4 tickets too many
    ]
    with sold(tmp_path, *lines) as connection:
        (found,) = cut_by_each(connection, study(), WINDOW)
    orders, tickets, kroner = 7, 30, 1600
    assert found == CutByEach(
        wide=False,
        bounds=Bounds(2, 4, 6, 600_00),
        together=approximately(3, 2 / orders, (2 + 4 + 2 + 4) / tickets, (200 + 100 + 400) / kroner),
        alone={
            "max_orders": approximately(1, 2 / orders, 2 / tickets, 200 / kroner),
            "max_lines": approximately(1, 0, 4 / tickets, 100 / kroner),
            "max_tickets": approximately(2, 0, (2 + 2 + 4) / tickets, 0),
            "max_revenue_ore": approximately(1, 0, 0, 400 / kroner),
        },
    )


def approximately(customers: int, *shares: float) -> Cut:
    orders, tickets, revenue = (cast("float", pytest.approx(share, abs=1e-12)) for share in shares)
    return Cut(customers, orders, tickets, revenue)


def test_wide_bounds_come_after_the_narrow_ones(tmp_path: Path) -> None:
    with sold(tmp_path, ("cato", "C", 1, 8, 1000), ("dina", "D", 1, 1, 1400)) as connection:
        narrow, wide = cut_by_each(
            connection, study(", wide = true", AGE_BAND.format("customers = 1, orders = 1")), WINDOW
        )
    assert (narrow.wide, wide.wide) == (False, True)
    assert narrow.together.customers == 2
    assert wide.bounds == Bounds(4, 8, 12, 1200_00)
    assert wide.together == approximately(1, 0, 0, 200 / 2400)
    assert wide.alone["max_tickets"] == NOTHING


@pytest.mark.parametrize(
    ("more", "wide"),
    [
        (AGE_BAND.format("customers = 1"), [True]),  # one cell for each customer: nobody is cut out of it
        (AGE_BAND.format("customers = 1, orders = 1"), [False, True]),
        ('{ name = "month", shares = { customers = 1 } }', [False, True]),  # in so many months as there are orders
    ],
)
def test_only_bounds_that_could_cut_a_figure_are_told(tmp_path: Path, more: str, wide: list[bool]) -> None:
    with sold(tmp_path) as connection:
        assert [each.wide for each in cut_by_each(connection, study(", wide = true", more), WINDOW)] == wide


def test_an_empty_store_loses_nothing(tmp_path: Path) -> None:
    with sold(tmp_path) as connection:
        (found,) = cut_by_each(connection, study(), WINDOW)
    assert found.together == NOTHING
    assert list(found.alone.values()) == [NOTHING] * 4
