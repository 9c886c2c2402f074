"""kudos-node identity: the key under which all members hash their customers alike."""

import sys
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.errors import UsageError

if TYPE_CHECKING:
    from node.network.identity import Other, Standing


@click.group()
@output.home_option
def command() -> None:
    """Get, hand on and replace the network's identity key, which the coordinator never sees.

    Members hash e-mail addresses and telephone numbers under one key, so that the same person gets the same code
    everywhere. A newcomer gets it from a member that has it, after both have compared eight words on the telephone.
    """


@command.command()
@click.option("--with", "sponsor", metavar="MEMBER", help="Show the eight words with this member.")
@output.common
def status(sponsor: str | None) -> None:
    """Show whether this node has the key, who waits for it, and the eight words to compare."""
    from node.network.identity import standing

    _say(standing(output.state.home, sponsor))


@command.command()
@click.argument("member")
@click.option("--words", help="The eight words that the other side reads out, for scripts: they must be the same.")
@output.common
def confirm(member: str, words: str | None) -> None:
    """Say that MEMBER sees the same eight words. Both sides do this, in any order.

    Call them: do not send the words by e-mail, and do not confirm words that you have not heard. The node that has the
    key then seals it for the other; the other takes it in by itself. With other words, somebody stands between you:
    confirm nothing, and tell the coordinator.
    """
    from node.network.identity import confirm as agreed

    def agree(other: "Other", shown: tuple[str, ...]) -> None:
        if words is not None:
            if words.casefold().split() != list(shown):
                raise UsageError(
                    f"{other.name} sees other words than this node does. Do not go on: somebody may stand between you. "
                    "Compare them again by telephone, and tell the coordinator."
                )
            return
        if not sys.stdin.isatty() or output.state.as_json:
            raise UsageError('Without a terminal, give the words that the other side reads out: --words "…"')
        output.say(f"Call {other.name}. Both of you must see these words:")
        output.say(f"  {'  '.join(shown)}")
        click.confirm("Does the other side see the same eight words? (y or n)", abort=True)

    standing = agreed(output.state.home, member, agree)
    _say(standing)
    if standing.state == "holder":
        from node.store.rotate import filled_otherwise

        if filled_otherwise(output.state.home):
            output.say("Your sales were imported under another key. Import them again: kudos-node import --anew FILE…")


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@output.common
def rotate(yes: bool) -> None:
    """Replace the key of the whole network by that of a next epoch, as after a member that had it has left.

    Every member that has the present key is offered the new one, and takes it in by itself; stores are taken along,
    without the exports. Whoever has left keeps the old key, which is good for nothing new.
    """
    from node.network.identity import replace_key

    if not yes and sys.stdin.isatty() and not output.state.as_json:
        click.confirm("This replaces the key of every member of the network. Go on?", abort=True)
    epoch, told = replace_key(output.state.home)
    if output.state.as_json:
        output.emit({"epoch": epoch, "offered": list(told)})
        return
    output.say(f"The identity key is at epoch {epoch} here, and was offered to {output.things(len(told), 'member')}.")


def lines(standing: "Standing") -> list[str]:
    """Where this node stands, and what to do next; also at the end of joining."""
    if standing.state in ("first", "holder"):
        made = "made here, for the whole network" if standing.state == "first" else f"epoch {standing.epoch}"
        return [f"{_KEY}✓   {made}"]
    began = [f"{_BELOW}another member began the network at the same moment: its key is everybody's"]
    overtaken = began if standing.overtaken else []
    sponsor = standing.sponsor
    if sponsor is None:
        return [
            f"{_KEY}…   no active member holds it now: wait until one does, or ask the coordinator",
            *overtaken,
            f"{_BELOW}to look again: kudos-node identity status",
        ]
    if standing.state == "pinned":
        return [f"{_KEY}…   {sponsor.name} confirms too; then `kudos-node run` takes it in"]
    return [
        f"{_KEY}…   call {sponsor.name}: both of you must see the same eight words",
        f"{_BELOW}{'  '.join(standing.words)}",
        f"{_BELOW}the same? then: kudos-node identity confirm {sponsor.id}",
        *overtaken,
    ]


_KEY = "  identity key of the network     "
_BELOW = " " * (len(_KEY) + 4)


def _say(standing: "Standing") -> None:
    if output.state.as_json:
        output.emit(standing.as_json())
        return
    for line in lines(standing):
        output.say(line)
    if standing.state in ("holder", "first"):
        for newcomer in standing.newcomers:
            if newcomer.offered:
                output.say(f"  {newcomer.name} has been confirmed; its node takes the key in at its next run")
            else:
                output.say(f"  {newcomer.name} waits for your call: kudos-node identity confirm {newcomer.id}")
    for other in standing.ahead:
        output.say(f"  {other} has a later epoch of the key, which this node takes in at its next run; if it does not")
        output.say(f"      come, call them: kudos-node identity confirm {other}")
    for stray in standing.strays:
        output.say(f"  ✗ {stray} holds another key than the others: call them, and the coordinator")
