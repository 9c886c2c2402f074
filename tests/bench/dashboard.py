"""How long the dashboard's overview takes until something is painted, over ten million lines and a warm store.

An export in the standard's form is written, imported and looked at in a real browser, as a user would: the first start
computes the own figures, every later one finds them kept. python -m tests.bench.dashboard LINES
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from tests.node.cli.run import PROGRAM, initialised
from tests.node.dashboard.browser import chromium, watched
from tests.node.dashboard.house import Dashboard, dashboard

RUNS = 5


def export(file: Path, lines: int) -> None:
    """Sales of three years: an order has two lines, every tenth is anonymous, a customer has some ten orders."""
    customers = max(1, lines // 20)
    duckdb.sql(f"""
        COPY (
            SELECT 'O' || (i // 2) AS order_id, i % 2 AS line_id,
                   strftime(TIMESTAMPTZ '2022-12-01 12:00:00+00' + to_seconds((hash(i // 2) % 94608000)::INTEGER),
                            '%Y-%m-%dT%H:%M:%S+01:00') AS ordered_at,
                   'E' || (hash(i // 2, 7) % 3000) AS event_id,
                   CASE hash(i) % 5 WHEN 0 THEN 'Student' WHEN 1 THEN 'Barn' ELSE 'Ordinær' END AS ticket_type,
                   1 + hash(i, 1) % 3 AS quantity, (100 + hash(i, 2) % 500)::DECIMAL(9, 2) AS amount,
                   CASE hash(i // 2) % 3 WHEN 0 THEN 'box_office' ELSE 'web' END AS channel, 'paid' AS state,
                   CASE WHEN (i // 2) % 10 = 0 THEN NULL
                        ELSE 'kunde' || (hash(i // 2, 3) % {customers}) || '@example.no' END AS email,
                   CASE hash(i // 2, 3) % 4 WHEN 0 THEN '5003' WHEN 1 THEN '0150' ELSE '9008' END AS postcode
            FROM range({lines}) t(i)
        ) TO '{file}' (HEADER)
    """)


def main(lines: int) -> None:
    """Makes a node with so many lines, and prints what starting and painting take."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sales.csv"
        export(file, lines)
        node = initialised(Path(folder) / "home")
        began = time.monotonic()
        words = [str(node.home), "import", str(file)]
        _patiently(words)
        print(f"imported {lines:,} lines: {time.monotonic() - began:.0f} s", flush=True)
        file.unlink()
        for name in ("cold: figures are computed", "warm: figures are kept"):
            began = time.monotonic()
            with dashboard(node.home) as served:
                print(f"{name}: {time.monotonic() - began:.1f} s until it listens", flush=True)
        with dashboard(node.home) as served, chromium() as browser:
            for number in range(RUNS):
                with watched(browser, served) as tab:  # a visitor with nothing cached
                    before = _cpu_ms(served)
                    tab.open("/")
                    said = f"{painted(tab.page)}; the server worked {_cpu_ms(served) - before} ms"
                    print(f"overview, visit {number + 1}: {said}", flush=True)


def painted(page: object) -> str:
    """What the browser says of its last navigation, in milliseconds."""
    said = page.evaluate(  # type: ignore[attr-defined]
        """() => {
            const at = performance.getEntriesByType('navigation')[0];
            const paint = performance.getEntriesByName('first-contentful-paint')[0];
            return [at.responseEnd, paint.startTime, performance.now()].map(Math.round);
        }"""
    )
    return "answered after {} ms, first paint {} ms, charts drawn within {} ms".format(*said)


def _cpu_ms(served: Dashboard) -> int:
    """What the server's process has worked so far, whatever else the machine does (Linux alone; else 0)."""
    stat = Path(f"/proc/{served.process_id}/stat")
    if not stat.exists():
        return 0
    fields = stat.read_text().rpartition(")")[2].split()
    return round(1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


def _patiently(words: list[str]) -> None:
    """An import of ten million lines takes minutes."""
    home, *rest = words
    subprocess.run([str(PROGRAM), "--home", home, *rest], check=True, stdout=subprocess.DEVNULL, timeout=3600)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
