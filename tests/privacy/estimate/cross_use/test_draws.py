"""Draws without chance."""

import numpy as np
import pytest

from privacy.estimate.cross_use.draws import LEAST, standard_normals


@pytest.mark.parametrize("dimensions", [1, 12, 150])
def test_mean_and_covariance_are_exact(dimensions: int) -> None:
    found = standard_normals(dimensions)
    assert found.shape == (max(LEAST, 4 * dimensions), dimensions)
    assert np.allclose(found.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(found.T @ found / len(found), np.eye(dimensions), atol=1e-10)


def test_they_look_like_a_normal_distribution() -> None:
    found = standard_normals(12).ravel()
    assert np.mean(np.abs(found) < 1) == pytest.approx(0.6827, abs=0.03)
    assert 2.5 < np.abs(found).max() < 6


def test_they_are_always_the_same() -> None:
    """The raw numbers are: NumPy keeps those of Philox stable. Coordinator and auditor must have the same."""
    assert np.random.Philox(key=0x6B75646F73).random_raw(2).tolist() == RAW
    assert standard_normals(2)[0] == pytest.approx(FIRST, abs=1e-9)


RAW = [16425420649042534283, 6773964917467752691]
FIRST = [1.274914333308, -0.394409156695]
