"""A coordinator for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.office import Office
from tests.coordinator.house import an_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A new coordinator, opened."""
    with an_office(tmp_path) as found:
        yield found
