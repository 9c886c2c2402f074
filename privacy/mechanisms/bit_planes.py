"""Flipping the bits of a bitmap: the only noise that we draw ourselves, as OpenDP needs minutes for so many bits.

Each bit gets a number V of so many fair random bits as the mechanism has, and is flipped when V >= 2^bits − flips: in
exactly `flips` of 2^bits equally likely cases. The numbers are never put together. Bit j of all of them is a plane, one
bit to a bucket; from the lowest plane to the highest, the comparison is one AND or OR of whole planes:

    flip := 0, and then for each bit f of `flips` with its plane v:
        flip := v OR flip   where f is 1
        flip := v AND flip  where f is 0

Planes below the lowest 1 of `flips` leave it at 0 and are not drawn. The flips are exactly Bernoulli(flips / 2^bits)
and independent if the planes are fair and independent bits.

They are the keystream of ChaCha20 (RFC 8439; the Python package cryptography) under a fresh key of the operating system
for every call, which is never stored. So the noise rests on a computational assumption, and what is proven of it holds
against those who cannot tell that keystream from random bits. There is no seed here and no other source to hand in.
"""

import os
from collections.abc import Iterator

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from numpy.typing import NDArray

from privacy.errors import KudosError
from privacy.mechanisms.response import RandomizedResponse

MOST_BYTES = 2**25
"""Of a bitmap: 2^28 buckets. With 32 planes that is 1 GiB of keystream, of the 256 GiB that one key has."""

_BLOCK = 2**16  # bytes of the bitmap at a time: its planes, 2 MiB at the most, stay in the processor's cache
_WORD = 8


class BadBitmap(KudosError):
    """A bitmap that must not be flipped, for its shape, type or size. The message holds nothing of it."""

    reason = "BAD_BITMAP"


def flipped(bitmap: NDArray[np.uint8], mechanism: RandomizedResponse) -> NDArray[np.uint8]:
    """`bitmap` with every bit flipped by fresh, independent randomized response. Two calls never share flips.

    `bitmap` is uint8 of shape (n,), n up to 2^25, eight bits to a byte in whichever order. The answer is a new array of
    the same kind. Raises `BadBitmap` otherwise. What it costs is `mechanism.cost()`, which must have been booked.

    It needs some 4 MiB beside the two bitmaps, and for 2^23 bits with 16 planes about 0.01 s.
    """
    if type(bitmap) is not np.ndarray or bitmap.dtype != np.uint8 or bitmap.ndim != 1 or bitmap.size > MOST_BYTES:
        raise BadBitmap(f"Flips are drawn for a one-dimensional uint8 array of up to {MOST_BYTES} bytes.")
    answer = bitmap.copy()
    start = 0
    for planes in _keystream(bitmap.size, planes_of(mechanism)):
        block = answer[start : start + _BLOCK]
        block ^= flips_of(planes, mechanism).view(np.uint8)[: block.size]
        start += _BLOCK
    return answer


def planes_of(mechanism: RandomizedResponse) -> int:
    """How many planes decide a flip: the bits of the mechanism down to the lowest 1 of its `flips`."""
    return mechanism.bits - _trailing_zeros(mechanism.flips)


def flips_of(planes: NDArray[np.uint64], mechanism: RandomizedResponse) -> NDArray[np.uint64]:
    """Which bits are flipped, given the planes: uint64 of shape (`planes_of(mechanism)`, words), the highest first.

    The answer is uint64 of shape (words,), 1 for a flip. Every bit of a word belongs to a number of its own, and where
    it stands in the word does not matter: so neither does the machine's order of bytes. Raises ValueError for another
    number of planes.
    """
    lowest = _trailing_zeros(mechanism.flips)
    ones = [mechanism.flips >> place & 1 for place in range(lowest, mechanism.bits)]
    flip = np.zeros(planes.shape[1], dtype=np.uint64)
    for one, plane in zip(ones, planes[::-1], strict=True):
        (np.bitwise_or if one else np.bitwise_and)(plane, flip, out=flip)
    return flip


def _keystream(size: int, planes: int) -> Iterator[NDArray[np.uint64]]:
    """For every block of a bitmap of `size` bytes its planes, under one fresh key: uint64 of shape (planes, words)."""
    stream = Cipher(algorithms.ChaCha20(os.urandom(32), bytes(16)), mode=None).encryptor()
    for start in range(0, size, _BLOCK):
        words = -(-min(_BLOCK, size - start) // _WORD)
        yield np.frombuffer(stream.update(bytes(planes * words * _WORD)), dtype=np.uint64).reshape(planes, words)


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1
