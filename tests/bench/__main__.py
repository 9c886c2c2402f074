"""Measures everything and prints a table. A share of the full sizes can be asked for: python -m tests.bench 0.1"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import audit, cross_use, exact_catalogue, exact_tables, import_lines, sketching, submitting
from tests.bench.measure import Measured, command_seconds, in_process, in_turns

_missed: list[str] = []
_ROOT = Path(__file__).parents[2]


def main() -> None:
    """Runs the benchmarks one after the other."""
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    table = Table(title=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in ("what", "ours", "peer or limit", "ratio", "target", "peak MB", "limit MB"):
        table.add_column(name, justify="left" if name == "what" else "right")
    _import(table, share)
    with tempfile.TemporaryDirectory() as folder:
        _tables(table, Path(folder), share)
    with tempfile.TemporaryDirectory() as folder:
        _catalogue(table, Path(folder), share)
    _noise(table)
    _combining(table, share)
    _submitting(table, share)
    _auditing(table, share)
    _sketching(table, share)
    _start_up(table)
    errors = _cross_use(share)
    Console(width=140).print(table)
    Console(width=140).print(errors)
    if _missed:
        sys.exit(f"Beyond the limit: {'; '.join(_missed)}")


def _row(table: Table, what: str, ours: Measured, peer: Measured, target: float, limit_mb: int = 0) -> None:
    table.add_row(
        what,
        f"{ours.seconds:.2f} s",
        f"{peer.seconds:.2f} s",
        f"{ours.seconds / peer.seconds:.1f}",
        f"{target:g}",
        f"{ours.peak_mb:.0f}" if ours.peak_mb else "",
        f"{limit_mb}" if limit_mb else "",
    )
    if ours.seconds > target * peer.seconds or (limit_mb and ours.peak_mb > limit_mb):
        _missed.append(what)


def _import(table: Table, share: float) -> None:
    for what, ours, peer in import_lines.measure(int(1_000_000 * share), runs=5):
        if peer is None:
            table.add_row(what, f"{ours.seconds:.2f} s", "", "", "", f"{ours.peak_mb:.0f}", "")
        else:
            _row(table, f"{what}, against DuckDB reading typed columns", ours, peer, 6, 1500)


def _tables(table: Table, folder: Path, share: float) -> None:
    lines, customers = int(10_000_000 * share), int(500_000 * share)
    file = folder / "store.duckdb"
    exact_tables.make(file, lines, customers)
    ours, peer = in_turns("tests.bench.exact_tables", ("ours", str(file)), ("peer", str(file)), runs=3)
    _row(table, f"exact tables of the study on {lines:,} lines, against SQL by hand", ours, peer, 2, 2000)


def _catalogue(table: Table, folder: Path, share: float) -> None:
    lines = int(10_000_000 * share)
    file = folder / "store.duckdb"
    exact_catalogue.make(file, lines)
    for name in ("benchmark-year", "portfolio-year", exact_catalogue.CATALOGUE):
        ours = in_process("tests.bench.exact_catalogue", "work", str(file), name, runs=2)
        what = f"exact cells of {name} on {lines:,} lines, against the limit"
        _row(table, what, ours, Measured(30, 0), 1, 2000)


def _noise(table: Table) -> None:
    ours = in_process("tests.bench.noise")
    _row(table, "noise for 5,000 cells, against the limit", ours, Measured(0.3, 0), 1)


def _combining(table: Table, share: float) -> None:
    members, cells = int(1000 * share), int(5000 * max(share, 0.1))
    ours = in_process("tests.bench.combining", str(members), str(cells))
    what = f"combining {members:,} members × {cells:,} cells in 26 cohorts, against the limit"
    _row(table, what, ours, Measured(10, 0), 1, 1000)


def _submitting(table: Table, share: float) -> None:
    rounds = max(2, int(12 * share))
    with tempfile.TemporaryDirectory() as folder:
        ours, peer = submitting.measure(Path(folder), rounds)
    calls = rounds * submitting.MEMBERS
    what = f"{calls} submissions over mTLS ({calls / ours.seconds:.0f}/s), against as many empty calls"
    _row(table, what, ours, peer, 20)


def _auditing(table: Table, share: float) -> None:
    entries = int(100_000 * share)
    with tempfile.TemporaryDirectory() as folder:
        audit.make(Path(folder), entries)
        ours = in_process("tests.bench.audit", "work", folder, runs=1)
        peer = in_process("tests.bench.audit", "plain", folder, runs=1)
    _row(
        table, f"verifying a ledger of {entries:,} entries, each cosigned, against the limit", ours, Measured(30, 0), 1
    )
    _row(table, "the same in two processes, against bare signatures and hashes in one", ours, peer, 3)


def _sketching(table: Table, share: float) -> None:
    """A member's work in a round of cross-use; and one pair of it against private set intersection."""
    customers, peers = int(200_000 * share), max(2, int(99 * share))
    ours = in_process("tests.bench.sketching", "sketch", str(customers))
    _row(
        table, f"a sketch of {customers:,} customers, sealed for 99, against the limit", ours, Measured(0.5, 0), 1, 500
    )
    ours = in_process("tests.bench.sketching", "count", str(customers), str(peers))
    what = f"a count of {customers:,} customers against {peers} sketches, against the limit"
    _row(table, what, ours, Measured(10, 0), 1, 500)
    python = Path(sys.executable).with_name("python").parents[1] / "psi" / "bin" / "python"
    if not python.exists():
        table.add_row("one pair against private set intersection: not measured, run it by `make bench`")
        return
    found = subprocess.run(
        [python, "tests/bench/psi.py", str(customers)], capture_output=True, text=True, check=True, cwd=_ROOT
    )
    told = json.loads(found.stdout)
    one, peer = Measured(ours.seconds / peers, 0), Measured(told["seconds"], told["peak_mb"])
    _row(table, "one pair of that count, against private set intersection of two such lists", one, peer, 1)
    bytes_ = sketching.sealed_bytes()
    table.add_row("bytes of one pair", f"{bytes_:,}", f"{told['bytes']:,}", f"{bytes_ / told['bytes']:.2f}", "", "", "")


def _cross_use(share: float) -> Table:
    """The errors of cross-use against what is said of them: not times, so in a table of their own."""
    table = Table(title="Errors of cross-use; docs/cross-use-errors.md has all of them")
    for name in ("what", "ours", "from", "to"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for each in cross_use.targets(*cross_use.measure(share)):
        table.add_row(each.what, f"{each.measured:.3f}", f"{each.low:g}", f"{each.high:g}")
        if not each.met and share >= 1:  # fewer runs are too few to tell
            _missed.append(each.what)
    return table


def _start_up(table: Table) -> None:
    program = str(Path(sys.executable).with_name("kudos-node"))
    with tempfile.TemporaryDirectory() as folder:
        home = ["--home", f"{folder}/home"]
        words = ["--standalone", "--name", "B", "--industry", "other", "--county", "03"]
        command_seconds([program, *home, "init", *words], runs=1)
        for command in (
            ["--version"],
            ["systems"],
            ["policy", "show"],
            ["budget"],
            ["outbox", "list"],
            ["kpi", "--help"],
        ):
            seconds = command_seconds([program, *home[:2], *command])
            _row(table, f"kudos-node {' '.join(command)}", Measured(seconds, 0), Measured(0.5, 0), 1)


if __name__ == "__main__":
    main()
