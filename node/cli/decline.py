"""kudos-node decline: says no to a round."""

from datetime import UTC, datetime

import click

from node.cli import output
from node.cli.kinds import standing
from node.errors import UsageError


@click.command()
@click.argument("round_name", metavar="ROUND")
@output.common
def command(round_name: str) -> None:
    """Take no part in ROUND. The coordinator is told that, and nothing else; nothing is spent.

    Until the deadline you can change your mind: kudos-node approve ROUND. In a round of cross-use that has your sketch
    already, no counts follow; the sketch is paid for, and the other members may have it.
    """
    from node.membership.errors import NoConnection
    from node.membership.settings import membership
    from node.network import rounds
    from node.network.taking_part import aborted
    from node.network.told import ABORTED
    from node.wire.federation import connected

    home = output.state.home
    network = membership(home)
    wanted = rounds.find(home, network, round_name, to_decide=True)
    stands = standing(home, wanted, datetime.now(UTC))
    if wanted.sent:
        raise UsageError(
            f"What was sent cannot be taken back. {stands}"
            if stands
            else f"The release for round {round_name} has been sent; it cannot be taken back."
        )
    if wanted.told is not None and wanted.told.state == ABORTED:
        raise aborted(home, wanted, wanted.told, network.trust_domain)
    if wanted.sketched and stands:
        raise UsageError(f"There is nothing to decline any more. {stands}")
    rounds.decide(home, round_name, rounds.DECLINED)
    told = True
    try:
        with connected(home) as coordinator:
            coordinator.decline(round_name)
    except NoConnection:
        told = False
    if output.state.as_json:
        output.emit({"round": round_name, "status": "declined", "told": told})
        return
    if wanted.sketched:
        output.say(f"Round {round_name} is declined: no counts follow. The sketch that was sent stays paid for.")
    else:
        output.say(f"Round {round_name} is declined. Nothing was spent.")
    if not told:
        output.say("The coordinator cannot be reached now; the agent tells it later: kudos-node run")
