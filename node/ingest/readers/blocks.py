"""A text file in blocks of whole rows, as UTF-8, so that memory does not grow with the file.

The text never touches the disk again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from node.errors import ImportRefused
from node.ingest.readers import rows
from node.ingest.readers.decoding import Decoder, Undecodable
from node.ingest.readers.sniff import Dialect

SIZE = 16 * 1024 * 1024
_FIRST = 256 * 1024
_LONGEST_ROW = 32 * 1024 * 1024


@dataclass(frozen=True)
class Block:
    """Whole rows of a file, as UTF-8: `lines` lines from line `line` on, for which `size` bytes were read.

    They are the first `end` bytes of `buffer`, behind which the next row has begun: a copy of them takes as long as
    reading them.
    """

    buffer: bytes
    end: int
    line: int
    lines: int
    size: int
    is_last: bool

    @property
    def text(self) -> bytes:
        """A copy of the rows."""
        return self.buffer[: self.end]

    @property
    def has_quotes(self) -> bool:
        """Whether there are quotation marks in the rows."""
        return self.buffer.find(b'"', 0, self.end) >= 0


def blocks(file: BinaryIO, name: str, dialect: Dialect, columns: int, size: int = SIZE) -> Iterator[Block]:
    """The rows of a file below its header, in blocks that grow to about `size` bytes: what is no export shows soon.

    Raises ImportRefused where the text cannot be decoded, or has no end of a row for very long.
    """
    decoder = Decoder(dialect.encoding)
    rest, line, above, taken = b"", 1, dialect.above, 0
    wanted = min(size, _FIRST)
    of_a_letter = 2 if "16" in dialect.encoding else 1
    while True:
        data = file.read(of_a_letter * wanted)
        wanted = min(size, 4 * wanted)
        taken += len(data)
        try:
            rest += decoder.decode(data)
        except Undecodable as error:
            at = line + rest.count(b"\n") + data.count(b"\n", 0, error.position)
            raise ImportRefused(f"{name}, line {at}: {error.reason} Export it again as UTF-8.") from None
        rest, gone = _without(rest, above)
        above, line = above - gone, line + gone
        if above and not data:  # the file ends with its header
            return
        end = len(rest) if not data else 0 if above else _end_of_row(rest, dialect.delimiter, columns)
        if end or not data:
            lines = _line_feeds(rest, end) + (end > 0 and rest[end - 1 : end] != b"\n")
            yield Block(rest, end, line, lines, taken, is_last=not data)
            rest, line, taken = rest[end:], line + lines, 0
        if not data:
            return
        if len(rest) > _LONGEST_ROW:
            raise ImportRefused(
                f"{name}, line {line}: a line of more than {_LONGEST_ROW // 2**20} MB: that is no export of sales. "
                "Export it again as CSV from the ticketing system."
            )


def _line_feeds(text: bytes, end: int) -> int:
    """How many there are in the first bytes. By numpy, which lets others work meanwhile."""
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8, count=end) == ord("\n")))


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
