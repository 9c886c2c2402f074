"""Import of order lines from CSV, against DuckDB that reads the same file into typed columns."""

import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from node.home import Home
from node.ingest.run import Request, import_files
from node.ingest.source import Source
from tests.bench.measure import report

COLUMNS = {
    "order_id": "VARCHAR",
    "line_id": "VARCHAR",
    "ordered_at": "TIMESTAMP",
    "event_id": "VARCHAR",
    "ticket_type": "VARCHAR",
    "quantity": "INTEGER",
    "amount": "DECIMAL(18,2)",
    "channel": "VARCHAR",
    "state": "VARCHAR",
    "email": "VARCHAR",
    "phone": "VARCHAR",
    "postcode": "VARCHAR",
    "birth_year": "INTEGER",
}


def make(file: Path, lines: int, customers: int) -> None:
    """Writes a file in the Kudos standard: two lines an order, times to the minute of two years, as an export has."""
    duckdb.execute(f"""
        COPY (
            WITH orders AS (
                SELECT i, (hash(i) % {customers})::BIGINT AS c,
                       TIMESTAMP '2024-01-01' + to_minutes((hash(i + 7) % 1050000)::BIGINT) AS moment
                FROM range({lines} // 2) t(i)
            )
            SELECT printf('%08d', i) AS order_id, line_id, strftime(moment, '%Y-%m-%dT%H:%M:%S') AS ordered_at,
                   'E' || (i % 80) AS event_id, ['Ordinær', 'Student', 'Honnør', 'Barn'][1 + i % 4] AS ticket_type,
                   1 + (i % 3) AS quantity, (150 + hash(i) % 700)::DECIMAL(18,2) AS amount, 'web' AS channel,
                   'paid' AS state, 'kunde' || c || '@example.no' AS email, printf('9%07d', c) AS phone,
                   printf('%04d', 1000 + c % 8000) AS postcode, 1940 + c % 70 AS birth_year
            FROM orders, range(1, 3) r(line_id)
        ) TO '{file}' (HEADER, DELIMITER ',')
    """)


class _Quiet:
    def begins(self, source: Source) -> None:
        pass

    def read(self, size: int, rows: int) -> None:
        pass

    def says(self, text: str) -> None:
        pass


def ours(file: Path) -> None:
    """Imports the file into a new home."""
    folder = Path(tempfile.mkdtemp())
    home = Home(folder / "home")
    home.path.mkdir(mode=0o700)
    (home.path / "keys").mkdir()
    home.identity_key_file.write_text("11" * 32)
    home.ordering_key_file.write_text("22" * 32)
    home.settings_file.write_text('name="B"\nindustry="other"\ncounty="03"\nmember="b"\nledger="standalone/ledger/b"\n')
    try:
        report(lambda: import_files(home, Request([file], system="kudos"), _Quiet()))
    finally:
        shutil.rmtree(folder)


def peer(file: Path) -> None:
    """Reads the file into typed columns of a DuckDB table."""
    connection = duckdb.connect()
    report(
        lambda: connection.execute(
            f"CREATE TABLE t AS FROM read_csv('{file}', header = true, delim = ',', columns = {COLUMNS})"
        ).fetchall()
    )


if __name__ == "__main__":
    {"ours": ours, "peer": peer}[sys.argv[1]](Path(sys.argv[2]))
