"""Text with stray quotes is read as if every row were tried from its first line anew, in work that grows with it."""

import csv
from collections.abc import Iterator
from typing import SupportsIndex, overload

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.ingest.readers import rows

PIECES = st.lists(st.sampled_from(["a", " ", '"', '""', ",", '","', ',"', '",', "\n", "\n\n", "a,b,c\n"]), max_size=40)


def plainly(text: str, columns: int) -> Iterator[tuple[int, list[str] | None]]:
    """The first line of each row and its cells, or None where it is wrong: tried from every line anew."""
    lines, place = text.split("\n")[:-1], 0
    while place < len(lines):
        below = [*(f"{line}\n" for line in lines[place:]), "\x00end\x00"]
        reader = csv.reader(below)
        cells = next(reader)
        end = place + reader.line_num
        is_whole = end <= len(lines)
        if is_whole and len(cells) <= 1 and not "".join(cells).strip():
            place = end
            continue
        swallowed = (
            columns >= 4 and end > place + 1 and all(line.count(",") >= columns - 1 for line in lines[place:end])
        )
        is_right = is_whole and len(cells) == columns and not swallowed
        yield place, cells if is_right else None
        place = end if is_right else place + 1


@settings(max_examples=600, deadline=None)
@given(PIECES, st.integers(1, 6))
def test_rows_are_those_of_trying_every_line(pieces: list[str], columns: int) -> None:
    text = "".join(pieces) + "\n"
    read = [(row.line, None if row.reason else list(row.cells)) for row in rows.rows(text, ",", columns)]
    assert read == list(plainly(text, columns))


class Counted(list[str]):
    """Lines that count how often one is looked at."""

    looks = 0

    @overload
    def __getitem__(self, place: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> str | list[str]:
        found = super().__getitem__(place)
        self.looks += len(found) if isinstance(place, slice) else 1
        return found


HOSTILE = {
    "rows that end in quotes": '1,2,3,4,5,6,7,8,9,10,"a""\n' + "x\n" * 50,
    "the same with too few columns": '1,2,3,4,5,6,7,8,9,"a""\n' + "x\n" * 50,
    "every line closes a field and opens one": 'a","x\n',
    "the same with lines between": 'a","x\n' + "x\n" * 10,
    "the same with as many columns": '1,2,3,4,5,6,7,8,9,10","x\n',
    "never closed": '1,2,3,"\n' + "x" * 1000 + "\n",
}


@pytest.mark.parametrize("columns", [1, 2, 11])
@pytest.mark.parametrize("case", HOSTILE)
def test_the_work_grows_with_the_text(case: str, columns: int) -> None:
    """Each line is looked at a few times, however many rows could begin on it and go on below."""
    for times in (50, 100, 200):
        lines = Counted((HOSTILE[case] * times).split("\n")[:-1])
        found = sum(1 for _ in rows.found_rows(lines, ",", columns))
        assert found > 0
        assert lines.looks <= 8 * len(lines)


def test_a_block_of_fields_that_open_and_close_is_read_to_its_end() -> None:
    """Half a million lines, which took hours where each was read to the end of the text."""
    text = 'a","x\n' * 500_000
    assert sum(1 for row in rows.rows(text, ",", 11) if row.reason) == 500_000
