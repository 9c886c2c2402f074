"""The smallest workbook that a spreadsheet program opens."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_OFFICE = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_OFFICE}/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Override PartName="/xl/workbook.xml"
            ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
        <Override PartName="/xl/worksheets/sheet1.xml"
            ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1"
        Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_OFFICE}/spreadsheetml/2006/main"
        xmlns:r="{_OFFICE}/officeDocument/2006/relationships"><sheets>
        <sheet name="Salg" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship
        Id="rId1" Type="{_OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
        </Relationships>""",
}

Cell = str | int | float | None


def workbook(rows: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook with one sheet of at most 26 columns."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, f'<?xml version="1.0"?>{content}')
        body = "".join(_row(number, row) for number, row in enumerate(rows, start=1))
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<?xml version="1.0"?><worksheet xmlns="{_OFFICE}/spreadsheetml/2006/main"><sheetData>{body}</sheetData>'
            "</worksheet>",
        )
    return buffer.getvalue()


def _row(number: int, cells: Sequence[Cell]) -> str:
    filled = [(f"{chr(65 + place)}{number}", cell) for place, cell in enumerate(cells) if cell is not None]
    return f'<row r="{number}">' + "".join(_cell(reference, cell) for reference, cell in filled) + "</row>"


def _cell(reference: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{reference}"><v>{cell}</v></c>'
