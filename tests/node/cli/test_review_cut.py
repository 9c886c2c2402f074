"""How many customers, and how much of the figures, `review` says that a study's bounds cut off."""

from datetime import date
from pathlib import Path

import pytest

from node.benchmark.bias import Bias
from node.benchmark.cut import Cut, CutByEach, cut_by_each
from node.cli.review_cut import show_cuts
from node.store.database import opened
from privacy.bounds.windows import twelve_months_to
from privacy.catalogue.measures import Measure
from privacy.studies import study
from tests.node.cli.run import initialised
from tests.node.ingest.house import import_ as imported
from tests.node.ingest.house import new_home

WINDOW = twelve_months_to(date(2025, 12, 31))
ORDERS, LINES, TICKETS, KRONER = 2, 4, 6, 600
HEAD = "order_id,line_id,ordered_at,quantity,amount,state,email\n"

Sale = tuple[str, int, int, int]
"""Order, line, tickets, kroner."""


def rows(email: str, *sales: Sale, day: str = "2025-03-01") -> str:
    return "".join(
        f"{email}{order},{line},{day}T12:00:00+01:00,{tickets},{kroner}.00,{'paid' if tickets > 0 else 'returned'},"
        f"{email and f'{email}@example.no'}\n"
        for order, line, tickets, kroner in sales
    )


AT_EVERY_BOUND = rows("anna", ("A", 1, 3, 200), ("A", 2, 1, 100), ("B", 1, 1, 100), ("B", 2, 1, 200))
ONE_ORDER_MORE = rows("bo", ("A", 1, 1, 10), ("B", 1, 1, 10), ("C", 1, 1, 10))
ONE_LINE_MORE = rows("cato", *(("A", line, 1, 10) for line in range(5)))
ONE_TICKET_MORE = rows("dina", ("A", 1, 7, 10))
ONE_KRONE_MORE = rows("eva", ("A", 1, 1, 601))


def tight(folder: Path) -> Path:
    """The file of a study with the bounds above."""
    shipped = Path(study.__file__).with_name("benchmark.toml").read_text(encoding="utf-8")
    head, _, rest = shipped.partition("[bounds]\n")
    tail = rest.partition("[disclosure]")[2]
    bounds = f"max_orders = {ORDERS}\nmax_lines = {LINES}\nmax_tickets = {TICKETS}\nmax_revenue_kr = {KRONER}\n"
    file = folder / "tight.toml"
    file.write_text(f"{head}[bounds]\n{bounds}[disclosure]{tail}", encoding="utf-8")
    return file


def sold(folder: Path, *sales: str) -> Path:
    """The file of these sales."""
    file = folder / "sales.csv"
    file.write_text(HEAD + "".join(sales), encoding="utf-8")
    return file


def cut(folder: Path, *sales: str) -> Cut:
    """What the bounds above cut off from these sales."""
    home, found = new_home(folder / "home"), study.find(str(tight(folder)))
    imported(home, sold(folder, *sales))
    with opened(home) as connection:
        (narrow,) = cut_by_each(connection, found, WINDOW)
    return narrow.together


def test_who_is_at_every_bound_is_above_none(tmp_path: Path) -> None:
    assert cut(tmp_path, AT_EVERY_BOUND) == Cut(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("above", "orders", "tickets", "revenue"),
    [
        (ONE_ORDER_MORE, 1 / 3, 1 / 3, 1 / 3),
        (ONE_LINE_MORE, 0, 1 / 5, 1 / 5),
        (ONE_TICKET_MORE, 0, 1 / 7, 0),
        (ONE_KRONE_MORE, 0, 0, 1 / 601),
    ],
    ids=["orders", "lines", "tickets", "kroner"],
)
def test_each_bound_counts_by_itself(tmp_path: Path, above: str, orders: float, tickets: float, revenue: float) -> None:
    found = cut(tmp_path, above)
    assert found.customers == 1
    assert (found.orders, found.tickets, found.revenue) == pytest.approx((orders, tickets, revenue))


def test_who_does_not_count(tmp_path: Path) -> None:
    """Sales of other years, tickets taken back, a till, and sales without a customer, each bounded by itself."""
    earlier = rows("bo", ("Z", 1, 1, 10), ("Y", 1, 1, 10), day="2024-03-01")
    two_this_year = rows("bo", ("A", 1, 1, 10), ("B", 1, 1, 10))
    taken_back = rows("gro", ("A", 1, 7, 70)) + rows("gro", ("A", 2, -1, -10), day="2025-04-01")
    till = rows("kasse", *((f"{order}", 1, 9, 900) for order in range(9)))
    anonymous = "".join(f"n{number},1,2025-03-01T12:00:00+01:00,1,10.00,paid,\n" for number in range(5))
    assert cut(tmp_path, earlier, two_this_year, taken_back, till, anonymous).customers == 0


def test_review_counts_each_customer_once_however_many_bounds_are_crossed(tmp_path: Path) -> None:
    much = rows("finn", *((f"{order}", line, 9, 900) for order in range(4) for line in range(6)))
    everyone = (AT_EVERY_BOUND, ONE_ORDER_MORE, ONE_LINE_MORE, ONE_TICKET_MORE, ONE_KRONE_MORE, much)
    node = initialised(tmp_path / "home")
    node.good("import", sold(tmp_path, *everyone))
    command = ("review", tight(tmp_path), "--as-of", "2025-12-31")
    said = node.good(*command, "--json").json
    (by_bound,) = said["cut_by_bound"]
    assert by_bound["together"] == pytest.approx(said["cut"])
    assert set(by_bound["alone"]) == {"max_orders", "max_lines", "max_tickets", "max_revenue_ore"}
    assert {each["customers"] for each in by_bound["alone"].values()} == {2}, "one above it alone, and one above all"
    assert [each["exceeds_noise"] for each in said["clipping_bias"]] == [False, False, True]
    found = said["cut"]
    orders, tickets, kroner = 2 + 3 + 1 + 1 + 1 + 4, 6 + 3 + 5 + 7 + 1 + 24 * 9, 600 + 30 + 50 + 10 + 601 + 24 * 900
    assert found["customers"] == 5
    assert found["orders"] == pytest.approx(1 - (2 + 2 + 1 + 1 + 1 + 1) / orders)
    assert found["tickets"] == pytest.approx(1 - (6 + 2 + 4 + 6 + 1 + 6) / tickets)
    assert found["revenue"] == pytest.approx(1 - (600 + 20 + 40 + 10 + 600 + 600) / kroner)
    assert "(5 customers are above a bound)" in node.good(*command).out


def test_bounds_that_no_figure_is_within_cut_nothing_and_are_not_told(tmp_path: Path) -> None:
    """Of portfolio-year nothing but customers is within the narrow bounds, of 10 orders; bounds-year has no tables."""
    node = initialised(tmp_path / "home")
    node.good("import", sold(tmp_path, rows("hans", *((f"{order}", 1, 1, 10) for order in range(25)))))
    portfolio, quantiles, whole = (
        node.good("review", study, "--as-of", "2025-12-31", "--json").json
        for study in ("portfolio-year", "bounds-year", "benchmark-year")
    )
    (wide,) = portfolio["cut_by_bound"]
    assert (portfolio["cut"], wide["wide"], wide["together"]["orders"]) == (None, True, pytest.approx(5 / 25))
    assert (quantiles["cut"], quantiles["cut_by_bound"], quantiles["clipping_bias"]) == (None, [], [])
    assert whole["cut"]["orders"] == pytest.approx(17 / 25)
    assert [each["wide"] for each in whole["cut_by_bound"]] == [False, True]
    said = node.good("review", "bounds-year", "--as-of", "2025-12-31").out
    assert "No bound cuts a figure of this study." in said
    assert "count." not in said
    assert node.good("review", "portfolio-year", "--as-of", "2025-12-31").out.count("at most") == 1


def test_what_is_cut_beyond_the_noise_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    bounds = study.find("benchmark").bounds
    by_bound = CutByEach(False, bounds, Cut(7, 0.0, 0.0, 0.05), {"max_orders": Cut(7, 0.0, 0.0, 0.05)})
    small, large = (Bias(False, Measure.REVENUE, cut, 0.05, 1_000_000) for cut in (999_999, 5_000_000))
    show_cuts([by_bound], [small])
    assert "noise hides" not in capsys.readouterr().out
    show_cuts([by_bound], [large])
    said = " ".join(capsys.readouterr().out.split())
    assert "more is cut off than the noise hides: revenue 50 000 kr (5.0 %), noise ±10 000 kr" in said
    show_cuts([CutByEach(True, bounds, Cut(0, 0.0, 0.0, 0.0), {})], [])
    assert "that cuts nothing of yours" in capsys.readouterr().out
