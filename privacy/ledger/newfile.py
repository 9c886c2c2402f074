"""Files that must never be half there, never be replaced, and be readable by their owner alone."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_private_file(path: Path) -> Iterator[Path]:
    """An empty file of mode 0600, to be filled, that appears at `path` in the end, whole, or not at all.

    Whoever fills it closes and synchronises it. Raises FileExistsError where `path` exists, and leaves
    what is there alone; OSError where the folder cannot be written. A process that is killed meanwhile leaves
    a file beside `path` that nothing reads.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600 from the first instant
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        path.hardlink_to(unfinished)  # a rename would replace what is there
    finally:
        unfinished.unlink()
    synchronise(path.parent)


def synchronise(folder: Path) -> None:
    """Has what was named, renamed or removed in a folder reach the disk."""
    if os.name != "posix":
        return  # a folder cannot be opened there, and the file system keeps its own journal
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
