"""Events of sales after netting, occupancy, lead time and time of day over daylight saving: from files to figures."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from node.home import Home
from node.kpis.occupancy import Occupancy
from node.kpis.report import Asked, Report, Section, report_of
from node.store.database import opened
from privacy.bounds.windows import twelve_months_to
from tests.node.ingest.house import asked as rows
from tests.node.ingest.house import import_, new_home

SALES = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,customer_key,original_line_id"
EVENTS = "event_id,event_title,genre,event_start,capacity,cancelled"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def take(home: Home, header: str, *lines: str) -> None:
    file = home.path.parent / "file.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    report = import_(home, file)
    assert [each.rejected for each in report.files] == [0]


def sale(order: str, line: int, at: str, event: str, quantity: int = 1, back: str = "") -> str:
    return f"{order},{line},{at},{event},Ordinær,{quantity},{quantity * 100}.00,web,paid,K{order},{back}"


def report(home: Home, *sections: Section, last: date = date(2025, 12, 31)) -> Report:
    with opened(home) as connection:
        return report_of(connection, "Europe/Oslo", Asked(twelve_months_to(last), sections))


def sold(home: Home) -> list[tuple[Any, ...]]:
    """Order, event and tickets of every row of the net sales."""
    return rows(
        home,
        """
        SELECT event_id, s.tickets FROM sales s LEFT JOIN performances USING (event_no) ORDER BY ALL
        """,
    )


def test_a_line_keeps_its_event_through_returns(home: Home) -> None:
    take(
        home,
        SALES,
        sale("A", 1, "2025-03-01", "E1", 3),
        sale("A", 2, "2025-03-01", "E2", 2),
        sale("A", 3, "2025-03-05", "E1", -1, back="1"),
        sale("B", 1, "2025-03-02", "E3"),
        sale("C", 1, "2025-03-02", ""),
        sale("D", 1, "2025-03-02", "E2", -2),
    )
    assert sold(home) == [("E1", 2), ("E2", -2), ("E2", 2), ("E3", 1), (None, 1)]


def test_a_return_without_its_sale_has_the_event_of_its_order_where_there_is_one_only(home: Home) -> None:
    take(
        home,
        SALES,
        sale("A", 1, "2025-03-01", "E1"),
        sale("A", 2, "2025-03-05", "E1", -3),
        sale("B", 1, "2025-03-01", "E1"),
        sale("B", 2, "2025-03-05", "E2", -3),
    )
    assert sold(home) == [("E1", -2), (None, -2)]


def test_occupancy_counts_what_was_sold_whenever_of_performances_in_the_window(home: Home) -> None:
    take(
        home,
        EVENTS,
        "E1,Peer Gynt,Teater,2025-03-01T19:00:00+01:00,10,",
        "E2,Peer Gynt,Teater,2025-03-02T19:00:00+01:00,0,",  # zero seats are not known ones
        "E3,Nøtteknekkeren,Dans,2025-03-03T19:00:00+01:00,4,false",
        "E4,Avlyst,Dans,2025-03-04T19:00:00+01:00,100,true",
        "E5,I fjor,Dans,2024-12-31T19:00:00+01:00,100,false",
        "E6,Uten dato,Dans,,100,false",
        "E7,Ingen kom,Konsert,2025-05-04T19:00:00+02:00,50,false",
    )
    take(
        home,
        SALES,
        sale("A", 1, "2024-11-01", "E1", 4),  # the year before
        sale("B", 1, "2025-02-01", "E1", 3),
        sale("B", 2, "2025-02-05", "E1", -2),
        sale("C", 1, "2025-02-01", "E2", 3),
        sale("D", 1, "2025-02-01", "E3", 5),  # one more than there are seats
        sale("E", 1, "2025-02-01", "E4", 9),
    )
    found = report(home, Section.PERFORMANCES).occupancy
    assert dict(found["genre"]) == {
        "Dans": Occupancy(1, 1, 4, 5),
        "Konsert": Occupancy(1, 1, 50, 0),
        "Teater": Occupancy(2, 1, 10, 5),
    }
    assert found["genre"]["Dans"].share == 1.25
    assert Occupancy(3, 0, 0, 0).share is None
    assert dict(found["weekday"]) == {
        "monday": Occupancy(1, 1, 4, 5),
        "saturday": Occupancy(1, 1, 10, 5),
        "sunday": Occupancy(2, 1, 50, 0),
    }


BOUGHT = [
    # The clocks go forward on 30 March 2025 and back on 26 October: local days and hours count.
    ("2025-03-29T23:30:00+01:00", "2025-03-29T23:30:00+01:00", "same-day", "saturday", "night"),
    ("2025-03-29T22:30:00Z", "2025-03-30T01:30:00Z", "1-7", "sunday", "night"),
    ("2025-03-29T12:00:00+01:00", "2025-03-30T19:00:00+02:00", "1-7", "sunday", "evening"),
    ("2025-06-30T21:59:00Z", "2025-06-30T22:30:00Z", "1-7", "tuesday", "night"),  # half past midnight at home
    ("2025-10-25T12:00:00+02:00", "2025-10-26T00:30:00Z", "1-7", "sunday", "night"),
    ("2025-10-18T12:00:00+02:00", "2025-10-26T19:00:00+01:00", "8-30", "sunday", "evening"),
    ("2025-02-01", "2025-03-03T12:00:00+01:00", "8-30", "monday", "afternoon"),
    ("2025-02-01", "2025-03-04T11:59:00+01:00", "31-90", "tuesday", "morning"),
    ("2025-02-01", "2025-05-02T16:59:00+02:00", "31-90", "friday", "afternoon"),
    ("2025-02-01", "2025-05-03T17:00:00+02:00", "91+", "saturday", "evening"),
    ("2025-02-28", "2025-02-27T17:00:00+01:00", "same-day", "thursday", "evening"),  # the box office was late
    ("2025-02-01", "2025-02-08", "1-7", "saturday", "unknown"),  # a day without a time
    ("2025-02-01", "", "unknown", "unknown", "unknown"),
]
"""When it was ordered, when it began, and where it belongs."""


def test_lead_time_weekday_and_time_of_day(home: Home) -> None:
    take(home, EVENTS, *(f"E{place},A,Teater,{start},10," for place, (_, start, *_rest) in enumerate(BOUGHT)))
    take(home, SALES, *(sale(f"A{place}", 1, bought[0], f"E{place}", 2**place) for place, bought in enumerate(BOUGHT)))
    found = report(home, Section.ORDERS, Section.PERFORMANCES).breakdowns
    tables = {each.name: each for each in (*found[Section.ORDERS], *found[Section.PERFORMANCES])}
    for column, name in ((2, "lead_time"), (3, "weekday"), (4, "daypart")):
        # Powers of two: a category's tickets tell which orders are in it.
        expected = dict.fromkeys((key for (key,) in tables[name].cells), 0)
        for place, bought in enumerate(BOUGHT):
            expected[bought[column]] += 2**place
        assert {key: cell.tickets for (key,), cell in tables[name].cells.items()} == expected
    assert tables["genre"].cells["Teater",].orders == len(BOUGHT)


def test_an_order_of_two_performances_leads_to_the_first_of_them(home: Home) -> None:
    take(home, EVENTS, "E1,A,,2025-09-01T19:00:00+02:00,,", "E2,B,,2025-02-03T19:00:00+01:00,,")
    take(home, SALES, sale("A", 1, "2025-02-01", "E1", 2), sale("A", 2, "2025-02-01", "E2", 1))
    (lead,) = [each for each in report(home, Section.ORDERS).breakdowns[Section.ORDERS] if each.name == "lead_time"]
    assert (lead.cells[("1-7",)].orders, lead.cells[("1-7",)].tickets) == (1, 3)
