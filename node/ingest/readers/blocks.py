"""A text file in blocks of whole rows, as UTF-8, so that memory does not grow with the file.

The text never touches the disk again.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from node.errors import ImportRefused
from node.ingest.readers import rows
from node.ingest.readers.sniff import Dialect

SIZE = 16 * 1024 * 1024
_FIRST = 256 * 1024
_LONGEST_ROW = 32 * 1024 * 1024

_TWO_BYTES_OF_UTF8 = re.compile(rb"\xc3[\x80-\xbf]")
"""å, æ, ø and their like in UTF-8; in windows-1252 a capital à with a tilde and a sign, which no word has."""

_OLDER = re.compile(rb"[A-Za-z][\x86\x91\x9b\xbe\xbf][a-z]")
"""å, æ, ø within words in the encodings of DOS and of the first Macintosh; daggers and quotes in windows-1252."""


_LONE_RETURN = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True)
class Block:
    """Whole rows of a file, as UTF-8: `lines` lines from line `line` on, for which `size` bytes were read."""

    text: bytes
    line: int
    lines: int
    size: int
    is_last: bool


class _Undecodable(Exception):
    """Bytes that cannot be text, and after how many bytes of a piece they stand."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


def blocks(file: BinaryIO, name: str, dialect: Dialect, columns: int, size: int = SIZE) -> Iterator[Block]:
    """The rows of a file below its header, in blocks that grow to about `size` bytes: what is no export shows soon.

    Raises ImportRefused where the text cannot be decoded, or has no end of a row for very long.
    """
    decoder = _Decoder(dialect.encoding)
    rest, line, above, taken = b"", 1, dialect.above, 0
    wanted = min(size, _FIRST)
    while True:
        data = file.read(wanted)
        wanted = min(size, 4 * wanted)
        taken += len(data)
        try:
            rest += decoder.decode(data)
        except _Undecodable as error:
            at = line + rest.count(b"\n") + data.count(b"\n", 0, error.position)
            raise ImportRefused(f"{name}, line {at}: {error.reason} Export it again as UTF-8.") from None
        rest, gone = _without(rest, above)
        above, line = above - gone, line + gone
        if above and not data:  # the file ends with its header
            return
        end = len(rest) if not data else 0 if above else _end_of_row(rest, dialect.delimiter, columns)
        if end or not data:
            text = rest[:end]
            lines = text.count(b"\n") + (text != b"" and not text.endswith(b"\n"))
            yield Block(text, line, lines, taken, is_last=not data)
            rest, line, taken = rest[end:], line + lines, 0
        if not data:
            return
        if len(rest) > _LONGEST_ROW:
            raise ImportRefused(
                f"{name}, line {line}: a line of more than {_LONGEST_ROW // 2**20} MB: that is no export of sales. "
                "Export it again as CSV from the ticketing system."
            )


def _without(text: bytes, lines: int) -> tuple[bytes, int]:
    """The text without so many of its first lines, and how many went."""
    position = 0
    for gone in range(lines):
        end = text.find(b"\n", position) + 1
        if not end:
            return text[position:], gone
        position = end
    return text[position:], lines


def _end_of_row(text: bytes, delimiter: str, columns: int) -> int:
    """Where the last whole row of a text ends; 0 where none does yet.

    With an even number of quotes before it, a line end lies between rows. Where quotes stand within fields that does
    not hold, and the rows are read.
    """
    end = text.rfind(b"\n") + 1
    if b'"' not in text or text.count(b'"', 0, end) % 2 == 0:
        return end
    line = text.rfind(b"\n", 0, text.rfind(b'"', 0, end)) + 1
    if line and text.count(b'"', 0, line) % 2 == 0:
        return line
    return rows.end_of_last(text[:end], delimiter, columns)


class _Decoder:
    """Makes UTF-8 with line feeds of block after block. What was plain ASCII may turn out to be windows-1252."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._is_ascii = encoding == "utf-8"
        self._held = b""

    def decode(self, data: bytes) -> bytes:
        """The next piece of the file; an empty one at its end. Raises _Undecodable."""
        text = self._held + self._as_utf8(data)
        self._held = b"\r" if data and text.endswith(b"\r") else b""
        text = text.removesuffix(self._held)
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if _LONE_RETURN.search(text) else text

    def _as_utf8(self, data: bytes) -> bytes:
        pending = len(self._decoder.getstate()[0])
        if not pending and data.isascii() and "16" not in self._encoding:
            return data
        if self._is_ascii:
            self._is_ascii = False
            try:
                return self._decoder.decode(data).encode()
            except UnicodeDecodeError:
                self._encoding = "windows-1252"
                self._decoder = codecs.getincrementaldecoder(self._encoding)()
        if self._encoding == "windows-1252":
            _refuse_others(data)
        try:
            return self._decoder.decode(data, final=not data).encode()
        except UnicodeDecodeError as error:
            raise _mixed(self._encoding, max(0, error.start - pending)) from None


def _refuse_others(data: bytes) -> None:
    if found := _TWO_BYTES_OF_UTF8.search(data):
        raise _mixed("windows-1252", found.start())
    if found := _OLDER.search(data):
        raise _Undecodable("letters in an old encoding of DOS or Macintosh.", found.start())


def _mixed(encoding: str, position: int) -> _Undecodable:
    name = encoding.removesuffix("-sig")
    return _Undecodable(
        f"not text in {name}, though the lines above are. The file was put together from two encodings, or is damaged.",
        position,
    )
