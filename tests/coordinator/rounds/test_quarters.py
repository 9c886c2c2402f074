"""A study of quarters is asked for by the quarter: another window than the twelve months that end on the same day."""

from datetime import date

import pytest

from coordinator.errors import UsageError
from coordinator.office import Office
from coordinator.rounds import rounds
from coordinator.rounds.states import step
from coordinator.rounds.studies import StudyText
from privacy.rounds.announcement import read
from privacy.rounds.states import State
from privacy.studies.shelf import parse
from tests.coordinator.house import BENCHMARK, DEADLINE, NOW, WINDOW_LAST, a_round, joined

TEXT = """
name = "small-quarter"
version = 1
title = "Totals of a quarter"
window = "quarter"
rho = "0.004"
cohorts = ["network"]

[bounds]
max_orders = 4
max_lines = 8
max_tickets = 8
max_revenue_kr = 5000

[disclosure]
min_members = 5
dominance_percent = 60
unreliable_percent = 25

[[tables]]
name = "totals"
shares = { customers = 1, orders = 1, tickets = 1, revenue = 1 }
"""
QUARTER = StudyText(parse(TEXT, "small-quarter.toml"), TEXT)


def _opened(office: Office, last: date) -> rounds.Round:
    return rounds.open_round(office, QUARTER, last, DEADLINE, NOW, quorum=1)


def test_its_round_asks_for_three_months(office: Office) -> None:
    joined(office, "museum")
    opened = _opened(office, WINDOW_LAST)
    assert opened.id == "small-quarter-2025-12"
    said = read(rounds.announcement(office.store, opened.id), office.signing_key.public_key())
    assert (said.window.first, said.window.last) == (date(2025, 10, 1), date(2025, 12, 31))
    assert said.study == QUARTER.study


@pytest.mark.parametrize("last", [date(2025, 11, 30), date(2025, 10, 31), date(2025, 8, 31)])
def test_a_month_that_ends_no_quarter_is_refused(office: Office, last: date) -> None:
    joined(office, "museum")
    with pytest.raises(UsageError, match="March, June, September or December"):
        _opened(office, last)
    assert rounds.listed(office.store) == ()


def test_a_year_that_ends_with_it_is_another_window(office: Office) -> None:
    joined(office, "museum")
    quarter, year = _opened(office, WINDOW_LAST), a_round(office)
    with office.store.transaction() as connection:
        for each in (quarter, year):
            for state in (State.COLLECTING, State.CLOSED, State.PUBLISHED):
                step(connection, each.id, state, NOW)
    assert rounds.published_before(office.store, QUARTER, WINDOW_LAST) == (quarter.id,)
    assert rounds.published_before(office.store, BENCHMARK, WINDOW_LAST) == (year.id,)
    assert rounds.published_before(office.store, QUARTER, date(2025, 9, 30)) == ()
