"""What the property tests of this folder draw: figures as releases could make them."""

from hypothesis import strategies as st

from privacy.estimate.figure import Figure

VARIANCES = st.floats(0, 1e30)


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
