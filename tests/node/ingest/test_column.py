"""A column's distinct texts and their places say the same as plain Python, row by row."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.ingest.column import Column, column_of, combined, hidden, unfit, unfit_keys
from node.ingest.values import Unreadable, whole_number

TEXT = st.text(st.sampled_from("ab1 '\t\u00a0æ"), max_size=5)
CELLS = st.lists(TEXT, max_size=30) | st.builds(lambda text, rows: [text] * rows, TEXT, st.integers(0, 30))


def trimmed(text: str) -> str:
    """Without white space around, and without apostrophes before it."""
    return text.strip().lstrip("'").strip()


def column(cells: list[str], cut: int = 3) -> Column:
    return column_of("c", [pa.chunked_array([cells[:cut], cells[cut:]], pa.string())])


@given(CELLS)
def test_texts_and_places_are_the_trimmed_cells(cells: list[str]) -> None:
    found = column(cells)
    by_place = [None if place < 0 else found.texts[place] for place in found.index.tolist()]
    assert by_place == [trimmed(cell) or None for cell in cells]
    assert found.rows.to_pylist() == [trimmed(cell) for cell in cells]
    assert found.taken(found.values).to_pylist() == by_place
    assert found.coded(found.values).to_pylist() == by_place
    assert found.empty.to_pylist() == [not trimmed(cell) for cell in cells]


def test_white_space_of_every_kind_goes() -> None:
    """Each in a column of its own, which shows no other reason to trim it."""
    spaces = [chr(point) for point in range(0x110000) if chr(point).isspace()]
    assert len(spaces) > 20
    assert not [space for space in spaces if column([f"{space}a1{space}"]).rows.to_pylist() != ["a1"]]


@given(CELLS)
def test_parsed_values_stand_in_their_rows(cells: list[str]) -> None:
    parsed, problems = column(cells).parsed(whole_number, pa.int64())

    def expected(cell: str) -> int | str | None:
        try:
            return whole_number(trimmed(cell)) if trimmed(cell) else None
        except Unreadable as error:
            return str(error)

    wanted = [expected(cell) for cell in cells]
    assert parsed.to_pylist() == [value if isinstance(value, int) else None for value in wanted]
    for row, value in enumerate(wanted):
        told = [problem for problem in problems if problem.at[row] >= 0]
        assert [problem.reason for problem in told] == ([value] if isinstance(value, str) else [])
        assert all(problem.texts[problem.at[row]] == trimmed(cells[row]) for problem in told)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[st.sampled_from(["", "a", "b", "c "])] * width))))
def test_combinations_are_those_of_the_rows(rows: list[tuple[str, ...]]) -> None:
    columns = [column(list(cells)) for cells in zip(*rows, strict=True)]
    first, places = combined(columns, len(rows))
    bare = [tuple(map(trimmed, row)) for row in rows]
    assert [bare[first[place]] for place in places.tolist()] == bare
    assert len(first) == len(set(bare))


def test_combinations_of_many_columns_do_not_overflow() -> None:
    cells = [str(number) for number in range(2000)]
    columns = [column(cells) for _ in range(12)]
    first, places = combined(columns, len(cells))
    assert sorted(first.tolist()) == list(range(2000))
    assert np.array_equal(first[places], np.arange(2000))


@given(st.lists(st.text(max_size=12), max_size=20))
def test_keys_are_judged_alike_one_by_one_and_together(texts: list[str]) -> None:
    rows = pa.array(texts, pa.string())
    together = {
        row: problem.reason for problem in unfit_keys("c", rows) for row in range(len(texts)) if problem.at[row] >= 0
    }
    assert together == unfit(rows, label=False)


ADDRESSES = ["kari@example.no", "Kari <kari@example.no>", "kari @ example.no", "post: a.b@c.no"]
NUMBERS = ["+4791234567", "+47 912 34 567", "912 34 567", "91 23 45 67", "(+47) 912 34 567", "912.34.567"]


@pytest.mark.parametrize("label", [True, False])
@pytest.mark.parametrize("text", [*ADDRESSES, *NUMBERS, "a\x00b", "a\u200bb", "x" * 301])
def test_what_must_not_be_kept_is_found(text: str, label: bool) -> None:
    assert 0 in unfit(pa.array([text]), label=label)


@pytest.mark.parametrize("text", ["DJ @ Blå", "Peer Gynt – urpremiere", "2024-05-01", "1 200 plasser", "Rad 10 11 12"])
def test_titles_are_kept(text: str) -> None:
    assert unfit(pa.array([text]), label=True) == {}


@pytest.mark.parametrize("text", ["00012345678", "41234567", "A-100", "0b8a9d6e-1c2d-4b3a-9e8f-112233445566"])
def test_numbers_of_orders_are_kept(text: str) -> None:
    assert unfit(pa.array([text]), label=False) == {}


def test_a_label_of_eight_digits_is_no_label() -> None:
    assert 0 in unfit(pa.array(["91234567"]), label=True)


def test_keys_that_may_be_telephone_numbers_are_hidden_and_stay_apart() -> None:
    seen: list[str] = []

    def hide(text: str) -> str:
        seen.append(text)
        return f"h{len(seen)}"

    texts = pa.array(["91234567", "00012345", "4722000000", "004791234567", "A1"])
    assert hidden(texts, hide).to_pylist() == ["h1", "00012345", "h2", "h3", "A1"]
    assert seen == ["91234567", "4722000000", "004791234567"]
