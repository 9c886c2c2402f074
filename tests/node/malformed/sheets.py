"""Workbooks with merged, formula and faulty cells, hidden sheets, missing parts; and zips that unpack to far more."""

import io
import zipfile
from collections.abc import Sequence
from random import Random
from xml.sax.saxutils import escape

from tests.node.malformed.base import HEADER, ROWS, Becomes, Malformed

SAME, REFUSED, EITHER = Becomes.SAME, Becomes.REFUSED, Becomes.EITHER
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
Sheets = Sequence[tuple[str, str, str]]
"""Name, state (visible, hidden, veryHidden) and XML of each sheet."""


def cell(place: int, row: int, value: str, kind: str = "text") -> str:
    """A cell by what it holds: a text, a formula with or without its value, a fault."""
    where = f"{chr(65 + place)}{row}"
    match kind:
        case "number":
            return f'<c r="{where}"><v>{value}</v></c>'
        case "formula":
            return f'<c r="{where}" t="str"><f>CONCATENATE("{value}")</f><v>{escape(value)}</v></c>'
        case "empty formula":
            return f'<c r="{where}"><f>NOW()</f></c>'
        case "fault":
            return f'<c r="{where}" t="e"><v>#REF!</v></c>'
        case _:
            return f'<c r="{where}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def sheet(rows: Sequence[Sequence[str]], kinds: dict[tuple[int, int], str] | None = None, after: str = "") -> str:
    """A sheet of rows; `kinds` by row and column from 0 for what is no text; `after` stands behind the rows."""
    kinds = kinds or {}
    body = "".join(
        f'<row r="{number + 1}">'
        + "".join(
            cell(place, number + 1, value, kinds.get((number, place), "text"))
            for place, value in enumerate(row)
            if value or (number, place) in kinds
        )
        + "</row>"
        for number, row in enumerate(rows)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{after}</worksheet>'


def book(sheets: Sheets, leave_out: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """A workbook of sheets, without the part that is left out."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="r{number}"/>'
            for number, (name, state, _) in enumerate(sheets, start=1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="r{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        + "</Relationships>",
    } | {f"xl/worksheets/sheet{number}.xml": xml for number, (_, _, xml) in enumerate(sheets, start=1)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name != leave_out:
                archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return buffer.getvalue()


SALES = [HEADER, *ROWS]


def merged(draw: Random) -> Malformed:
    title = [["Salgsrapport"], []]
    after = '<mergeCells count="2"><mergeCell ref="A1:I1"/><mergeCell ref="A2:C2"/></mergeCells>'
    becomes = SAME if draw.random() < 0.5 else EITHER
    rows = SALES if becomes is SAME else [*title, *SALES]
    return Malformed("merged.xlsx", book([("Salg", "visible", sheet(rows, after=after))]), becomes)


def formulas(draw: Random) -> Malformed:
    kind = draw.choice(["formula", "empty formula", "fault"])
    places = {(draw.randrange(1, len(SALES)), draw.randrange(len(HEADER))): kind for _ in range(draw.randrange(1, 9))}
    return Malformed(
        "formulas.xlsx",
        book([("Salg", "visible", sheet(SALES, places))]),
        SAME if kind == "formula" else EITHER,
    )


def hidden(draw: Random) -> Malformed:
    state = draw.choice(["hidden", "veryHidden"])
    other = sheet([["Notater"], ["Husk"], ["å ringe"]])
    sheets = [("Notater", "visible", other), ("Salg", draw.choice(["visible", state]), sheet(SALES))]
    return Malformed("hidden.xlsx", book(draw.sample(sheets, 2)), SAME)


def missing_part(draw: Random) -> Malformed:
    part = draw.choice(
        [
            "[Content_Types].xml",
            "_rels/.rels",
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/worksheets/sheet1.xml",
        ]
    )
    return Malformed("missing.xlsx", book([("Salg", "visible", sheet(SALES))], leave_out=part), EITHER)


def damaged(draw: Random) -> Malformed:
    content = bytearray(book([("Salg", "visible", sheet(SALES))]))
    if draw.random() < 0.5:
        return Malformed("truncated.xlsx", bytes(content[: draw.randrange(len(content))]), REFUSED)
    for _ in range(draw.randrange(1, 20)):
        content[draw.randrange(len(content))] = draw.randrange(256)
    return Malformed("flipped.xlsx", bytes(content), EITHER)


def bad_xml(draw: Random) -> Malformed:
    xml = sheet(SALES)
    place = draw.randrange(len(xml))
    broken = xml[:place] + draw.choice(["<", "&", "</row>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "\0"]) + xml[place:]
    return Malformed("xml.xlsx", book([("Salg", "visible", broken)]), EITHER)


def far(draw: Random) -> Malformed:
    row, column = draw.choice([(1_048_576, "XFD"), (900_000, "ZZ"), (2_000_000_000, "A")])
    more = f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row></sheetData>'
    return Malformed("far.xlsx", book([("Salg", "visible", sheet(SALES).replace("</sheetData>", more))]), REFUSED)


def bomb(draw: Random) -> Malformed:
    """Some megabytes that unpack to far more: in a part of the workbook, in a sheet, or declared as little."""
    zeros = b"0" * (64 * 1024 * 1024)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(draw.choice(["xl/media/a.bin", "xl/worksheets/sheet1.xml"]), "w") as part:
            for _ in range(18):
                part.write(zeros)
    return Malformed("bomb.xlsx", buffer.getvalue(), REFUSED)


def another_zip(draw: Random) -> Malformed:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("sales.csv", "order_id\n1\n")
    content = inner.getvalue()
    for _ in range(draw.randrange(3)):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("inner.zip", content)
        content = outer.getvalue()
    return Malformed(draw.choice(["archive.zip", "archive.xlsx", "archive.csv"]), content, REFUSED)


FAMILIES = (merged, formulas, formulas, hidden, missing_part, damaged, damaged, bad_xml, bad_xml, far, another_zip)
"""Bombs stand apart: each takes seconds to make."""
