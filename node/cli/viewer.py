"""kudos-node viewer: published benchmarks for who has no institution's data, such as NPU's own people."""

from datetime import UTC, datetime

import click

from node.cli import output


@click.group()
@output.home_option
def command() -> None:
    """Look at published benchmarks with a viewer's certificate, without an institution's data.

    \b
    Begin:    kudos-node --home ~/.kudos/viewer viewer join kudos1:…
    Look:     kudos-node --home ~/.kudos/viewer viewer fetch
              kudos-node --home ~/.kudos/viewer dashboard --viewer

    NPU makes the invitation: kudos-coordinator certificate issue --role viewer --name "Siri Nilsen". A viewer may fetch
    what is published, and nothing else.
    """


@command.command()
@click.argument("invitation", nargs=-1, required=True)
@output.common
def join(invitation: tuple[str, ...]) -> None:
    """Exchange a viewer's INVITATION for a certificate. The keys are made on this machine."""
    from node.network.viewing import join as joined

    found = joined(output.state.home, " ".join(invitation), datetime.now(UTC))
    if output.state.as_json:
        output.emit({"viewer": found.id, "network": found.trust_domain, "home": str(output.state.home.path)})
        return
    output.say(f"You look at {found.trust_domain} as {found.id}. The keys are in {output.state.home.path}.")
    output.say("Next: kudos-node viewer fetch, then kudos-node dashboard --viewer")


@command.command()
@output.common
def fetch() -> None:
    """Fetch the published benchmarks that are not here yet. Each is verified by the coordinator's key."""
    from node.network.viewing import fetch as fetched

    new = fetched(output.state.home, datetime.now(UTC), output.complain)
    if output.state.as_json:
        output.emit({"new": new})
        return
    output.say(f"{output.things(new, 'new benchmark')}. To look: kudos-node dashboard --viewer")
