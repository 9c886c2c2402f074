"""An import that is killed at any moment leaves the store as it was, and the next one gives what a clean one gives."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path

from node.home import Home
from tests.node.ingest.house import asked, csv, import_, new_home, store_of, totals

CHILD = "import sys; from pathlib import Path; from tests.node.ingest.house import *; "
IMPORT = CHILD + "home = Home(Path(sys.argv[1])); print('ready', flush=True); import_(home, *map(Path, sys.argv[2:]))"
HOLD = (
    CHILD + "home = Home(Path(sys.argv[1]))\n"
    "with opened(home):\n    print('ready', flush=True)\n    sys.stdin.readline()"
)
LINES = 20_000
KILLS = 10


def sales(path: Path, first: int, lines: int = LINES) -> Path:
    """A file of sales to people with addresses."""
    rows = "".join(
        f"O{number // 2},{number % 2},2025-03-01T18:00:00Z,E1,Voksen,1,100.00,person{number // 2 % 4000}@example.no\n"
        for number in range(first, first + lines)
    )
    return csv(
        path.parent, path.name, "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,email\n" + rows
    )


def child(code: str, *words: object) -> subprocess.Popen[str]:
    """A process of its own, started and ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def leftovers(home: Home) -> list[str]:
    """Files in the node's folder beyond those that belong there: the store's copies for an undo do."""
    known = {
        home.store_file,
        home.settings_file,
        home.identity_key_file,
        home.ordering_key_file,
        home.path / "store.lock",
    }
    return sorted(
        str(path)
        for path in home.path.rglob("*")
        if path.is_file() and path not in known and not re.fullmatch(r"store\.before-[0-9]+\.duckdb", path.name)
    )


def test_killed_at_any_moment(tmp_path: Path) -> None:
    old, new = sales(tmp_path / "old.csv", 0, 100), sales(tmp_path / "new.csv", 0)
    clean = new_home(tmp_path / "clean")
    import_(clean, old)
    before = store_of(clean)
    started = time.monotonic()
    import_(clean, new)
    takes = time.monotonic() - started
    after = store_of(clean)

    home = new_home(tmp_path / "home")
    import_(home, old)
    draw = random.Random(1)
    for _ in range(KILLS):
        process = child(IMPORT, home.path, new)
        try:
            process.communicate(timeout=draw.uniform(0.0, 1.2) * takes)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        for path in home.path.rglob("*"):
            assert not path.is_file() or b"@example.no" not in path.read_bytes(), path
        assert store_of(home) in (before, after)
        # Killed while it writes its log, DuckDB leaves that there: it reads no unfinished transaction of it.
        assert set(leftovers(home)) <= {f"{home.store_file}.wal"}
    import_(home, new)
    assert store_of(home) == after


def test_a_second_process_waits_and_says_so(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    import_(home, sales(tmp_path / "first.csv", 0, 10))
    holder = child(HOLD, home.path)
    waiter = child(
        CHILD + "home = Home(Path(sys.argv[1])); heard = Heard(); print('ready', flush=True)\n"
        "class Told(Heard):\n"
        "    def says(self, text): print(text, flush=True)\n"
        "import_files(home, Request([Path(sys.argv[2])]), Told())",
        home.path,
        sales(tmp_path / "second.csv", 10, 10),
    )
    assert waiter.stdout is not None
    assert "waiting" in waiter.stdout.readline()
    holder.communicate("go\n")
    waiter.communicate()
    assert waiter.returncode == 0
    assert totals(home) == (10, 20, 200_000)


def test_two_imports_at_once_both_land(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    both = [child(IMPORT, home.path, sales(tmp_path / f"part{part}.csv", part * 400, 400)) for part in range(2)]
    for process in both:
        process.communicate()
        assert process.returncode == 0
    assert totals(home) == (400, 800, 8_000_000)
    assert asked(home, "SELECT import_no, rows FROM imports ORDER BY 1") == [(1, 400), (2, 400)]
