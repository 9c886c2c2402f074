"""The change between two published figures: its error, its interval, and whether it is more than noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimate.body import Cell, Status
from privacy.estimate.change import Change, NoChange, change, why_none
from privacy.estimate.errors import InvalidFigureError
from privacy.estimate.figure import Figure, critical_value
from privacy.estimate.ratios import ratio
from privacy.estimate.rounding import published

Z = critical_value(0.95)


def a_sum(value: int, error: float, status: Status = "published") -> Cell:
    low, high = value - round(Z * error), value + round(Z * error)
    return Cell("network", "totals", "all", "orders", value, published(error, 2), low, high, 6, status, None)


WITHHELD = Cell("network", "totals", "all", "orders", None, None, None, None, 6, "suppressed", "DOMINATED")


def test_variances_add_and_the_relative_change_is_a_ratio_of_independent_figures() -> None:
    found = change(a_sum(10_000, 30), a_sum(11_000, 40))
    assert (found.absolute.value, found.absolute.standard_error) == (1_000, 50)
    assert found.absolute.low == pytest.approx(1_000 - Z * 50, abs=1)
    assert found.absolute.high == pytest.approx(1_000 + Z * 50, abs=1)
    assert found.relative is not None
    assert found.relative.value == pytest.approx(0.1)
    by_hand = (40**2 + 1.1**2 * 30**2) ** 0.5 / 10_000
    assert found.relative.standard_error == pytest.approx(by_hand)
    assert not found.within_noise


@pytest.mark.parametrize(("now", "noise"), [(10_097, True), (10_099, False), (9_903, True), (9_901, False)])
def test_the_mark_turns_where_the_interval_leaves_zero(now: int, noise: bool) -> None:
    """Both errors are 35.36, so that of the change is 50 and half its interval 98."""
    assert change(a_sum(10_000, 35.36), a_sum(now, 35.36)).within_noise is noise


def test_an_interval_that_is_longer_on_one_side_stays_so() -> None:
    then = Cell("network", "totals", "all", "retention", "0.4000", "0.010000", "0.3800", "0.4300", 6, "published", None)
    now = Cell("network", "totals", "all", "retention", "0.5000", "0.010000", "0.4900", "0.5400", 6, "published", None)
    found = change(then, now).absolute
    assert found.low == pytest.approx(0.1 - (0.01**2 + 0.03**2) ** 0.5)
    assert found.high == pytest.approx(0.1 + (0.04**2 + 0.02**2) ** 0.5)


@given(st.integers(-(10**6), 10**12), st.integers(-(10**6), 10**12), st.floats(0.01, 1e9), st.floats(0.01, 1e9))
def test_forth_and_back_are_each_other_s_opposites(one: int, other: int, error: float, second: float) -> None:
    forth, back = change(a_sum(one, error), a_sum(other, second)), change(a_sum(other, second), a_sum(one, error))
    assert forth.absolute.value == -back.absolute.value
    assert forth.absolute.low == pytest.approx(-back.absolute.high)
    assert forth.within_noise == back.within_noise


def test_nothing_to_divide_by_has_no_relative_change() -> None:
    assert change(a_sum(0, 10), a_sum(500, 10)).relative is None
    assert change(a_sum(-5, 1), a_sum(500, 1)).relative is None


def test_withheld_and_unreliable_figures_have_no_change() -> None:
    fine, weak = a_sum(100, 1), a_sum(100, 60, "unreliable")
    assert why_none(fine, fine) is None
    assert why_none(fine, WITHHELD) == why_none(WITHHELD, fine) == why_none(weak, WITHHELD) == "DOMINATED"
    assert why_none(weak, fine) == why_none(fine, weak) == NoChange.UNRELIABLE
    assert why_none(None, fine) == why_none(fine, None) == NoChange.NOT_THERE
    for then, now in ((WITHHELD, fine), (fine, WITHHELD)):
        with pytest.raises(InvalidFigureError):
            change(then, now)


def _ratio_cell(generator: np.random.Generator, part: float, whole: float, error: float) -> Cell | None:
    found = ratio(
        Figure(part + generator.normal(0, error), error**2), Figure(whole + generator.normal(0, error), error**2)
    )
    if found.value is None or found.standard_error is None or found.interval is None:
        return None
    low, high = (published(end, 4) for end in found.interval)
    value, written = published(found.value, 4), published(found.standard_error, 6)
    return Cell("network", "totals", "all", "retention", value, written, low, high, 6, "published", None)


@pytest.mark.parametrize("whole", [20_000, 1_200], ids=["strong", "weak"])
def test_the_interval_holds_the_true_change_of_a_ratio_95_times_in_100(whole: int) -> None:
    """4 000 pairs: the standard deviation of the share is 0.0034. 93 to 97 % is more than five of them on either side,
    and a noise that were a quarter larger than said would give 88 %. Weak: a relative error of the whole of 8 %.
    """
    generator, held, runs = np.random.default_rng(20260101), 0, 4_000
    for _ in range(runs):
        then = _ratio_cell(generator, 0.40 * whole, whole, 100)
        now = _ratio_cell(generator, 0.45 * whole, whole, 100)
        assert then is not None
        assert now is not None
        found: Change = change(then, now)
        held += found.absolute.low <= 0.05 <= found.absolute.high
    assert 0.93 < held / runs < 0.97


def test_of_no_change_a_twentieth_is_marked_as_one() -> None:
    generator, marked, runs = np.random.default_rng(7), 0, 4_000
    for _ in range(runs):
        one, other = (a_sum(round(50_000 + generator.normal(0, 300)), 300) for _ in range(2))
        marked += not change(one, other).within_noise
    assert 0.03 < marked / runs < 0.07
