"""What the property tests of this folder draw: figures and vectors as releases could make them."""

import numpy as np
from hypothesis import strategies as st

from privacy.estimate.figure import Figure
from privacy.estimate.sums import Vector

INT64 = st.integers(-(2**63), 2**63 - 1)
COUNTS = st.integers(-(10**12), 10**12)
VARIANCES = st.floats(0, 1e30)


@st.composite
def vectors(draw: st.DrawFn, cells: int, values: st.SearchStrategy[int] = COUNTS) -> Vector:
    return Vector(
        np.array(draw(st.lists(values, min_size=cells, max_size=cells)), dtype=np.int64),
        np.array(draw(st.lists(VARIANCES, min_size=cells, max_size=cells)), dtype=np.float64),
    )


@st.composite
def cohorts(draw: st.DrawFn, values: st.SearchStrategy[int] = COUNTS) -> list[Vector]:
    """One to six members' vectors over the same layout."""
    cells = draw(st.integers(1, 5))
    return draw(st.lists(vectors(cells, values), min_size=1, max_size=6))


def figures(largest: float = 1e20) -> st.SearchStrategy[Figure]:
    """Any figure that sums of 64-bit integers could become, and tiny ones as least squares may leave."""
    values = st.one_of(st.floats(-largest, largest), st.integers(-5, 5).map(float), st.floats(-1e-300, 1e-300))
    return st.builds(Figure, values, st.one_of(st.just(0.0), VARIANCES, st.floats(0, 10)))


def strong_figures() -> st.SearchStrategy[Figure]:
    """Positive figures with a relative standard error of 0.1 to 10 %."""
    return st.builds(
        lambda value, relative: Figure(value, (relative * value) ** 2),
        st.floats(1e2, 1e12),
        st.floats(1e-3, 0.1),
    )
