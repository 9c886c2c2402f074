"""A store on a full disk: a limit on the size of files stands in for it."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from node.errors import FileNotWritten
from node.store.database import opened
from tests.node.ingest.house import import_, new_home, store_of

_LIMITS = resource.getrlimit(resource.RLIMIT_FSIZE)
EXPORT = """order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode
A1,1,2025-05-01T18:00:00+01:00,E1,Ordinær,2,400.00,web,paid,kari@x.no,5003
"""


@contextmanager
def full(size: int) -> Iterator[None]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, _LIMITS[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, _LIMITS)


@pytest.mark.parametrize("size", [0, 4096])
def test_a_new_store_that_has_no_room_leaves_nothing_and_is_told(tmp_path: Path, size: int) -> None:
    home = new_home(tmp_path / "node")
    with full(size), pytest.raises(FileNotWritten, match="Make room"), opened(home):
        pass
    assert not home.store_file.exists()
    with opened(home) as connection:
        assert connection.execute("SELECT count(*) FROM order_lines").fetchall() == [(0,)]


@pytest.mark.parametrize("size", [0, 4096, 8192])
def test_a_store_that_was_moved_aside_stays(tmp_path: Path, size: int) -> None:
    home = new_home(tmp_path / "node")
    aside = home.store_file.with_name("store.duckdb.2025-11-01")
    aside.write_bytes(b"of then")
    with full(size), pytest.raises(FileNotWritten), opened(home):
        pass
    assert aside.read_bytes() == b"of then"


@pytest.mark.parametrize("size", [0, 4096])
def test_an_import_that_has_no_room_changes_nothing_and_is_told(tmp_path: Path, size: int) -> None:
    home, file = new_home(tmp_path / "node"), tmp_path / "sales.csv"
    file.write_text(EXPORT, encoding="utf-8")
    import_(home, file)
    before = store_of(home)
    more = tmp_path / "more.csv"
    more.write_text(EXPORT.replace("A1", "A2"), encoding="utf-8")
    with full(size), pytest.raises(FileNotWritten):
        import_(home, more)
    assert store_of(home) == before
    import_(home, more)
    assert len(store_of(home)["order_lines"]) == 2
