"""kudos-node ledger: how the ledger stands with its witness, and how to go on after a copy of it was lost."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from privacy.ledger.contents import Contents


@click.group()
@output.home_option
def command() -> None:
    """The record of what was spent of your customers' privacy, and its witness, the coordinator.

    Every entry is cosigned by the coordinator before the figures that it paid for leave. So an old copy, a second copy
    or a changed entry is noticed, and auditors can check all of it.
    """


@command.command()
@output.common
def status() -> None:
    """Show how many entries there are, and how many the coordinator has cosigned. In a network it is asked."""
    from node.membership.errors import NoConnection
    from node.network.witness import witness_of
    from privacy.ledger.store import Ledger

    home = output.state.home
    home.settings()
    asked = False
    with Ledger.open(home.ledger_file) as ledger, witness_of(home) as witness:
        contents = ledger.contents()
        if witness is not None:
            try:
                witness.compare(ledger)
                asked = True
            except NoConnection as error:
                output.complain(f"{error}\nWhat follows is what this machine alone knows.")
    if output.state.as_json:
        output.emit(_json(contents) | {"witness_agrees": True if asked else None})
        return
    output.say(f"Ledger {contents.opened.origin}: {output.things(len(contents.entries), 'entry', 'entries')}, whole.")
    output.say(f"Root: {contents.root(len(contents.entries)).hex()}")
    output.say(_cosigned(contents))


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@output.common
def recover(yes: bool) -> None:
    """Go on from what the coordinator has cosigned, when this node's ledger is lost, damaged or an old copy.

    The old file is kept beside the new one. Entries that only the old file had were never cosigned, so the figures that
    they paid for never left; they still count as spent. The bytes of earlier releases are fetched back where the
    coordinator has them; others are lost, and are never drawn anew.
    """
    from node.network.recovery import recover_ledger
    from node.network.witness import NetworkWitness
    from node.wire.federation import connected
    from privacy.ledger.store import Ledger

    home = output.state.home
    settings = home.settings()
    if not yes and sys.stdin.isatty() and not output.state.as_json:
        click.confirm(
            "This puts the coordinator's copy of the ledger in place of this node's, which is kept aside. Go on?",
            abort=True,
        )
    with connected(home) as coordinator:
        done = recover_ledger(home, coordinator, settings.ledger)
        with Ledger.open(home.ledger_file) as ledger:
            NetworkWitness(home, coordinator).cosign(ledger)
    if output.state.as_json:
        output.emit(
            {
                "entries": done.taken,
                "given_up": done.given_up,
                "lost_releases": done.lost,
                "aside": None if done.aside is None else str(done.aside),
            }
        )
        return
    output.say(f"The ledger goes on from {output.things(done.taken, 'entry', 'entries')} that the coordinator had.")
    if done.given_up:
        said = output.things(done.given_up, "entry was", "entries were")
        output.say(f"{said} only in the old file: given up, and counted as spent.")
    if done.lost:
        said = output.things(done.lost, "release")
        output.say(f"The bytes of {said} are lost: paid for, and never drawn anew.")
    if done.aside:
        output.say(f"The old file is kept: {done.aside}")
    output.say("See what is left: kudos-node budget")


@command.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder to be made, or a file whose name ends in .tar.",
)
@click.option("--restricted", is_flag=True, help="Your releases too: your own figures, blurred.")
@output.common
def export(out: Path, restricted: bool) -> None:
    """Write the ledger as an auditor verifies it: one entry a line, and the cosigned checkpoints.

    \b
    Example:  kudos-node ledger export --out ledger-2026
              kudos-audit ledger ledger-2026
    """
    from node.errors import NodeError
    from node.membership.settings import joined, membership
    from node.release.export import files
    from privacy.audit.bundle import write
    from privacy.ledger.fields import whole_second
    from privacy.ledger.store import Ledger

    home = output.state.home
    settings = home.settings()
    output.refuse_target(out)
    with Ledger.open(home.ledger_file) as ledger:
        contents = ledger.contents()
    key = membership(home).coordinator_key if joined(home) else None
    found = files(settings, contents, whole_second(datetime.now(UTC)), coordinator_key=key, restricted=restricted)
    try:
        written = write(found, out)
    except OSError as error:
        raise NodeError(f"{out} cannot be written ({error.strerror}). Nothing was left there.") from error
    if output.state.as_json:
        output.emit({"path": str(out), "files": written.files, "bytes": written.bytes, "restricted": restricted})
        return
    output.say(f"Written: {out} ({output.things(written.files, 'file')}, {output.count(written.bytes)} bytes)")
    if restricted:
        output.say("It holds your own figures, blurred: give it to an auditor alone, and encrypt it on its way.")
    output.say(f"To verify it: kudos-audit ledger {out}")


def _cosigned(contents: "Contents") -> str:
    if contents.witness is None:
        return "It has no witness: this node is in no network."
    name = contents.witness.partition("+")[0]
    if contents.cosigned is None:
        return f"Witness {name}: nothing cosigned yet. The next contact does it: kudos-node run --once"
    missing = len(contents.entries) - contents.cosigned.size
    said = (
        f"Witness {name}: cosigned {f'the first {contents.cosigned.size}' if missing else 'all of them'}, "
        f"last {contents.cosigned.time:%Y-%m-%d %H:%M} UTC"
    )
    return said + (f"; {missing} to come: kudos-node run --once" if missing else ".")


def _json(contents: "Contents") -> dict[str, object]:
    cosigned = contents.cosigned
    return {
        "origin": contents.opened.origin,
        "entries": len(contents.entries),
        "root": contents.root(len(contents.entries)).hex(),
        "ledger_key": str(contents.verifier),
        "witness": contents.witness,
        "cosigned": None
        if cosigned is None
        else {"entries": cosigned.size, "time": f"{cosigned.time:%Y-%m-%dT%H:%M:%SZ}"},
    }
