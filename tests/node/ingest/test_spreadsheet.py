"""Spreadsheets that are larger than they look are refused in little memory; those that only look large are read."""

import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from node.errors import ImportRefused
from node.ingest.readers import spreadsheet, unpacked
from node.ingest.readers.table import open_table
from tests.node.ingest.xlsx import Cell, workbook, workbook_of

HEAD = ["order_id", "line_id", "ordered_at", "amount"]
ROWS: list[list[Cell]] = [[*HEAD], ["A1", "1", "2025-03-01 18:00", 100], ["A2", "1", "2025-03-02 18:00", 250.5]]
SHEET = "xl/worksheets/sheet1.xml"

CHILD = """
import resource, sys
from pathlib import Path
from node.errors import ImportRefused
from node.ingest.readers import spreadsheet
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
path = Path(sys.argv[1])
try:
    (name, header, _), *_ = spreadsheet.sheets(path)
    chunks = spreadsheet.chunks(path, name, len(header), range(len(header)), ".", 1)
    print("read", len(header), sum(chunk.table.num_rows for chunk in chunks))
except ImportRefused as refused:
    print(refused)
"""


def in_two_gigabytes(path: Path) -> str:
    """What comes of a spreadsheet in a process that may have 2 GB of addresses."""
    return subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True).stdout


def changed(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Writes a workbook whose sheet was changed."""
    with (
        zipfile.ZipFile(io.BytesIO(workbook(ROWS))) as before,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, change(before.read(name)) if name == SHEET else before.read(name))
    return path


def with_rows(path: Path, rows: str) -> Path:
    """Writes a workbook with more rows below."""
    return changed(path, lambda sheet: sheet.replace(b"</sheetData>", rows.encode() + b"</sheetData>"))


FAR = {
    "the last cell": ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', 1048576, 16384),
    "a far row that is wide": ('<row r="1000000"><c r="CV1000000"><v>1</v></c></row>', 1000000, 100),
    "in a near row": ('<row r="5"><c r="XFD1048576"><v>1</v></c></row>', 1048576, 16384),
    "beyond what Excel has": ('<row r="4"><c r="ABCDE99999999"><v>1</v></c></row>', 99999999, 494265),
    "other quotes and spaces": ("<row r = '4'>\n<c t='n'\tr = 'XFD1048576' ><v>1</v></c></row>", 1048576, 16384),
    "small letters": ('<row r="4"><c r="xfd1048576"><v>1</v></c></row>', 1048576, 16384),
    "without references": ('<row r="1048570"/><row>' + "<c><v>1</v></c>" * 60 + "</row>", 1048571, 48),
    "long ago": ('<row r="4"><c ' + " " * 70_000 + ' r="XFD1048576"><v>1</v></c></row>', 1048576, 16384),
}


@pytest.mark.parametrize("case", FAR)
def test_a_far_cell_is_refused_in_little_memory(tmp_path: Path, case: str) -> None:
    rows, last_row, last_column = FAR[case]
    path = with_rows(tmp_path / "salg.xlsx", rows)
    assert path.stat().st_size < 10_000
    said = in_two_gigabytes(path)
    assert said.startswith(f"salg.xlsx: the sheet says it has {last_row} rows and ")
    assert int(said.split(" rows and ")[1].split()[0]) >= last_column
    assert "delete the rows and columns beyond your data" in said


NEAR = {
    "a far row": '<row r="1000000"><c r="A1000000" t="inlineStr"><is><t>B1</t></is></c></row>',
    "a far column": '<row r="9"><c r="A9"><v>1</v></c><c r="XFD9"><v>1</v></c></row>',
}


@pytest.mark.parametrize("case", NEAR)
def test_a_cell_that_is_not_too_far_is_read(tmp_path: Path, case: str) -> None:
    """Empty rows and columns up to it are passed over, and the header ends with its last name."""
    path = with_rows(tmp_path / "salg.xlsx", NEAR[case])
    assert in_two_gigabytes(path) == f"read {len(HEAD)} 3\n"


def test_the_places_of_rows_are_true_below_empty_ones(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "salg.xlsx", '<row r="70000"><c r="A70000"><v>7</v></c></row>')
    (name, header, _), *_ = spreadsheet.sheets(path)
    (chunk,) = spreadsheet.chunks(path, name, len(header), [0], ".", 1)
    assert chunk.table.column(0).to_pylist() == ["A1", "A2", "7"]
    assert chunk.lines([0, 1, 2]) == [2, 3, 70000]


def test_words_that_look_like_a_far_cell_are_words(tmp_path: Path) -> None:
    text = '<row r="4"><c r="A4" t="inlineStr"><is><t>c r="XFD1048576"</t></is></c></row>'
    path = with_rows(tmp_path / "salg.xlsx", text)
    assert in_two_gigabytes(path) == f"read {len(HEAD)} 3\n"


def zeros(path: Path, part: str, megabytes: int) -> Path:
    """A workbook with a part of zeros."""
    path.write_bytes(workbook(ROWS))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(part, "w", force_zip64=True) as file,
    ):
        for _ in range(megabytes):
            file.write(bytes(1 << 20))
    return path


def declaring(path: Path, part: str, size: int) -> None:
    """Makes the directory of an archive lie: a part has so many bytes, and the sum of so many zeros."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
        packed = archive.getinfo(part).compress_size
    entry = content.index(part.encode(), start) - 46
    struct.pack_into("<III", content, entry + 16, zlib.crc32(bytes(size)), packed, size)
    path.write_bytes(content)


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/media/picture.png"])
def test_a_bomb_is_refused_whatever_size_it_declares(tmp_path: Path, part: str) -> None:
    path = zeros(tmp_path / "bomb.xlsx", part, 1100)
    assert in_two_gigabytes(path).startswith("bomb.xlsx unpacks to more than 1 GB. Export shorter periods")
    declaring(path, part, 1000)
    with zipfile.ZipFile(path) as archive:
        assert sum(each.file_size for each in archive.infolist()) < 100_000
    assert in_two_gigabytes(path).startswith("bomb.xlsx unpacks to more than 1 GB. Export shorter periods")


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda content: content[: len(content) // 2],
    "a bit of a part": lambda content: content.replace(b"<sheetData>", b"<sheetDatb>", 1),
    "an unknown method of packing": lambda content: content.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x63\x00"
    ),
    "a password": lambda content: content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_workbook_is_refused(tmp_path: Path, case: str) -> None:
    path = tmp_path / "salg.xlsx"
    path.write_bytes(DAMAGED[case](workbook(ROWS)))
    with pytest.raises(ImportRefused, match=r"salg\.xlsx cannot be opened as a spreadsheet.*Save it again"):
        spreadsheet.sheets(path)


def test_a_tag_that_does_not_end_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "salg.xlsx", "<row " + " " * (3 << 20))
    assert "cannot be opened as a spreadsheet" in in_two_gigabytes(path)


def test_a_binary_workbook_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "salg.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"\x83\x01\x00")
    with pytest.raises(ImportRefused, match=r"salg\.xlsx is a binary workbook .* Save it as \.xlsx"):
        spreadsheet.sheets(path)


OLD: list[list[Cell]] = [*ROWS, *ROWS[1:], ["B1", "1", "2024-03-01 18:00", 90]]
NOTES: list[list[Cell]] = [["note"]] * 9


def read(tmp_path: Path, sheets: dict[str, list[list[Cell]]], states: dict[str, str]) -> tuple[str, str, list[str]]:
    """How a workbook is said to be written, what it is called, and the first column that is read."""
    path = tmp_path / "salg.xlsx"
    path.write_bytes(workbook_of(sheets, states))
    table = open_table(path, lambda headers: "order_id" in headers, below=lambda headers: "order_id" in headers)
    return table.written, table.called, [row for chunk in table.chunks([0], ".") for row in chunk.table[0].to_pylist()]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read_where_another_fits_whatever_their_sizes(tmp_path: Path, state: str) -> None:
    title: list[Cell] = ["Salg 2025"]
    written, called, orders = read(tmp_path, {"Arkiv": OLD, "Notater": NOTES, "Salg": [title, *ROWS]}, {"Arkiv": state})
    assert orders == ["A1", "A2"]
    assert written == "Excel, sheet 'Salg'; 1 line above the header left out; left out though it fits: 'Arkiv' (hidden)"
    assert called == "salg.xlsx, sheet 'Salg'"


def test_a_hidden_sheet_is_read_where_no_other_fits_and_it_is_said(tmp_path: Path) -> None:
    written, called, orders = read(tmp_path, {"Notater": NOTES, "Salg": ROWS}, {"Salg": "hidden"})
    assert orders == ["A1", "A2"]
    assert (written, called) == ("Excel, hidden sheet 'Salg'", "salg.xlsx, hidden sheet 'Salg'")


def test_the_largest_of_several_sheets_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    written, _, orders = read(tmp_path, {"Mars": ROWS, "Alle": OLD, "Notater": NOTES, "April": ROWS}, {})
    assert len(orders) == 5
    assert written == "Excel, sheet 'Alle'; left out though they fit: 'Mars', 'April'"


_OPEN = "urn:oasis:names:tc:opendocument:xmlns:"


def test_a_far_cell_of_an_open_document_is_refused_too(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    path = tmp_path / "salg.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="x"/>')
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{_OPEN}office:1.0" xmlns:table="{_OPEN}table:1.0" '
            f'xmlns:text="{_OPEN}text:1.0"><office:body><office:spreadsheet><table:table table:name="S">'
            f"<table:table-row>{cell}</table:table-row>"
            '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
            f'<table:table-row><table:table-cell table:number-columns-repeated="16383"/>{cell}</table:table-row>'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    said = in_two_gigabytes(path)
    assert said.startswith("salg.ods: a sheet has more cells than can be read")
    assert "delete the rows and columns" in said


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 60), st.booleans(), st.booleans()), max_size=12))
def test_the_reach_of_a_sheet_is_at_least_what_its_reader_finds(cells: list[tuple[int, int, bool, bool]]) -> None:
    """With references or without them, in any sequence."""

    def letters(column: int) -> str:
        return chr(64 + column) if column <= 26 else letters((column - 1) // 26) + letters((column - 1) % 26 + 1)

    rows = "".join(
        ("<row>" if bare_row else f'<row r="{row}">')
        + ("<c><v>1</v></c><c><v>2</v></c>" if bare else f'<c r="{letters(column)}{row}"><v>1</v></c><c><v>3</v></c>')
        + "</row>"
        for row, column, bare_row, bare in cells
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    reach = unpacked.Reach()
    reach.take(unpacked.TAG.findall(sheet.encode()))
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(ROWS))) as before,
        zipfile.ZipFile(buffer, "w") as after,
    ):
        for name in before.namelist():
            after.writestr(name, sheet if name == SHEET else before.read(name))
    found = CalamineWorkbook.from_filelike(io.BytesIO(buffer.getvalue())).get_sheet_by_index(0)
    if found.end is not None:
        assert reach.rows >= found.end[0] + 1
        assert reach.columns >= found.end[1] + 1


TWICE = "Vår ære øl".encode().decode("windows-1252")


def test_cells_that_were_encoded_twice_are_refused_with_the_row(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"salg\.xlsx, sheet 'Salg', row 4: å, æ or ø encoded twice .* as UTF-8"):
        read(tmp_path, {"Salg": [*ROWS, [TWICE, "1", "2025-03-01 18:00", 100]]}, {})
    assert read(tmp_path, {"Salg": [*ROWS, ["SÃO JOÃO", "1", "2025-03-01 18:00", 100]]}, {})[2][-1] == "SÃO JOÃO"


@pytest.mark.parametrize("escaped", [True, False])
def test_texts_of_json_that_were_encoded_twice_are_refused_with_the_record(tmp_path: Path, escaped: bool) -> None:
    path = tmp_path / "salg.json"
    path.write_text(json.dumps([{"order_id": "A1"}, {"order_id": TWICE}], ensure_ascii=escaped), encoding="utf-8")
    table = open_table(path, lambda headers: "order_id" in headers)
    with pytest.raises(ImportRefused, match=r"salg\.json, record 2: å, æ or ø encoded twice"):
        list(table.chunks([0], "."))


_TABLE = "<table><tr><th>order_id</th></tr><tr><td>A1</td></tr></table>"
_WORKBOOK = '<?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
PAGES = {
    "a page": f"<html><body>{_TABLE}</body></html>",
    "a page of a kind": f"\r\n <!DOCTYPE html>\n<html>{_TABLE}</html>",
    "capitals": f'<HTML xmlns:x="urn:x">{_TABLE}</HTML>',
    "its head": f"<head><meta charset=utf-8></head>{_TABLE}",
    "a table alone": _TABLE.replace("<table", "<Table border=1"),
    "a page in XML": f'<?xml version="1.0"?>\n<html>{_TABLE}</html>',
    "an old workbook": f'<?xml version="1.0"?>\n{_WORKBOOK}',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("case", PAGES)
def test_a_web_page_that_is_called_a_workbook_is_refused_by_name(tmp_path: Path, case: str, encoding: str) -> None:
    path = tmp_path / "salg.xls"
    path.write_bytes(PAGES[case].encode(encoding))
    kind = "an old XML workbook" if case == "an old workbook" else "a web page"
    said = rf"salg\.xls is {kind}, whatever its name says\. Open it in Excel, and save it as \.xlsx or CSV\."
    with pytest.raises(ImportRefused, match=said):
        open_table(path, lambda headers: True)


@pytest.mark.parametrize("text", ["<tabell>;b\n1;2\n", "<htm;b\n1;2\n", "<b>;c\n1;2\n"])
def test_a_text_that_begins_like_a_tag_is_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "salg.csv"
    path.write_text(text, encoding="utf-8")
    assert len(open_table(path, lambda headers: True).headers) == 2
