"""Import of order lines, against DuckDB that reads the same text, re-encoded to UTF-8, into typed columns.

Excel and JSON have no peer: they are measured for what they take. By itself, of a million lines each, seven times:

    python -m tests.bench.import_lines
"""

import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path

import duckdb

from node.home import Home
from node.ingest.run import Request, import_files
from node.ingest.source import Source
from tests.bench.measure import Measured, in_process, in_turns, report
from tests.node.ingest.xlsx import workbook

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


@dataclass(frozen=True)
class Dialect:
    """How a ticketing system writes CSV."""

    name: str
    delimiter: str
    encoding: str
    decimal: str
    moment: str
    quoted: bool = False

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name.replace(', ', '-').replace(' ', '-')}.csv"


DIALECTS = (
    Dialect("comma, UTF-8", ",", "utf-8", ".", "%Y-%m-%dT%H:%M:%S"),
    Dialect("comma, all quoted", ",", "utf-8", ".", "%Y-%m-%dT%H:%M:%S", quoted=True),
    Dialect("semicolon, UTF-8 with BOM", ";", "utf-8-sig", ",", "%d.%m.%Y %H:%M"),
    Dialect("semicolon, windows-1252", ";", "cp1252", ",", "%d.%m.%Y %H:%M"),
    Dialect("tab, UTF-16", "\t", "utf-16", ",", "%d.%m.%Y %H:%M"),
)


def make(folder: Path, lines: int, customers: int, dialect: Dialect) -> Path:
    """Writes sales, two lines an order, times to the minute of two years; beside it the same in UTF-8, and a profile.

    Returns the file's path; the others have its name with `.utf8` and `.toml` behind.
    """
    file = folder / dialect.file
    plain = folder / f"{dialect.file}.utf8"
    quote = ", FORCE_QUOTE *" if dialect.quoted else ""
    duckdb.execute(f"""
        COPY (
            WITH orders AS (
                SELECT i, (hash(i) % {customers})::BIGINT AS c,
                       TIMESTAMP '2024-01-01' + to_minutes((hash(i + 7) % 1050000)::BIGINT) AS moment
                FROM range({lines} // 2) t(i)
            )
            SELECT printf('%08d', i) AS order_id, line_id, strftime(moment, '{dialect.moment}') AS ordered_at,
                   'E' || (i % 80) AS event_id, ['Ordinær', 'Student', 'Honnør', 'Barn'][1 + i % 4] AS ticket_type,
                   1 + (i % 3) AS quantity,
                   replace((150 + hash(i) % 700)::DECIMAL(18,2)::VARCHAR, '.', '{dialect.decimal}') AS amount,
                   'web' AS channel, 'paid' AS state, 'kunde' || c || '@example.no' AS email,
                   printf('9%07d', c) AS phone, printf('%04d', 1000 + c % 8000) AS postcode,
                   1940 + c % 70 AS birth_year
            FROM orders, range(1, 3) r(line_id)
        ) TO '{plain}' (FORMAT csv, HEADER, DELIMITER '{dialect.delimiter}'{quote})
    """)
    with plain.open(encoding="utf-8", newline="") as text, file.open("w", encoding=dialect.encoding, newline="") as to:
        shutil.copyfileobj(text, to, 1024 * 1024)
    columns = "".join(f'{name} = "{name}"\n' for name in COLUMNS)
    profile = (
        'name = "bench"\ntitle = "Bench"\nbasis = "own"\nrests_on = "Invented."\n[[layout]]\nname = "sales"\n'
        f'resource = "order_lines"\nrecognise = ["order_id", "ordered_at"]\ndecimal = "{dialect.decimal}"\n'
        f'delimiter = "{dialect.delimiter}"\ndates = ["{dialect.moment}"]\n[layout.columns]\n{columns}'
    )
    (folder / f"{dialect.file}.toml").write_text(profile.replace("\t", "\\t"), encoding="utf-8")
    return file


def make_others(folder: Path, lines: int, customers: int) -> list[Path]:
    """Writes the sales of the first dialect once more as Excel and as JSON."""
    text = make(folder, lines, customers, DIALECTS[0]).read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    excel, records = folder / "sales.xlsx", folder / "sales.json"
    excel.write_bytes(workbook(rows))
    records.write_text(json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]), encoding="utf-8")
    return [excel, records]


class _Quiet:
    def begins(self, source: Source) -> None:
        pass

    def read(self, size: int, rows: int) -> None:
        pass

    def says(self, text: str) -> None:
        pass


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, name: str, _path: object, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("no pandas", name=name)


def ours(file: Path) -> None:
    """Imports the file into a new home, by the profile beside it, or as the standard.

    As the program alone is installed, without pandas: pyarrow would load it here, where developers' tools have it.
    """
    sys.meta_path.insert(0, _WithoutPandas())
    folder = Path(tempfile.mkdtemp())
    home = Home(folder / "home")
    home.path.mkdir(mode=0o700)
    (home.path / "keys").mkdir()
    home.identity_key_file.write_text("11" * 32)
    home.ordering_key_file.write_text("22" * 32)
    home.settings_file.write_text('name="B"\nindustry="other"\ncounty="03"\nmember="b"\nledger="standalone/ledger/b"\n')
    profile = file.with_name(f"{file.name}.toml")
    system = str(profile) if profile.exists() else "kudos"
    try:
        report(lambda: import_files(home, Request([file], system=system), _Quiet()))
    finally:
        shutil.rmtree(folder)


def peer(file: Path) -> None:
    """Reads the same text in UTF-8 into typed columns of a DuckDB table."""
    dialect = next(each for each in DIALECTS if each.file == file.name)
    connection = duckdb.connect()
    report(
        lambda: connection.execute(
            f"CREATE TABLE t AS FROM read_csv('{file}.utf8', header = true, delim = '{dialect.delimiter}', "
            f"decimal_separator = '{dialect.decimal}', timestampformat = '{dialect.moment}', columns = {COLUMNS})"
        ).fetchall()
    )


def measure(lines: int, runs: int) -> Iterator[tuple[str, Measured, Measured | None]]:
    """What was imported, how long it took, and how long the peer: each dialect by turns, so many times.

    Of Excel and JSON a tenth of the lines, once.
    """
    itself = "tests.bench.import_lines"
    with tempfile.TemporaryDirectory() as folder:
        for dialect in DIALECTS:
            file = make(Path(folder), lines, lines // 5, dialect)
            ours, peer = in_turns(itself, ("ours", str(file)), ("peer", str(file)), runs)
            yield f"import of {lines:,} lines ({dialect.name})", ours, peer
            for made in Path(folder).iterdir():
                made.unlink()
        for file in make_others(Path(folder), lines // 10, lines // 50):
            ours = in_process(itself, "ours", str(file), runs=1)
            yield f"import of {lines // 10:,} lines ({file.suffix[1:]})", ours, None


def main() -> None:
    """Measures, and prints a line of each."""
    for what, ours, peer in measure(1_000_000, runs=7):
        against = f" / {peer.seconds:.2f} s = {ours.seconds / peer.seconds:.1f}" if peer else ""
        print(f"{what:50} {ours.seconds:5.2f} s{against}, {ours.peak_mb:.0f} MB", flush=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        {"ours": ours, "peer": peer}[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
