"""What an import is compared with: files that came before, customers that are known, sales that stand there twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from node.cli.output import count
from node.errors import ImportRefused

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from node.home import Home
    from node.ingest.source import Source

_WHO = ("customer_key", "email", "phone")
_COMPARED = 200_000
"""So many lines, about, are compared between sources: a share of more says as much."""

_TWICE = 0.05
"""Two shops of one system may number alike; but not even the moment and the amount of one sale in twenty agree."""


@dataclass(frozen=True)
class Before:
    """A file that was imported: as which source, when last, and how many order lines it brought or confirmed.

    `newest` where no later import of the source has brought anything: then it changes nothing when it comes again.
    """

    source: str
    day: date
    lines: int
    newest: bool


@dataclass(frozen=True)
class Earlier:
    """What the store held before an import: files by their digest, and the sources whose sales name customers."""

    files: Mapping[str, tuple[Before, ...]] = field(default_factory=dict)
    with_customers: frozenset[str] = frozenset()

    def same(self, digest: str, source: str) -> Before | None:
        """The earlier import of a file as the same source."""
        return next((each for each in self.files.get(digest, ()) if each.source == source), None)

    def other(self, digest: str, source: str) -> Before | None:
        """The earlier import of a file, with sales in it, as another source than this."""
        return next((each for each in self.files.get(digest, ()) if each.source != source and each.lines), None)


def earlier(home: "Home", say: Callable[[str], None]) -> Earlier:
    """What the store of a node holds; nothing where there is none yet. `say` is told when waiting begins."""
    from node.store.database import opened

    if not home.store_file.exists():
        return Earlier()
    with opened(home, say=say) as connection:
        files: dict[str, tuple[Before, ...]] = {}
        for digest, source, when, lines, newest in connection.execute("""
            SELECT file_sha256, source, max(imported_at), max(lines_new + lines_updated + lines_unchanged),
                   max(import_no) >= (
                       SELECT max(import_no) FROM imports o WHERE o.source = i.source AND lines_new + lines_updated > 0
                   )
            FROM imports i GROUP BY file_sha256, source ORDER BY ALL
        """).fetchall():
            files[digest] = (*files.get(digest, ()), Before(source, when.date(), int(lines), bool(newest)))
        named = connection.execute("SELECT DISTINCT source FROM order_lines WHERE customer_key IS NOT NULL").fetchall()
    return Earlier(files, frozenset(source for (source,) in named))


def lacks_customers(source: "Source") -> list[str]:
    """The columns that would say who bought, where a layout has such columns and a file none of them."""
    found = source.found
    missing = [text for text in found.absent if text.startswith(_WHO)]
    return missing if missing and len(missing) == len([name for name in _WHO if name in found.layout.columns]) else []


def refuse_twice(path_name: str, name: str, before: Before) -> None:
    """Raises ImportRefused: the same file is in the store under another source, and would count twice."""
    raise ImportRefused(
        f"{path_name} is in the store already: the same file was imported on {_day(before.day)} as the source "
        f"{before.source}, and as {name} its {count(before.lines)} sales would count twice. Nothing was imported. "
        f"To import it again as what it is: --source {before.source}. If {before.source} was the wrong name, move "
        "store.duckdb out of the node's folder and import all your files anew; the budget's ledger is another file "
        "and stays."
    )


def refuse_forgetting(path_name: str, name: str, missing: list[str]) -> None:
    """Raises ImportRefused: a file without customers would take them from sales that are known."""
    raise ImportRefused(
        f"{path_name} has no column that says who bought ({'; '.join(missing)}), and earlier files of {name} had: "
        "sales that are known already would lose their customers. Nothing was imported. Export it again with that "
        "column. If none of its sales came with customers before, or they shall be forgotten: --accept-no-customers"
    )


@dataclass(frozen=True)
class Standing:
    """The store after an import: orders that sold something, how many of them are of known customers, and doubles.

    `twice` has pairs of sources, with the share of the smaller one's sales that stand in the other one too.
    """

    orders: int
    identified: int
    twice: tuple[tuple[str, str, float], ...]


def standing(home: "Home", say: Callable[[str], None]) -> Standing:
    """Looks at the store once an import is done."""
    from node.store.database import opened

    with opened(home, say=say) as connection:
        orders, identified = connection.execute("""
            SELECT count(*), count(*) FILTER (unit IN (SELECT unit FROM customers WHERE identified))
            FROM (SELECT unit, order_no FROM sales GROUP BY ALL HAVING sum(tickets) > 0)
        """).fetchall()[0]
        return Standing(int(orders), int(identified), _twice(connection))


def _twice(connection: "DuckDBPyConnection") -> tuple[tuple[str, str, float], ...]:
    lines = dict(connection.execute("SELECT source, count(*) FROM order_lines GROUP BY source").fetchall())
    if len(lines) < 2:
        return ()
    part = max(1, sum(lines.values()) // _COMPARED)
    rows = connection.execute(f"""
        WITH drawn AS (
            SELECT source, order_id, line_id, ordered_at, quantity, amount_ore FROM order_lines
            WHERE hash(order_id) % {part} = 0
        ), sizes AS (SELECT source, count(*) AS n FROM drawn GROUP BY source)
        SELECT a.source, b.source, count(*) / any_value(least(x.n, y.n))
        FROM drawn a JOIN drawn b USING (order_id, line_id, ordered_at, quantity, amount_ore)
        JOIN sizes x ON x.source = a.source JOIN sizes y ON y.source = b.source
        WHERE a.source < b.source GROUP BY a.source, b.source ORDER BY ALL
    """).fetchall()
    return tuple((one, other, float(share)) for one, other, share in rows if share >= _TWICE)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def again(before: Before, left_out: int) -> str:
    """What is said of a file that was there and brought nothing."""
    said = f"imported already on {_day(before.day)}; nothing changed"
    return said + (f" ({count(left_out)} left out, as then)" if left_out else "")
