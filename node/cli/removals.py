"""kudos-node removals: the register of what was taken out."""

import click

from node.cli import output
from node.cli.output import count

WHAT = {
    "forget": "erased",
    "retain": "too old",
    "object": "objections",
    "object-withdrawn": "objections withdrawn",
    "only-consenting": "only who consents",
    "undo": "import undone",
    "unreadable": "a line of the register that cannot be read",
}


@click.command()
@output.common
def command() -> None:
    """Show what was taken out of the store and when: erasures, retention, objections, undone imports.

    How much and why, never whose: who asks you for proof of an erasure gets the moment of it.
    """
    from node.controller.register import read

    home = output.state.home
    home.settings()
    removals = read(home)
    if output.state.as_json:
        output.emit([each.as_json() for each in removals])
        return
    if not removals:
        output.say("Nothing was taken out yet.")
        return
    output.table(
        ["when (UTC)", "what", "how much", ""],
        [
            (
                f"{each.time:%Y-%m-%d %H:%M}" if each.what != "unreadable" else "–",
                WHAT.get(each.what, each.what),
                ", ".join(
                    f"{name.replace('_', ' ')} {count(value) if isinstance(value, int) else value}"
                    for name, value in each.counts.items()
                ),
                "" if each.done else "interrupted: do it again to be sure",
            )
            for each in removals
        ],
    )
