"""What the process does otherwise while it imports: it has one thing to do, in several threads, with much memory."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


@contextmanager
def at_work() -> Iterator[None]:
    """Meanwhile it is so; afterwards it is as it was."""
    with _taking_turns(), _without_collecting(), _keeping_memory():
        yield


@contextmanager
def _taking_turns() -> Iterator[None]:
    """A thread that wants to go on gets its turn after half a millisecond, not five: several work on each part."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Nothing that an import makes refers to itself: looking for such, time and again, takes a tenth of its time."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


@contextmanager
def _keeping_memory() -> Iterator[None]:
    """What a block was read into serves the next: given back and asked for again, memory is wiped each time.

    By jemalloc, which keeps it for a while, an import takes a tenth less time, and no more memory.
    """
    usual = pa.default_memory_pool()
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)
