"""The register of what was taken out of the store: when, what for and how much, and never whose it was.

`register.jsonl` in the node's folder has two lines for each removal, one from before it and one from after. A removal
without its second line was interrupted: the store is then as it was before, or as it is after, never between. A line
that cannot be read, such as one that a killed process began, is told as such and takes no other one with it.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from node.errors import FileNotWritten
from node.home import Home

What = Literal["forget", "retain", "object", "object-withdrawn", "only-consenting", "undo"]


_UNKNOWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Removal:
    """One removal: its moment (UTC), what it was, how many of what it concerned, and whether it was done to its end."""

    time: datetime
    what: str
    counts: dict[str, int | str] = field(default_factory=dict)
    done: bool = True

    def as_json(self) -> dict[str, Any]:
        """The removal for programs."""
        return {
            "time": self.time.isoformat(timespec="seconds"),
            "what": self.what,
            "counts": self.counts,
            "done": self.done,
        }


@contextmanager
def registered(home: Home, what: What, counts: dict[str, int | str]) -> Iterator[dict[str, int | str]]:
    """Writes a removal down before and after it is done. What it hands out may be filled with what is known after.

    Raises FileNotWritten before anything is removed.
    """
    number = secrets.token_hex(8)
    _append(home, {"id": number, "time": _now(), "what": what, "counts": counts})
    after = dict(counts)
    yield after
    _append(home, {"id": number, "done": _now(), "counts": after})


def read(home: Home) -> list[Removal]:
    """All removals, oldest first; those that cannot be read are called "unreadable", with the number of their line."""
    if not home.register_file.exists():
        return []
    lines = home.register_file.read_text(encoding="utf-8", errors="replace").split("\n")
    found: dict[str, Removal] = {}
    for number, line in enumerate(lines[:-1] if not lines[-1] else lines, start=1):
        try:
            entry = json.loads(line)
            if "done" in entry:
                begun = found[entry["id"]]
                found[entry["id"]] = Removal(begun.time, begun.what, entry["counts"], done=True)
            else:
                time = datetime.fromisoformat(entry["time"])
                found[entry["id"]] = Removal(time, entry["what"], entry["counts"], done=False)
        except (ValueError, KeyError, TypeError):
            found[f"line {number}"] = Removal(_UNKNOWN, "unreadable", {"line": number}, done=False)
    return list(found.values())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _append(home: Home, entry: dict[str, Any]) -> None:
    line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
    try:
        descriptor = os.open(home.register_file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                line = b"\n" + line  # what a killed process left of a line stays for itself
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise FileNotWritten(
            f"{home.register_file} cannot be written: {why}. Every removal is registered, so nothing was removed. Make "
            "room there, or let the account that runs this program write there.",
            why,
        ) from error
