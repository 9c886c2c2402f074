"""Text files with delimiters: whole blocks by pyarrow, and row by row where a block is not clean.

A block is clean when every row has the header's number of columns and, where there are quotes, every row one line.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from node.ingest.readers.blocks import SIZE, Block, blocks
from node.ingest.readers.chunk import BadRow, Chunk, name_of, text_table
from node.ingest.readers.rows import rows
from node.ingest.readers.sniff import Dialect


def chunks(
    file: BinaryIO, path: Path, dialect: Dialect, columns: int, wanted: Sequence[int], size: int = SIZE
) -> Iterator[Chunk]:
    """The rows of a file below its header, block by block: the columns `wanted` of its `columns`.

    Raises ImportRefused where the text cannot be decoded or a row does not end.
    """
    for block in blocks(file, path.name, dialect, columns, size):
        if block.end:
            yield _chunk(block, dialect.delimiter, columns, wanted)


def _chunk(block: Block, delimiter: str, columns: int, wanted: Sequence[int]) -> Chunk:
    has_quotes = block.has_quotes
    cut_off = has_quotes and block.is_last and block.text.count(b'"') % 2
    table = None if cut_off else _by_arrow(block, delimiter, columns, wanted, quotes=has_quotes)
    if table is None or (has_quotes and table.num_rows != block.lines):
        return _row_by_row(block, delimiter, columns, wanted)
    return Chunk(table, _lines(block, has_gaps=table.num_rows != block.lines), size=block.size)


def _lines(block: Block, *, has_gaps: bool) -> Callable[[Sequence[int]], list[int]]:
    """The places of rows of one line each, between which lines may be empty."""

    def lines(wanted: Sequence[int]) -> list[int]:
        if not has_gaps:
            return [block.line + row for row in wanted]
        filled = [number for number, line in enumerate(block.text.split(b"\n"), block.line) if line.strip(b"\r")]
        return [filled[row] for row in wanted]

    return lines


def _by_arrow(block: Block, delimiter: str, columns: int, wanted: Sequence[int], *, quotes: bool) -> Any:
    """The rows of a clean block as a table, or None where some row is not clean."""
    included = [name_of(place) for place in wanted]
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(block.buffer).slice(0, block.end)),
            read_options=arrow_csv.ReadOptions(
                column_names=[name_of(place) for place in range(columns)], block_size=block.end + 1
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=quotes),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(included, pa.string()),
                include_columns=included,
                check_utf8=False,  # the block was decoded
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _row_by_row(block: Block, delimiter: str, columns: int, wanted: Sequence[int]) -> Chunk:
    good: list[Sequence[str]] = []
    lines: list[int] = []
    bad: list[BadRow] = []
    for row in rows(block.text.decode(), delimiter, columns, is_last=block.is_last):
        if row.reason:
            bad.append(BadRow(block.line + row.line, row.reason))
        else:
            good.append(row.cells)
            lines.append(block.line + row.line)
    return Chunk(text_table(wanted, good), lambda places: [lines[row] for row in places], tuple(bad), block.size)
