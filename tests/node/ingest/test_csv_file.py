"""Delimited text is read as Python's csv reads it, whatever its blocks, line ends and quotes; places are true."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.errors import ImportRefused
from node.ingest.readers import csv_file, sniff
from node.ingest.readers.chunk import Chunk

CELLS = st.text(st.sampled_from('ab1 ;,"æø\n|'), max_size=6)
COLUMNS = 3


def read(
    content: bytes, *, size: int = 1 << 24
) -> tuple[list[str], list[tuple[int, list[str]]], list[tuple[int, str]]]:
    """Names of columns, rows with their lines, and bad rows with their lines."""
    path = Path("export.csv")
    start = _beginning(content)
    dialect, names = sniff.header(start)
    rows: list[tuple[int, list[str]]] = []
    bad: list[tuple[int, str]] = []
    wanted = range(len(names))
    for chunk in csv_file.chunks(io.BytesIO(content), path, dialect, len(names), wanted, size):
        rows += zip(chunk.lines(range(chunk.table.num_rows)), _cells(chunk), strict=True)
        bad += [(row.line, row.reason) for row in chunk.bad]
    return names, rows, bad


def _beginning(content: bytes) -> sniff.Beginning:
    return sniff.beginning_of(content, "export.csv")


def _cells(chunk: Chunk) -> list[list[str]]:
    return [list(row.values()) for row in chunk.table.to_pylist()]


def written(rows: Sequence[Sequence[str]], *, delimiter: str, end: str, quoting: int) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


def oracle(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Every row that is not empty with its first line, by Python's csv."""
    reader = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline=""), delimiter=delimiter)
    rows, line = [], 1
    for row in reader:
        rows.append((line, row))
        line = reader.line_num + 1
    return [(line, row) for line, row in rows if row]


@settings(max_examples=150)
@given(
    st.lists(st.tuples(*[CELLS] * COLUMNS).filter(lambda row: any(cell.strip() for cell in row)), max_size=12),
    st.sampled_from(";,|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.integers(1, 200),
)
def test_any_table_comes_back(rows: list[tuple[str, ...]], delimiter: str, end: str, quoting: int, size: int) -> None:
    text = f"one{delimiter}two{delimiter}three{end}" + written(rows, delimiter=delimiter, end=end, quoting=quoting)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        names, found, bad = read(text.encode(encoding), size=size)
        assert names == ["one", "two", "three"]
        assert not bad
        assert found == oracle(text, delimiter)[1:]


@settings(max_examples=300)
@given(st.lists(st.text(st.sampled_from('ab;"\n'), max_size=12), max_size=12), st.integers(1, 60))
def test_no_line_of_damaged_text_is_lost_without_a_word(lines: list[str], size: int) -> None:
    """Every line with text belongs to a row, or is reported."""
    text = "x;y\n" + "\n".join(lines) + "\n"
    _, rows, bad = read(text.encode(), size=size)
    told = sorted([line for line, _ in rows] + [line for line, _ in bad])
    assert told == sorted(set(told))
    physical = text.split("\n")
    for line in range(2, len(physical)):
        if not physical[line - 1].strip(' "'):
            continue
        first = max((start for start in told if start <= line), default=0)
        assert first == line or any(start == first and "\n" in "".join(row) for start, row in rows), (line, told)


def test_a_quote_that_is_never_closed_costs_its_own_row_alone() -> None:
    rows = [f"{number};b;c;d" for number in range(2000)]
    rows[700] = '700;"b;c;d'
    _, found, bad = read(("p;q;r;s\n" + "\n".join(rows) + "\n").encode())
    assert [row[0] for _, row in found] == [str(number) for number in range(2000) if number != 700]
    assert [line for line, _ in bad] == [702]
    assert "quotation mark" in bad[0][1]


def test_two_stray_quotes_do_not_make_one_row_of_two() -> None:
    _, found, bad = read(b'p;q;r;s\n1;"x;2;3\n2;y";5;6\n3;z;7;8\n')
    assert found == [(3, ["2", 'y"', "5", "6"]), (4, ["3", "z", "7", "8"])]
    assert [line for line, _ in bad] == [2]


def test_a_quote_within_a_field_is_a_character() -> None:
    _, found, bad = read(b'p;q\n1;5" disc\n2;a "word" here\n')
    assert [row for _, row in found] == [["1", '5" disc'], ["2", 'a "word" here']]
    assert not bad


def test_places_are_true_after_line_ends_within_quotes_and_empty_lines() -> None:
    text = 'p;q\n\n1;"two\nlines"\n\n\n2;"three\r\nmore\nlines"\n3;x;y\n4;z\n'
    _, found, bad = read(text.encode())
    assert found == [(3, ["1", "two\nlines"]), (7, ["2", "three\r\nmore\nlines"]), (11, ["4", "z"])]
    assert bad == [(10, "3 columns where the header has 2")]


@pytest.mark.parametrize(
    "tail",
    ["3;c", '3;c;"d', '3;"c', '3;c;"d\n'],
    ids=["in a row", "in a quoted field", "in an earlier quoted field", "after a line of a quoted field"],
)
def test_a_file_that_was_cut_off_says_so(tail: str) -> None:
    _, found, bad = read(f'p;q;r\n1;a;"b"\n2;b;c\n{tail}'.encode())
    assert [row[0] for _, row in found] == ["1", "2"]
    assert bad == [(4, "the file ends in the middle of a row")]


def test_a_last_line_without_an_end_is_a_row() -> None:
    assert read(b"p;q\n1;2\n3;4")[1:] == ([(2, ["1", "2"]), (3, ["3", "4"])], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_every_line_end_in_blocks_of_any_size(end: str, size: int) -> None:
    text = end.join(["p;q", "1;æ", "2;ø", ""])
    for encoding in ("utf-8", "windows-1252", "utf-16-le"):
        assert read(text.encode(encoding), size=size)[1] == [(2, ["1", "æ"]), (3, ["2", "ø"])]


def test_line_ends_may_differ_from_line_to_line() -> None:
    assert read(b"p;q\r\n1;a\n2;b\r3;c\r\n")[1] == [(2, ["1", "a"]), (3, ["2", "b"]), (4, ["3", "c"])]


def test_excels_line_about_its_delimiter_is_heeded() -> None:
    names, found, _ = read(b"sep=|\na;x|b,y\n1|2\n")
    assert names == ["a;x", "b,y"]
    assert found == [(3, ["1", "2"])]


def test_names_of_columns_may_hold_delimiters_and_line_ends() -> None:
    names, found, _ = read(b'"Navn; fullt";"E-post\n(privat)";"a,b,c,d"\n1;2;3\n')
    assert names == ["Navn; fullt", "E-post\n(privat)", "a,b,c,d"]
    assert found == [(3, ["1", "2", "3"])]


def test_what_was_ascii_may_turn_out_to_be_windows_1252() -> None:
    text = "p;q\n" + "1;a\n" * 50 + "2;blåbær\n"
    assert read(text.encode("windows-1252"), size=40)[1][-1] == (52, ["2", "blåbær"])


@pytest.mark.parametrize("size", [30, 1 << 20])
@pytest.mark.parametrize(
    ("first", "second"), [("utf-8", "windows-1252"), ("windows-1252", "utf-8")], ids=["utf-8 first", "1252 first"]
)
def test_two_encodings_in_one_file_are_refused_with_the_line(first: str, second: str, size: int) -> None:
    content = b"p;q\n" + "1;blåbær\n".encode(first) * 5 + "2;grønn\n".encode(second)
    with pytest.raises(ImportRefused, match=r"line [27]: not text in .* two encodings"):
        read(content, size=size)


@pytest.mark.parametrize(("above", "size"), [(5, 1), (5, 7), (5, 30), (5, 1 << 20), (40_000, 1 << 20)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_letters_that_were_encoded_twice_are_refused_with_the_line(above: int, size: int, encoding: str) -> None:
    twice = "2;Vår ære øl\n".encode().decode("windows-1252")
    text = "p;q\n" + "1;blåbær\n" * above + twice
    with pytest.raises(ImportRefused, match=rf"line {above + 2}: å, æ or ø encoded twice .* again as UTF-8"):
        read(text.encode(encoding), size=size)


def test_names_of_columns_that_were_encoded_twice_are_refused_too() -> None:
    with pytest.raises(ImportRefused, match="line 2: å, æ or ø encoded twice"):
        read("sep=;\nkunde;beløp\n1;2\n".encode().decode("windows-1252").encode())


@pytest.mark.parametrize("encoding", ["cp850", "cp865", "mac-roman"])
def test_letters_of_dos_and_macintosh_are_refused_and_not_guessed(encoding: str) -> None:
    with pytest.raises(ImportRefused, match="encoding"):
        read("p;q\n1;Blåbær på øya\n".encode(encoding))


def test_a_huge_field_is_a_bad_row_and_no_more() -> None:
    text = "p;q\n1;a\n2;" + "x" * 200_000 + ";\n3;c\n"
    _, found, bad = read(text.encode())
    assert [row[0] for _, row in found] == ["1", "3"]
    assert bad == [(3, "a field of more than 100000 characters")]


def test_a_row_without_end_is_refused() -> None:
    with pytest.raises(ImportRefused, match="line 2: a line of more than 32 MB"):
        read(b"p;q\n" + b"x" * (34 << 20), size=1 << 22)
