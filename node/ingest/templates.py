"""Templates: systems whose exports nobody has described in public, and how an institution completes one."""

import shlex
from collections.abc import Sequence

from node.errors import ImportRefused
from node.ingest import recognise
from node.ingest.profile import Profile
from node.ingest.readers.table import Table


def asked(profiles: Sequence[Profile]) -> Profile | None:
    """The template that was asked for by its name; None where another profile may read the file."""
    return profiles[0] if len(profiles) == 1 and profiles[0].template is not None else None


def refusal(table: Table, profile: Profile) -> ImportRefused:
    """Why a template cannot read a file yet: what was found, what is missing, and the command that completes it."""
    # Imported here: few imports of files need it, and it reads its tables of words.
    from node.ingest.propose.draft import Answers, draft
    from node.ingest.propose.look import looks

    if recognise.holds_data(table.headers):
        raise ImportRefused(
            f"{table.called}, line 1: there stands data and not the names of {len(table.headers)} columns. Export "
            "again with a header line."
        )
    made = draft(table, looks(table), Answers(), profile.template)
    found = [f"{column.field} ({column.header})" for column in made.matched.columns if column.field is not None]
    shown = ", ".join(found[:8]) + (" …" if len(found) > 8 else "")
    seems = f"It seems to have {shown}" if found else "Nothing in it is plain"
    missing = ", ".join(" or ".join(group) for group in made.matched.lacking)
    lacks = f", and nothing for {missing}" if missing else ""
    return ImportRefused(
        f"{table.called}: the profile {profile.name} is a template. How {profile.title} writes its exports is not "
        f"public, so the columns must be told once. {seems}{lacks}. Nothing was imported. "
        f"Complete it: kudos-node profile new {shlex.quote(str(table.path))} --system {profile.name}"
    )
