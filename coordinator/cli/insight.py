"""kudos-coordinator insight: what members say of benchmarks, and what is not to be served."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from coordinator.cli import output

if TYPE_CHECKING:
    from coordinator.sharing.insights import Stored


@click.group()
@output.home_option
def command() -> None:
    """Read what members share about benchmarks, and hide what does not belong there.

    A text is signed by its sender, and served to the members of the cohort that it is for.
    """


@command.command("list")
@output.common
def list_() -> None:
    """List the texts, the newest first, with who reads each."""
    from coordinator.sharing.insights import every

    with output.office() as office:
        found = list(every(office.store))
    if output.state.as_json:
        output.emit([_json(each) for each in found])
        return
    if not found:
        output.say("No member has shared a text about a benchmark yet.")
        return
    for each in found:
        said = each.opened()
        output.say(
            f"{each.digest[:16]}  {output.utc(each.received)}  {each.name} ({each.member}) · {each.round} · "
            f"{each.cohort}, {output.things(each.readers, 'member')} · {each.state}"
            + (f": {each.reason}" if each.reason else "")
        )
        for line in said.text.splitlines() if said else ["(erased)"]:
            output.say(f"    {line}")
    output.say("To serve one to nobody: kudos-coordinator insight hide DIGEST --reason …")


@command.command()
@click.argument("digest")
@click.option("--reason", required=True, help="Why, in one line: its sender reads it.")
@output.common
def hide(digest: str, reason: str) -> None:
    """Serve the text DIGEST (or what it begins with, from eight characters on) to nobody but its sender."""
    from coordinator.sharing.insights import hide as hidden

    with output.office() as office:
        hidden(office.store, digest, reason, datetime.now(UTC))
    if output.state.as_json:
        output.emit({"digest": digest, "state": "hidden", "reason": reason})
        return
    output.say("Hidden. Who has read it, has read it; its sender is told why.")
    output.say(f"To serve it again: kudos-coordinator insight restore {digest}")


@command.command()
@click.argument("digest")
@output.common
def restore(digest: str) -> None:
    """Serve a text again that was hidden."""
    from coordinator.sharing.insights import restore as restored

    with output.office() as office:
        restored(office.store, digest, datetime.now(UTC))
    if output.state.as_json:
        output.emit({"digest": digest, "state": "shared"})
        return
    output.say("It is served again.")


def _json(each: "Stored") -> dict[str, object]:
    said = each.opened()
    return {
        "digest": each.digest,
        "member": each.member,
        "name": each.name,
        "round": each.round,
        "cohort": each.cohort,
        "readers": each.readers,
        "received": output.json_time(each.received),
        "written": output.json_time(said.written) if said else None,
        "state": str(each.state),
        "reason": each.reason or None,
        "text": said.text if said else None,
    }
