"""kill -9 in the middle of an import, two commands at once, and a search of every byte on disk for identities."""

import random
import re
import signal
import subprocess
import time
from pathlib import Path

from tests.node.cli.run import PROGRAM, Node, initialised

ORDERS = 30_000


def many_sales(file: Path, orders: int = ORDERS, *, offset: int = 0) -> Path:
    """A file of orders of two lines, with e-mails, phones, names and postcodes."""
    draw = random.Random(orders + offset)
    with file.open("w", encoding="utf-8") as out:
        out.write("order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,email,phone,name,postcode\n")
        for order in range(offset, offset + orders):
            person = draw.randrange(orders // 3 + 1)
            day = f"2025-{1 + order % 12:02d}-{1 + order % 28:02d}T12:00:00+01:00"
            for line in (1, 2):
                out.write(
                    f"{order},{line},{day},E{order % 9},Ordinær,1,{100 + person % 300}.00,Person{person}@Example.no,"
                    f"+47 9{person:07d},Navnesen{person} Kåre,0{150 + person % 90}\n"
                )
    return file


def figures(node: Node) -> object:
    return node.good("kpi", "--as-of", "2025-12-31", "--json").json


def test_kill_at_any_instant_leaves_all_or_nothing(tmp_path: Path) -> None:
    file = many_sales(tmp_path / "many.csv")
    clean = initialised(tmp_path / "clean")
    started = time.monotonic()
    clean.good("import", file)
    whole = time.monotonic() - started
    complete = figures(clean)

    node = initialised(tmp_path / "home")
    nothing = figures(node)
    draw = random.Random(20261122)
    for _ in range(12):
        child = subprocess.Popen(
            [PROGRAM, "--home", node.home, "import", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(draw.uniform(0.2, 1.0) * whole)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert figures(node) in (nothing, complete)
    node.good("import", file)
    assert figures(node) == complete
    assert list((node.home / "tmp").iterdir()) == []


def test_two_imports_at_once_both_land(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    files = [many_sales(tmp_path / f"{number}.csv", 8_000, offset=8_000 * number) for number in range(2)]
    children = [
        subprocess.Popen([PROGRAM, "--home", node.home, "import", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for file in files
    ]
    ended = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0, 0], ended
    assert figures(node)["orders"] == 16_000  # type: ignore[index]  # it is a dictionary


def test_no_identity_is_anywhere_on_disk(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    exports = tmp_path / "exports"
    exports.mkdir()
    file = many_sales(exports / "sales.csv", 3_000)
    with file.open("a", encoding="utf-8") as out:
        out.write("99998,1,person77@example.no,E1,Ordinær,1,100.00,person78@example.no,90000078,Navnesen78 Kåre,0150\n")
        out.write("99999,1,2025-01-01T12:00:00+01:00,E1,person79@example.no,1,100.00,,90000079,Navnesen79 Kåre,0150\n")
    rejects = tmp_path / "rejects.csv"
    node("import", file, "--max-rejects", "5%", "--reject-file", rejects)
    node.good("policy", "allow", "benchmark")
    node.good("release", "benchmark", "--as-of", "2025-12-31", "--to-file", tmp_path / "release")
    assert figures(node)["customers"] > 900  # type: ignore[index]  # it is a dictionary

    identity = re.compile(rb"person\d+|example\.no|9000\d{4}|navnesen|k\xc3\xa5re", re.IGNORECASE)
    searched = [path for path in [*node.home.rglob("*"), rejects, tmp_path / "release"] if path.is_file()]
    assert {"store.duckdb", "ledger.sqlite", "rejects.csv"} <= {path.name for path in searched}
    found = {path.name: match[0] for path in searched if (match := identity.search(path.read_bytes()))}
    assert found == {}
