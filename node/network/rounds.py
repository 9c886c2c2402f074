"""The rounds that a node was asked to take part in: what was announced, what was decided here, what was sent.

A folder per round holds `announcement` (the signed bytes, which never change), `decision` (approved or declined),
`sent` (the digest that the coordinator confirmed) and `told` (its last word on where the round stands, for people).
That of a round of cross-use also has `sketched` (the digest of the sealed sketch that the coordinator confirmed), and
what `node.network.sealed` and `node.network.markets` keep there.

What is damaged in one folder concerns that round alone. An announcement heals, for it is signed; a decision that
cannot be read is no leave to answer, and is asked for again.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from node.errors import FileDamaged
from node.home import Home, write_private
from node.membership.errors import CoordinatorContradicts, NoSuchRound, RosterRefused
from node.membership.settings import Files, Membership, joined, membership
from node.membership.tls import sealing_key
from node.network.kept import damaged, set_aside, whole
from node.network.roster import check_roster
from node.network.told import Told, checked
from privacy.errors import KudosError
from privacy.rounds.announcement import ROUND, Announcement, read
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import load_signing_key

APPROVED, DECLINED, SKETCHED = "approved", "declined", "sketched"

_DECISION = re.compile(f"{APPROVED}|{DECLINED}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Round:
    """A round as this node has it. `decision`, `sent`, `told` and `sketched` are None where there is none."""

    announcement: Announcement
    decision: str | None
    sent: str | None
    told: Told | None
    sketched: str | None = None

    @property
    def name(self) -> str:
        """The round's name."""
        return self.announcement.round

    def over(self, now: datetime) -> bool:
        """Whether its deadline has passed."""
        return now > self.announcement.deadline

    def status(self, now: datetime) -> str:
        """In one word for people: sent, declined, sketched, approved, missed or waiting.

        Missed is a round that is over, by its deadline or by the coordinator's last word, and that nothing was sent to;
        sketched one of cross-use that has this node's sketch, and waits for its counts.
        """
        if self.sent:
            return "sent"
        if self.decision == DECLINED:
            return DECLINED
        if self.over(now) or (self.told is not None and not self.told.live):
            return "missed"
        if self.sketched:
            return SKETCHED
        return "missed" if self.sketches_over(now) else self.decision or "waiting"

    def sketches_over(self, now: datetime) -> bool:
        """Whether it is a round of cross-use that takes no sketches any more."""
        until = self.announcement.sketch_deadline
        return until is not None and now > until

    @property
    def answer_by(self) -> datetime:
        """Until when somebody here must have said yes: the deadline, or that of the sketches."""
        return self.announcement.sketch_deadline or self.announcement.deadline

    def next_deadline(self, now: datetime) -> datetime:
        """The next deadline for this node: of cross-use that of the sketches, until it sent one or they are over."""
        return self.announcement.deadline if self.sketched or self.sketches_over(now) else self.answer_by


@dataclass(frozen=True)
class Looked:
    """What there is: the rounds, the one with the latest deadline first, and why others cannot be read."""

    rounds: list[Round]
    faults: list[KudosError]


MOST_ROUNDS = 2_000
"""Rounds that a node keeps: a century of a busy network."""


def _unsaid(_text: str) -> None:
    """Nobody listens."""


def take_in(
    home: Home, network: Membership, envelope: bytes, *, live: bool = True, say: Callable[[str], None] = _unsaid
) -> Round:
    """Keeps an announcement that the coordinator sent, once it is verified.

    Where the one that is kept has been damaged here, it is set aside, and `say` told. Raises FileDamaged for a round
    whose decision or digest cannot be read; BadAnnouncement where it is not the coordinator's, CoordinatorContradicts
    where it is another than the one known under that name or of another network, and, for a `live` round, RosterRefused
    where it does not seat this node under the keys that it has now: one that is over asks for nothing any more.
    """
    announcement = read(envelope, network.verifier)
    if announcement.coordinator != network.trust_domain:
        raise CoordinatorContradicts(
            f"Round {announcement.round} is one of {announcement.coordinator}, not of this network. Ask its operator."
        )
    if live:
        _check_seat(home, network, announcement)
    file = folder_of(home, announcement.round) / "announcement"
    first = file.read_bytes() if file.exists() else None
    if first is not None and first != envelope:
        if whole(ROUND, first, network.verifier):
            raise CoordinatorContradicts(
                f"The coordinator announces round {announcement.round} anew with other contents. This node keeps to "
                "the first; ask the coordinator why."
            )
        say(set_aside(file))
        first = None
    if first is None:
        _check_room(home, announcement.round)
        write_private(file, envelope)
    return _round(file.parent, announcement)


def _check_room(home: Home, name: str) -> None:
    """Raises CoordinatorContradicts where more rounds are kept than any network has held: a disk would fill."""
    if len(list(Files(home).rounds.glob("*"))) >= MOST_ROUNDS:
        raise CoordinatorContradicts(
            f"The coordinator announces round {name}, and this node keeps {MOST_ROUNDS} rounds already: no network "
            "holds so many. Ask its operator. To make room, move old folders out of rounds/."
        )


def _check_seat(home: Home, network: Membership, announcement: Announcement) -> None:
    seat = announcement.seat(network.id)
    signing = public_key_text(load_signing_key(home.signing_key_file).public_key())
    sealing = sealing_key(Files(home).sealing_key).public_key().public_bytes_raw().hex()
    if seat is None or (seat.signing_key, seat.sealing_key) != (signing, sealing):
        raise RosterRefused(
            f"The roster of round {announcement.round} does not seat this node under its own keys. Nothing is sent; "
            "ask the coordinator."
        )
    wrong = check_roster(home, announcement.roster, network.id)
    if wrong is not None:
        raise RosterRefused(
            f"Round {announcement.round} is refused: {wrong}. Nothing is sent. See: kudos-node identity status"
        )


def find(home: Home, network: Membership, name: str, *, to_decide: bool = False) -> Round:
    """A round that this node knows. With `to_decide` a damaged decision is as good as none: a new one follows.

    Raises NoSuchRound; FileDamaged where something of it is damaged; BadAnnouncement for one that another version of
    Kudos has kept, and this one cannot read.
    """
    return _round(folder_of(home, name), announced(home, network, name), to_decide=to_decide)


def announced(home: Home, network: Membership, name: str) -> Announcement:
    """The announcement of a round that this node knows. Raises as `find`."""
    return as_announced(home, network, name)[0]


def as_announced(home: Home, network: Membership, name: str) -> tuple[Announcement, bytes]:
    """The announcement of a round that this node knows, and its signed bytes. Raises as `find`."""
    file = folder_of(home, name) / "announcement"
    try:
        envelope = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchRound(f"This node knows no round {name}. What there is: kudos-node rounds") from error
    except OSError as error:
        raise FileDamaged(f"{file} cannot be read ({error.strerror}). Let your account read it.") from error
    if not whole(ROUND, envelope, network.verifier):
        raise damaged(file)
    announcement = read(envelope, network.verifier)
    if announcement.round != name:
        raise FileDamaged(f"{file} is of round {announcement.round}. Remove it: kudos-node run --once fetches its own.")
    return announcement, envelope


def _round(folder: Path, announcement: Announcement, *, to_decide: bool = False) -> Round:
    decision = None if to_decide else _word(folder / "decision", _DECISION, _decide_anew(announcement.round))
    again = "Remove it: the coordinator says again what it has."
    sent, sketched = (_word(folder / name, _DIGEST, again) for name in ("sent", "sketched"))
    return Round(announcement, decision, sent, _told(folder / "told"), sketched)


def _decide_anew(name: str) -> str:
    return f"Nothing is sent meanwhile. Decide anew: kudos-node decline {name}; after that you may still approve."


def asked_by_round(home: Home, name: str) -> Announcement | None:
    """What a round of that name asks for; None where this node knows none of that name."""
    if not joined(home) or not name.replace("-", "").isalnum() or not (Files(home).rounds / name).is_dir():
        return None
    return announced(home, membership(home), name)


def look(home: Home, network: Membership) -> Looked:
    """Every round that this node knows, and what is the matter with those that cannot be read."""
    found: list[Round] = []
    faults: list[KudosError] = []
    for file in sorted(Files(home).rounds.glob("*/announcement")):
        try:
            found.append(find(home, network, file.parent.name))
        except KudosError as error:
            faults.append(error)
    found.sort(key=lambda each: (each.announcement.deadline, each.name), reverse=True)
    return Looked(found, faults)


def listed(home: Home, network: Membership) -> list[Round]:
    """Every round that this node knows and can read, the one with the latest deadline first."""
    return look(home, network).rounds


def decide(home: Home, round_name: str, decision: str) -> None:
    """Keeps what was decided about a round. The latest decision counts, until something is sent."""
    _write(folder_of(home, round_name) / "decision", decision)


def mark_sent(home: Home, round_name: str, digest: str) -> None:
    """Keeps that the coordinator has the release with this digest."""
    _write(folder_of(home, round_name) / "sent", digest)


def mark_sketched(home: Home, round_name: str, digest: str) -> None:
    """Keeps that the coordinator has the sealed sketch whose header has this digest."""
    _write(folder_of(home, round_name) / "sketched", digest)


def note_told(home: Home, known: Round, state: str, reason: str) -> Round:
    """Keeps the coordinator's word on where a round stands, as far as it can be one, and gives the round with it."""
    told = checked(state, reason)
    if told is None or told == known.told:
        return known
    content = {"state": told.state, "reason": told.reason, "time": datetime.now(UTC).isoformat(timespec="seconds")}
    write_private(folder_of(home, known.name) / "told", json.dumps(content).encode())
    return replace(known, told=told)


def folder_of(home: Home, name: str) -> Path:
    """The folder of a round. Raises NoSuchRound for what is no name of one."""
    if not name or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name):
        raise NoSuchRound(f"{name!r} is no name of a round. What there is: kudos-node rounds")
    return Files(home).rounds / name


def _write(file: Path, word: str) -> None:
    content = {"word": word, "time": datetime.now(UTC).isoformat(timespec="seconds")}
    write_private(file, json.dumps(content).encode())


def _word(file: Path, form: re.Pattern[str], do: str) -> str | None:
    """The word in a file; None where there is none. Raises FileDamaged for one that was not written here."""
    try:
        word = json.loads(file.read_text(encoding="utf-8"))["word"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileDamaged(f"{file} is damaged. {do}") from error
    if not isinstance(word, str) or not form.fullmatch(word):
        raise FileDamaged(f"{file} is damaged. {do}")
    return word


def _told(file: Path) -> Told | None:
    """What was kept; None also where it is damaged: the coordinator says it again."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return checked(found["state"], found["reason"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
