"""When a performance starts, a customer's own rows or a file of events say, never the rows of somebody else."""

from datetime import date
from pathlib import Path

import pytest

from node.home import Home
from node.store.cells import exact_of
from node.store.database import opened
from privacy.bounds.cells import Vectors
from privacy.bounds.windows import twelve_months_to
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds
from tests.node.ingest.house import csv, import_, new_home

WINDOW = twelve_months_to(date(2025, 12, 31))
BOUNDS = Bounds(8, 20, 20, 10_000_00)
NAMES = ("weekday", "daypart", "lead_time")
HEAD = "order_id,line_id,ordered_at,event_id,event_start,quantity,amount,email,objects\n"
SATURDAY, WEDNESDAY = "2025-03-15T19:00:00+01:00", "2025-03-19T11:00:00+01:00"
EVENTS = "event_id,event_title,event_start\nE1,Peer Gynt,2025-03-15T19:00:00+01:00\n"


def row(number: int, start: str, objects: str = "no") -> str:
    return f"A{number},1,2025-03-01T10:00:00+01:00,E1,{start},1,300.00,person{number}@example.no,{objects}\n"


EVERYBODY = HEAD + "".join(row(number, SATURDAY) for number in range(9))


def vectors(folder: Path, *files: str) -> Vectors:
    home = new_home(folder)
    for index, text in enumerate(files):
        import_(home, csv(folder, f"file{index}.csv", text))
    return _cells(home)


def _cells(home: Home) -> Vectors:
    with opened(home) as connection:
        found, _, _ = exact_of(
            connection, WINDOW, "Europe/Oslo", [BoundedTable(TABLES[name], (BOUNDS,)) for name in NAMES]
        )
        return found


@pytest.mark.parametrize("listed", [(), (EVENTS,)])
@pytest.mark.parametrize("objects", ["no", "yes"])
def test_a_row_that_says_otherwise_moves_its_own_customer_alone(
    tmp_path: Path, listed: tuple[str, ...], objects: str
) -> None:
    """Of one event the tenth customer's row names another day: ordinary where tickets are for a time of day."""
    without = vectors(tmp_path / "without", *listed, EVERYBODY)
    more = vectors(tmp_path / "more", *listed, EVERYBODY, HEAD + row(9, WEDNESDAY, objects))
    for name in NAMES:
        for measure in (Measure.CUSTOMERS, Measure.ORDERS, Measure.TICKETS):
            moved = more[name, measure] - without[name, measure]
            assert sorted(moved.tolist()) == [0] * (len(moved) - 1) + [0 if objects == "yes" else 1], (name, measure)


def test_a_file_of_events_tells_it_where_the_sales_do_not(tmp_path: Path) -> None:
    bare = "order_id,line_id,ordered_at,event_id,quantity,amount,email\n"
    sold = bare + "A1,1,2025-03-01T10:00:00+01:00,E1,1,300.00,a@example.no\n"
    unknown = vectors(tmp_path / "unknown", sold)["weekday", Measure.TICKETS]
    known = vectors(tmp_path / "known", EVENTS, sold)["weekday", Measure.TICKETS]
    assert unknown.tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert known.tolist() == [0, 0, 0, 0, 0, 1, 0, 0]


def test_what_other_sales_say_tells_nothing_of_a_line_that_is_silent(tmp_path: Path) -> None:
    """Nor does it matter to a silent line whether theirs are there."""
    silent = EVERYBODY + row(9, "")
    found = vectors(tmp_path / "home", silent)["weekday", Measure.TICKETS]
    assert found.tolist() == [0, 0, 0, 0, 0, 9, 0, 1]
