"""The federations of `tests.federation`."""

from tests.federation.conftest import joined

__all__ = ["joined"]
