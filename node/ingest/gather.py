"""Which files are meant: files, folders and patterns, in the order given."""

import glob
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from node.errors import UsageError

ENDINGS = frozenset({".csv", ".txt", ".tsv", ".json", ".xlsx", ".xlsm", ".xls", ".ods"})
"""What in a folder is taken for an export."""

_OURS = ".rejected.csv"
DESCRIPTION = "datapackage.json"
"""Beside tables it says what they are, and is none itself (Frictionless Data Package)."""


def gather(given: Iterable[Path]) -> list[Path]:
    """The files that are meant, each once. A folder stands for the exports in it, a pattern for the files that fit.

    A file that is named is taken whatever it is called, and whether it is there or not: its reader says so. Raises
    UsageError for a folder or a pattern without any file.
    """
    found: dict[Path, None] = {}
    for each in given:
        if each.is_dir():
            files = exports(each)
            _refuse_none(files, f"{each} has no exports in it (files ending in {', '.join(sorted(ENDINGS))})")
        elif each.exists() or not glob.has_magic(str(each)):
            files = [each]
        else:
            fitting = glob.glob(str(each), recursive=True)  # noqa: PTH207  Path.glob takes no pattern from the root
            files = [path for path in map(Path, sorted(fitting)) if is_export(path)]
            _refuse_none(files, f"No file fits {each}")
        found |= dict.fromkeys(files)
    return list(found)


def exports(folder: Path) -> list[Path]:
    """The exports in a folder, by name; none of its folders is looked into."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and is_export(path))


def is_export(path: Path) -> bool:
    """Whether a file may be an export: none that is hidden, no list of rejected rows, no description of tables."""
    ours = path.name == DESCRIPTION or path.name.endswith(_OURS)
    return path.is_file() and not path.name.startswith((".", "~$")) and not ours


def _refuse_none(files: Sequence[Path], text: str) -> None:
    if not files:
        raise UsageError(f"{text}. Name the files, a folder that has them, or a pattern in quotes: 'sales-*.csv'")


def described(description: Path) -> list[Path]:
    """The files beside a description that it names, as far as they are there; none where it cannot be read."""
    try:
        content = json.loads(description.read_text(encoding="utf-8"))
        names = [str(each["path"]) for each in content["resources"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    beside = {path.name: path for path in exports(description.parent)}
    return [beside[name] for name in names if name in beside]
