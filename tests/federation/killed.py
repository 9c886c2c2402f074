"""A program of ours that is killed at a named point, as by kill -9 or a power failure: nothing of it runs any more.

    python killed.py node POINT WORDS…           python killed.py coordinator POINT WORDS…

The points of a release's booking are the product's own (`node.release.book`); the others stand before or after a call.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

BOOKING = ("checked", "drawn", "signed", "leaf_inserted", "release_inserted", "committed")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(place: Any, name: str, when: Callable[..., bool] = lambda *_words, **_options: True) -> None:
    """Ends the process where a function is called."""
    honest = getattr(place, name)

    def called(*words: Any, **options: Any) -> Any:
        if when(*words, **options):
            _die()
        return honest(*words, **options)

    setattr(place, name, called)


def _after(place: Any, name: str) -> None:
    """Ends the process where a function has done its work."""
    honest = getattr(place, name)

    def called(*words: Any, **options: Any) -> Any:
        honest(*words, **options)
        _die()

    setattr(place, name, called)


def _says(what: str) -> Callable[..., bool]:
    """Where an event is noted: the last thing in the transaction of a change, so nothing of it is committed."""
    return lambda _connection, _now, said, *_more: bool(said == what)


def _books(_calls: Any, _note: bytes, _old_size: int, _proof: Any, leaves: Any) -> bool:
    """Whether these are the leaves of a booking, and not those that a new member begins with."""
    return any(b'"type":"spend"' in leaf for leaf in leaves)


def node(point: str) -> None:
    """Arms a point of the node's program."""
    from node.membership import settings as membership
    from node.network import joining, rounds
    from node.release import book
    from node.wire.federation import Federation
    from node.wire.ledger import WitnessCalls

    if point in BOOKING:
        book.release = partial(book.release, step=lambda at: _die() if at == point else None)
        return
    {
        "witnessing": lambda: _before(WitnessCalls, "witness", _books),
        "witnessed": lambda: _after(WitnessCalls, "witness"),
        "sending": lambda: _before(Federation, "submit"),
        "sent": lambda: _before(rounds, "mark_sent"),
        "marked": lambda: _after(rounds, "mark_sent"),
        "asking to join": lambda: _before(joining, "enrol"),
        "joined": lambda: _after(joining, "enrol"),
        "ledger continued": lambda: _after(joining, "_continue_ledger"),
        "ledger cosigned": lambda: _after(joining, "_witness"),
        "founded": lambda: _before(membership, "write"),
        "key made": lambda: _before(Federation, "publish_commitment"),
        "key published": lambda: _after(Federation, "publish_commitment"),
    }[point]()


def coordinator(point: str) -> None:
    """Arms a point of the coordinator's program."""
    from coordinator.ledgers import witness
    from coordinator.members import enrol
    from coordinator.publish import publishing
    from coordinator.rounds import states, submissions
    from coordinator.service import enrolment, ledger

    {
        "enrolling": lambda: _before(enrol, "note", _says("member.enrolled")),
        "enrolled": lambda: _after(enrolment, "enrol"),
        "cosigning": lambda: _before(witness, "noted", _says("ledger.witnessed")),
        "cosigned": lambda: _after(ledger, "witness"),
        "taking a release": lambda: _before(submissions, "note", _says("round.released")),
        "release taken": lambda: _after(submissions, "submit"),
        "closing": lambda: _before(states, "note", _says("round.closed")),
        "publishing": lambda: _before(publishing, "note", _says("benchmark.published")),
        "published": lambda: _after(publishing, "publish_round"),
    }[point]()


if __name__ == "__main__":
    program, point = sys.argv[1:3]
    sys.argv[1:] = sys.argv[3:]
    if program == "node":
        node(point)
        from node.cli.main import main
    else:
        coordinator(point)
        from coordinator.cli.main import main
    main()
