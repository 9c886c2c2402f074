"""The demo's folder: made anew each time, and never at the cost of anything that the demo did not make."""

import shutil
from pathlib import Path

MARKER = ".made-by-the-kudos-demo"


class NotOurs(Exception):
    """The folder holds something that the demo did not make."""


def fresh(folder: Path) -> None:
    """Makes an empty folder with the demo's mark in it; an earlier demo's folder is emptied first.

    Raises NotOurs where something else is there, and then touches nothing.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotOurs(f"{folder} is no folder of its own. Give the demo another one: --folder DIR")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / MARKER).is_file():
            raise NotOurs(
                f"{folder} was not made by the demo, or by an older one: it has no {MARKER} in it, and is left as it "
                f"is. If nothing in it is yours, delete it: rm -r {folder}. Or give another folder: --folder DIR"
            )
        _empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(
        "The demo of Kudos made this folder, with invented people in it, and empties it when it runs again.\n",
        encoding="utf-8",
    )


def _empty(folder: Path) -> None:
    """Empties an earlier demo's folder. The mark goes last, so that what is interrupted is still known as ours.

    Raises NotOurs where something in it cannot be deleted.
    """
    try:
        for entry in folder.iterdir():
            if entry.name == MARKER:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    except OSError as error:
        raise NotOurs(
            f"The earlier demo in {folder} cannot be deleted ({error.strerror}: {error.filename}). Does a program of "
            "it still run, or did somebody else start it? End it, or give another folder: --folder DIR"
        ) from error


def contents(folder: Path) -> list[tuple[str, int, int]]:
    """What lies in the folder: the name of each entry, how many files it holds and their bytes."""
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name != MARKER:
            files = [file for file in (entry.rglob("*") if entry.is_dir() else [entry]) if file.is_file()]
            name = f"{entry.name}/" if entry.is_dir() else entry.name
            found.append((name, len(files), sum(file.stat().st_size for file in files)))
    return found
