"""What all tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import PostgreSQL, running
from tests.needs import needed

# A slow machine is no failure; examples are drawn anew at each run, and a failing one is printed to be replayed.
settings.register_profile("kudos", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("kudos")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run may be asked for besides."""
    parser.addoption(
        "--all-malformed", action="store_true", help="import all 500 malformed files and not a share of them"
    )


def pytest_configure(config: pytest.Config) -> None:
    """A mark of what a test needs: its name, what was found of it, and the reason where it is passed over."""
    config.addinivalue_line("markers", "needs(what, found, reason): see tests/needs.py")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Asked before anything is made for the test."""
    for mark in item.iter_markers("needs"):
        needed(*mark.args)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server for all tests of this process that ask for one."""
    with running() as server:
        yield server
