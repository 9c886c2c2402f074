"""Slopes are those that small steps show; a divisor that is not above zero is no division by zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimate.clipping.told import Floats, Told

CELLS = st.lists(st.floats(1, 1000), min_size=6, max_size=6)


def of(figures: Floats) -> Told:
    """Something of everything: sums, products, quotients, a difference, and a choice by column."""
    one, other, third = (Told.sum_of(cells, figures) for cells in ((0, 1), (2, 3), (3, 4, 5)))
    chosen = np.arange(figures.shape[1]) % 2 == 0
    return (one * other / third - other).where(chosen, third / one + one)


@given(cells=CELLS)
def test_slopes_are_those_of_small_steps(cells: list[float]) -> None:
    figures = np.repeat(np.array(cells)[:, None], 2, axis=1)
    found = of(figures)
    for cell in range(6):
        step = 1e-5 * cells[cell]
        up, down = figures.copy(), figures.copy()
        up[cell] += step
        down[cell] -= step
        slope = (of(up).value - of(down).value) / (2 * step)
        told = found.slopes.get(cell, np.zeros(2))
        assert told == pytest.approx(slope, rel=1e-5, abs=1e-6 * np.abs(found.value).max() / cells[cell])


def test_where_nothing_is_above_zero_it_is_said_and_nothing_is_infinite() -> None:
    figures = np.array([[1.0, 2.0], [0.0, -4.0]])
    one, other = Told.sum_of([0], figures), Told.sum_of([1], figures)
    assert not other.above_zero.any()
    assert one.above_zero.all()
    quotient = one / other
    assert quotient.value.tolist() == [1.0, 2.0]
    assert all(np.isfinite(slope).all() for slope in quotient.slopes.values())
