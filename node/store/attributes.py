"""What exports tell again and again of customers and events: the latest known value of each attribute counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Attributes:
    """A table of the store with a row per source and key.

    `flag_of` names flags of another attribute: told with it, and false without it. Where `numbered`,
    a row carries the number of the import that last changed it.
    """

    table: str
    key: str
    attributes: Sequence[str]
    flag_of: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = False

    def merge(self, connection: "DuckDBPyConnection", source: str, import_no: int) -> None:
        """Puts the rows of `staged_<table>` into the table; what they do not tell stays as it was.

        Rows that tell nothing new change nothing.
        """
        told = {name for (name, *_) in connection.execute(f"DESCRIBE staged_{self.table}").fetchall()}
        latest = ", ".join(self._latest(name) for name in self.attributes if name in told)
        last = f"SELECT {self.key}, {latest} FROM staged_{self.table} GROUP BY {self.key}"
        if self._each_once(connection):  # of most files, and gathering takes longer than looking
            last = f"FROM staged_{self.table}"
        number = f"{import_no:d} AS import_no, " if self.numbered else ""
        put = f"INSERT INTO {self.table} BY NAME SELECT $source AS source, {number}"
        given = {"source": source}
        if not connection.execute(f"SELECT 1 FROM {self.table} WHERE source = $source LIMIT 1", given).fetchall():
            first = ", ".join(f"{self._first(name, told)} AS {name}" for name in self.attributes)
            connection.execute(f"{put} n.{self.key}, {first} FROM ({last}) n", given)
            return
        merged = ", ".join(f"{self._merged(name, told)} AS {name}" for name in self.attributes)
        differs = " OR ".join(f"m.{name} IS DISTINCT FROM m.old.{name}" for name in self.attributes)
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE merged AS
            WITH n AS ({last}),
                 m AS (
                     SELECT n.{self.key}, {merged}, o.{self.key} IS NOT NULL AS known, o AS old
                     FROM n LEFT JOIN {self.table} o ON o.source = $source AND o.{self.key} = n.{self.key}
                 )
            SELECT * EXCLUDE (old) FROM m WHERE NOT known OR {differs}
            """,
            given,
        )
        connection.execute(
            f"""
            DELETE FROM {self.table} USING merged m
            WHERE m.known AND {self.table}.source = $source AND {self.table}.{self.key} = m.{self.key}
            """,
            given,
        )
        connection.execute(f"{put} * EXCLUDE (known) FROM merged", given)

    def _each_once(self, connection: "DuckDBPyConnection") -> bool:
        """Whether no key stands in two of the rows."""
        query = f"SELECT count(*) = count(DISTINCT {self.key}) FROM staged_{self.table}"
        ((each_once,),) = connection.execute(query).fetchall()
        return bool(each_once)

    def _latest(self, name: str) -> str:
        other = self.flag_of.get(name)
        return f'arg_max({name}, "row")' + (f" FILTER ({other} IS NOT NULL)" if other else "") + f" AS {name}"

    def _first(self, name: str, told: set[str]) -> str:
        """What `_merged` is where nothing is known yet."""
        other = self.flag_of.get(name)
        if name not in told:
            return "false" if other else "NULL"
        return f"coalesce({other} IS NOT NULL AND n.{name}, false)" if other else f"n.{name}"

    def _merged(self, name: str, told: set[str]) -> str:
        other = self.flag_of.get(name)
        if name not in told:
            return f"coalesce(o.{name}, false)" if other else f"o.{name}"
        if other:
            return f"coalesce(CASE WHEN n.{other} IS NULL THEN o.{name} ELSE n.{name} END, false)"
        return f"coalesce(n.{name}, o.{name})"


PROFILES = Attributes(
    "profiles",
    "customer_key",
    (
        "match_id",
        "placeholder",
        "by_phone",
        "birth_year",
        "gender",
        "county",
        "segment",
        "customer_type",
        "objects",
        "consents",
        "first_on",
    ),
    flag_of={"placeholder": "match_id", "by_phone": "match_id"},
    numbered=True,
)
EVENTS = Attributes(
    "events",
    "event_id",
    ("event_title", "production", "genre", "event_start", "venue", "capacity", "cancelled", "listed_start"),
)
