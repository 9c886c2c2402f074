"""What an import changes of its process is as it was when it ends, however that is."""

import gc
import sys

import pyarrow as pa
import pytest

from node.ingest.at_work import at_work


def state() -> tuple[float, bool, str]:
    return sys.getswitchinterval(), gc.isenabled(), pa.default_memory_pool().backend_name


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_all_is_as_it_was(error: type[BaseException] | None) -> None:
    before = state()
    try:
        with at_work():
            assert sys.getswitchinterval() < before[0]
            assert not gc.isenabled()
            if error is not None:
                raise error
    except (ValueError, KeyboardInterrupt):
        assert error is not None
    assert state() == before
