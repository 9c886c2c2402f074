"""Room in the budget: what the books say fits is what a release may spend, now and at the moment that is named."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from node.release.room import Room, drops_out, room
from privacy.budget import policy_file
from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.policy import Policy, check
from privacy.budget.twelve_months import since, spent_between
from privacy.errors import Refused
from privacy.studies.price import price
from privacy.studies.study import shipped

BENCHMARK = shipped()["benchmark"]
COST = price(BENCHMARK).spend
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
moments = st.integers(0, 8 * 366 * 86_400).map(
    lambda seconds: datetime(2023, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@dataclass(frozen=True)
class Entry:
    time: datetime
    cost: Spend


def policy() -> Policy:
    return policy_file.parse(policy_file.allow(policy_file.DEFAULT_TEXT, BENCHMARK), "policy.toml")


def agrees(spent: Spend) -> bool:
    try:
        check(policy(), BENCHMARK, COST, spent)
    except Refused:
        return False
    return True


@given(moments)
def test_what_was_spent_drops_out_at_that_moment_and_no_earlier(time: datetime) -> None:
    moment = drops_out(time)
    assert since(moment) >= time
    assert since(moment - timedelta(seconds=1)) < time


def test_two_releases_fit_and_then_none_until_the_first_is_a_year_old() -> None:
    first, second = (Entry(NOW - timedelta(days=days), COST) for days in (200, 100))
    assert room([], policy(), COST, NOW) == Room(2, None)
    assert room([first], policy(), COST, NOW) == Room(1, drops_out(first.time))
    assert room([second, first], policy(), COST, NOW) == Room(0, drops_out(first.time))


def test_what_no_cap_allows_never_fits() -> None:
    assert room([], policy(), Spend(Epsilon(0), Rho.parse("0.09")), NOW) == Room(0, None)
    tight = replace(policy(), largest_release=Spend(Epsilon(0), Rho.parse("0.01")))
    assert room([Entry(NOW, COST)], tight, COST, NOW) == Room(0, None)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 40_000)), max_size=5))
def test_the_policy_agrees_with_the_room(spends: list[tuple[int, int]]) -> None:
    entries = [Entry(NOW - timedelta(days=days), Spend(Epsilon(0), Rho(micro))) for days, micro in spends]
    found = room(entries, policy(), COST, NOW)
    assert agrees(spent_between(entries, NOW) + COST.times(max(0, found.fits - 1))) == (found.fits > 0)
    assert not agrees(spent_between(entries, NOW) + COST.times(found.fits))
    assume(found.more_at is not None)
    assert found.more_at is not None
    then = spent_between(entries, found.more_at)
    assert agrees(then + COST.times(found.fits))
    assert not agrees(spent_between(entries, found.more_at - timedelta(seconds=1)) + COST.times(found.fits))
