"""kudos-node insight: what people say about a benchmark, for the members of a cohort."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.output import things

if TYPE_CHECKING:
    from node.home import Home
    from node.network.insights import Seen


@click.group()
@output.home_option
def command() -> None:
    """Tell the members of a cohort what you make of a benchmark, and read what they tell.

    A text is what you type: no figure is put into it. It is signed by this node, NPU carries it and can read it, and it
    is shown to the members of the cohort with your name and the time. You can withdraw it.
    """


@command.command()
@click.argument("text", required=False)
@click.option("--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The text is in this file.")
@click.option("--round", "round_name", metavar="ROUND", help="About its benchmark (default: the newest).")
@click.option("--cohort", default="network", show_default=True, help="Whose members may read it; one of your own.")
@click.option("--yes", is_flag=True, help="Do not ask before it leaves.")
@output.common
def share(text: str | None, file: Path | None, round_name: str | None, cohort: str, yes: bool) -> None:
    """Share TEXT about a benchmark, at most 1000 characters.

    \b
    Examples:  kudos-node insight share "Our matinees drew families from the neighbouring county."
               kudos-node insight share --file text.txt --cohort industry:museum
    """
    from node.membership.settings import membership
    from node.network import benchmarks, insights
    from privacy.sharing.text import check, tidied

    home = output.state.home
    network = membership(home)
    if (text is None) == (file is None):
        raise click.UsageError("Say the text, or name a --file that has it.")
    said = check(tidied(_read(file) if file is not None else text or ""))
    about = benchmarks.newest(home, network, round_name, output.complain)
    readers = next((each for each in insights.audiences(home, network, about) if each.cohort == cohort), None)
    if readers is not None and not output.state.as_json:
        output.say(f"About {about.name}, for {cohort}: {', '.join(readers.others)}; and NPU, which carries it:")
        for line in said.splitlines():
            output.say(f"    {line}")
        if any(letter.isdigit() for letter in said):
            output.prose("There are numbers in it. If they are exact ones of your own, they are not blurred by noise.")
    if readers is not None and not yes and sys.stdin.isatty():
        click.confirm("Share it under your institution's name?", abort=True, err=True)
    digest = insights.write(home, network, about, cohort, said, datetime.now(UTC))
    sent = _exchanged(home)
    if output.state.as_json:
        output.emit({"digest": digest, "round": about.name, "cohort": cohort, "sent": sent})
        return
    output.say(f"{'Shared' if sent else 'It goes at the next kudos-node run'}: {digest[:16]}")
    output.say(f"To take it back: kudos-node insight withdraw {digest[:16]}")


@command.command()
@click.argument("digest")
@output.common
def withdraw(digest: str) -> None:
    """Take a text of yours back, by what its name begins with. NPU erases it; who has read it, has read it."""
    from node.membership.settings import membership
    from node.network import insights

    home = output.state.home
    found = insights.withdraw(home, membership(home), digest)
    sent = found.state != "withdrawn" and _exchanged(home)
    if output.state.as_json:
        output.emit({"digest": found.digest, "withdrawn": sent or found.state == "withdrawn"})
        return
    output.say("Withdrawn." if sent or found.state == "withdrawn" else "It is taken back at the next kudos-node run.")


@command.command("list")
@click.option("--round", "round_name", metavar="ROUND", help="About this round's benchmark alone.")
@output.common
def list_(round_name: str | None) -> None:
    """List what others have shared with your cohorts, and your own texts, the newest first.

    It is what the last turn of `kudos-node run` fetched. Each is verified by its sender's key.
    """
    from node.membership.settings import membership
    from node.network import insights

    home = output.state.home
    found = [
        each
        for each in insights.listed(home, membership(home))
        if round_name is None or (each.insight is not None and each.insight.round == round_name)
    ]
    if output.state.as_json:
        output.emit([as_json(each) for each in found])
        return
    if not found:
        output.say("Nobody has shared a text with you yet. To look again: kudos-node run --once")
    for each in found:
        said = each.insight
        about = f" · {said.written:%Y-%m-%d} · {said.round} · {said.cohort}" if said else ""
        state = "" if each.state == "shared" else f" · {each.state}" + (f": {each.reason}" if each.reason else "")
        output.say(f"{each.digest[:16]}  {each.name}{' (you)' if each.own else ''}{about}{state}")
        for line in said.text.splitlines() if said else ():
            output.say(f"    {line}")
    if found:
        output.say(f"{things(len(found), 'text')}. Yours: kudos-node insight withdraw NAME")


def as_json(each: "Seen") -> dict[str, object]:
    """A text for programs."""
    said = each.insight
    return {
        "digest": each.digest,
        "name": each.name,
        "own": each.own,
        "state": each.state,
        "reason": each.reason or None,
        "member": said.member if said else None,
        "round": said.round if said else None,
        "cohort": said.cohort if said else None,
        "written": said.written.isoformat() if said else None,
        "text": said.text if said else None,
    }


def _read(file: Path) -> str:
    from node.errors import UsageError

    try:
        if file.stat().st_size > 64 * 1024:
            raise UsageError(f"{file} is too large for a text of at most 1000 characters.")
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as UTF-8 text.") from error


def _exchanged(home: "Home") -> bool:
    """Sends and fetches now; False where the coordinator cannot be reached, so that the next turn does."""
    from node.membership.errors import NoConnection
    from node.network import insights
    from node.wire.federation import connected

    try:
        with connected(home) as coordinator:
            insights.exchange(home, coordinator, output.complain)
    except NoConnection as error:
        output.complain(str(error))
        return False
    return True
