"""What kind of file this is, judged by its first bytes and not by its name."""

from pathlib import Path

from node.errors import ImportRefused
from node.ingest.readers.chunk import Dialect

_HEAD = 256 * 1024
DELIMITERS = (";", ",", "\t", "|")

_MAGIC = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "a database",
}


def kind_of(path: Path) -> str:
    """`csv`, `spreadsheet` or `json`.

    Raises ImportRefused for anything else: archives, pictures, binary files, an empty file.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except IsADirectoryError as error:
        raise ImportRefused(f"{path} is a folder. Name the files in it, such as {path}/*.csv") from error
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}. Check the name and who may read it.") from error
    if not head.strip():
        raise ImportRefused(f"{path.name} is empty. Export it again from the ticketing system.")
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path, head)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "spreadsheet"
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise ImportRefused(f"{path.name} is {name}, whatever its name says. Export it as CSV or Excel.")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return "json"
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefused(
            f"{path.name} holds binary data and no text. Export it as CSV or Excel from the ticketing system."
        )
    return "csv"


def _zipped(path: Path, head: bytes) -> str:
    if b"xl/" in head or b"[Content_Types].xml" in head:
        return "spreadsheet"
    raise ImportRefused(
        f"{path.name} is a ZIP archive, whatever its name says. Unpack it, and import the files inside."
    )


def encodings(head: bytes) -> list[str]:
    """The encodings to try, likeliest first."""
    if head.startswith(b"\xef\xbb\xbf"):
        return ["utf-8-sig"]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    return ["utf-8", "windows-1252"]


def first_line(path: Path) -> tuple[str, str]:
    """The encoding that reads the beginning of a text file, and its first line.

    Raises ImportRefused where no encoding of ours reads it.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    whole = len(head) < _HEAD
    for encoding in encodings(head):
        try:
            text = head.decode(encoding) if whole else _decode_partly(head, encoding)
        except UnicodeDecodeError:
            continue
        return encoding, text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    raise ImportRefused(
        f"{path.name} is text in no encoding that ticketing systems use (UTF-8, UTF-16, windows-1252). "
        "Export it again as UTF-8."
    )


def _decode_partly(head: bytes, encoding: str) -> str:
    """Decodes a beginning that may end in the middle of a character."""
    for cut in range(4):
        try:
            return head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if cut == 3 or error.start < len(head) - 4:
                raise
    raise AssertionError


def dialect(encoding: str, header: str, delimiter: str | None) -> Dialect:
    """The dialect of a text file: the delimiter as given, else the likeliest one of its header line."""
    return Dialect(encoding, delimiter or max(DELIMITERS, key=header.count))
