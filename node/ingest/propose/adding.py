"""One more layout for a profile that is there: another kind of file of the same system.

Customers and sales of one system belong in one profile, for a customer's key is kept apart by the profile's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from node.errors import ImportRefused
from node.ingest import recognise, standard
from node.ingest.profile import Profile, parse
from node.ingest.propose.draft import Draft
from node.ingest.propose.written import layout_text
from node.ingest.source import open_source, table_of


class Indistinct(ValueError):
    """The new layout and one that is there could not be told apart; the message names the latter."""


@dataclass(frozen=True)
class Added:
    """A profile's text with one more layout, that layout's name, and the names of those that it had before."""

    text: str
    layout: str
    before: tuple[str, ...]


def profile_at(file: Path) -> Profile | None:
    """The profile in a file; None where there is none, or what is there is no profile."""
    try:
        return parse(file.read_bytes().decode("utf-8"), str(file))
    except (OSError, UnicodeDecodeError, ImportRefused):
        return None


def file_of(name: str, folder: Path) -> Path:
    """The file of a folder in which a profile stands, whatever that is called; where there is none, the one to write.

    Of two the last counts, as at import.
    """
    files = sorted(folder.glob("*.toml"), reverse=True)
    named = (file for file in files if (there := profile_at(file)) is not None and there.name == name)
    return next(named, folder / f"{name}.toml")


def reads(profile: Profile, path: Path, resource: str) -> bool:
    """Whether a profile has a layout for a file already: one that its headers fit, and whose rows are the same thing.

    A layout of customers fits the headers of a file of sales too where that names the buyers; it is no layout for it.
    """
    same = tuple(layout for layout in profile.layouts if _kind(layout.resource) == _kind(resource))
    narrowed = [replace(profile, layouts=same)]
    return recognise.fits(table_of(path, narrowed).headers, narrowed)


def _kind(resource: str) -> str:
    return standard.ORDER_LINES if resource == "orders" else resource


def added(profile: Profile, path: Path, draft: Draft) -> Added:
    """A profile with the layout of a draft behind those that it has, which stay byte for byte.

    Raises Indistinct where another layout of it would take the file, or the new one would take another's files; and
    ImportRefused where nothing can be added to its text, or the file cannot be read with it.
    """
    before = tuple(layout.name for layout in profile.layouts)
    name = _free(draft.layout["name"], before)
    said = f"# Proposed on {date.today():%Y-%m-%d} by `kudos-node profile new`, and yours to correct."  # noqa: DTZ011
    gap = "\n" if profile.text.endswith("\n") else "\n\n"
    text = f"{profile.text}{gap}{said}\n{layout_text(draft, name)}"
    both = parse(text, profile.origin)
    taken = open_source(path, [both]).found.layout.name
    if taken != name:
        raise Indistinct(taken)
    for layout in profile.layouts:
        headers = sorted({*layout.used, *layout.recognise})
        if _chosen(headers, both) != _chosen(headers, profile):
            raise Indistinct(layout.name)
    return Added(text, name, before)


def _free(name: str, taken: Sequence[str]) -> str:
    """A name for a layout that no other has: `sales`, `sales 2` and so on."""
    names = [name, *(f"{name} {number}" for number in range(2, len(taken) + 2))]
    return next(each for each in names if each not in taken)


def _chosen(headers: Sequence[str], profile: Profile) -> str | None:
    found = recognise.chosen(headers, [profile])
    return None if found is None else found[1].name
