"""What a test needs that not every machine has: it is skipped without it, and says so; where CI installed it, it fails.

`.ci/run` sets KUDOS_TESTS_NEED_… for what it could install, so that no test is passed over there for good.
"""

import os
from typing import NoReturn

import pytest


def needed(what: str, found: object, reason: str) -> None:
    """Goes on where it was found; else skips with the reason, or fails where KUDOS_TESTS_NEED_`what` is set."""
    if not found:
        lacking(what, reason)


def lacking(what: str, reason: str) -> NoReturn:
    """Skips with the reason, or fails where KUDOS_TESTS_NEED_`what` is set."""
    if os.environ.get(f"KUDOS_TESTS_NEED_{what}"):
        pytest.fail(reason)
    pytest.skip(reason)
