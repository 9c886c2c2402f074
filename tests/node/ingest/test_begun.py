"""A file is begun before the store is open: read and noted as it was then, and nothing of it goes on afterwards."""

import hashlib
from collections.abc import Generator, Iterable
from pathlib import Path
from threading import Event, active_count

import pytest

from node.errors import ImportRefused
from node.home import Home
from node.ingest import run
from node.ingest.harmonise import Harmonised, Harmoniser
from node.ingest.readers.chunk import Chunk
from node.store import undo
from node.store.importing import Staging
from tests.node.ingest.house import asked, csv, import_, new_home

HEAD = "order_id,line_id,ordered_at,event_id,quantity,amount,email\n"


def sales(name: str, count: int = 1) -> str:
    """Sales of a ticket each."""
    rows = (f"{name}{n},1,2025-03-01T12:00:00+01:00,E1,1,100.00,who{n}@example.no\n" for n in range(count))
    return HEAD + "".join(rows)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def test_the_digest_is_of_the_rows_that_were_read_whatever_takes_the_name_meanwhile(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, prepare, renamed = csv(tmp_path, "sales.csv", sales("A")), undo.prepare, Event()

    def slowly(home: Home) -> Path | None:
        csv(tmp_path, "next.csv", sales("B")).rename(file)
        renamed.set()
        return prepare(home)

    monkeypatch.setattr(undo, "prepare", slowly)
    parts = Harmoniser.parts

    def late(harmonise: Harmoniser, chunks: Iterable[Chunk]) -> Generator[Harmonised, None, None]:
        assert renamed.wait(10)  # as on a busy machine, where the thread that reads gets its turn late
        yield from parts(harmonise, chunks)

    monkeypatch.setattr(Harmoniser, "parts", late)
    import_(home, file)
    digest = hashlib.sha256(sales("A").encode()).hexdigest()
    assert asked(home, "SELECT order_id, file_sha256 FROM order_lines, imports") == [("A0", digest)]


def refused(*_: object, **__: object) -> None:
    raise ImportRefused("another key")


def stopped(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("ends", ["well", "refused", "by Ctrl-C"])
def test_no_thread_outlives_an_import(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    file, before = csv(tmp_path, "sales.csv", sales("A", 2000)), active_count()
    if ends == "well":
        import_(home, file)
    elif ends == "refused":
        monkeypatch.setattr(run, "settle", refused)
        with pytest.raises(ImportRefused):
            import_(home, file)
    else:
        monkeypatch.setattr(Staging, "add", stopped)
        with pytest.raises(KeyboardInterrupt):
            import_(home, file)
    assert active_count() == before


def test_each_file_is_done_with_before_the_next_one_is_read(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts of one file are remembered while it is read, and no longer."""
    files = [csv(tmp_path, f"{n}.csv", sales(f"{n}-", 10)) for n in range(4)]
    threads: list[int] = []
    add = Staging.add

    def counted(staging: Staging, part: Harmonised) -> None:
        threads.append(active_count())
        add(staging, part)

    monkeypatch.setattr(Staging, "add", counted)
    import_(home, *files)
    assert len(threads) == 2 * len(files)
    assert max(threads[2:]) <= max(threads[:2])
