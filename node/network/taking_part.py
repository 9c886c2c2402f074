"""Taking part in a round: what it asks for is made, booked and sent, of whichever kind its study is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from node.home import Home
from node.membership.errors import CoordinatorContradicts, RosterRefused, RoundNotBegun, RoundOver
from node.network import cross_use, rounds
from node.network.rounds import DECLINED, Round
from node.network.sharing import Reader
from node.network.told import ABORTED, LIVE, Told, checked
from node.network.witness import LARGEST_CLOCK_ERROR_S, NetworkWitness
from node.release.cost import cost_of
from node.release.make import Ask, Ready, make
from node.release.prepare import release_window
from node.store.span import today
from node.wire.federation import Federation
from privacy.budget.amounts import Spend
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Spent
from privacy.ledger.store import Ledger
from privacy.rounds.announcement import BadAnnouncement, read
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.study import Study
from protos.kudos.v1.federation_pb2 import RoundState

COUNT_STAGE = "count"
"""What the coordinator says of a round of cross-use that has its market."""


def check_window(home: Home, wanted: Round) -> None:
    """Raises RosterRefused or UsageError unless the window of a round is a whole year or quarter that is over."""
    window, period = wanted.announcement.window, wanted.announcement.study.period
    if release_window(window.last, today(home.settings().timezone), period) != window:
        raise RosterRefused(f"Round {wanted.name} asks for {window}, which is no whole {period}. Decline it.")


def check_year(home: Home, wanted: Round) -> None:
    """Raises RosterRefused where a round of cross-use asks for a year before the last one.

    `node.store.frozen.forget_old` deletes the list of such a year, so that a sketch would be paid for and never
    counted; and of one customer several years' sketches could be drawn at once. It is the year in which the round
    ends: the list is needed until then.
    """
    announced = wanted.announcement
    year = max(announced.deadline.year, today(home.settings().timezone).year)
    if announced.window.last.year < year - 1:
        raise RosterRefused(
            f"Round {wanted.name} asks for a sketch of {announced.window.last.year}, and a node makes, shares and "
            f"counts one of {year - 1} at the earliest. Nothing was sent. Decline it."
        )


@dataclass(frozen=True)
class Asks:
    """Who is asked before anything is booked: of a release's price and figures, or of what cross-use costs now."""

    release: Ask
    cross_use: Callable[[Spend], None]


def _unasked(*_of: object) -> None:
    pass


NOBODY = Asks(_unasked, _unasked)
"""An agent asks nobody: the round was approved, or the policy wants no approval."""


@dataclass(frozen=True)
class Answered:
    """What a round was sent: a sketch or a release (counts are one), the entry, and whether it was paid for `already`.

    `readers` are the other members of a round of cross-use, with who has this node's sketch.
    """

    sketch: bool
    seq: int
    already: bool
    readers: tuple[Reader, ...] = ()


def answer(
    home: Home,
    coordinator: Federation,
    wanted: Round,
    state: RoundState | None,
    *,
    asks: Asks = NOBODY,
    say: Callable[[str], None],
    agreed: Callable[[], None] = lambda: None,
) -> Answered | None:
    """Makes, books and sends what a round asks for at the stage where it is; None where there is nothing to send now.

    `state` is the coordinator's word on the round, None where it lists it no more; `agreed` is told once all is booked
    of what is asked for now, before it is sent. Raises what `release_for`, `send`, `check_year` and
    `node.network.cross_use` raise, and RoundOver.
    """
    study = wanted.announcement.study
    _check_begun(wanted)
    if not isinstance(study, CrossUseStudy):
        ready = release_for(home, coordinator, wanted, study, ask=asks.release, say=say)
        agreed()
        send(home, coordinator, wanted, ready)
        return Answered(sketch=False, seq=ready.seq, already=ready.already)
    check_window(home, wanted)

    def ask() -> None:
        left = _left_to_pay(home, wanted)
        if left != Spend.nothing():
            asks.cross_use(left)

    over, paid = wanted.over(datetime.now(UTC)), paid_for(home, wanted)
    if over and not paid:
        raise _was_open(wanted)
    counting = over or (state is not None and state.stage == COUNT_STAGE)
    if not (counting and paid):
        check_year(home, wanted)  # a count that is there leaves however late it is
    if counting:
        counted = cross_use.make_count_for(home, coordinator, wanted, study, ask=ask, say=say)
        agreed()
        send(home, coordinator, wanted, counted)
        return Answered(sketch=False, seq=counted.seq, already=counted.already)
    held = state.sketch_digest if state is not None else ""
    declined = state is not None and state.own == DECLINED
    if held and wanted.sketched == held and not declined:
        agreed()
        return None
    sent = cross_use.send_sketch(home, coordinator, wanted, study, held, ask=ask, say=say, agreed=agreed)
    return Answered(sketch=True, seq=sent.seq, already=sent.already, readers=sent.readers)


def _check_begun(wanted: Round) -> None:
    """Raises RoundNotBegun where a round was opened in the future: nothing can be booked for it before."""
    opened = wanted.announcement.opened
    if opened - datetime.now(UTC) > timedelta(seconds=LARGEST_CLOCK_ERROR_S):
        raise RoundNotBegun(
            f"Round {wanted.name} was opened at {opened:%Y-%m-%d %H:%M} UTC, and here it is not that time yet: one of "
            "the two clocks is wrong, or was. Nothing was booked. Set the clock right if it is this one; the agent "
            "answers when that time has come."
        )


def _left_to_pay(home: Home, wanted: Round) -> Spend:
    with Ledger.open(home.ledger_file) as ledger:
        return cost_of(wanted.announcement.study, wanted.announcement.window, ledger.contents()).spend


def _was_open(wanted: Round) -> RoundOver:
    until = wanted.announcement.deadline
    more = "more " if wanted.sketched else ""
    return RoundOver(
        f"Round {wanted.name} was open until {until:%Y-%m-%d %H:%M} UTC. Nothing {more}was spent; the next round "
        "will ask you again."
    )


def release_for(
    home: Home,
    coordinator: Federation,
    wanted: Round,
    study: Study,
    *,
    ask: Ask = _unasked,
    say: Callable[[str], None],
) -> Ready:
    """The release of tables for a round, witnessed: the stored one where it is paid for, else a new one.

    Raises what `make` raises, and RoundOver, with nothing spent, for a new one after the deadline.
    """
    check_window(home, wanted)
    announcement = wanted.announcement
    if wanted.over(datetime.now(UTC)) and not paid_for(home, wanted):
        raise _was_open(wanted)
    witness = NetworkWitness(home, coordinator)
    return make(home, study, announcement.window, witness=witness, round_name=wanted.name, ask=ask, say=say)


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


def check_open(home: Home, coordinator: Federation, wanted: Round) -> RoundState | None:
    """The coordinator's word on a round; None where it lists it no more.

    Raises RoundOver for a round that was aborted, and for one that is closed and that nothing was spent on yet.

    For one that it does take releases for, raises what `rounds.take_in` does: its roster was perhaps let pass as that
    of a round that was over.
    """
    state, told, said = "closed", Told("closed", None), None
    for each in coordinator.rounds().rounds:
        try:
            name = read(each.announcement, coordinator.network.verifier).round
        except BadAnnouncement:
            continue  # of another round, whatever it says: the agent tells of it
        if name == wanted.name:
            state, said = each.state, each
            known = rounds.take_in(home, coordinator.network, each.announcement, live=state in LIVE)
            rounds.note_told(home, known, state, each.reason)
            told = checked(state, each.reason) or told
    if told.state == ABORTED:
        raise aborted(home, wanted, told, coordinator.network.trust_domain)
    if wanted.over(datetime.now(UTC)) or paid_for(home, wanted):
        return said  # what else keeps it from being sent, `release_for` and the coordinator say
    if state not in LIVE:
        raise RoundOver(
            f"Round {wanted.name} is {told.state} at the coordinator and takes nothing any more. Nothing "
            f"{'more ' if wanted.sketched else ''}was spent; the next round will ask you again."
        )
    return said


def aborted(home: Home, wanted: Round, told: Told, network: str) -> RoundOver:
    """The refusal of a round that the coordinator has aborted, with the reason that it gives."""
    paid = (
        "Nothing more was spent: another round of the same study and months gets the release that you have paid for."
        if paid_for(home, wanted)
        else "Nothing more was spent: every other round of the same year gets the sketch that you have paid for."
        if wanted.sketched
        else "Nothing was spent."
    )
    return RoundOver(f"Round {wanted.name} was {told.ended(network)}. {paid}")


def send(home: Home, coordinator: Federation, wanted: Round, ready: Ready) -> None:
    """Sends a booked release or count, and keeps that the coordinator has it.

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
