"""What `profile new` does where a profile of that name is there: it adds a layout for another kind of file, or not."""

from pathlib import Path
from typing import TYPE_CHECKING

from node.errors import ImportRefused, UsageError

if TYPE_CHECKING:
    from node.ingest.propose.adding import Added
    from node.ingest.propose.draft import Draft


def added(target: Path, name: str, file: Path, made: "Draft", *, is_named: bool) -> "Added | None":
    """The profile in `target` with one more layout; None where nothing is there yet.

    Raises UsageError where what is there is to stay: it reads such a file already, is another profile or none, or
    `is_named` is false, for that two files are called alike does not make them one system's.
    """
    from node.ingest.propose import adding

    if not target.exists():
        return None
    there = adding.profile_at(target)
    way_out = "Write over it with --replace, or elsewhere with --out FILE.toml."
    kept = UsageError(f"{target} is there already. {way_out}")
    if there is None or there.name != name or there.template is not None:
        raise kept
    try:
        if adding.reads(there, file, made.matched.resource):
            raise kept
        if not is_named:
            raise UsageError(
                f"{target} is there already. If this is another kind of file of that system, add it with "
                f"--name {name}; else give another --name. {way_out}"
            )
        return adding.added(there, file, made)
    except adding.Indistinct as error:
        raise UsageError(
            f"{target} is there already, and its layout {str(error)!r} names too few headers under `recognise` to be "
            f"told from this file's. Name more there, and try again. {way_out}"
        ) from None
    except ImportRefused:
        raise kept from None


def question(found: "Added", target: Path) -> str:
    """What is asked before it is written."""
    return f"Add the layout {found.layout!r} to {target}, which has {_listed(found)} already"


def done(found: "Added", target: Path) -> str:
    """What is said once it is."""
    return f"Added the layout {found.layout!r} to {target}, which has {_listed(found)} already: they stay as they are."


def _listed(found: "Added") -> str:
    return ", ".join(map(repr, found.before))
