"""One bit per bucket, eight to a byte: bucket i is the bit of value 2^(i mod 8) of byte i / 8."""

from math import expm1, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from privacy.mechanisms.response import RandomizedResponse
from privacy.sketch.buckets import check_buckets
from privacy.sketch.errors import BadSketch

_DEVIATIONS = 8
"""At the sizes that are in use, an honest sketch is so many standard deviations off once in 10^15 times."""


def filled(buckets_of_customers: NDArray[np.int64], buckets: int) -> NDArray[np.uint8]:
    """The bitmap, uint8 of shape (buckets / 8,), in which just the buckets of these customers, int64 (n,), are set.

    It is exact: personal data, which leaves this process through `privacy.mechanisms.bit_planes.flipped` only. Raises
    BadSketch for a number of buckets that no sketch has, or for a bucket beyond it.
    """
    check_buckets(buckets)
    bitmap = np.zeros(buckets // 8, dtype=np.uint8)
    _check_within(bitmap, buckets_of_customers)
    for place in range(8):
        bytes_ = buckets_of_customers[buckets_of_customers & 7 == place] >> 3
        bitmap[bytes_] |= np.uint8(1 << place)  # a byte that stands there twice gets the same value twice
    return bitmap


def set_at(bitmap: NDArray[np.uint8], buckets: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Whether each of these buckets, int64 (n,), is set: uint8 (n,), 1 or 0. Raises BadSketch for one beyond."""
    _check_within(bitmap, buckets)
    bytes_: NDArray[np.uint8] = bitmap[buckets >> 3]
    return bytes_ >> (buckets & 7).astype(np.uint8) & np.uint8(1)


def ones(bitmap: NDArray[np.uint8]) -> int:
    """How many buckets are set."""
    return int(np.bitwise_count(bitmap).sum(dtype=np.int64))


def plausible(ones: int, buckets: int, mechanism: RandomizedResponse, most_customers: int) -> bool:
    """Whether a sketch with so many bits set can be one of 0 to `most_customers` customers, flipped by `mechanism`.

    With n customers a bit is set before the flips with probability a = 1 − (1 − 1/m)^n and after them with
    r = p + (1 − 2p)·a, where m is the number of buckets and p that of a flip. So m·r are expected, and the variance is
    at most m·r·(1 − r), for of customers that fall into buckets one bit set makes another less likely. Plausible is
    from 8 standard deviations below what is expected of none up to 8 above what is expected of the most. Where
    m·p > 64·(1 − p), as in any study of use, that leaves out a sketch of zeros alone and one of ones alone.

    It says something of the sketch alone, nothing of who counts against it.
    """
    p = float(mechanism.probability)
    occupied = -expm1(most_customers * log1p(-1 / buckets))
    full = p + (1 - 2 * p) * occupied
    least = buckets * p - _DEVIATIONS * sqrt(buckets * p * (1 - p))
    most = buckets * full + _DEVIATIONS * sqrt(buckets * full * (1 - full))
    return least <= ones <= most


def _check_within(bitmap: NDArray[np.uint8], buckets: NDArray[np.int64]) -> None:
    if buckets.size and (buckets.min() < 0 or buckets.max() >= 8 * bitmap.size):
        raise BadSketch("A customer's bucket is not one of this sketch's. Make them for the same number of buckets.")
