"""Drawing the noise: the one file that touches OpenDP, so the one place where numbers become releasable.

There is no seed here and no other source of noise to hand in: OpenDP draws from the operating system.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import nextafter

import numpy as np
from numpy.typing import NDArray

from privacy.errors import KudosError
from privacy.mechanisms.calibration import DiscreteGaussian
from privacy.mechanisms.laplace import DiscreteLaplace
from privacy.mechanisms.quantile import PrivateQuantile

# Nothing that we count comes near it. It keeps a thousand scales of room before the ends of int64, where
# OpenDP saturates silently (no less private, but no longer unbiased), and floats hold every integer up to it.
LARGEST_VALUE = 2**53


class BadVector(KudosError):
    """A vector that must not get noise, for its shape, type or range. The message holds no figure of it."""

    reason = "BAD_VECTOR"


def draw(values: NDArray[np.int64], mechanism: DiscreteGaussian) -> NDArray[np.int64]:
    """`values` with fresh, independent noise on every cell. Two calls never share it.

    `values` is int64 of shape (n,), n >= 0, every |value| <= 2^53: the contributions were bounded before,
    which OpenDP cannot check. The answer is a new int64 array of shape (n,). Raises `BadVector` otherwise.
    What it costs is `mechanism.cost(...)`, which must have been booked.

    Source: OpenDP, `make_gaussian` on `vector_domain(atom_domain(T="i64"))`; it samples exactly (Canonne,
    Kamath, Steinke 2020, Algorithm 3) in integer arithmetic, at the exact value of the binary64 scale.
    """
    _check(values)
    add_noise = _gaussian(float(mechanism.scale))  # exact: a mechanism's scale is a binary64 number
    noisy = add_noise(values.copy())  # a copy, for OpenDP takes no read-only array
    return np.array(noisy, dtype=np.int64)


def draw_laplace(values: NDArray[np.int64], mechanism: DiscreteLaplace) -> NDArray[np.int64]:
    """`values` with fresh, independent discrete Laplace noise on every cell; takes, gives and raises as `draw`.

    Source: OpenDP, `make_laplace` on `vector_domain(atom_domain(T="i64"))`; it samples exactly (Canonne, Kamath,
    Steinke 2020, Algorithm 2) in integer arithmetic, at the exact value of the binary64 scale.
    """
    _check(values)
    add_noise = _laplace(float(mechanism.scale))
    return np.array(add_noise(values.copy()), dtype=np.int64)


def draw_quantile(counts: NDArray[np.int64], mechanism: PrivateQuantile) -> int:
    """The index of the candidate that is chosen, from 0 to `mechanism.candidates` - 1; drawn anew each time.

    `counts` is int64 of shape (candidates + 1,), each >= 0: how many customers have less than the first candidate, from
    each candidate up to what is less than the next, and the last or more. Each customer is in one of them, once. Where
    there is nobody, every candidate is as likely as every other. Eight bytes of memory are taken per customer, twice.
    Raises `BadVector` for anything else. What it costs is `mechanism.cost()`, which must have been booked.

    Source: OpenDP, `make_private_quantile` on `vector_domain(atom_domain(T="i64"))`: it draws from the exponential
    mechanism exactly, by rejection, in rational arithmetic. It gets places on the grid and no amounts: candidate i as
    2·i, and whoever lies between i and i + 1, or on i, as 2·i + 1; so a customer who has just what a candidate says is
    not below it, as the tiers have it.
    """
    _check(counts)
    if counts.shape != (mechanism.candidates + 1,) or counts.min() < 0:
        raise BadVector("A quantile takes as many numbers, 0 or more, as it has candidates, and one. Count them again.")
    choose = _quantile(mechanism.alpha, mechanism.candidates, float(mechanism.scale))
    places = np.arange(-1, 2 * mechanism.candidates, 2, dtype=np.int64)
    return choose(np.repeat(places, counts)) // 2


@lru_cache(maxsize=1024)
def _gaussian(scale: float) -> Callable[[NDArray[np.int64]], list[int]]:
    """OpenDP's measurement at `scale`. It keeps no state between calls, so one serves them all.

    OpenDP is imported here and not above: it is slow to load, and most commands add no noise.
    """
    from opendp.domains import atom_domain, vector_domain
    from opendp.measurements import make_gaussian
    from opendp.metrics import l2_distance
    from opendp.mod import enable_features

    enable_features("contrib")  # OpenDP's name for what is not through its full vetting; nearly all of it
    # T="i64" on both: T=int would mean i32, which saturates silently.
    return make_gaussian(vector_domain(atom_domain(T="i64")), l2_distance(T="i64"), scale)


@lru_cache(maxsize=1024)
def _laplace(scale: float) -> Callable[[NDArray[np.int64]], list[int]]:
    """OpenDP's measurement at `scale`, as `_gaussian`."""
    from opendp.domains import atom_domain, vector_domain
    from opendp.measurements import make_laplace
    from opendp.metrics import l1_distance
    from opendp.mod import enable_features

    enable_features("contrib")
    return make_laplace(vector_domain(atom_domain(T="i64")), l1_distance(T="i64"), scale)


@lru_cache(maxsize=1024)
def _quantile(alpha: Fraction, candidates: int, scale: float) -> Callable[[NDArray[np.int64]], int]:
    """OpenDP's measurement of the quantile `alpha` among 0, 2, 4, ..., as `_gaussian`."""
    from opendp.domains import atom_domain, vector_domain
    from opendp.measurements import make_private_quantile
    from opendp.measures import zero_concentrated_divergence
    from opendp.metrics import symmetric_distance
    from opendp.mod import enable_features

    enable_features("contrib")
    return make_private_quantile(
        vector_domain(atom_domain(T="i64")),
        symmetric_distance(),
        zero_concentrated_divergence(),
        list(range(0, 2 * candidates, 2)),
        _as_opendp_reads_it(alpha),
        scale,
    )


def _as_opendp_reads_it(alpha: Fraction) -> float:
    """The binary64 number that OpenDP takes for just `alpha`, a whole number of thousandths.

    It cuts 10 000 times the number off to a whole one: of 0.043 that is 429, where the next number up gives 430.
    """
    near = float(alpha)
    return near if int(near * 10_000) >= 10_000 * alpha else nextafter(near, 1.0)


def _check(values: NDArray[np.int64]) -> None:
    if type(values) is not np.ndarray or values.dtype != np.int64 or values.ndim != 1:
        raise BadVector("Noise is added to a one-dimensional int64 array. Flatten and convert the cells first.")
    # Two comparisons and no abs(): that of the smallest int64 is negative.
    if values.size and (values.min() < -LARGEST_VALUE or values.max() > LARGEST_VALUE):
        raise BadVector(f"A cell is beyond ±{LARGEST_VALUE}. Bound the contributions before adding noise.")
