"""Own and cohort side by side: the mark, and where it is another than the error by itself would give."""

from dataclasses import replace

import pytest

from node.benchmark.beside import Beside
from privacy.estimate.body import Cell


def a_cell(low: str, high: str) -> Cell:
    """A figure of 2.00 with a standard error of 0.50."""
    return Cell("network", "totals", "all", "tickets_per_order", "2.000", "0.50000", low, high, 5, "published", None)


@pytest.mark.parametrize(
    ("own", "low", "high", "verdict", "contradicts"),
    [
        (2.5, "1.020", "2.980", "within noise", False),
        (3.5, "1.020", "2.980", "above", False),
        (0.5, "1.020", "2.980", "below", False),
        (1.2, "1.500", "4.000", "below", True),
        (3.5, "1.500", "4.000", "within noise", True),
        (None, "1.500", "4.000", "not shown", False),
    ],
)
def test_the_mark_goes_by_the_interval(own: float | None, low: str, high: str, verdict: str, contradicts: bool) -> None:
    found = Beside(a_cell(low, high), own)
    assert (found.verdict, found.contradicts_error) == (verdict, contradicts)
    assert found.shown == found.cell


@pytest.mark.parametrize(("own", "verdict"), [(2.5, "below"), (3.1, "within noise"), (4.1, "above")])
def test_the_mark_goes_by_what_is_put_back(own: float, verdict: str) -> None:
    """The own figure is without bounds: beside one within them it would be above."""
    cell = replace(a_cell("1.900", "2.100"), uncut="3.300", uncut_error="0.30000")
    found = Beside(cell, own)
    assert (found.shown.value, found.shown.standard_error) == ("3.300", "0.30000")
    assert (found.verdict, found.contradicts_error) == (verdict, False)
