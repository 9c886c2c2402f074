"""What went wrong, whatever it was, as an error that may be told: no message of an unforeseen one, only its place."""

import traceback
from pathlib import Path

from node.errors import Defect, FileNotWritten, SystemRefused
from privacy.errors import KudosError
from privacy.files import NotWritten
from privacy.ledger.errors import LedgerUnavailable

OF_THIS_MACHINE = (Defect, SystemRefused, FileNotWritten, NotWritten, LedgerUnavailable)
"""Faults that asking the coordinator again soon does not mend."""


def as_told(error: Exception) -> KudosError:
    """A KudosError as it is; an OSError with the system's words and the file; of anything else type and place alone."""
    if isinstance(error, KudosError):
        return error
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        why = error.strerror or type(error).__name__
        return SystemRefused(f"This machine refuses: {why}{where}. See to its disk and its rights; nothing was lost.")
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = type(error).__name__ + "".join(f" at {Path(each.filename).name}:{each.lineno}" for each in last)
    return Defect(f"A defect in Kudos: {place}. Please report this line; the rest goes on.")
