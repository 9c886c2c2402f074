"""Key figures that cannot be are shown as what can; what is published of them stays as it is."""

import pytest

from privacy.estimate.body import Cell, Status
from privacy.estimate.derived import EVERY_DECIMALS
from privacy.terminal.possible import is_possible, possible, told


def cell(measure: str, value: str, low: str | None, high: str | None, status: Status = "unreliable") -> Cell:
    return Cell("network", "totals", "all", measure, value, "0.148", low, high, 10, status, None)


@pytest.mark.parametrize(
    ("measure", "value", "low", "high", "shown"),
    [
        ("purchase_frequency", "0.950", "0.660", "1.240", "1.00 to 1.24"),
        ("purchase_frequency", "1.100", "0.810", "1.390", "1.10 ± 0.15"),
        ("purchase_frequency", "0.400", "0.110", "0.690", "–"),
        ("purchase_frequency", "0.950", None, None, "–"),
        ("duration_years", "0.900", "0.610", "1.190", "1.00 to 1.19"),
        ("retention", "1.0400", "0.7500", "1.3300", "75 % to 100 %"),
        ("first_timer_share", "-0.0200", "-0.3100", "0.2700", "0 % to 27 %"),
        ("customer_share_q3", "1.0400", "0.7500", "1.3300", "75 % to 100 %"),
        ("revenue_beyond_wide", "-0.0100", "-0.3000", "0.2800", "0 % to 28 %"),
        ("tickets_per_order", "-0.100", "-0.390", "0.190", "0.00 to 0.19"),
        ("tickets_per_order", "0.800", "0.510", "1.090", "0.80 ± 0.15"),
    ],
)
def test_an_unreliable_figure_that_cannot_be_is_shown_as_what_can(
    measure: str, value: str, low: str | None, high: str | None, shown: str
) -> None:
    assert told(cell(measure, value, low, high)).replace(".0 %", " %") == shown


def test_a_reliable_one_is_shown_as_the_nearest_that_can_be() -> None:
    assert told(cell("identified_share", "1.0001", "0.9900", "1.0100", "published")).startswith("100.0 % ±")


def test_what_is_withheld_stays_a_dash() -> None:
    withheld = Cell("network", "totals", "all", "retention", None, None, None, None, 10, "suppressed", None)
    assert told(withheld) == "–"


@pytest.mark.parametrize("measure", sorted(EVERY_DECIMALS))
def test_every_key_figure_has_a_least_that_is_possible(measure: str) -> None:
    least, most = possible(measure)
    assert is_possible(least, measure)
    assert not is_possible(least - 0.01, measure)
    assert (most == 1.0) == measure.removesuffix("_q1").removesuffix("_median").removesuffix("_q3").endswith(
        ("share", "_cut", "retention", "_beyond_wide")
    )
