"""Federations that are made once for all tests, and for all processes that run them."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.federation import crossing, history, template
from tests.federation.house import Federation


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Federation:
    """What the first process makes and every other one finds; a test works on a copy of it."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    done = base / f"{name}.done"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(base / name, ignore_errors=True)  # where another process has failed half way
            make(base / name)
            done.touch()
    return Federation(base / name)


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """Six members with the network's key, their sales and a policy that allows the benchmark; nobody is running."""
    return _once(tmp_path_factory, "joined", template.make)


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory, joined: Federation) -> Federation:
    """The same after two rounds, both published; nobody is running."""
    return _once(tmp_path_factory, "past", lambda folder: history.make(joined, folder))


@pytest.fixture(scope="session")
def crossed(tmp_path_factory: pytest.TempPathFactory, joined: Federation) -> Federation:
    """The same after a round of cross-use, published; nobody is running."""
    return _once(tmp_path_factory, "crossed", lambda folder: crossing.make(joined, folder))
