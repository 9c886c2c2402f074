"""Rows that were kept out: the reject file, and the sentence that stops an import with too many of them."""

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from node.errors import FileNotWritten, ImportRefused
from node.home import write_private
from node.ingest.harmonise import Reject
from node.ingest.masked import masked_name
from node.ingest.remedies import remedy

SHOWN = 100_000
_FIRST = 5


@dataclass(frozen=True)
class Rejected:
    """The rejects of one file."""

    file: Path
    rows: int
    rejects: Sequence[Reject]


def too_many(rejected: Rejected, most: float) -> bool:
    """Whether more than a share `most` of a file's rows was rejected."""
    return len(rejected.rejects) > most * rejected.rows


def refusal(rejected: Rejected, most: float, listed: str | None) -> str:
    """What to say where too many rows were rejected: the commonest reason, its first row, and what to do."""
    count = len(rejected.rejects)
    (column, reason), alike = Counter((item.column, item.reason) for item in rejected.rejects).most_common(1)[0]
    first = next(item for item in rejected.rejects if (item.column, item.reason) == (column, reason))
    share = 100 * count / rejected.rows
    where = f"{rejected.file.name}, line {first.line}" + (f', column "{column}"' if column else "")
    shown = f'"{first.value}" ' if first.value else ""
    all_of_them = f" All of them are listed in {listed}." if listed else ""
    return (
        f"{where}: {shown}{reason}. {_rows(alike)} like it; {count} of {rejected.rows} rows ({_percent(share)} %) "
        f"cannot be read, and {100 * most:g} % is allowed.\n"
        f"Nothing was imported.{all_of_them} {remedy(reason)}\n"
        f"If the system is another one, name it (--system){_leave_out(share)}."
    )


def _rows(count: int) -> str:
    return "One row is" if count == 1 else f"{count} rows are"


def _percent(share: float) -> str:
    return f"{share:.0f}" if share >= 10 else f"{share:.2g}"


def _leave_out(share: float) -> str:
    """Advice to leave rows out, where they are few; of a file that is mostly unreadable it would be bad advice."""
    if share > 5:
        return ""
    return f"; or leave those rows out: --max-rejects {math.ceil(share * 10 + 0.1) / 10:g}%"


def reject_file(first: Path) -> Path:
    """Where the rejects of an import go: beside its first file, called as that is as far as it names nobody."""
    return first.with_name(f"{masked_name(first.name).removesuffix(first.suffix)}.rejected.csv")


def first(rejected: Sequence[Rejected]) -> list[dict[str, Any]]:
    """The first few rows that were kept out, each as the reject file has it."""
    every = ((part.file, item) for part in rejected for item in part.rejects)
    return [
        {
            "file": masked_name(file.name),
            "line": item.line,
            "column": item.column,
            "reason": item.reason,
            "shape_of_value": item.value,
        }
        for file, item in islice(every, _FIRST)
    ]


def reasons(rejected: Sequence[Rejected]) -> list[dict[str, Any]]:
    """Why rows were kept out, by column and reason, and how many each time; the commonest first."""
    counted = Counter((item.column, item.reason) for part in rejected for item in part.rejects)
    return [{"column": column, "reason": why, "rows": rows} for (column, why), rows in counted.most_common()]


def write(path: Path, rejected: Sequence[Rejected]) -> None:
    """Writes file, line, column, reason and the shape of the value; no row is copied."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "line", "column", "reason", "shape_of_value"])
    for part in rejected:
        name = masked_name(part.file.name)
        for item in part.rejects[:SHOWN]:
            writer.writerow([name, item.line, _safe(item.column), item.reason, _safe(item.value)])
        if len(part.rejects) > SHOWN:
            writer.writerow([name, "", "", f"and {len(part.rejects) - SHOWN} more", ""])
    try:
        write_private(path, text.getvalue().encode())
    except FileNotWritten as error:
        raise ImportRefused(
            f"The rejected rows cannot be listed in {path} ({error.why}), so nothing was imported. "
            "Make the folder writable, or name another file: --reject-file FILE"
        ) from error


def _safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r|%") else text
