"""The sensitivity holds from the imported rows on: units, orders and lines numbered anew, netted, bounded, counted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.store import schema
from node.store.cells import exact_of
from node.store.codes import WORDS
from node.store.derive import derive
from node.store.leave import Leave
from privacy.catalogue.tables import Bounds
from tests.privacy.bounds.recorder import beyond, declared, moves
from tests.privacy.bounds.reference import Vectors, bounded_tables
from tests.privacy.bounds.stores import LOOSE, TIGHT, WINDOW, days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

SOURCES = ("house", "festival")


@dataclass(frozen=True)
class Imported:
    """What was imported: rows of `profiles` and of `order_lines`. The key c7 is person 7's, at each source."""

    profiles: tuple[dict[str, Any], ...]
    lines: tuple[dict[str, Any], ...]

    def neighbours(self) -> "list[Imported]":
        """Without all rows of one person, or without one sale to nobody known."""
        keys = sorted({row["customer_key"] for row in self.profiles})
        unknown = sorted({(row["source"], row["order_id"]) for row in self.lines if row["customer_key"] is None})
        return [
            Imported(
                tuple(row for row in self.profiles if row["customer_key"] != key),
                tuple(row for row in self.lines if row["customer_key"] != key),
            )
            for key in keys
        ] + [
            replace(
                self,
                lines=tuple(
                    row
                    for row in self.lines
                    if row["customer_key"] is not None or (row["source"], row["order_id"]) != sale
                ),
            )
            for sale in unknown
        ]


def _profile(draw: st.DrawFn, person: int, source: str) -> dict[str, Any]:
    return {
        "source": source,
        "customer_key": f"c{person}",
        "match_id": bytes([person]) * 8,
        "placeholder": draw(st.sampled_from([False, False, True])),
        "objects": draw(st.sampled_from([None, False, True])),
        "birth_year": draw(st.sampled_from([None, 1950, 1990])),
        "gender": draw(st.sampled_from([None, "female"])),
        "county": draw(st.sampled_from([None, "03"])),
        "import_no": 1,
    }


@st.composite
def imports(draw: st.DrawFn) -> Imported:
    """A few persons, each known to both sources, with orders of one or several of them, returns and void lines."""
    persons = range(1, draw(st.integers(1, 2)) + 1)
    profiles = tuple(_profile(draw, person, source) for person in persons for source in SOURCES)
    buyers = st.sampled_from([*persons, *persons, None])
    lines = []
    for number in range(draw(st.integers(1, 5))):
        buyer = draw(buyers)
        of_several = draw(st.sampled_from([False, False, True]))
        lines += _order(draw, number, buyers if of_several else st.just(buyer))
    return Imported(profiles, tuple(lines))


def _order(draw: st.DrawFn, number: int, buyers: "st.SearchStrategy[int | None]") -> list[dict[str, Any]]:
    source, day = draw(st.sampled_from(SOURCES)), draw(days(WINDOW))
    names = [f"{number}-{line}" for line in range(draw(st.integers(1, 4)))]
    rank = draw(st.integers(0, 1))  # ties between orders
    channel = draw(st.sampled_from(["web", "phone"]))
    lines = []
    for name in names:
        buyer = draw(buyers)
        back = draw(st.sampled_from([False, False, True]))
        lines.append(
            {
                "source": source,
                "order_id": f"o{number}",
                "line_id": name,
                "summary": False,
                "ordered_on": day,
                "ordered_at": datetime.combine(day, time(12)),
                "event_id": draw(st.sampled_from([None, "e"])),
                "ticket_category": draw(st.sampled_from(["ordinary", "child", "other"])),
                "quantity": -draw(st.integers(0, 3)) if back else draw(st.integers(0, 4)),
                "amount_ore": draw(st.sampled_from([0, 100, 499, 501])) * (-1 if back else 1),
                "channel": channel,
                "state": draw(st.sampled_from(["paid", "paid", "paid", "cancelled"])),
                "ticket_id": draw(st.sampled_from([None, None, "t1", "t2"])),
                "original_order_id": draw(st.sampled_from([None, f"o{draw(st.integers(0, 5))}"])) if back else None,
                "original_line_id": draw(st.sampled_from([None, "0-0", "1-0", "2-1", *names])) if back else None,
                "customer_key": f"c{buyer}" if buyer else None,
                "order_rank": rank,
                "line_rank": _rank(source, name),
            }
        )
    return lines


def _rank(*parts: str) -> int:
    """Sixty bits of a hash, as an import gives each line."""
    return int(hashlib.sha256("|".join(parts).encode()).hexdigest()[:15], 16)


@pytest.fixture(scope="module")
def connection() -> "Iterator[DuckDBPyConnection]":
    with duckdb.connect(config={"threads": 1}) as store:
        store.execute(schema.IMPORTED + schema.DERIVED).fetchall()
        store.execute("""
            INSERT INTO events BY NAME
            SELECT unnest(['house', 'festival']) AS source, 'e' AS event_id, 'Barneteater' AS genre,
                   TIMESTAMP '2026-10-24 17:00:00' AS event_start
        """).fetchall()
        yield store


def _vectors(
    imported: Imported, connection: "DuckDBPyConnection", bounds: Bounds, shuffle: Random | None = None
) -> Vectors:
    lines, profiles = list(imported.lines), list(imported.profiles)
    if shuffle is not None:
        shuffle.shuffle(lines)
        shuffle.shuffle(profiles)
    _fill(connection, "order_lines", [{**line, **_places(line)} for line in lines])
    _fill(connection, "profiles", profiles)
    derive(connection, Leave())
    vectors, _, _ = exact_of(connection, WINDOW, "Europe/Oslo", bounded_tables(bounds))
    return vectors


def _places(line: dict[str, Any]) -> dict[str, int]:
    return {column: words.index(line[column]) for column, words in WORDS.items()}


def _fill(connection: "DuckDBPyConnection", name: str, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute(f"DELETE FROM {name}").fetchall()
    if rows:
        connection.register("arriving", pa.Table.from_pylist(list(rows)))
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM arriving").fetchall()
        connection.unregister("arriving")


# A run takes a second or two.
@settings(max_examples=2)
@given(imports(), st.sampled_from([*TIGHT, LOOSE]))
def test_no_person_moves_a_table_further_than_declared(
    connection: "DuckDBPyConnection", imported: Imported, bounds: Bounds
) -> None:
    vectors_of = partial(_vectors, connection=connection, bounds=bounds)
    for found in moves(vectors_of, imported, imported.neighbours()):
        assert not beyond(found, declared(bounds))


@settings(max_examples=2)
@given(imports(), st.sampled_from(TIGHT), st.randoms(use_true_random=False))
def test_the_order_of_the_imported_rows_does_not_matter(
    connection: "DuckDBPyConnection", imported: Imported, bounds: Bounds, shuffle: Random
) -> None:
    once = _vectors(imported, connection, bounds)
    again = _vectors(imported, connection, bounds, shuffle)
    for key, vector in once.items():
        assert vector.tolist() == again[key].tolist(), key


def _line(person: int, name: str, day: date, **values: Any) -> dict[str, Any]:
    return {
        "source": "house",
        "order_id": f"o{person}",
        "line_id": name,
        "summary": False,
        "ordered_on": day,
        "ordered_at": datetime.combine(day, time(12)),
        "ticket_category": "ordinary",
        "quantity": 3,
        "amount_ore": 500,
        "channel": "web",
        "state": "paid",
        "original_order_id": None,
        "original_line_id": None,
        "customer_key": f"c{person}",
        "order_rank": person,
        "line_rank": _rank(name),
    } | values


MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
BACK = {"quantity": -2, "amount_ore": -500, "original_order_id": "o1", "original_line_id": "1"}


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            (_line(1, "1", MARCH), _line(2, "2", APRIL), _line(2, "3", APRIL, **BACK)),
            id="a return that names somebody else's line",
        ),
        pytest.param(
            (_line(1, "1", MARCH), _line(2, "2", APRIL, order_id="o1", order_rank=1)),
            id="an order number under which two persons bought",
        ),
    ],
)
def test_two_persons_who_touch_count_as_if_each_were_alone(
    connection: "DuckDBPyConnection", lines: tuple[dict[str, Any], ...]
) -> None:
    profiles = tuple(
        {"source": "house", "customer_key": f"c{person}", "placeholder": False, "import_no": 1} for person in (1, 2)
    )
    imported, bounds = Imported(profiles, lines), TIGHT[0]
    vectors_of = partial(_vectors, connection=connection, bounds=bounds)
    for found in moves(vectors_of, imported, imported.neighbours()):
        assert not beyond(found, declared(bounds))
