"""Taking part in a round: the release that it asks for is made, booked and sent."""

from collections.abc import Callable
from datetime import UTC, datetime

from node.home import Home
from node.membership.errors import CoordinatorContradicts, RosterRefused, RoundOver
from node.network import rounds
from node.network.rounds import Round
from node.network.told import ABORTED, LIVE, Told, checked
from node.network.witness import NetworkWitness
from node.release.make import Ask, Ready, make
from node.release.prepare import release_window
from node.store.span import today
from node.wire.federation import Federation
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Spent
from privacy.ledger.store import Ledger
from privacy.rounds.announcement import BadAnnouncement, read
from protos.kudos.v1.federation_pb2 import RoundState


def check_window(home: Home, wanted: Round) -> None:
    """Raises RosterRefused or UsageError unless the window of a round is twelve whole months that are over."""
    window = wanted.announcement.window
    if release_window(window.last, today(home.settings().timezone)) != window:
        raise RosterRefused(f"Round {wanted.name} asks for {window}, which is not twelve whole months. Decline it.")


def release_for(
    home: Home, coordinator: Federation, wanted: Round, *, ask: Ask | None = None, say: Callable[[str], None]
) -> Ready:
    """The release for a round, witnessed: the stored one where it is paid for, else a new one.

    Raises what `make` raises, and RoundOver, with nothing spent, for a new one after the deadline.
    """
    check_window(home, wanted)
    announcement = wanted.announcement
    if wanted.over(datetime.now(UTC)) and not paid_for(home, wanted):
        raise RoundOver(
            f"Round {wanted.name} was open until {announcement.deadline:%Y-%m-%d %H:%M} UTC. Nothing was spent; the "
            "next round will ask you again."
        )
    options: dict[str, Ask] = {} if ask is None else {"ask": ask}
    witness = NetworkWitness(home, coordinator)
    return make(
        home, announcement.study, announcement.window, witness=witness, round_name=wanted.name, say=say, **options
    )


def paid_for(home: Home, wanted: Round) -> bool:
    """Whether the release that a round asks for lies in the ledger already."""
    ledger = Ledger.open(home.ledger_file)
    try:
        return ledger.contents().find(wanted.announcement.study.digest, wanted.announcement.window) is not None
    finally:
        ledger.close()


def paid_bytes_are(home: Home, state: RoundState) -> bool:
    """Whether what the coordinator says that it has of this node for a round is a release of this node's ledger."""
    if state.own != "released":
        return False
    with Ledger.open(home.ledger_file) as ledger:
        digests = {each.release_digest for each in ledger.contents().entries if isinstance(each, Spent)}
    return f"sha256:{state.release_digest}" in digests


def check_open(home: Home, coordinator: Federation, wanted: Round) -> None:
    """Raises RoundOver for a round that was aborted, and for one that is closed and that nothing was spent on yet.

    For one that it does take releases for, raises what `rounds.take_in` does: its roster was perhaps let pass as that
    of a round that was over.
    """
    state, told = "closed", Told("closed", None)
    for each in coordinator.rounds().rounds:
        try:
            name = read(each.announcement, coordinator.network.verifier).round
        except BadAnnouncement:
            continue  # of another round, whatever it says: the agent tells of it
        if name == wanted.name:
            state = each.state
            known = rounds.take_in(home, coordinator.network, each.announcement, live=state in LIVE)
            rounds.note_told(home, known, state, each.reason)
            told = checked(state, each.reason) or told
    if told.state == ABORTED:
        raise aborted(home, wanted, told, coordinator.network.trust_domain)
    if wanted.over(datetime.now(UTC)) or paid_for(home, wanted):
        return  # what else keeps it from being sent, `release_for` and the coordinator say
    if state not in LIVE:
        raise RoundOver(
            f"Round {wanted.name} is {told.state} at the coordinator and takes nothing any more. Nothing was spent; "
            "the next round will ask you again."
        )


def aborted(home: Home, wanted: Round, told: Told, network: str) -> RoundOver:
    """The refusal of a round that the coordinator has aborted, with the reason that it gives."""
    paid = (
        "Nothing more was spent: another round of the same study and months gets the release that you have paid for."
        if paid_for(home, wanted)
        else "Nothing was spent."
    )
    return RoundOver(f"Round {wanted.name} was {told.ended(network)}. {paid}")


def send(home: Home, coordinator: Federation, wanted: Round, ready: Ready) -> None:
    """Sends a booked release, and keeps that the coordinator has it.

    Raises RefusedByCoordinator, NoConnection; and CoordinatorContradicts where it confirms other bytes than were sent.
    """
    answer = coordinator.submit(wanted.name, ready.envelope)
    digest = release_digest(ready.envelope).removeprefix("sha256:")
    if answer.release_digest != digest:
        raise CoordinatorContradicts(
            f"The coordinator confirms other bytes for round {wanted.name} than were sent. Ask it why."
        )
    rounds.mark_sent(home, wanted.name, digest)


def open_now(wanted: Round, state: str, now: datetime) -> bool:
    """Whether a round still takes releases, by the coordinator's word and by its own deadline."""
    return state in LIVE and not wanted.over(now)
