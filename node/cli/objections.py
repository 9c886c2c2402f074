"""kudos-node object: who is in no release."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import naming, output
from node.cli.output import count, things

if TYPE_CHECKING:
    from node.controller.objecting import Changed


@click.group()
def command() -> None:
    """Keep customers who object out of every release.

    They stay in your own figures. The list has keyed hashes and no addresses; it stays when an import is undone, when
    you import anew, and when the identity key is replaced. Objections that the ticketing system tells itself (the
    field `objects` of the standard) count too and need no entry here.

    \b
    Examples:  kudos-node object add
               kudos-node object add --file objections.txt
               kudos-node object only-consenting on
    """


@command.command("add")
@naming.file_option
@output.common
def _add(names: Path | None) -> None:
    """Put people on the list, customers or not yet: by the prompt, --file or standard input.

    A customer of whom the store has an e-mail address is found by that, and by the telephone number only where there
    was no address: give both if you have both. Releases that were made stay as they are.
    """
    from node.controller.objecting import add

    output.state.home.settings()
    changed = add(output.state.home, naming.named(names))
    _show(changed, f"{things(changed.changed, 'person', 'people')} put on the list")


@command.command("withdraw")
@naming.file_option
@output.common
def _withdraw(names: Path | None) -> None:
    """Take people off the list, when they withdraw their objection."""
    from node.controller.objecting import withdraw

    output.state.home.settings()
    changed = withdraw(output.state.home, naming.named(names))
    _show(changed, f"{things(changed.changed, 'person', 'people')} taken off the list")


@command.command("check")
@naming.file_option
@output.common
def _check(names: Path | None) -> None:
    """Tell of some people whether they are on the list, in the order in which they were named."""
    from node.controller.objecting import on_list

    output.state.home.settings()
    listed = on_list(output.state.home, naming.named(names))
    if output.state.as_json:
        output.emit([{"line": number, "objects": each} for number, each in enumerate(listed, start=1)])
        return
    for number, each in enumerate(listed, start=1):
        output.say(f"{number}: {'on the list' if each else 'not on the list'}")


@command.command("list")
@output.common
def _list() -> None:
    """Show how many people are on the list, by the day since when. Who they are, it does not know."""
    from node.store import leave

    output.state.home.settings()
    objections = leave.read(output.state.home)
    days = Counter(each.since for each in objections.entries.values())
    if output.state.as_json:
        since = [{"day": day.isoformat(), "people": people} for day, people in sorted(days.items())]
        output.emit({"people": len(objections.entries), "since": since, "only_consenting": objections.only_consenting})
        return
    output.say(f"{things(len(objections.entries), 'person', 'people')} on the list.")
    for day, people in sorted(days.items()):
        output.say(f"  since {day}: {count(people)}")
    if objections.only_consenting:
        output.say("Releases count only customers whose consent the ticketing system tells.")


@command.command("only-consenting")
@click.argument("switch", type=click.Choice(["on", "off"]))
@output.common
def _only_consenting(switch: str) -> None:
    """Have releases count only customers of whom the ticketing system tells that they consent.

    It reads the field `consents` of the standard. Customers of whom it tells nothing then count as not consenting.
    """
    from node.controller.objecting import only_consenting

    output.state.home.settings()
    changed = only_consenting(output.state.home, on=switch == "on")
    who = "only customers who consent, as the ticketing system tells" if switch == "on" else "everybody but who objects"
    _show(changed, f"Releases count {who}")


def _show(changed: "Changed", text: str) -> None:
    if output.state.as_json:
        output.emit(vars(changed))
        return
    output.say(f"{text}. {things(changed.objecting, 'person', 'people')} object now.")
