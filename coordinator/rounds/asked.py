"""What a member's answer to a round is held against: its seat, the round's time, and its own cosigned ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import BindParameter, Connection, bindparam, select

from coordinator.errors import NotBooked, NotInRoster, NotWitnessed, NotYet, RoundClosed, UnknownRound
from coordinator.ledgers import replica
from coordinator.rounds.order import SLACK_S
from coordinator.rounds.states import unknown
from coordinator.store.events import seconds
from coordinator.store.tables import markets, roster, rounds, studies
from privacy.bounds.windows import Window
from privacy.ledger.leaves import Booking, booking_in
from privacy.rounds.states import LIVE, State
from privacy.signing.envelope import parse_public_key
from privacy.studies.shelf import AnyStudy, parse


@dataclass(frozen=True)
class Asked:
    """A round and a seat in its roster."""

    signing_key: Ed25519PublicKey
    ledger: str
    study: AnyStudy
    window: Window


@dataclass(frozen=True)
class Wanted:
    """What the entry of a ledger must book to pay for some bytes. `digest` is their SHA-256, hexadecimal."""

    digest: str
    study_digest: str
    window: Window

    def booked_by(self, entry: Booking) -> bool:
        """Whether an entry does."""
        said = (entry.release_digest, entry.study_digest, entry.window)
        return said == (f"sha256:{self.digest}", self.study_digest, self.window)


_ROUND: BindParameter[str] = bindparam("round")
_MEMBER: BindParameter[str] = bindparam("member")

# Statements that every answer takes are put together once.
_ASKED = (
    select(roster.c.signing_key, roster.c.ledger, studies.c.text, rounds.c.window_first, rounds.c.window_last)
    .select_from(roster.join(rounds).join(studies))
    .where(roster.c.round == _ROUND, roster.c.member == _MEMBER)
)
_KNOWN = select(rounds.c.id).where(rounds.c.id == _ROUND)
_SEAT = select(roster.c.member).where(roster.c.round == _ROUND, roster.c.member == _MEMBER)
_TIMES = select(rounds.c.state, rounds.c.opened, rounds.c.deadline).where(rounds.c.id == _ROUND)
_MADE = select(markets.c.made).where(markets.c.round == _ROUND)


def asked(connection: Connection, round_id: str, member: str) -> Asked:
    """What a round asks a member. Raises UnknownRound or NotInRoster."""
    row = connection.execute(_ASKED, {"round": round_id, "member": member}).first()
    if row is None:
        raise _not_asked(connection, round_id)
    window = Window(date.fromisoformat(row.window_first), date.fromisoformat(row.window_last))
    return Asked(parse_public_key(row.signing_key), row.ledger, _study(row.text, f"the study of {round_id}"), window)


def check_seat(connection: Connection, round_id: str, member: str) -> None:
    """Raises UnknownRound or NotInRoster unless the round asks the member."""
    if connection.execute(_SEAT, {"round": round_id, "member": member}).first() is None:
        raise _not_asked(connection, round_id)


def _not_asked(connection: Connection, round_id: str) -> UnknownRound | NotInRoster:
    if connection.execute(_KNOWN, {"round": round_id}).first() is None:
        return UnknownRound("There is no round of that name. Look at the list of your rounds.")
    return NotInRoster(f"Round {round_id} does not ask you: you were not an active member when it was opened.")


def check_live(connection: Connection, round_id: str, now: datetime) -> State:
    """Where a round stands that takes answers now; from its deadline on it does not, closed or not yet: RoundClosed.

    Raises NotYet before it was opened: by a clock that was ahead then and is right now. What was taken before a round
    was opened would be a violation to every auditor. Raises UnknownRound.
    """
    row = connection.execute(_TIMES, {"round": round_id}).first()
    if row is None:
        raise unknown(round_id)
    state = State(row.state)
    if state not in LIVE or seconds(now) >= row.deadline:
        over = state if state not in LIVE else "past its deadline"
        raise RoundClosed(f"Round {round_id} is {over} and takes nothing any more. The next one will ask you again.")
    _check_come(row.opened, now, f"Round {round_id} was opened", "begins")
    return state


def check_market_made(connection: Connection, round_id: str, now: datetime) -> None:
    """Raises NotYet before the market of a round of cross-use was made: by a clock that was ahead then."""
    made = connection.execute(_MADE, {"round": round_id}).scalar()
    _check_come(made, now, f"The market of round {round_id} was made", "is counted against")


def _check_come(time: int | None, now: datetime, what: str, then: str) -> None:
    """Raises NotYet before a time, seconds since 1970, that a clock gave which was ahead; None was never given."""
    if time is not None and seconds(now) + SLACK_S < time:
        raise NotYet(
            f"{what} by a clock that was ahead, and {then} when that time has come. It is tried again by itself where "
            "`kudos-node run` works."
        )


def deadline(connection: Connection, round_id: str) -> int:
    """Until when a round takes answers, seconds since 1970."""
    return int(connection.execute(select(rounds.c.deadline).where(rounds.c.id == round_id)).scalar_one())


def booked(connection: Connection, member: str, number: int, what: str, wanted: Wanted, now: datetime) -> Booking:
    """The entry of the member's cosigned ledger that books these bytes. Raises NotWitnessed or NotBooked.

    `what` is the word for the bytes in the refusal, such as "release". Raises what `check_cosigned` does.
    """
    leaf = replica.leaf(connection, member, number)
    if leaf is None:
        raise NotWitnessed(
            f"The coordinator has not cosigned entry {number} of your ledger, which books this {what}. Send "
            f"the ledger's entries first, and the {what} once the cosigned checkpoint is there."
        )
    entry = booking_in(leaf)  # that it is spelled and paid for as it must be, the witness has checked when it came
    if entry is None or not wanted.booked_by(entry):
        raise NotBooked(
            f"Entry {number} of your ledger, as the coordinator has cosigned it, does not book this {what}. "
            "Send the bytes that the ledger booked, and no others."
        )
    check_cosigned(connection, member, number, what, now)
    return entry


def check_cosigned(connection: Connection, member: str, number: int, what: str, now: datetime) -> None:
    """Raises NotYet before an entry was cosigned that is: by a clock that was ahead then and is right now."""
    cosigned = replica.cosigned(connection, member, number)
    _check_come(cosigned, now, f"Entry {number} of your ledger was cosigned", f"this {what} can be taken")


_study = lru_cache(maxsize=32)(parse)
"""A round's study, which every answer to the round is held against."""
