"""The smallest workbooks that a spreadsheet program opens."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_OFFICE = "http://schemas.openxmlformats.org"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
Cell = str | int | float | None


def workbook(rows: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook with one sheet of at most 26 columns."""
    return workbook_of({"Salg": rows})


def workbook_of(sheets: Mapping[str, Sequence[Sequence[Cell]]], states: Mapping[str, str] = {}) -> bytes:
    """A workbook with sheets of at most 26 columns; in `states` stand those that are hidden or veryHidden."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in _parts(list(sheets), states).items():
            archive.writestr(name, f'<?xml version="1.0"?>{content}')
        for number, rows in enumerate(sheets.values(), start=1):
            body = "".join(_row(place, row) for place, row in enumerate(rows, start=1))
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<?xml version="1.0"?><worksheet xmlns="{_OFFICE}/spreadsheetml/2006/main"><sheetData>{body}'
                "</sheetData></worksheet>",
            )
    return buffer.getvalue()


def _parts(names: Sequence[str], states: Mapping[str, str]) -> dict[str, str]:
    """What a workbook holds beside its sheets."""
    sheets = list(enumerate(names, start=1))
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_SHEET}.worksheet+xml"/>'
        for number, _ in sheets
    )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" state="{states.get(name, "visible")}" r:id="rId{number}"/>'
        for number, name in sheets
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/officeDocument/2006/relationships/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number, _ in sheets
    )
    return {
        "[Content_Types].xml": f"""<Types xmlns="{_OFFICE}/package/2006/content-types">
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
            <Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>{overrides}</Types>""",
        "_rels/.rels": f"""<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1"
            Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
            </Relationships>""",
        "xl/workbook.xml": f"""<workbook xmlns="{_OFFICE}/spreadsheetml/2006/main"
            xmlns:r="{_OFFICE}/officeDocument/2006/relationships"><sheets>{listed}</sheets></workbook>""",
        "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_OFFICE}/package/2006/relationships">{relations}
            </Relationships>""",
    }


def _row(number: int, cells: Sequence[Cell]) -> str:
    filled = [(f"{chr(65 + place)}{number}", cell) for place, cell in enumerate(cells) if cell is not None]
    return f'<row r="{number}">' + "".join(_cell(reference, cell) for reference, cell in filled) + "</row>"


def _cell(reference: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{reference}"><v>{cell}</v></c>'
