"""kudos-coordinator doctor: is everything in order, and what to do where it is not."""

import click

from coordinator.cli import output


@click.command()
@output.common
def command() -> None:
    """Check the coordinator: settings, keys, store, clocks, certificates, members, rounds, disk and both ports.

    The ports are dialled as members dial them, from this machine. Ends with exit status 1 where something must be
    mended.
    """
    from coordinator.doctor import examine
    from privacy.terminal.findings import show

    show(examine(output.state.home), output.voice, as_json=output.state.as_json)
