"""What a release is made of, before its noise, over ten million lines: of studies as shipped, and of the catalogue.

The latter is every measure of every table, in narrow and wide bounds and by cell, with tiers and quantiles: more than
any study asks for. python -m tests.bench.exact_catalogue LINES
"""

import sys
import tempfile
from pathlib import Path

import duckdb

from node.release.prepare import exact
from node.store.cells import exact_of
from node.store.database import MEMORY_MB
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import TABLES, BoundedTable, Bounds
from privacy.studies.study import find
from tests.bench import exact_tables
from tests.bench.exact_tables import WINDOW
from tests.bench.measure import in_process, report

NARROW, WIDE = Bounds(8, 20, 20, 1_000_000), Bounds(30, 60, 80, 4_000_000)
WIDE_TABLES = ("totals", "identity", "month")
CATALOGUE = "catalogue"
BY_CELL = ("value_band", "value_tier")


def make(file: Path, lines: int) -> None:
    """Writes a store: the sales and customers of `exact_tables`, and five thousand performances of twenty genres."""
    exact_tables.make(file, lines, lines // 20)
    with duckdb.connect(str(file)) as connection:
        connection.execute("""
            CREATE TABLE performances AS
            SELECT i AS event_no, 'Sjanger ' || (i % 20) AS genre, NULL::BIGINT AS capacity, false AS cancelled,
                   TIMESTAMP '2023-11-01 17:00:00' + to_days((hash(i) % 1200)::INTEGER) AS event_start
            FROM range(1, 5001) t(i)
        """)
        connection.execute("""
            CREATE TABLE with_starts AS
            SELECT sales.*, event_start FROM sales LEFT JOIN performances USING (event_no);
            DROP TABLE sales;
            ALTER TABLE with_starts RENAME TO sales
        """)


def tables() -> list[BoundedTable]:
    """Every table of the catalogue."""
    return [
        BoundedTable(
            table,
            tuple(Bounds(8 + cell, 20 + cell, 20 + cell, 100_000 * (cell + 1)) for cell in range(table.cells))
            if table.name in BY_CELL
            else (WIDE if table.name in WIDE_TABLES else NARROW,),
        )
        for table in TABLES.values()
    ]


def work(file: Path, name: str) -> None:
    """All of a release before its noise, with the memory and the place for what exceeds it that the store has."""
    connection = duckdb.connect(
        str(file),
        read_only=True,
        config={
            "memory_limit": f"{MEMORY_MB}MB",
            "threads": 2,
            "temp_directory": str(file.parent / "scratch"),
            "preserve_insertion_order": False,
        },
    )
    if name == CATALOGUE:
        report(lambda: exact_of(connection, WINDOW, "Europe/Oslo", tables(), tuple(CANDIDATES)))
    else:
        study = find(name)
        report(lambda: exact(connection, study, WINDOW, "Europe/Oslo"))


def main(lines: int) -> None:
    """Makes a store and measures three runs of each."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.duckdb"
        make(file, lines)
        for name in ("benchmark-year", "portfolio-year", CATALOGUE):
            found = in_process("tests.bench.exact_catalogue", "work", str(file), name)
            print(f"{name}, {lines:,} lines: {found.seconds:.1f} s, {found.peak_mb:.0f} MB")


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work(Path(sys.argv[2]), sys.argv[3])
    else:
        main(int(sys.argv[1]))
