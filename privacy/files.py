"""Files that their owner alone can read, replaced whole or not at all; and CSV as spreadsheets read it."""

import errno
import os
import secrets
from pathlib import Path

from privacy.errors import KudosError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class NotWritten(KudosError):
    """A file could not be written; `why` in the system's words, such as of a full disk. What was there stays."""

    reason = "NOT_WRITTEN"

    def __init__(self, path: Path, error: OSError) -> None:
        self.why = error.strerror or type(error).__name__
        super().__init__(f"{path} cannot be written: {self.why}. {_do(error)}")


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read, in place of one that is there; it is there whole or not at all.

    Raises NotWritten.
    """
    try:
        _write(path, content)
    except OSError as error:
        raise NotWritten(path, error) from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _do(error: OSError) -> str:
    """What to do about it."""
    if error.errno in _FULL:
        return "Make room there, or raise the limit, and try again: nothing was lost."
    if error.errno in _FORBIDDEN:
        return "Let the account that runs this program write there, and try again."
    return "See what lies there, and try again."


def for_spreadsheets(text: str) -> bytes:
    """CSV as spreadsheets take it for UTF-8: with a byte order mark in front."""
    return b"\xef\xbb\xbf" + text.encode()
