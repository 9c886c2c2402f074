"""kudos-node doctor: is everything in order, and what to do where it is not."""

import click

from node.cli import output


@click.command()
@output.common
def command() -> None:
    """Check the node: settings, keys, policy, profiles, store, ledger, clock, disk and noise.

    Ends with exit status 1 where something must be mended.
    """
    from node.doctor import examine
    from privacy.terminal.findings import show

    show(examine(output.state.home), output.voice, as_json=output.state.as_json)
