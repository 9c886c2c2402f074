"""Normal draws that are always the same: for errors found by simulation that coordinator and auditor must agree on."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

LEAST = 400
"""Draws; more where there are many dimensions."""

_KEY = 0x6B75646F73  # any number would do, as long as it never changes
_BITS = 53


@lru_cache(maxsize=4)
def standard_normals(dimensions: int) -> NDArray[np.float64]:
    """Draws from a standard normal distribution, shape (draws, dimensions); the array is not to be written to.

    Philox, a counter-based generator whose raw 64-bit numbers NumPy keeps stable, through the inverse of the
    distribution function. Each draw has its opposite, and the whole is stretched so that mean and covariance are
    exactly 0 and 1: what is linear in them has no error of simulation, and what is nearly linear has little.
    """
    half = max(LEAST, 4 * dimensions) // 2
    raw = np.random.Philox(key=_KEY).random_raw(half * dimensions)
    uniform = ((raw >> np.uint64(64 - _BITS)).astype(np.float64) + 0.5) / 2.0**_BITS
    drawn = np.asarray(ndtri(uniform)).reshape(half, dimensions)
    both = np.vstack([drawn, -drawn])
    root = np.linalg.cholesky(both.T @ both / len(both))
    found = np.linalg.solve(root, both.T).T
    found.setflags(write=False)
    return np.asarray(found)
