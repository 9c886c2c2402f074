"""kudos-node forget: erases customers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import naming, output
from node.cli.output import things

if TYPE_CHECKING:
    from node.controller.forgetting import Found


@click.command()
@naming.file_option
@click.option("--source", help="The lines are customer numbers of this source instead.")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@output.common
def command(names: Path | None, source: str | None, yes: bool) -> None:
    """Erase customers: all their profiles and order lines, and the bytes of them in the store's file.

    Whom, you type at the prompt, or give in --file or on standard input: one e-mail address or telephone number a
    line. They are no words of the command, because others on the machine could read those.

    \b
    Examples:  kudos-node forget
               kudos-node forget --file requests.txt --yes
               kudos-node forget --source tixly --file customer-numbers.txt

    A customer of whom the store has an e-mail address is found by that, and by the telephone number only where there
    was no address: give both if you have both. The last import can then no longer be undone. Releases that were made
    stay as they are: they are blurred sums, and nobody's part can be taken out of them. Whoever is still in an export
    comes back when it is imported again: erase them in the ticketing system too. That something was erased, and when,
    is kept in `kudos-node removals`, without whose it was.
    """
    from node.controller.forgetting import forget, look

    home = output.state.home
    home.settings()
    people = naming.named(names, numbers=source is not None)
    found = look(home, people, source)
    output.say(_told(found))
    what = f"{things(found.lines, 'order line')} of {things(found.known, 'customer')}"
    naming.sure(f"Erase {what if found.known else 'what earlier imports may have left in the file'} for good?", yes=yes)
    output.say("Writing the store anew …")
    found = forget(home, people, source)
    if output.state.as_json:
        output.emit(vars(found))
        return
    output.say(
        f"Erased: {things(found.known, 'customer')}, {things(found.profiles, 'profile')}, "
        f"{things(found.lines, 'order line')}. The store's file was written anew without them."
    )


def _told(found: "Found") -> str:
    if not found.known:
        return (
            "The store knows none of them. They may be in it under another address or number; what earlier imports "
            "left in its file can be erased all the same."
        )
    others = found.asked - found.known
    return (
        f"{things(found.known, 'customer')} found: {things(found.profiles, 'profile')}, "
        f"{things(found.orders, 'order')}, {things(found.lines, 'order line')}."
        + (f" {output.count(others)} of those named are not in the store." if others > 0 else "")
    )
