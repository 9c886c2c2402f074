from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.composition import total_epsilon
from privacy.budget.twelve_months import Lifetime, lifetime, since, spent_between

DELTA = Fraction(1, 10**6)


@dataclass(frozen=True)
class Dated:
    time: datetime
    cost: Spend


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spend(epsilon: int, rho: int) -> Spend:
    return Spend(Epsilon(epsilon), Rho(rho))


moments = st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-03-01T00:00:00Z", "2025-03-01T00:00:00Z"),
        ("2028-02-29T12:34:56Z", "2027-02-28T12:34:56Z"),
        ("2029-02-28T12:00:00Z", "2028-02-28T12:00:00Z"),
        ("2029-03-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("2026-01-01T00:30:00+01:00", "2024-12-31T23:30:00Z"),
    ],
)
def test_the_year_goes_back_to_the_same_instant(now: str, start: str) -> None:
    assert since(moment(now)) == moment(start)
    assert since(moment(now)).tzinfo is UTC


@given(moments)
def test_the_year_is_never_short(now: datetime) -> None:
    assert timedelta(days=365) <= now - since(now) <= timedelta(days=366)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=800)))
def test_the_start_never_moves_backwards(now: datetime, later: timedelta) -> None:
    assert since(now + later) >= since(now)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        since(datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_entry_counts_until_it_is_exactly_a_year_old() -> None:
    entry = Dated(moment("2025-03-01T10:00:00Z"), spend(3, 5))
    assert spent_between([entry], moment("2026-03-01T09:59:59Z")) == spend(3, 5)
    assert spent_between([entry], moment("2026-03-01T10:00:00Z")) == Spend.nothing()


def test_two_budgets_cannot_be_spent_around_new_year() -> None:
    december = Dated(moment("2025-12-31T23:59:59Z"), spend(1, 10))
    assert spent_between([december], moment("2026-01-01T00:00:01Z")) == spend(1, 10)


def test_an_entry_of_the_future_counts() -> None:
    entry = Dated(moment("2030-01-01T00:00:00Z"), spend(1, 1))
    assert spent_between([entry], moment("2026-01-01T00:00:00Z")) == spend(1, 1)


@given(st.lists(st.tuples(moments, st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20), moments)
def test_the_year_is_the_sum_of_what_is_in_it(rows: list[tuple[datetime, int, int]], now: datetime) -> None:
    entries = [Dated(time, spend(epsilon, rho)) for time, epsilon, rho in rows]
    inside = [(epsilon, rho) for time, epsilon, rho in rows if time > since(now)]
    assert spent_between(entries, now) == spend(sum(e for e, _ in inside), sum(r for _, r in inside))


def test_a_hundred_thousand_small_spends_add_exactly() -> None:
    start = moment("2025-06-01T00:00:00Z")
    entries = [Dated(start + timedelta(seconds=number), spend(1, 3)) for number in range(100_000)]
    assert spent_between(entries, moment("2026-01-01T00:00:00Z")) == spend(100_000, 300_000)


def test_nothing_was_spent_in_an_empty_life() -> None:
    assert lifetime([], DELTA, moment("2026-01-01T00:00:00Z")).epsilon == Epsilon(0)
    silent = Dated(moment("2020-01-01T00:00:00Z"), Spend.nothing())
    assert lifetime([silent], DELTA, moment("2026-01-01T00:00:00Z")).years == 0


@pytest.mark.parametrize(
    ("now", "years"),
    [
        ("2024-03-01T00:00:00Z", 1),
        ("2025-02-28T23:59:59Z", 1),
        ("2025-03-01T00:00:00Z", 2),
        ("2029-01-01T00:00:00Z", 5),
    ],
)
def test_delta_adds_up_over_the_years_begun(now: str, years: int) -> None:
    entries = [
        Dated(moment("2024-03-01T00:00:00Z"), spend(1_000_000, 30_000)),
        Dated(moment("2024-03-01T00:00:00Z"), spend(0, 30_000)),
    ]
    life = lifetime(entries, DELTA, moment(now))
    assert life == Lifetime(spend(1_000_000, 60_000), years, DELTA * years)
    assert life.epsilon == total_epsilon(spend(1_000_000, 60_000), DELTA * years)


def test_zones_do_not_matter() -> None:
    oslo = timezone(timedelta(hours=1))
    entry = Dated(moment("2025-03-01T10:00:00Z"), spend(1, 1))
    assert spent_between([entry], moment("2026-03-01T10:00:00Z").astimezone(oslo)) == Spend.nothing()
