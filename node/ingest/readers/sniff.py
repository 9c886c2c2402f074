"""What kind of file this is, judged by its first bytes and not by its name."""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from node.errors import ImportRefused
from node.ingest.readers.decoding import ENCODED_TWICE, place_of_twice

_HEAD = 256 * 1024
DELIMITERS = (";", ",", "\t", "|")

_MAGIC = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "a database",
}
_WEB_PAGE = re.compile(rb"(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|meta|style|body|table)[\s>]", re.IGNORECASE)
_XML_WORKBOOK = b"urn:schemas-microsoft-com:office:spreadsheet"
_NAMES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Dialect:
    """How a text file is written; `above` is the number of its lines above the first row of data."""

    encoding: str
    delimiter: str
    above: int

    def __str__(self) -> str:
        return f"{_NAMES[self.delimiter]}, {self.encoding.removesuffix('-sig')}"


@dataclass(frozen=True)
class Beginning:
    """The encoding that reads a text file, and its first lines in it; line ends are made one."""

    encoding: str
    text: str


def kind_of(path: Path) -> str:
    """`csv`, `spreadsheet` or `json`.

    Raises ImportRefused for anything else: archives, pictures, web pages, binary files, an empty file.
    """
    head = _head(path)
    if not head.strip():
        raise ImportRefused(f"{path.name} is empty. Export it again from the ticketing system.")
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path, head)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "spreadsheet"
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise ImportRefused(f"{path.name} is {name}, whatever its name says. Export it as CSV or Excel.")
    begun = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if begun[:1] in (b"{", b"["):
        return "json"
    if name := _written_for_excel(begun):
        raise ImportRefused(
            f"{path.name} is {name}, whatever its name says. Open it in Excel, and save it as .xlsx or CSV."
        )
    # A few zero bytes are left to the rows that they stand in.
    if not _is_utf16(head) and head.count(0) > max(10, len(head) // 1000):
        raise ImportRefused(
            f"{path.name} holds binary data and no text. Export it as CSV or Excel from the ticketing system."
        )
    return "csv"


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except IsADirectoryError as error:
        raise ImportRefused(f"{path} is a folder. Name the files in it, such as {path}/*.csv") from error
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}. Check the name and who may read it.") from error


def _zipped(path: Path, head: bytes) -> str:
    if b"xl/" in head or b"[Content_Types].xml" in head or b"opendocument.spreadsheet" in head:
        return "spreadsheet"
    raise ImportRefused(
        f"{path.name} is a ZIP archive, whatever its name says. Unpack it, and import the files inside."
    )


def _written_for_excel(begun: bytes) -> str:
    """What only Excel takes for a workbook, and systems often call .xls; empty where it is none of it."""
    if b"\0" in begun[:4]:  # in UTF-16
        begun = begun.translate(None, b"\0\xff\xfe").lstrip()
    if _WEB_PAGE.match(begun):
        return "a web page"
    return "an old XML workbook" if begun.startswith(b"<?xml") and _XML_WORKBOOK in begun else ""


def _is_utf16(head: bytes) -> bool:
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _utf16_without_mark(head) is not None


def _utf16_without_mark(head: bytes) -> str | None:
    """The byte order of text in which nearly every second byte is zero."""
    pairs = len(head) // 2
    if pairs and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
            if head[first::2].count(0) > 0.8 * pairs and head[1 - first :: 2].count(0) == 0:
                return name
    return None


def _encodings(head: bytes) -> list[str]:
    """The encodings to try, likeliest first."""
    if head.startswith(codecs.BOM_UTF8):
        return ["utf-8-sig"]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    unmarked = _utf16_without_mark(head)
    return [unmarked] if unmarked else ["utf-8", "windows-1252"]


def beginning(path: Path) -> Beginning:
    """The first quarter of a megabyte of a text file.

    Raises ImportRefused where no encoding of ours reads it, or where its letters were encoded twice.
    """
    return beginning_of(_head(path), path.name)


def beginning_of(head: bytes, name: str) -> Beginning:
    """The same, from the first bytes of a file."""
    head = head[:_HEAD]
    for encoding in _encodings(head):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            text = decoder.decode(head, final=len(head) < _HEAD)
        except UnicodeDecodeError:
            continue
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if encoding != "windows-1252":
            _refuse_twice(text, name)
        return Beginning(encoding, text)
    raise ImportRefused(
        f"{name} is text in no encoding that ticketing systems use (UTF-8, UTF-16, windows-1252). "
        "Export it again as UTF-8."
    )


def _refuse_twice(text: str, name: str) -> None:
    """Also in the names of columns, by which nobody would know the file any more."""
    as_utf8 = text.encode()
    if (place := place_of_twice(as_utf8)) is not None:
        line = 1 + as_utf8.count(b"\n", 0, place)
        raise ImportRefused(f"{name}, line {line}: {ENCODED_TWICE} Export it again as UTF-8.")


def header(start: Beginning, delimiter: str | None = None) -> tuple[Dialect, list[str]]:
    """The dialect of a text file and the names of its columns: its first row that is not empty.

    A line `sep=;`, which Excel writes for itself, is heeded. Without that, or a delimiter that is given, the
    likeliest one of the header is taken.
    """
    above = len(start.text) - len(start.text.lstrip("\n"))
    lines = start.text[above:].split("\n", 2)
    told = re.fullmatch(r'"?sep=([;,\t|])"?', lines[0], re.IGNORECASE)
    if told:
        above += 1
        lines = lines[1:]
    chosen = (told[1] if told else None) or delimiter or _likeliest(lines[0] if lines else "")
    reader = csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=chosen)
    names = next(reader, [])
    return Dialect(start.encoding, chosen, above + max(1, reader.line_num)), names


def _likeliest(line: str) -> str:
    outside_quotes = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=outside_quotes.count)
