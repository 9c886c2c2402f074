"""A coordinator for each test that asks for one, on each database that it may have."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.office import Office
from tests.coordinator.house import an_office
from tests.databases import ENGINES, Databases, SQLite


@pytest.fixture(scope="session", params=ENGINES)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Each of the databases that a coordinator may have."""
    return SQLite() if request.param == "sqlite" else request.getfixturevalue("postgresql")


@pytest.fixture
def office(databases: Databases, tmp_path: Path) -> Iterator[Office]:
    """A new coordinator, opened."""
    with databases.one() as store, an_office(tmp_path, store) as found:
        yield found
