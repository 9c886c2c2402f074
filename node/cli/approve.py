"""kudos-node approve: agrees to a round, makes its release and sends it."""

import click

from node.cli import output


@click.command()
@click.argument("round_name", metavar="ROUND")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal: what is spent stays spent.")
@output.common
def command(round_name: str, yes: bool) -> None:
    """Take part in ROUND: its release is made, paid for from the budget, and sent.

    Your policy must allow the study, and your budget must cover it; else it is refused with exit status 3 and costs
    nothing. A release that is paid for already is sent again for free. A round that was aborted is refused, with the
    reason that the coordinator gives. Where the coordinator cannot be reached, your yes is kept, and the agent makes
    and sends the release later: kudos-node run
    """
    from node.cli.allowing import for_round
    from node.cli.asking import asked, sending
    from node.membership.errors import NoConnection, NoSuchRound
    from node.membership.settings import membership
    from node.network import rounds
    from node.network.taking_part import aborted, check_open, release_for, send
    from node.network.told import ABORTED
    from node.wire.federation import connected
    from privacy.budget.policy import PolicyRefused

    home = output.state.home
    network = membership(home)
    try:
        wanted = rounds.find(home, network, round_name)
    except NoSuchRound as error:
        raise NoSuchRound(
            f"This node knows no round {round_name[:64]!r}. To ask the coordinator: kudos-node run --once. "
            "What there is: kudos-node rounds"
        ) from error
    asking = asked(wanted.announcement.window, yes=yes, send_to=sending(home, network.trust_domain, round_name))
    try:
        with connected(home) as coordinator:
            check_open(home, coordinator, wanted)
            booked = release_for(home, coordinator, wanted, ask=asking, say=output.complain)
            rounds.decide(home, round_name, rounds.APPROVED)
            send(home, coordinator, wanted, booked)
    except PolicyRefused as error:
        raise for_round(error, wanted.announcement.study, round_name) from error
    except NoConnection as error:
        if wanted.told is not None and wanted.told.state == ABORTED:  # a yes to it would never be sent
            raise aborted(home, wanted, wanted.told, network.trust_domain) from error
        rounds.decide(home, round_name, rounds.APPROVED)
        kept = (
            f"Your yes to round {round_name} is kept: the next kudos-node run sends it, while the round takes releases."
        )
        raise NoConnection(f"{error}\n{kept}") from error
    if output.state.as_json:
        output.emit({"round": round_name, "status": "sent", "entry": booked.seq, "already": booked.already})
        return
    paid = "paid for before" if booked.already else f"booked as entry {booked.seq} of your ledger"
    output.say(f"Sent to round {round_name}: {wanted.announcement.study.cells} figures, {paid}.")
    output.say(f"Exactly what is in it: kudos-node outbox show {booked.seq}")
