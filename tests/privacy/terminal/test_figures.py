"""Figures with their errors: two significant digits of the error, and no more decimals than were published."""

import pytest

from privacy.catalogue.measures import Measure
from privacy.estimate.body import SUM_NAMES
from privacy.estimate.derived import EVERY_DECIMALS, SPREAD_DECIMALS
from privacy.terminal.figures import NAMES, error_of, figure, name_of, with_error


@pytest.mark.parametrize(
    ("value", "error", "measure", "said"),
    [
        (1.682, 0.0034, "duration_years", "1.682 ± 0.0034"),
        (1.717, 0.00996, "purchase_frequency", "1.717 ± 0.010"),
        (2.44, 0.26, "tickets_per_order", "2.44 ± 0.26"),
        (3.27, 15.3, "tickets_per_order", "3.27 ± 15.30"),
        (0.5524, 0.0015, "first_timer_share", "55.24 % ± 0.15 %"),
        (0.5524, 0.015, "retention", "55.2 % ± 1.5 %"),
        (27_810, 684.2, "average_ticket_price_ore", "278.1 kr ± 6.8 kr"),
        (118_712, 1_640.1, "revenue_per_customer_ore", "1 187 kr ± 16 kr"),
        (1_234_567_890, 100.5, "revenue_ore", "12 345 679 kr ± 1 kr"),
        (43_199, 0.4, "customers", "43 199 ± 0"),
        (-0.081, 0.02, "tickets_per_order", "-0.081 ± 0.020"),
        (1.5, 0.0, "duration_years", "1.50 ± 0.00"),
    ],
)
def test_an_error_has_two_digits_and_its_figure_as_many_decimals(
    value: float, error: float, measure: str, said: str
) -> None:
    assert with_error(value, error, measure) == said


def test_a_figure_by_itself() -> None:
    assert figure(1.6789, "duration_years") == "1.68"
    assert figure(27_810, "average_ticket_price_ore") == "278 kr"
    assert figure(None, "customers") == error_of(None, "customers") == "–"


def test_every_key_figure_has_a_name_of_its_own() -> None:
    sums = {SUM_NAMES[Measure.REVENUE]}
    measures = set(EVERY_DECIMALS) | sums
    assert set(NAMES) == measures - set(SPREAD_DECIMALS)
    assert len({name_of(measure) for measure in measures}) == len(measures)


def test_a_quartile_is_of_the_unit_of_its_key_figure() -> None:
    assert name_of("retention_median") == "returning (retention), middle"
    assert figure(0.4, "retention_q1") == "40.0 %"
    assert figure(27_810, "average_ticket_price_ore_q3") == "278 kr"
    assert figure(1.5, "duration_years_median") == "1.50"


@pytest.mark.parametrize("measure", EVERY_DECIMALS)
def test_no_figure_is_shown_with_more_decimals_than_were_published(measure: str) -> None:
    hundredfold = {"%": 2, "k": -2}.get(figure(1.0, measure).split()[-1][0], 0)
    shown = figure(1.0, measure, 1e-6).split()[0].partition(".")[2]
    assert len(shown) <= EVERY_DECIMALS[measure] - hundredfold
