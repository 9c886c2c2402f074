"""The range of a figure, in numbers worked out by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest

from coordinator.rounds.checks import range_of
from privacy.catalogue.measures import Measure
from privacy.studies.price import PricedPart, price
from tests.coordinator.house import STUDY


def priced(scale: Fraction, measure: Measure) -> PricedPart:
    """The part of the totals, with noise of this scale."""
    part = next(each for each in price(STUDY).parts if (each.part.table.name, each.part.measure) == ("totals", measure))
    return replace(part, mechanism=replace(part.mechanism, scale=scale))


@pytest.mark.parametrize(
    ("scale", "measure", "least", "most"),
    [
        (Fraction(80), Measure.CUSTOMERS, -2430, 10_002_430),  # 30 · (80 + 1) on either side
        (Fraction(161, 2), Measure.ORDERS, -2430, 80_002_430),  # 8 orders of a customer
        (Fraction(1, 2), Measure.TICKETS, -30, 200_000_030),  # 20 tickets
        (Fraction(1000), Measure.REVENUE, -30_030, 10_000_000_030_030),  # 10 000 kr
    ],
)
def test_limits_of_a_part(scale: Fraction, measure: Measure, least: int, most: int) -> None:
    allowed = range_of(priced(scale, measure), STUDY)
    assert (allowed[0], allowed[-1]) == (least, most)


def test_the_shipped_study_has_the_limits_that_its_noise_gives() -> None:
    """The whole institution's customers have noise of 80.58 each: 30 · 81 below zero."""
    part = price(STUDY).parts[0]
    assert (part.part.table.name, part.part.measure) == ("totals", Measure.CUSTOMERS)
    assert range_of(part, STUDY) == range(-2430, 10_002_431)
