"""kudos-node undo: takes the last import back."""

import click

from node.cli import naming, output
from node.cli.output import things


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask before it is undone.")
@output.common
def command(yes: bool) -> None:
    """Take the last import back: the store is then as it was before, to the last line.

    Once: the import before that stays. Not after `forget` or `retain`, whose work it would undo too. Objections stay,
    and so does what was released since.
    """
    from node.controller.register import registered
    from node.store import undo
    from node.store.database import connected, locked

    home = output.state.home
    home.settings()
    with locked(home, say=output.complain):
        last = undo.last(home)
    told = (
        f"import {last.import_no} of {last.imported_at:%Y-%m-%d %H:%M} UTC ({', '.join(last.files)}: "
        f"{things(last.lines_new, 'new line')}, {output.count(last.lines_updated)} changed)"
    )
    naming.sure(f"Undo {told}?", yes=yes)
    counts: dict[str, int | str] = {"lines_new": last.lines_new, "lines_updated": last.lines_updated}
    with locked(home, say=output.complain), registered(home, "undo", counts):
        undone = undo.undo(home, last.import_no)
        with connected(home):  # objections that came since count in the store of before too
            pass
    if output.state.as_json:
        output.emit(
            {
                "import": undone.import_no,
                "files": list(undone.files),
                "lines_new": undone.lines_new,
                "lines_updated": undone.lines_updated,
            }
        )
        return
    output.say(f"Undone: {told}. The store is as it was before.")
