"""What an event did, out of published rounds and own figures: which periods are used, and what is doubted."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise

import pytest

from node.effects.cohort_periods import published
from node.effects.doubts import Doubt, doubts
from node.effects.effect import Asked, Effect, Material, NoEffect, effect_of, wanted
from node.effects.own_periods import Own
from node.events.event import Event
from node.kpis.windows import Period, periods
from privacy.bounds.windows import Window, twelve_months_to
from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import Cell
from privacy.estimate.change import NoChange
from privacy.estimate.series import Series, series_of
from tests.privacy.estimate.rounds_of import SIX, a_round, figure, lines, withheld

ME = "house-0"
MAY = Event("Premiere", date(2025, 5, 1))
LIVELY = (1.0, 1.06, 0.97, 1.02, 0.95, 1.03, 0.98, 1.04, 0.99, 1.01, 0.96, 1.05)
"""Ups and downs without a slope that anybody would see."""


def month(name: str, value: float, error: float = 10_000, **said: object) -> Cell:
    return figure("revenue_ore", value, error, table="month", category=name, **said)  # type: ignore[arg-type]


def months(value: float = 10_000_000, *, less: Sequence[str] = (), error: float = 10_000) -> list[Cell]:
    """Twelve months of a cohort, but for those that are left to be said otherwise."""
    return [month(f"{n:02d}", value, error) for n in range(1, 13) if f"{n:02d}" not in less]


def one(*rounds: Benchmark) -> Series:
    (found,) = series_of(rounds)
    return found


def lively(window: Window) -> float:
    return LIVELY[window.first.month - 1]


def answered(
    rounds: Sequence[Benchmark],
    event: Event = MAY,
    *,
    own: Callable[[Window], float] = lively,
    effect: float = 0.0,
    member: str | None = None,
    bounded: float = 0,
    before: int = 4,
    after: int | None = None,
    by: Period = Period.MONTH,
) -> Effect:
    """The effect of an event, with own figures of a million øre times what is said, and more from the event on."""
    series = one(*rounds)
    asked = Asked.of(event, "revenue_ore", "network", by, before, after)
    found = wanted(asked, series)

    def mine(window: Window) -> int:
        return round(1_000_000 * own(window) * math.exp(effect * (window.first >= event.on)))

    figures = {window: Own(mine(window), round(bounded)) for window, each in found.items() if each.value is not None}
    return effect_of(asked, Material(series, found, figures, member))


def said(effect: Effect, *events: Event) -> Mapping[Doubt, str]:
    return dict(doubts(effect, events))


YEAR = a_round(2025, months())
YEAR_BEFORE = a_round(2024, months(9_000_000))
DATA = (YEAR_BEFORE, YEAR)


def test_an_effect_comes_back_and_with_the_year_before_nothing_is_doubted() -> None:
    """Own and cohort have one season, so that against the year before hardly anything is left but the effect."""
    found = answered(DATA, effect=0.2)
    assert found.estimate.season
    assert found.estimate.log == pytest.approx(0.2, abs=1e-5)
    assert not found.estimate.within_noise
    assert [side.named.label for side in found.sides if side.pair] == [f"2025-0{n}" for n in range(1, 8)]
    assert not said(found, MAY)
    nothing = answered(DATA)
    assert nothing.estimate.within_noise


def test_the_own_part_is_taken_off_the_cohort_and_told_where_it_is_large() -> None:
    """The cohort has 10 million a month, of them 4 million one's own: 6 are the others', and the error is of those."""
    found = answered(DATA, member=ME, bounded=4_000_000)
    assert {side.pair.cohort for side in found.sides if side.pair} == {6_000_000}
    assert {side.pair.error for side in found.sides if side.pair} == {10_000}
    assert found.own_share == pytest.approx(0.4)
    assert "40 %" in said(found)[Doubt.LARGE_PART]
    small = answered(DATA, member=ME, bounded=400_000)
    assert Doubt.LARGE_PART not in said(small)
    assert small.own_share == pytest.approx(0.04)
    for elsewhere in (None, "house-9"):
        outside = answered(DATA, member=elsewhere, bounded=4_000_000)
        assert outside.own_share is None
        assert {side.pair.cohort for side in outside.sides if side.pair} == {10_000_000}


def test_few_periods_before_are_doubted_and_one_is_refused() -> None:
    march = Event("Early", date(2025, 3, 1))
    assert "only 2 months" in said(answered((YEAR,), march))[Doubt.FEW_BEFORE]
    assert Doubt.FEW_BEFORE not in said(answered((YEAR,), Event("Later", date(2025, 4, 1))))
    with pytest.raises(NoEffect, match=r"it takes 2 months before 2025-02-01 and 1 from then on.*NOT_THERE"):
        answered((YEAR,), Event("First", date(2025, 2, 1)))
    with pytest.raises(NoEffect, match="2025-12-01 to 2026-04-30"):
        answered((YEAR,), Event("Afterwards", date(2026, 2, 1)), before=2)


def test_what_is_withheld_unreliable_or_not_sold_is_left_out_and_said() -> None:
    gaps = a_round(
        2025,
        [
            *months(less=("01", "02", "03")),
            withheld("revenue_ore", table="month", category="02"),
            month("03", 10_000, 9_000, unreliable=True),
        ],
    )

    def own(window: Window) -> float:
        return 0 if window.first.month == 6 else lively(window)

    found = answered((gaps,), Event("Late", date(2025, 9, 1)), own=own, before=8, after=2)
    reasons = {side.named.label: side.reason for side in found.sides if side.reason}
    assert reasons == {
        "2025-01": NoChange.NOT_THERE,
        "2025-02": "DOMINATED",
        "2025-03": NoChange.UNRELIABLE,
        "2025-06": "NOTHING_SOLD",
    }
    assert "2025-02 (DOMINATED); 2025-03 (UNRELIABLE); 2025-06 (NOTHING_SOLD)" in said(found)[Doubt.LEFT_OUT]


def test_of_a_cohort_that_is_nearly_oneself_too_little_is_left() -> None:
    with pytest.raises(NoEffect, match="OTHERS_TOO_SMALL"):
        answered((YEAR,), member=ME, bounded=9_970_000)
    with pytest.raises(NoEffect, match="OTHERS_TOO_SMALL"):
        answered((YEAR,), member=ME, bounded=10_000_001)


def test_a_cohort_that_is_withheld_says_so() -> None:
    rounds = a_round(2025, [figure("orders", 5)], cohorts=lines("network", withheld=("county:46",)))
    asked = Asked.of(MAY, "revenue_ore", "county:46", Period.MONTH, 2, 1)
    found = wanted(asked, one(rounds))
    with pytest.raises(NoEffect, match="TOO_FEW_MEMBERS"):
        effect_of(asked, Material(one(rounds), found, {}, None))


def test_without_the_year_before_the_season_is_doubted_unless_the_same_months_are_on_both_sides() -> None:
    assert Doubt.SEASON in said(answered((YEAR,)))
    year_on_year = answered(DATA, Event("New year", date(2025, 1, 1)), before=12, after=12)
    assert not year_on_year.estimate.season, "2023 is not there"
    assert Doubt.SEASON not in said(year_on_year)


def test_months_that_lack_the_year_before_are_left_out_where_the_season_is_taken_off() -> None:
    earlier = a_round(2024, months(less=("01",)))
    found = answered((earlier, YEAR))
    assert found.estimate.season
    assert [side.named.label for side in found.before if side.pair] == ["2025-02", "2025-03", "2025-04"]
    assert "2025-01 (NOT_THERE)" in said(found)[Doubt.LEFT_OUT]


def test_the_season_is_taken_off_of_all_that_comes_after_or_of_nothing() -> None:
    """Of four months before and June the year before is there, of July it is not: so July stays, and the season."""
    earlier = a_round(2024, months(less=("07",)))
    found = answered((earlier, YEAR), Event("June", date(2025, 6, 1)), after=2)
    assert [side.named.label for side in found.after if side.pair] == ["2025-06", "2025-07"]
    assert len([side for side in found.before if side.pair]) == 4
    assert not found.estimate.season
    assert Doubt.SEASON in said(found)
    whole = answered(DATA, Event("June", date(2025, 6, 1)), after=2)
    assert whole.estimate.season


def test_drifting_apart_and_going_on_as_before_are_doubted() -> None:
    drifting = answered((YEAR,), Event("Late", date(2025, 9, 1)), own=lambda window: 1.1**window.first.month, before=8)
    assert Doubt.TREND in said(drifting)
    waves = answered(
        (YEAR,),
        Event("Late", date(2025, 11, 1)),
        own=lambda window: 1 + 0.3 * math.sin(window.first.month / 10 * 2 * math.pi),
        before=10,
        after=2,
    )
    assert Doubt.CORRELATED in said(waves)
    steady = said(answered((YEAR,), Event("Late", date(2025, 11, 1)), before=10, after=2))
    assert not {Doubt.TREND, Doubt.CORRELATED} & set(steady)


def test_rounds_with_other_members_are_doubted() -> None:
    january = Event("New year", date(2025, 1, 1))
    assert Doubt.MEMBERS_CHANGED not in said(answered(DATA, january))
    fewer = a_round(2025, months(), members=SIX[:5])
    assert "1 of 6 members" in said(answered((YEAR_BEFORE, fewer), january))[Doubt.MEMBERS_CHANGED]


def test_what_an_event_covers_in_part_is_said() -> None:
    found = answered(DATA, Event("Mid May", date(2025, 5, 15)))
    assert "2025-05" in said(found)[Doubt.PARTLY]
    assert [side.named.label for side in found.after] == ["2025-06", "2025-07", "2025-08"]
    short = answered(DATA, Event("Two weeks", date(2025, 5, 10), date(2025, 5, 24)))
    assert [side.named.label for side in short.after] == ["2025-05"]
    assert "2025-05" in said(short)[Doubt.PARTLY]


@pytest.mark.parametrize(
    ("on", "until", "told"),
    [
        (date(2025, 1, 1), None, True),
        (date(2024, 11, 1), date(2025, 1, 1), True),
        (date(2025, 7, 31), None, True),
        (date(2025, 8, 1), None, False),
        (date(2024, 12, 31), None, False),
        (date(2024, 5, 1), None, True),
        (date(2024, 8, 1), date(2024, 12, 1), False),
    ],
)
def test_another_event_in_the_same_months_or_those_of_the_year_before_is_said(
    on: date, until: date | None, told: bool
) -> None:
    other = Event("Other", on, until)
    found = answered(DATA)
    assert (Doubt.OVERLAP in said(found, other, MAY)) is told


def quarter(year: int, number: int, value: float) -> Benchmark:
    (window,) = [
        each.window
        for each in periods(Period.QUARTER, Window(date(year, 1, 1), date(year, 12, 31)))
        if each.label == f"{year}-Q{number}"
    ]
    return a_round(window, [figure("revenue_ore", value, 10_000)], name=f"q-{year}-{number}", study="quarters")


def test_quarters_are_the_totals_of_their_rounds() -> None:
    rounds = [quarter(year, number, 1e7) for year in (2023, 2024, 2025) for number in range(1, 5)]
    event = Event("Prices", date(2025, 4, 1))
    found = answered(rounds, event, by=Period.QUARTER, before=12, effect=-0.1)
    assert [side.named.label for side in found.before] == ["2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1"]
    assert [side.named.label for side in found.after] == ["2025-Q2"]
    assert found.estimate.season
    assert found.estimate.log == pytest.approx(-0.1, abs=1e-5)


def test_as_few_rounds_as_possible_are_used() -> None:
    """The newest has only two of the periods; the one before it has them all."""
    rolling = a_round(twelve_months_to(date(2026, 2, 28)), months(5_000_000))
    windows = [each.window for each in periods(Period.MONTH, Window(date(2025, 1, 1), date(2025, 4, 30)))]
    found = published(one(YEAR, rolling), "network", "revenue_ore", Period.MONTH, windows)
    assert {each.benchmark for each in found.values()} == {YEAR}
    assert all(one.last < other.first for one, other in pairwise(windows))
    both = published(one(YEAR, rolling), "network", "revenue_ore", Period.MONTH, windows[2:])
    assert {each.benchmark for each in both.values()} == {rolling}, "of equals the newest"
