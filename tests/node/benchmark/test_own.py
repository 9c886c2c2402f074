"""Own figures as a benchmark has them, against the figures of `kudos-node kpi` and by hand."""

from datetime import date
from pathlib import Path

from node.benchmark.beside import Beside, beside, own_cohorts
from node.benchmark.own import own_figures
from node.kpis.figures import figures
from node.store.database import opened
from node.store.frames import Keeper, table
from privacy.bounds.windows import twelve_months_to
from privacy.estimate.body import Cell
from privacy.rounds.announcement import Seat
from privacy.studies.study import find
from tests.node.ingest.house import import_, new_home

HEADER = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,customer_key"
SALES = """
1,1,2024-03-01T12:00:00,E1,Ordinær,2,600.00,web,paid,a
2,1,2025-03-01T12:00:00,E1,Ordinær,2,700.00,web,paid,a
3,1,2025-04-01T12:00:00,E1,Student,1,150.00,web,paid,b
3,2,2025-04-01T12:00:00,E1,Fribillett,1,0.00,web,paid,b
4,1,2025-05-01T12:00:00,E1,Ordinær,4,1400.00,luke,paid,
5,1,2024-06-01T12:00:00,E1,Ordinær,1,300.00,web,paid,c
6,1,2025-06-01T12:00:00,E1,Ordinær,30,12000.00,web,paid,d
"""
STUDY = find("benchmark")
LAST = date(2025, 12, 31)


def test_they_are_the_figures_of_kpi_and_nobody_is_cut_off(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    file = tmp_path / "sales.csv"
    file.write_text(HEADER + SALES, encoding="utf-8")
    import_(home, file)
    own = own_figures(home, STUDY, twelve_months_to(LAST), lambda _text: None)
    with opened(home) as connection:
        exact = figures(table(connection, "sales"), table(connection, "customers"), LAST, Keeper(connection))
    assert own["totals", "all", "revenue_ore"] == exact.revenue_ore == 1_425_000
    assert own["totals", "all", "tickets"] == exact.tickets == 38
    assert own["totals", "all", "customers"] == exact.customers == 3
    assert own["totals", "all", "orders"] == exact.orders == 4
    for name in (
        "retention",
        "first_timer_share",
        "purchase_frequency",
        "average_purchase_ore",
        "revenue_per_customer_ore",
        "average_ticket_price_ore",
        "tickets_per_order",
        "identified_share",
        "complimentary_share",
        "duration_years",
    ):
        assert own["totals", "all", name] == getattr(exact, name), name
    assert own["flow", "lost", "customers"] == 1
    assert own["age_band", "0-15", "average_purchase_ore"] is None


def cell(low: int | None, high: int | None, cohort: str = "network", measure: str = "average_purchase_ore") -> Cell:
    return Cell(cohort, "totals", "all", measure, 100, "5.00", low, high, 6, "published", None)


def test_a_difference_is_told_only_outside_the_interval() -> None:
    assert Beside(cell(90, 110), 111).verdict == "above"
    assert Beside(cell(90, 110), 89).verdict == "below"
    for own in (90, 100, 110):
        assert Beside(cell(90, 110), own).verdict == "within noise"
    assert Beside(cell(90, 110), None).verdict == "not shown"
    assert Beside(cell(None, None), 100).verdict == "not shown"
    assert Beside(cell(90, 110, measure="customers"), 111).verdict == "not shown", "a sum of many and one's own"


def test_the_own_cohorts_are_those_of_the_seat() -> None:
    seat = Seat(
        member="a",
        name="A",
        industry="museum",
        county="46",
        size_class="small",
        signing_key="1" * 64,
        sealing_key="2" * 64,
        identity_commitment=None,
        identity_epoch=None,
    )
    assert own_cohorts(seat) == ("network", "industry:museum", "county:46", "industry-county:museum:46", "size:small")
    assert [
        each.cell.cohort
        for each in beside(_Some(cell(1, 2), cell(1, 2, "county:03")), {}, own_cohorts(seat), None)  # type: ignore[arg-type]
    ] == ["network"]


class _Some:
    """As much of a benchmark as its cells."""

    def __init__(self, *cells: Cell) -> None:
        self.body = self
        self.cells = cells
