"""What a member's answer to a round is held against: its seat, the round's time, and its own cosigned ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from coordinator.errors import NotBooked, NotInRoster, NotWitnessed, RoundClosed, UnknownRound
from coordinator.ledgers import replica
from coordinator.rounds.states import state_of
from coordinator.store.events import seconds
from coordinator.store.tables import roster, rounds, studies
from privacy.bounds.windows import Window
from privacy.ledger.leaves import Spent
from privacy.ledger.leaves import parse as parse_leaf
from privacy.rounds.states import LIVE
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
class Booking:
    """What an entry of a ledger says of the bytes that it pays for. `digest` is their SHA-256, hexadecimal."""

    digest: str
    study_digest: str
    window: Window


def asked(connection: Connection, round_id: str, member: str) -> Asked:
    """What a round asks a member. Raises UnknownRound or NotInRoster."""
    check_seat(connection, round_id, member)
    query = (
        select(roster.c.signing_key, roster.c.ledger, studies.c.text, rounds.c.window_first, rounds.c.window_last)
        .select_from(roster.join(rounds).join(studies))
        .where(roster.c.round == round_id, roster.c.member == member)
    )
    row = connection.execute(query).one()
    window = Window(date.fromisoformat(row.window_first), date.fromisoformat(row.window_last))
    return Asked(parse_public_key(row.signing_key), row.ledger, _study(row.text, f"the study of {round_id}"), window)


def check_seat(connection: Connection, round_id: str, member: str) -> None:
    """Raises UnknownRound or NotInRoster unless the round asks the member."""
    if connection.execute(select(rounds.c.id).where(rounds.c.id == round_id)).first() is None:
        raise UnknownRound("There is no round of that name. Look at the list of your rounds.")
    seat = select(roster.c.member).where(roster.c.round == round_id, roster.c.member == member)
    if connection.execute(seat).first() is None:
        raise NotInRoster(f"Round {round_id} does not ask you: you were not an active member when it was opened.")


def check_live(connection: Connection, round_id: str, now: datetime) -> None:
    """Raises RoundClosed unless the round takes answers now; from its deadline on it does not, closed or not yet."""
    state = state_of(connection, round_id)
    if state not in LIVE or seconds(now) >= deadline(connection, round_id):
        over = state if state not in LIVE else "past its deadline"
        raise RoundClosed(f"Round {round_id} is {over} and takes nothing any more. The next one will ask you again.")


def deadline(connection: Connection, round_id: str) -> int:
    """Until when a round takes answers, seconds since 1970."""
    return int(connection.execute(select(rounds.c.deadline).where(rounds.c.id == round_id)).scalar_one())


def booked(connection: Connection, member: str, number: int, what: str, wanted: Booking) -> Spent:
    """The entry of the member's cosigned ledger that books these bytes. Raises NotWitnessed or NotBooked.

    `what` is the word for the bytes in the refusal, such as "release".
    """
    leaf = replica.leaf(connection, member, number)
    if leaf is None:
        raise NotWitnessed(
            f"The coordinator has not cosigned entry {number} of your ledger, which books this {what}. Send "
            f"the ledger's entries first, and the {what} once the cosigned checkpoint is there."
        )
    entry = parse_leaf(leaf)
    digests = (f"sha256:{wanted.digest}", wanted.study_digest, wanted.window)
    if not isinstance(entry, Spent) or (entry.release_digest, entry.study_digest, entry.window) != digests:
        raise NotBooked(
            f"Entry {number} of your ledger, as the coordinator has cosigned it, does not book this {what}. "
            "Send the bytes that the ledger booked, and no others."
        )
    return entry


_study = lru_cache(maxsize=32)(parse)
"""A round's study, which every answer to the round is held against."""
