from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimate import kpis
from privacy.estimate.figure import Figure
from privacy.estimate.ratios import Ratio, ratio
from privacy.estimate.reasons import Reason
from privacy.estimate.rounding import published
from tests.privacy.estimate.strategies import strong_figures

KPIS: list[tuple[Callable[..., Ratio], int]] = [
    (kpis.average_ticket_price_ore, 2),
    (kpis.revenue_per_customer_ore, 2),
    (kpis.average_purchase_ore, 2),
    (kpis.purchase_frequency, 2),
    (kpis.tickets_per_order, 2),
    (kpis.first_timer_share, 3),
    (kpis.identified_share, 2),
    (kpis.retention, 2),
    (kpis.duration_years, 2),
]


def exact(value: float) -> Figure:
    return Figure(value, 0)


def written(result: Ratio, decimals: int) -> str:
    assert result.value is not None
    return published(result.value, decimals)


def test_a_published_customer_portfolio() -> None:
    # Elinder 2018, "Dina nycklar till framgångsrikare CRM": flows and the super tier's.
    continuing, lost, recovered, new = exact(60_817), exact(33_570), exact(17_606), exact(23_388)
    assert written(kpis.retention(continuing, lost), 4) == "0.6443"
    assert written(kpis.duration_years(continuing, lost), 3) == "2.812"
    assert written(kpis.retention(exact(4720 - 539), exact(539)), 4) == "0.8858"
    assert written(kpis.duration_years(exact(4720 - 539), exact(539)), 3) == "8.757"
    assert written(kpis.first_timer_share(new, continuing, recovered), 4) == "0.2297"


def test_units_and_sides() -> None:
    revenue_ore, tickets, orders, customers = exact(9_000_000), exact(300), exact(120), exact(80)
    assert kpis.average_ticket_price_ore(revenue_ore, tickets).value == 30_000
    assert kpis.revenue_per_customer_ore(revenue_ore, customers).value == 112_500
    assert kpis.average_purchase_ore(revenue_ore, orders).value == 75_000
    assert kpis.purchase_frequency(orders, customers).value == 1.5
    assert kpis.tickets_per_order(tickets, orders).value == 2.5
    assert kpis.identified_share(exact(90), exact(30)).value == 0.75


@given(strong_figures(), strong_figures())
def test_retention_is_one_minus_the_lost_share(continuing: Figure, lost: Figure) -> None:
    """The definition to the letter: q = lost/D with Cov(lost, D) = Var(lost), then 1 - q."""
    q = ratio(lost, Figure(lost.value + continuing.value, lost.variance + continuing.variance), lost.variance)
    result = kpis.retention(continuing, lost)
    assert q.value is not None
    assert result.value == pytest.approx(1 - q.value, abs=1e-12)
    assert result.standard_error == pytest.approx(q.standard_error, rel=1e-5, abs=1e-8)


@given(strong_figures(), strong_figures())
def test_duration_is_one_plus_an_independent_ratio(continuing: Figure, lost: Figure) -> None:
    """(continuing + lost)/lost = 1 + continuing/lost, whose two sides share no noise."""
    result, rest = kpis.duration_years(continuing, lost), ratio(continuing, lost)
    assert rest.value is not None
    assert rest.interval is not None
    assert result.interval is not None
    assert result.value == pytest.approx(1 + rest.value)
    assert result.standard_error == pytest.approx(rest.standard_error, rel=1e-5, abs=1e-8)
    assert result.interval == pytest.approx((1 + rest.interval[0], 1 + rest.interval[1]), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(("kpi", "parts"), KPIS)
@pytest.mark.parametrize("value", [0, -7])
def test_nothing_to_divide_by(kpi: Callable[..., Ratio], parts: int, value: float) -> None:
    result = kpi(*[Figure(value, 4)] * parts)
    assert result == Ratio(None, None, None, reason=Reason.DENOMINATOR_NOT_POSITIVE)


@pytest.mark.parametrize(("kpi", "parts"), KPIS)
@given(data=st.data())
def test_doubling_all_noise_doubles_every_standard_error(
    kpi: Callable[..., Ratio], parts: int, data: st.DataObject
) -> None:
    figures = [data.draw(strong_figures()) for _ in range(parts)]
    once, twice = kpi(*figures), kpi(*(Figure(figure.value, 4 * figure.variance) for figure in figures))
    assert once.standard_error is not None
    assert twice.value == once.value
    assert twice.standard_error == pytest.approx(2 * once.standard_error, rel=1e-9)
