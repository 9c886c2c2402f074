"""kudos-node join: exchanges an invitation for a place in a network."""

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.domains import mail_domains
from privacy.terminal.invitation import given

if TYPE_CHECKING:
    from node.home import Home
    from node.network.identity import Standing
    from node.network.joining import Joined


@click.command()
@click.argument("invitation", nargs=-1, required=True)
@click.option(
    "--own-domain",
    "own_domains",
    multiple=True,
    help="A mail domain of the institution itself; addresses there are no customers. May be given several times.",
)
@output.common
def command(invitation: tuple[str, ...], own_domains: tuple[str, ...]) -> None:
    """Join a network with the INVITATION that its coordinator sent, one line that begins with "kudos1:".

    With - it is read from standard input: what stands on a command line is seen by every user of this machine.

    The keys are made on this machine and never leave it. A node that has worked alone keeps its ledger and its budget;
    its sales are to be imported anew once it has the network's identity key. Joining that was cut off goes on where it
    stopped when the command is given again.
    """
    from node.cli.identity import lines

    home = output.state.home
    joined, standing = _joined(home, given(invitation), mail_domains(own_domains))
    network = joined.membership
    if output.state.as_json:
        output.emit(
            {
                "home": str(home.path),
                "member": network.id,
                "name": joined.name,
                "industry": joined.industry,
                "county": joined.county,
                "network": network.trust_domain,
                "coordinator": network.address,
                "certificate_ends": joined.ends.isoformat(),
                "identity": standing.as_json(),
                "ledger_continued": joined.continued,
                "import_again": joined.was_standalone and standing.state in ("waiting", "pinned"),
            }
        )
        return
    output.say(f"Joined {network.trust_domain} as {joined.name} ({joined.industry}, county {joined.county}).")
    output.say(f"  keys made on this machine       ✓   {home.path} (only you can read it)")
    output.say(f"  certificate from the network    ✓   valid to {joined.ends:%Y-%m-%d}; `kudos-node run` renews it")
    if joined.continued is not None:
        output.say(
            f"  ledger, from NPU's copy         ✓   {output.things(joined.continued, 'entry', 'entries')}; it goes on"
        )
        output.say("  policy                          …   as delivered: allow again what you want to take part in")
    for line in lines(standing):
        output.say(line)
    if joined.was_standalone and standing.state in ("waiting", "pinned"):
        output.prose(
            "Your sales were imported under a key of your own. Once you have the network's identity key, import them "
            "again, all together: kudos-node import --anew FILE…"
        )
    if standing.state in ("first", "holder"):
        output.say("Next: import what your ticketing system exports.   kudos-node import FILE…")
    elif standing.sponsor is not None:
        output.say("Next: make that call. Then import what your ticketing system exports.   kudos-node import FILE…")


def _joined(home: "Home", invitation: str, own_domains: tuple[str, ...]) -> "tuple[Joined, Standing]":
    """Joins, and settles where the network's key comes from.

    Where that alone was cut off, it goes on: this node makes the key, if it is still the one to do so, for nobody else
    would; or it says whom to call.
    """
    from node.errors import NodeError
    from node.membership.errors import JoinedAlready
    from node.network.identity import after_joining
    from node.network.joining import join, joined_before

    try:
        return join(home, invitation, own_domains, datetime.now(UTC)), after_joining(home)
    except JoinedAlready:
        with contextlib.suppress(NodeError):
            standing = after_joining(home)
            if standing.state != "holder":
                return joined_before(home), standing
        raise
