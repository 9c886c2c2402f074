"""What a file tells of its customers does not depend on the parts in which it is read, nor on what is remembered."""

from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.ingest import profile
from node.ingest.buyers import Buyers, Customers
from node.ingest.column import with_problems
from node.ingest.people import Identities
from node.ingest.reading import Reading, Setting
from node.ingest.recognise import Recognised
from node.ingest.source import open_source
from node.ingest.values import amount
from privacy.identity.chain import KeyChain
from privacy.identity.match import IdentityKey

CHAIN = KeyChain((IdentityKey(bytes(32)),))
HEAD = "order_id,line_id,ordered_at,quantity,amount,customer_key,email,phone,postcode,gender,objects\n"
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "7", "8"]),
        st.sampled_from(["", "kari@example.no", "Kari@example.no ", "ola@example.no", "no address"]),
        st.sampled_from(["", "98765432", "+47 987 65 432"]),
        st.sampled_from(["", "0150", "5003"]),
        st.sampled_from(["", "f", "m"]),
        st.sampled_from(["", "ja", "nei", "kanskje"]),
    ),
    min_size=1,
    max_size=12,
)


def read(folder: Path, rows: list[tuple[str, ...]]) -> tuple[Recognised, pa.Table]:
    file = folder / "sales.csv"
    lines = (f"{n},1,2025-03-01T12:00:00+01:00,1,100.00,{','.join(row)}\n" for n, row in enumerate(rows))
    file.write_text(HEAD + "".join(lines), encoding="utf-8")
    source = open_source(file, profile.find("kudos", folder))
    (chunk,) = source.chunks()
    return source.found, chunk.table


def told(
    found: Recognised, table: pa.Table, size: int, limit: int, ahead: int = 0
) -> tuple[dict[Any, Any], list[Any], list[bool]]:
    """The latest of each profile, the key of every row, and the rows with problems.

    They are read in parts of some rows, and so many parts more are read before one tells of its customers.
    """
    identities = Identities(CHAIN, frozenset())
    customers = Customers(identities, limit)
    setting = Setting("Europe/Oslo", identities.hidden, amount("auto", ""))
    parts, keys, problems, telling = [], [], [], deque[tuple[Buyers, Any, int]]()
    for first in range(0, table.num_rows, size):
        reading = Reading.of(found, table.slice(first, size), setting)
        buyers = customers.of(reading)
        bad = with_problems(reading.problems, reading.rows)
        keys += buyers.keys().to_pylist()
        problems += bad.tolist()
        telling.append((buyers, np.asarray(~bad), first))
        if len(telling) > ahead:
            parts.append(customers.tell(*telling.popleft()))
    parts += [customers.tell(*each) for each in telling]
    parts.append(customers.rest())
    rows = [row for part in parts if part is not None for row in part.to_pylist()]
    latest: dict[Any, Any] = {}
    for row in sorted(rows, key=lambda row: row["row"]):
        known = {name: value for name, value in row.items() if value is not None and name != "row"}
        latest.setdefault(row["customer_key"], {}).update(known)
    return latest, keys, problems


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, size=st.integers(1, 12), limit=st.sampled_from([0, 1, 3, 1000]), ahead=st.integers(0, 2))
def test_parts_and_memory_and_reading_ahead_change_nothing(
    tmp_path: Path, rows: list[tuple[str, ...]], size: int, limit: int, ahead: int
) -> None:
    found, table = read(tmp_path, rows)
    assert told(found, table, size, limit, ahead) == told(found, table, len(rows), 0)


def test_cells_that_run_together_are_not_one_customer(tmp_path: Path) -> None:
    """A separator that a cell could hold would make these two one."""
    found, table = read(tmp_path, [("a\x1fc", "d", "", "", "", ""), ("a", "c\x1fd", "", "", "", "")])
    _, keys, _ = told(found, table, 2, 1000)
    assert keys[0] != keys[1]


def test_what_cannot_be_read_is_told_of_every_row_that_has_it(tmp_path: Path) -> None:
    found, table = read(tmp_path, [("7", "", "", "", "", "kanskje")] * 4)
    latest, _, problems = told(found, table, 1, 1000)
    assert problems == [True] * 4
    assert latest == {}


@pytest.mark.parametrize("limit", [0, 1, 1000])
def test_the_last_row_of_a_combination_counts_where_another_stood_between(tmp_path: Path, limit: int) -> None:
    oslo, bergen = ("7", "", "", "0150", "", ""), ("7", "", "", "5003", "", "")
    found, table = read(tmp_path, [oslo, bergen, oslo])
    latest, _, _ = told(found, table, 1, limit)
    assert latest["7"]["county"] == told(found, table.slice(0, 1), 1, limit)[0]["7"]["county"]
