"""Where a program of ours can end: named steps of its work, before or after a call; those of a booking are its own.

`tests.federation.killed` ends processes there, `tests.simulation` machines.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any


def _always(*_words: Any, **_options: Any) -> bool:
    return True


@dataclass(frozen=True)
class Point:
    """A step: where `place.name` is called, or `after` it has done its work; `when` looks at what it is called with."""

    place: Any
    name: str
    after: bool = False
    when: Callable[..., bool] = _always


def _says(what: str) -> Callable[..., bool]:
    """Where an event is noted: the last thing in the transaction of a change, so nothing of it is committed."""
    return lambda _connection, _now, said, *_more: bool(said == what)


def _books(_calls: Any, _note: bytes, _old_size: int, _proof: Any, leaves: Any) -> bool:
    """Whether these are the leaves of a booking, and not those that a new member begins with."""
    return any(b'"type":"spend"' in leaf for leaf in leaves)


def of_node() -> dict[str, Point]:
    """Every step of a node but those of a booking."""
    from node.membership import settings as membership
    from node.network import joining, rounds
    from node.wire.federation import Federation
    from node.wire.ledger import WitnessCalls

    return {
        "witnessing": Point(WitnessCalls, "witness", when=_books),
        "witnessed": Point(WitnessCalls, "witness", after=True),
        "sending": Point(Federation, "submit"),
        "sent": Point(rounds, "mark_sent"),
        "marked": Point(rounds, "mark_sent", after=True),
        "asking to join": Point(joining, "enrol"),
        "joined": Point(joining, "enrol", after=True),
        "ledger continued": Point(joining, "_continue_ledger", after=True),
        "ledger cosigned": Point(joining, "_witness", after=True),
        "founded": Point(membership, "write"),
        "key made": Point(Federation, "publish_commitment"),
        "key published": Point(Federation, "publish_commitment", after=True),
        "renewing": Point(Federation, "renew"),
        "renewed": Point(Federation, "renew", after=True),
    }


def of_coordinator() -> dict[str, Point]:
    """Every step of the coordinator."""
    from coordinator.ledgers import witness
    from coordinator.members import callers, enrol
    from coordinator.publish import publishing
    from coordinator.rounds import states, submissions
    from coordinator.service import enrolment, federation, ledger

    return {
        "enrolling": Point(enrol, "note", when=_says("member.enrolled")),
        "enrolled": Point(enrolment, "enrol", after=True),
        "renewing": Point(callers, "note", when=_says("member.renewed")),
        "renewed": Point(federation, "renew", after=True),
        "cosigning": Point(witness, "noted", when=_says("ledger.witnessed")),
        "cosigned": Point(ledger, "witness", after=True),
        "taking a release": Point(submissions, "note", when=_says("round.released")),
        "release taken": Point(submissions, "submit", after=True),
        "closing": Point(states, "note", when=_says("round.closed")),
        "publishing": Point(publishing, "note", when=_says("benchmark.published")),
        "published": Point(publishing, "publish_round", after=True),
    }


@contextmanager
def armed(point: Point, die: Callable[[], None]) -> Iterator[None]:
    """While this lasts, `die` is called at a point."""
    honest = getattr(point.place, point.name)

    def called(*words: Any, **options: Any) -> Any:
        here = point.when(*words, **options)
        if here and not point.after:
            die()
        answer = honest(*words, **options)
        if here and point.after:
            die()
        return answer

    setattr(point.place, point.name, called)
    try:
        yield
    finally:
        setattr(point.place, point.name, honest)


@contextmanager
def armed_booking(step: str, die: Callable[[], None]) -> Iterator[None]:
    """While this lasts, `die` is called at a point of a booking."""
    from node.release import book

    honest = book.release
    book.release = partial(honest, step=lambda at: die() if at == step else None)
    try:
        yield
    finally:
        book.release = honest
