"""kudos-node approve: agrees to a round, makes its release and sends it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.kinds import counts_to_come, figures_of, readers_lines, standing

if TYPE_CHECKING:
    from node.home import Home
    from node.membership.errors import NoConnection
    from node.membership.settings import Membership
    from node.network.rounds import Round
    from node.network.taking_part import Answered
    from protos.kudos.v1.federation_pb2 import RoundState


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

    A round of cross-use has two stages, and one yes covers both: the sketch of the year is made and sealed now, before
    the round's deadline for sketches, and the agent sends the counts when all sketches are there: kudos-node run
    """
    from node.cli.allowing import for_round
    from node.cli.asking import asks, sending
    from node.membership.errors import NoConnection, NoSuchRound
    from node.membership.settings import membership
    from node.network import rounds
    from node.network.taking_part import answer, check_open
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
    window = wanted.announcement.window
    asking = asks(window, yes=yes, question=sending(home, network.trust_domain, round_name))
    try:
        with connected(home) as coordinator:
            state = check_open(home, coordinator, wanted)
            wanted = rounds.find(home, network, round_name)  # with the word on it that the coordinator has just given
            if _has_all(wanted, state):
                _stands(home, wanted)
                return
            answered = answer(
                home,
                coordinator,
                wanted,
                state,
                asks=asking,
                say=output.complain,
                agreed=lambda: rounds.decide(home, round_name, rounds.APPROVED),
            )
    except PolicyRefused as error:
        raise for_round(error, wanted.announcement.study, round_name) from error
    except NoConnection as error:
        _unreached(home, network, wanted, error)
        return
    _tell(wanted, answered)


def _has_all(wanted: "Round", state: "RoundState | None") -> bool:
    """Whether a round of cross-use has all that it gets of this node: what a coordinator lost is sent to it again."""
    if not wanted.announcement.sketch_deadline:
        return False
    if wanted.sent and (state is None or state.own == "released"):
        return True
    return bool(wanted.sent or wanted.sketched) and wanted.told is not None and not wanted.told.live


def _stands(home: "Home", wanted: "Round") -> None:
    """Tells what became of a round that was sent everything. Raises RoundOver for one that was not, and is over."""
    from node.membership.errors import RoundOver

    stands = standing(home, wanted, datetime.now(UTC))
    if not wanted.sent:
        raise RoundOver(f"{stands}")
    if output.state.as_json:
        output.emit({"round": wanted.name, "status": "sent", "entry": None, "already": True})
        return
    output.say(stands or f"Round {wanted.name} has your release; nothing more is asked of you.")


def _unreached(home: "Home", network: "Membership", wanted: "Round", error: "NoConnection") -> None:
    """Keeps a yes until the coordinator can be reached; returns where there is nothing more to send.

    Raises NoConnection where it is kept, and RoundOver where it would be in vain.
    """
    from node.membership.errors import NoConnection
    from node.network import rounds
    from node.network.taking_part import aborted
    from node.network.told import ABORTED

    if wanted.told is not None and wanted.told.state == ABORTED:  # a yes to it would never be sent
        raise aborted(home, wanted, wanted.told, network.trust_domain) from error
    now = datetime.now(UTC)
    if wanted.sent or standing(home, wanted, now):
        _stands(home, wanted)
        return
    rounds.decide(home, wanted.name, rounds.APPROVED)
    if wanted.sketched:
        raise NoConnection(f"{error}\nRound {wanted.name} has your sketch. {counts_to_come(wanted, now)}") from error
    takes = "sketches" if wanted.announcement.sketch_deadline else "releases"
    kept = f"Your yes to round {wanted.name} is kept: the next kudos-node run sends it, while the round takes {takes}."
    raise NoConnection(f"{error}\n{kept}") from error


def _tell(wanted: "Round", answered: "Answered | None") -> None:
    """What was sent, and what is still to come."""
    if answered is None:
        _waits(wanted)
        return
    paid = "paid for before" if answered.already else f"booked as entry {answered.seq} of your ledger"
    if output.state.as_json:
        said = {"round": wanted.name, "status": "sketched" if answered.sketch else "sent"}
        output.emit(said | {"entry": answered.seq, "already": answered.already} | _readers_json(answered))
        return
    if answered.sketch:
        output.say(f"Sent to round {wanted.name}: the sketch of your customers, sealed, {paid}.")
        for line in readers_lines(answered.readers):
            output.prose(f"  {line}")
        output.prose(counts_to_come(wanted, datetime.now(UTC)))
    elif wanted.announcement.sketch_deadline:
        output.say(f"Sent to round {wanted.name}: the counts of your customers against the others' sketches, {paid}.")
    else:
        output.say(f"Sent to round {wanted.name}: {figures_of(wanted.announcement.study)} figures, {paid}.")
    output.say(f"Exactly what is in it: kudos-node outbox show {answered.seq}")


def _waits(wanted: "Round") -> None:
    if output.state.as_json:
        output.emit({"round": wanted.name, "status": "sketched", "entry": None, "already": True})
        return
    output.prose(f"Round {wanted.name} has your sketch. {counts_to_come(wanted, datetime.now(UTC))}")


def _readers_json(answered: "Answered") -> dict[str, object]:
    if not answered.sketch:
        return {}
    return {"sealed_for": [{"member": each.seat.member, "why_not": each.why_not} for each in answered.readers]}
