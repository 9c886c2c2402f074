"""A return by its ticket takes back the customer's own sale; somebody else's is never reduced by it."""

from pathlib import Path

import pytest

from node.home import Home
from tests.node.ingest.house import asked, csv, import_, new_home, totals

HEAD = "order_id,line_id,ordered_at,ticket_id,quantity,amount,state,email\n"


def line(order: str, day: int, ticket: str, quantity: int, amount: int, who: str, state: str = "paid") -> str:
    return f"{order},1,2025-03-{day:02d}T18:00:00Z,{ticket},{quantity},{amount},{state},{who}@example.no\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def net_of(home: Home) -> dict[str, tuple[int, int]]:
    """By order number: tickets and kroner left."""
    rows = asked(
        home,
        """
        SELECT n.order_id, sum(s.tickets)::BIGINT, sum(s.revenue_ore)::BIGINT // 100 FROM sales s
        JOIN (SELECT DISTINCT order_id, order_rank FROM order_lines) n USING (order_rank) GROUP BY 1
        """,
    )
    return {order: (tickets, kroner) for order, tickets, kroner in rows}


def test_own_sales_come_before_later_ones_of_others(home: Home, tmp_path: Path) -> None:
    text = HEAD + line("A", 1, "T", 1, 100, "a") + line("B", 2, "T", 1, 200, "b") + line("C", 3, "T", -1, -100, "a")
    import_(home, csv(tmp_path, "salg.csv", text))
    assert net_of(home) == {"B": (1, 200)}


def test_of_own_sales_the_latest_before_the_return(home: Home, tmp_path: Path) -> None:
    text = HEAD + "".join(
        line(order, day, "T", quantity, 100 * quantity, "a")
        for order, day, quantity in (("A", 1, 1), ("B", 3, 1), ("C", 4, -1), ("D", 5, 1))
    )
    import_(home, csv(tmp_path, "salg.csv", text))
    assert net_of(home) == {"A": (1, 100), "D": (1, 100)}


def test_a_sale_of_somebody_else_stays_whole_and_the_sum_is_right(home: Home, tmp_path: Path) -> None:
    text = HEAD + line("A", 1, "T", 1, 100, "a") + line("B", 2, "T", -1, -100, "b")
    import_(home, csv(tmp_path, "salg.csv", text))
    assert totals(home)[1:] == (0, 0)
    assert asked(home, "SELECT tickets FROM sales ORDER BY 1") == [(-1,), (1,)]


def test_a_return_of_a_sale_that_is_cancelled_already_counts_nothing(home: Home, tmp_path: Path) -> None:
    text = HEAD + line("A", 1, "T", 1, 100, "a", "cancelled") + line("B", 2, "T", -1, -100, "a")
    import_(home, csv(tmp_path, "salg.csv", text))
    assert totals(home) == (0, 0, 0)


def test_tickets_of_other_systems_are_other_tickets(home: Home, tmp_path: Path) -> None:
    import_(home, csv(tmp_path, "a.csv", HEAD + line("A", 1, "T", 1, 100, "a")), source="hall-a")
    import_(home, csv(tmp_path, "b.csv", HEAD + line("B", 2, "T", -1, -100, "a")), source="hall-b")
    assert net_of(home) == {"A": (1, 100), "B": (-1, -100)}
