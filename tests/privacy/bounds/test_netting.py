"""Each way in which a return finds its sale, by example."""

from datetime import date

import pytest

from tests.privacy.bounds import engine
from tests.privacy.bounds.stores import NO_LINE, Line, Store, sale

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def _left(*lines: Line) -> dict[tuple[int, int, date], tuple[int, int]]:
    """Net tickets and øre by unit, order and day; orders without any are left out."""
    sums: dict[tuple[int, int, date], tuple[int, int]] = {}
    for unit, order_no, day, _, _, _, _, tickets, revenue, *_ in engine.sales(Store(lines, ())):
        before = sums.get((unit, order_no, day), (0, 0))
        sums[unit, order_no, day] = (before[0] + tickets, before[1] + revenue)
    return sums


def _by_type(*lines: Line) -> list[tuple[int, int, int]]:
    """Ticket type, tickets and øre of every row."""
    return sorted((row[5], row[7], row[8]) for row in engine.sales(Store(lines, ())))


def test_without_returns_all_stays() -> None:
    assert _left(sale(1, 1, 1, MARCH), sale(-2, 2, 2, APRIL, tickets=0)) == {
        (1, 1, MARCH): (1, 100),
        (-2, 2, APRIL): (0, 100),
    }


def test_a_return_in_another_month_counts_where_its_sale_was() -> None:
    assert _left(
        sale(1, 1, 1, MARCH, tickets=3, revenue_ore=300),
        sale(1, 2, 2, APRIL, original_no=1, tickets=-1, revenue_ore=-100),
    ) == {(1, 1, MARCH): (2, 200)}


def test_a_return_beyond_its_line_leaves_the_other_lines_of_the_order_alone() -> None:
    assert _by_type(
        sale(1, 1, 1, MARCH, ticket_type=3),
        sale(1, 1, 2, MARCH, ticket_type=4),
        sale(1, 1, 3, MARCH, original_no=1, ticket_type=3, tickets=-2, revenue_ore=-150),
    ) == [(3, -1, -50), (4, 1, 100)]


def test_an_unnamed_return_takes_from_its_event_and_type_first_and_then_from_the_order() -> None:
    lines = (
        sale(1, 1, 1, MARCH, ticket_type=3, event="play", sold_as="adult"),
        sale(1, 1, 2, MARCH, ticket_type=4, event="play", sold_as="child"),
    )
    back = sale(1, 1, 3, MARCH, event="play", sold_as="child", tickets=-1, revenue_ore=-100)
    assert _by_type(*lines, back) == [(3, 1, 100)]
    more = sale(1, 1, 3, MARCH, event="play", sold_as="child", tickets=-1, revenue_ore=-150)
    assert _by_type(*lines, more) == [(3, 1, 50)]


def test_a_line_without_event_or_type_is_matched_by_having_none() -> None:
    lines = (
        sale(1, 1, 1, MARCH, ticket_type=3, event="play", sold_as="adult"),
        sale(1, 1, 2, MARCH, ticket_type=4),
    )
    assert _by_type(*lines, sale(1, 1, 3, MARCH, tickets=-1, revenue_ore=-100)) == [(3, 1, 100)]


def test_within_a_type_the_keyed_order_decides() -> None:
    lines = (
        sale(1, 1, 1, MARCH, line_rank=9, ticket_type=3),
        sale(1, 1, 2, MARCH, line_rank=5, ticket_type=4),
    )
    back = sale(1, 1, 3, MARCH, line_rank=1, tickets=-1, revenue_ore=-100)
    assert _by_type(*lines, back) == [(3, 1, 100)]


def test_tickets_and_money_are_taken_back_side_by_side() -> None:
    lines = (
        sale(1, 1, 1, MARCH, ticket_type=3, tickets=1, revenue_ore=500),
        sale(1, 1, 2, MARCH, ticket_type=4, tickets=4, revenue_ore=100),
    )
    back = sale(1, 1, 3, MARCH, tickets=-2, revenue_ore=-100)
    assert _by_type(*lines, back) == [(3, 0, 400), (4, 3, 100)]


def test_what_an_order_never_sold_stays_negative_at_the_return() -> None:
    assert _left(sale(1, 1, 1, MARCH), sale(1, 2, 2, APRIL, tickets=-1, revenue_ore=-50)) == {
        (1, 1, MARCH): (1, 100),
        (1, 2, APRIL): (-1, -50),
    }


@pytest.mark.parametrize("named", [1, NO_LINE])
def test_a_return_of_somebody_elses_line_never_reduces_it(named: int) -> None:
    """Nor does it matter to its own order whether the line that it names is there."""
    rows = engine.sales(
        Store(
            (
                sale(1, 1, 1, MARCH, tickets=2),
                sale(2, 2, 2, APRIL, tickets=3),
                sale(2, 2, 3, APRIL, original_no=named, tickets=-1, revenue_ore=0),
            ),
            (),
        )
    )
    assert sorted((row[0], row[7]) for row in rows) == [(1, 2), (2, 2)]


def test_a_return_of_somebody_elses_line_counts_at_that_sale_where_its_own_order_sold_nothing() -> None:
    rows = engine.sales(
        Store(
            (sale(-1, 1, 1, MARCH, tickets=2), sale(2, 2, 2, APRIL, original_no=1, tickets=-1, revenue_ore=-50)),
            (),
        )
    )
    assert sorted((row[0], row[1], row[2], row[7], row[8]) for row in rows) == [
        (-1, 1, MARCH, -1, -50),
        (-1, 1, MARCH, 2, 100),
    ]


def test_a_return_with_a_sign_gone_wrong_adds_nothing() -> None:
    assert _left(sale(1, 1, 1, MARCH, tickets=2), sale(1, 1, 2, MARCH, tickets=1, revenue_ore=-100)) == {
        (1, 1, MARCH): (2, 0)
    }


def test_equal_returns_each_count() -> None:
    back = {"original_no": 1, "tickets": -1, "revenue_ore": -100}
    assert _left(
        sale(1, 1, 1, MARCH, tickets=3, revenue_ore=300),
        sale(1, 2, 2, APRIL, **back),
        sale(1, 3, 3, APRIL, **back),
    ) == {(1, 1, MARCH): (1, 100)}
