"""Markets: which sketches a round of cross-use counts against, signed once, when no more are taken."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from coordinator.authority.peer import Role
from coordinator.cross_use.sketches import sketches_until
from coordinator.errors import NotYet, RoundClosed, StaleStage, TooFewMembers
from coordinator.members.callers import Caller
from coordinator.office import Office
from coordinator.rounds import rounds
from coordinator.rounds.asked import check_seat
from coordinator.rounds.opening import FEWEST_SKETCHES
from coordinator.rounds.order import no_earlier
from coordinator.rounds.stages import market_envelope
from coordinator.rounds.states import state_of, step
from coordinator.store.engine import Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import declines, markets, roster, sketches
from coordinator.store.tables import rounds as rounds_table
from privacy.rounds.market import Market, MarketSeat, announcement_digest, sign_market
from privacy.rounds.states import LIVE, State


class _Standing(NamedTuple):
    """Where a round of cross-use stands that has no market. `unanswered` of the roster neither sent nor declined."""

    seats: tuple[MarketSeat, ...]
    unanswered: int
    needed: int
    sketch_deadline: datetime
    deadline: datetime


def form(office: Office, round_id: str, now: datetime) -> rounds.Round:
    """Gives a round its market of the sketches that are there; one that has it keeps it.

    From the deadline of the sketches on, a round with fewer than its quorum is aborted. Raises UnknownRound, StaleStage
    for one that is over, WrongStudy, and TooFewMembers before that deadline where the quorum is not there.
    """
    with office.store.transaction() as connection:
        state = state_of(connection, round_id)
        sketches_until(connection, round_id)
        if market_envelope(connection, round_id) is None:
            if state not in LIVE:
                raise StaleStage(f"Round {round_id} is {state}. See: kudos-coordinator round status {round_id}")
            _next(connection, office, round_id, now)
    return rounds.get(office.store, round_id)


def form_due(office: Office, now: datetime) -> tuple[rounds.Round, ...]:
    """Has every round of cross-use go on whose time it is, and says which have. For the server's loop.

    It is when the sketches' deadline is over, or before when all of the roster have answered and the quorum is there.
    """
    waiting = select(rounds_table.c.id).where(
        rounds_table.c.state.in_(sorted(LIVE)),
        rounds_table.c.sketch_deadline.is_not(None),
        rounds_table.c.id.not_in(select(markets.c.round)),
    )
    with office.store.reading() as connection:
        names = sorted(connection.execute(waiting).scalars())
        due = [name for name in names if _is_due(_standing(connection, name), now)]
    return tuple(_formed_if_due(office, name, now) for name in due)


def handed_out(store: Store, caller: Caller, round_id: str) -> bytes:
    """The signed market of a round, for who is in its roster.

    Raises RoleNotAllowed, UnknownRound, NotInRoster, WrongStudy, NotYet, and RoundClosed where there will be none.
    """
    caller.require(Role.MEMBER)
    with store.reading() as connection:
        check_seat(connection, round_id, caller.id)
        sketches_until(connection, round_id)
        envelope = market_envelope(connection, round_id)
        state = state_of(connection, round_id)
    if envelope is not None:
        return envelope
    if state not in LIVE:
        raise RoundClosed(f"Round {round_id} is {state}, without a market. The next one will ask you again.")
    raise NotYet(f"Round {round_id} still takes sketches. Ask for its market again later.")


def _formed_if_due(office: Office, round_id: str, now: datetime) -> rounds.Round:
    with office.store.transaction() as connection:
        waits = state_of(connection, round_id) in LIVE and market_envelope(connection, round_id) is None
        if waits and _is_due(_standing(connection, round_id), now):  # nobody else was first
            _next(connection, office, round_id, now)
    return rounds.get(office.store, round_id)


def _is_due(standing: _Standing, now: datetime) -> bool:
    complete = standing.unanswered == 0 and len(standing.seats) >= standing.needed
    return complete or seconds(now) >= seconds(standing.sketch_deadline)


def _next(connection: Connection, office: Office, round_id: str, now: datetime) -> None:
    standing = _standing(connection, round_id)
    many = len(standing.seats)
    until = f"{standing.sketch_deadline:%Y-%m-%d %H:%M} UTC"
    if seconds(now) >= seconds(standing.deadline):
        step(connection, round_id, State.ABORTED, now, "Its time was over before its sketches could be counted.")
    elif many >= standing.needed:
        _keep(connection, office, round_id, standing.seats, now)
    elif seconds(now) >= seconds(standing.sketch_deadline):
        reason = f"{many} of the {standing.needed} sketches that it needs were there at {until}."
        step(connection, round_id, State.ABORTED, now, reason)
    else:
        raise TooFewMembers(
            f"Round {round_id} has {many} of the {standing.needed} sketches that it needs to be counted. Wait, until "
            f"{until} at the most, or abort it."
        )


def _standing(connection: Connection, round_id: str) -> _Standing:
    row = connection.execute(select(rounds_table).where(rounds_table.c.id == round_id)).one()
    declined = select(declines.c.member).where(declines.c.round == round_id)
    there = connection.execute(
        select(sketches.c.member, sketches.c.digest, sketches.c.sketch_digest).where(
            sketches.c.round == round_id, sketches.c.member.not_in(declined)
        )
    ).all()
    unanswered = (
        select(func.count())
        .select_from(roster)
        .where(
            roster.c.round == round_id,
            roster.c.member.not_in(declined),
            roster.c.member.not_in(select(sketches.c.member).where(sketches.c.round == round_id)),
        )
    )
    seats = [MarketSeat(each.member, bytes.fromhex(each.digest), bytes.fromhex(each.sketch_digest)) for each in there]
    return _Standing(
        seats=tuple(sorted(seats, key=lambda seat: seat.member)),
        unanswered=int(connection.execute(unanswered).scalar_one()),
        needed=max(row.quorum, FEWEST_SKETCHES),
        sketch_deadline=moment(row.sketch_deadline),
        deadline=moment(row.deadline),
    )


def _keep(connection: Connection, office: Office, round_id: str, seats: tuple[MarketSeat, ...], now: datetime) -> None:
    announced = connection.execute(
        select(rounds_table.c.announcement).where(rounds_table.c.id == round_id)
    ).scalar_one()
    market = Market(office.trust_domain, round_id, announcement_digest(bytes(announced)), seats)
    envelope = sign_market(market, office.signing_key)
    made = no_earlier(connection, round_id, now)
    connection.execute(insert(markets).values(round=round_id, made=seconds(made), envelope=envelope))
    note(connection, now, "round.market", round_id, f"{len(seats)} sketches")
