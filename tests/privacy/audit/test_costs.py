"""Any twelve months, against the node's own way of adding them; and the second accountant's objection."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from privacy.audit.costs import Cost, Moment, dearest, total_epsilon, trailing
from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.audit.years import Year, second_opinions
from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.twelve_months import spent_between
from privacy.ledger.leaves import Recovered
from tests.privacy.audit.houses import policy

START = datetime(2023, 2, 27, tzinfo=UTC)
LEAP_DAY = [
    datetime(2023, 2, 28, 18, tzinfo=UTC),
    datetime(2024, 2, 28, 20, tzinfo=UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
]
"""The first has dropped out for the second, and counts for the third."""

times = st.lists(
    st.one_of(
        st.integers(0, 2 * 24).map(lambda hours: START + timedelta(hours=hours)),
        st.integers(0, 4 * 24).map(lambda hours: START + timedelta(days=365, hours=hours)),
        st.integers(0, 900).map(lambda days: START + timedelta(days=days)),
    ),
    max_size=12,
)


def spent(seq: int, time: datetime) -> Recovered:
    return Recovered(seq=seq, time=time, old="whole", given_up=(), epsilon_u=seq, rho_u=2**seq)


@given(times)
@example(LEAP_DAY)
def test_twelve_months_are_those_of_the_node(moments: list[datetime]) -> None:
    entries = [spent(seq, time) for seq, time in enumerate(sorted(moments))]
    spending = [Cost(Placed(each.seq + 1, each), each.cost) for each in entries]
    found = trailing(spending, lambda each: each.placed.entry.time)
    assert [each.spent for each in found] == [
        spent_between(entries[: index + 1], entry.time) for index, entry in enumerate(entries)
    ]
    assert all(each.first <= each.last == index for index, each in enumerate(found))


@given(times)
def test_of_entries_out_of_order_none_is_left_out(moments: list[datetime]) -> None:
    entries = [spent(seq, time) for seq, time in enumerate(moments)]
    spending = [Cost(Placed(each.seq + 1, each), each.cost) for each in entries]
    for index, each in enumerate(trailing(spending, lambda each: each.placed.entry.time)):
        assert spent_between(entries[: index + 1], entries[index].time).fits_in(each.spent)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12))
def test_the_dearest_months_are_those_of_the_largest_epsilon(amounts: list[tuple[int, int]]) -> None:
    """Neither those of the largest ρ, nor those of the most pure ε."""
    delta = policy(0, START).delta
    moments = [Moment(50_000 * pure, 2_000 * rho, 0, index) for index, (pure, rho) in enumerate(amounts)]
    found = dearest(moments, delta)
    assert (found is None) == (not moments)
    if found is not None:
        assert total_epsilon(found.spent, delta) == max(total_epsilon(each.spent, delta) for each in moments)


def test_a_second_accountant_that_finds_more_objects() -> None:
    """No bundle can bring that about: only a fault in one of the two libraries."""
    ledger = CheckedLedger("house-b", (Placed(1, policy(0, START)),), (), (), ())
    nothing = Spend(Epsilon(0), Rho(0))
    year = Year(
        member="house-b",
        year=2023,
        spend=nothing,
        epsilon=Epsilon(0),
        highest=Epsilon(1_000_000),
        second=1.0,
        cap=None,
        remaining=None,
        lifetime=Epsilon(0),
        delta=policy(0, START).delta,
        studies=(),
    )
    assert second_opinions(ledger, [year]) == []
    (found,) = second_opinions(ledger, [replace(year, second=1.01)])
    assert found.code == "SECOND_ACCOUNTANT"
