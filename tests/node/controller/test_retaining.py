"""Retention takes out what is older, with its bytes, and keeps who bought first when."""

from datetime import date
from pathlib import Path

import pytest

from node.controller import register
from node.controller.retaining import Old, look, retain
from node.home import Home
from tests.node.controller.house import files_with, line, sales
from tests.node.ingest.house import asked, import_, matched, new_home, store_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def test_old_orders_go_and_the_first_day_stays(home: Home, tmp_path: Path) -> None:
    import_(
        home,
        sales(
            tmp_path,
            line("OLDORDER1", who="kari", day="2020-05-01"),
            line("OLDORDER2", who="kari", day="2021-05-01"),
            line("NEW1", who="kari", day="2026-05-01"),
            line("OLDORDER3", who="ola", day="2021-05-01"),
            line("EDGE", who="eva", day="2023-05-01"),
            line("OLDORDER4", who="per", day="2023-04-30"),
        ),
    )
    assert look(home, 36) == Old(date(2023, 5, 1), 4, 4, 2)
    assert retain(home, 36) == Old(date(2023, 5, 1), 4, 4, 2)
    assert asked(home, "SELECT order_id FROM order_lines ORDER BY 1") == [("EDGE",), ("NEW1",)]
    assert asked(home, "SELECT first_on FROM profiles ORDER BY 1 NULLS LAST") == [(date(2020, 5, 1),), (None,)]
    gone = (b"OLDORDER", matched("ola.nordmann@example.no"), matched("per.nordmann@example.no"))
    assert files_with(home.path, *gone) == []
    assert [(each.what, each.counts["lines"]) for each in register.read(home)] == [("retain", 4)]
    assert retain(home, 36) == Old(date(2023, 5, 1), 0, 0, 0)
    assert len(register.read(home)) == 1


def test_the_first_day_outlives_later_imports_and_retentions(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari", day="2018-01-01"), line("A2", who="kari", day="2022-01-01")))
    retain(home, 24)
    import_(home, sales(tmp_path, line("A3", who="kari", day="2025-01-01"), name="more.csv"))
    retain(home, 24)
    assert asked(home, "SELECT first_on, (SELECT count(*) FROM order_lines) FROM profiles") == [(date(2018, 1, 1), 1)]


def test_what_a_later_return_takes_back_stays(home: Home, tmp_path: Path) -> None:
    head = (
        "order_id,line_id,ordered_at,quantity,amount,state,ticket_id,original_order_id,original_line_id,customer_key\n"
    )
    rows = [
        "S1,1,2020-01-01T12:00:00Z,1,100.00,paid,,,,K",
        "S2,1,2020-01-01T12:00:00Z,1,100.00,paid,T2,,,K",
        "S3,1,2020-01-01T12:00:00Z,1,100.00,paid,T3,,,K",
        "R1,1,2026-01-01T12:00:00Z,-1,-100.00,returned,,S1,1,K",
        "R2,1,2026-01-01T12:00:00Z,-1,-100.00,returned,T2,,,K",
    ]
    file = tmp_path / "sales.csv"
    file.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    import_(home, file)
    before = asked(home, "SELECT count(*) FROM sales WHERE tickets < 0")
    retain(home, 36)
    assert asked(home, "SELECT order_id FROM order_lines ORDER BY 1") == [("R1",), ("R2",), ("S1",), ("S2",)]
    assert asked(home, "SELECT count(*) FROM sales WHERE tickets < 0") == before == [(0,)]


def test_newer_years_are_as_they_were(home: Home, tmp_path: Path) -> None:
    new = [line(f"N{number}", who=f"p{number % 40}", day=f"2026-0{number % 9 + 1}-05") for number in range(200)]
    old = [line(f"O{number}", who=f"q{number}", day="2019-01-01") for number in range(50)]
    import_(home, sales(tmp_path, *new, *old))
    retain(home, 12)
    clean = new_home(tmp_path / "clean")
    import_(clean, sales(tmp_path, *new))
    kept, wanted = store_of(home), store_of(clean)
    assert {name: kept[name] for name in ("order_lines", "orders", "sales", "profiles")} == {
        name: wanted[name] for name in ("order_lines", "orders", "sales", "profiles")
    }


def test_an_empty_store_has_nothing_old(home: Home) -> None:
    assert retain(home, 36) == Old(None, 0, 0, 0)
    assert register.read(home) == []
