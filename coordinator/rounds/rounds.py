"""Rounds: opened over a frozen roster with a signed announcement, closed by their deadline or by the operator."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select

from coordinator.errors import RoundExists, StaleStage, TooFewMembers, TooManyRounds, UsageError
from coordinator.office import Office
from coordinator.rounds.opening import check_stages, check_words
from coordinator.rounds.roster import seated
from coordinator.rounds.stages import Stage, stage
from coordinator.rounds.states import step, unknown
from coordinator.rounds.studies import StudyText, keep
from coordinator.store.engine import Record, Store
from coordinator.store.events import moment, note, seconds
from coordinator.store.tables import declines, markets, roster, rounds, sketches, studies, submissions
from privacy.bounds.windows import Window, window_of
from privacy.rounds.announcement import Announcement, announce
from privacy.rounds.states import LIVE, LONGEST_REASON, State
from privacy.sketch.buckets import epoch_of
from privacy.studies.cross_use import MOST_MEMBERS, CrossUseStudy

MOST_LIVE = 64
"""Rounds that members are asked for at once."""


@dataclass(frozen=True)
class Round:
    """A round as the store has it. `releases` of the `asked` members are there; `ended` is None while it is live.

    One of cross-use has a `sketch_deadline`, `sketches` of so many members, and once these are handed out a `market`.
    """

    id: str
    state: State
    study: str
    study_version: int
    study_digest: str
    window: Window
    opened: datetime
    deadline: datetime
    quorum: int
    asked: int
    releases: int
    ended: datetime | None
    reason: str | None
    sketch_deadline: datetime | None
    sketches: int
    market: datetime | None

    @property
    def stage(self) -> Stage | None:
        """What a live round of cross-use takes now."""
        return stage(self.state, cross_use=self.sketch_deadline is not None, has_market=self.market is not None)


def open_round(
    office: Office,
    study: StudyText,
    window_last: date,
    deadline: datetime,
    now: datetime,
    quorum: int | None = None,
    round_id: str | None = None,
    sketch_deadline: datetime | None = None,
) -> Round:
    """Opens a round of a study over the year or the quarter to `window_last`, for every active member.

    The roster is frozen, the announcement signed and stored, in one transaction. Without `round_id` it is named for
    study and window. `quorum` (without one, the study's `min_members`) is how many members it needs at the least to be
    opened, how many releases to be closed before the deadline, and of cross-use how many sketches to be counted at all.
    A round of cross-use, and no other, has a `sketch_deadline`. Opening the same again gives the round that is there.
    Raises UsageError for a window or a deadline that cannot be, TooFewMembers, TooManyRounds, and RoundExists for
    another round of that name, or another live one of the same study and window.
    """
    now = now.replace(microsecond=0)
    deadline = deadline.replace(microsecond=0)
    sketch_deadline = None if sketch_deadline is None else sketch_deadline.replace(microsecond=0)
    needed = study.study.disclosure.min_members if quorum is None else quorum
    check_words(study.study, window_last, deadline, now, needed, round_id)
    check_stages(study.study, window_last, sketch_deadline, deadline, now, needed)
    window = window_of(study.study.period, window_last)
    with office.store.transaction() as connection:
        there = _same(connection, study, window, (sketch_deadline, deadline), needed, round_id)
        if there is not None:
            return there
        live = select(func.count()).select_from(rounds).where(rounds.c.state.in_(sorted(LIVE)))
        if connection.execute(live).scalar_one() >= MOST_LIVE:
            raise TooManyRounds(
                f"There are {MOST_LIVE} rounds under way already, and members answer no more at once. Close or abort "
                "one first. See: kudos-coordinator round list"
            )
        name = round_id or _free_name(connection, f"{study.study.name[:50]}-{window_last:%Y-%m}")
        seats = seated(connection)
        if not seats:
            raise TooFewMembers(
                "Nobody has joined yet, and a round asks members that have. Invite them: kudos-coordinator member "
                "invite --name … --industry … --county …"
            )
        if len(seats) < needed:
            raise TooFewMembers(
                f"The round needs {needed} active members, and there are {len(seats)}. Members would spend of their "
                f"budgets for nothing. Invite more, or try it out with --quorum {max(1, len(seats))}: with so few "
                "nothing is shown."
            )
        if sketch_deadline is not None and len(seats) > MOST_MEMBERS:
            raise UsageError(
                f"There are {len(seats)} active members, and a round of cross-use asks {MOST_MEMBERS} at the most: "
                "each counts against the sketches of all others."
            )
        announcement = Announcement(
            coordinator=office.trust_domain,
            round=name,
            study=study.study,
            study_text=study.text,
            window=window,
            opened=now,
            deadline=deadline,
            roster=tuple(seat for seat, _ in seats),
            sketch_deadline=sketch_deadline,
        )
        keep(connection, study, now)
        connection.execute(
            insert(rounds).values(
                id=name,
                state=State.OPEN,
                study=study.study.digest,
                window_first=window.first.isoformat(),
                window_last=window.last.isoformat(),
                opened=seconds(now),
                deadline=seconds(deadline),
                quorum=needed,
                announcement=announce(announcement, office.signing_key),
                sketch_deadline=None if sketch_deadline is None else seconds(sketch_deadline),
            )
        )
        connection.execute(
            insert(roster),
            [
                {"round": name, "member": seat.member, "signing_key": seat.signing_key, "ledger": ledger}
                for seat, ledger in seats
            ],
        )
        note(connection, now, "round.open", name, f"{len(seats)} members")
        return _get(connection, name)


def published_before(store: Store, study: StudyText, window_last: date) -> tuple[str, ...]:
    """The published rounds that a further one is held against whatever its study, oldest first.

    Those of cross-use of a year are held against each other, and all others of a window. None where a live round of the
    study stands in the way of a further one.
    """
    window = window_of(study.study.period, window_last)
    if isinstance(study.study, CrossUseStudy):
        same = rounds.c.sketch_deadline.is_not(None) & rounds.c.window_last.startswith(f"{epoch_of(window)}-")
    else:
        first, last = window.first.isoformat(), window.last.isoformat()
        same = rounds.c.sketch_deadline.is_(None) & (rounds.c.window_first == first) & (rounds.c.window_last == last)
    query = select(rounds.c.id, rounds.c.state, rounds.c.study).where(same)
    with store.reading() as connection:
        found = connection.execute(query.order_by(rounds.c.opened, rounds.c.id)).all()
    if any(row.state in LIVE and row.study == study.study.digest for row in found):
        return ()
    return tuple(row.id for row in found if row.state == State.PUBLISHED)


def close(store: Store, round_id: str, now: datetime) -> Round:
    """Closes a round: after its deadline whatever it has, before it with its quorum of releases.

    Raises UnknownRound, TooFewMembers, and StaleStage, also for a round of cross-use that nobody could count for.
    """
    with store.transaction() as connection:
        found = _get(connection, round_id)
        if found.stage is Stage.SKETCH:
            raise StaleStage(
                f"Round {round_id} still takes sketches, and nobody has counted. To have the sketches counted that are "
                f"there: kudos-coordinator round next {round_id}. To end it: kudos-coordinator round abort {round_id} "
                "--reason TEXT"
            )
        if found.state in LIVE and now < found.deadline and found.releases < found.quorum:
            raise TooFewMembers(
                f"Round {round_id} has {found.releases} of the {found.quorum} releases that it needs to be closed "
                f"before its deadline, {found.deadline:%Y-%m-%d %H:%M} UTC. Wait, or abort it."
            )
        _close(connection, found, now)
        return _get(connection, round_id)


def close_due(store: Store, now: datetime) -> tuple[str, ...]:
    """Closes every live round whose deadline is over, whatever it has, and says which. For the server's loop.

    But a round of cross-use that has no market: nobody could count, and `coordinator.cross_use.markets` aborts it.
    """
    may_count = rounds.c.sketch_deadline.is_(None) | rounds.c.id.in_(select(markets.c.round))
    due = rounds.c.state.in_(sorted(LIVE)), rounds.c.deadline <= seconds(now), may_count
    with store.reading() as connection:
        if connection.execute(select(rounds.c.id).where(*due)).first() is None:
            return ()
    with store.transaction() as connection:
        names = [row.id for row in connection.execute(select(rounds.c.id).where(*due).order_by(rounds.c.id))]
        for name in names:
            _close(connection, _get(connection, name), now)
    return tuple(names)


def next_deadline(store: Store) -> datetime | None:
    """The nearest deadline of a round that still takes answers or sketches; None where there is none."""
    live = rounds.c.state.in_(sorted(LIVE))
    of_sketches = select(func.min(rounds.c.sketch_deadline)).where(live, rounds.c.id.not_in(select(markets.c.round)))
    with store.reading() as connection:
        found = [
            connection.execute(query).scalar()
            for query in (select(func.min(rounds.c.deadline)).where(live), of_sketches)
        ]
    return min((moment(each) for each in found if each is not None), default=None)


def abort(store: Store, round_id: str, reason: str, now: datetime) -> Round:
    """Ends a round without publication; what members have spent is not refunded, and stays theirs for another round.

    Raises UnknownRound, StaleStage where it is published, UsageError for a reason of no or of too many words.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise UsageError(
            f"Say why in 1 to {LONGEST_REASON} printable characters, in one line: members and auditors read it."
        )
    with store.transaction() as connection:
        step(connection, round_id, State.ABORTED, now, reason)
        return _get(connection, round_id)


def listed(store: Store) -> tuple[Round, ...]:
    """All rounds, newest first."""
    with store.reading() as connection:
        return tuple(
            _round(row) for row in connection.execute(_QUERY.order_by(rounds.c.opened.desc(), rounds.c.id.desc()))
        )


def get(store: Store, round_id: str) -> Round:
    """One round. Raises UnknownRound."""
    with store.reading() as connection:
        return _get(connection, round_id)


def announcement(store: Store, round_id: str) -> bytes:
    """The signed announcement of a round. Raises UnknownRound."""
    with store.reading() as connection:
        found = connection.execute(select(rounds.c.announcement).where(rounds.c.id == round_id)).scalar()
    if found is None:
        raise unknown(round_id)
    return bytes(found)


def _same(
    connection: Connection,
    study: StudyText,
    window: Window,
    deadlines: tuple[datetime | None, datetime],
    quorum: int,
    round_id: str | None,
) -> Round | None:
    """The round that the same words have opened; None where there is none. Raises RoundExists for one in the way."""
    asked = (study.study.digest, window, *deadlines, quorum)
    query = _QUERY.where((rounds.c.id == round_id) | rounds.c.state.in_(sorted(LIVE)))
    for found in map(_round, connection.execute(query.order_by(rounds.c.id))):
        named = found.id == round_id
        in_the_way = found.state in LIVE and (found.study_digest, found.window) == (study.study.digest, window)
        said = (found.study_digest, found.window, found.sketch_deadline, found.deadline, found.quorum)
        if said == asked and (named or (in_the_way and round_id is None)):
            return found
        if named or in_the_way:
            raise RoundExists(
                f"There is the round {found.id} already ({found.state}, {found.study}, {found.window}). Use it, close "
                "or abort it first, or give another name: --id"
            )
    return None


def _free_name(connection: Connection, wanted: str) -> str:
    taken = set(
        connection.execute(select(rounds.c.id).where(rounds.c.id.startswith(wanted, autoescape=True))).scalars()
    )
    return next(name for name in (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _close(connection: Connection, found: Round, now: datetime) -> None:
    if found.state is State.OPEN:  # nobody has answered: the way is the same
        step(connection, found.id, State.COLLECTING, now)
    step(connection, found.id, State.CLOSED, now)


_WITHDRAWN = (declines.c.round == sketches.c.round) & (declines.c.member == sketches.c.member)
_SKETCHES = (
    select(func.count())
    .select_from(sketches)
    .where(sketches.c.round == rounds.c.id, ~select(declines.c.member).where(_WITHDRAWN).exists())
    .scalar_subquery()
)
"""Those of members that have declined since are in no market."""
_MARKET = select(markets.c.made).where(markets.c.round == rounds.c.id).scalar_subquery()
_ASKED = select(func.count()).select_from(roster).where(roster.c.round == rounds.c.id).scalar_subquery()
_RELEASES = select(func.count()).select_from(submissions).where(submissions.c.round == rounds.c.id).scalar_subquery()
_QUERY = select(
    rounds.c.id,
    rounds.c.state,
    studies.c.name.label("study"),
    studies.c.version.label("study_version"),
    studies.c.digest.label("study_digest"),
    rounds.c.window_first,
    rounds.c.window_last,
    rounds.c.opened,
    rounds.c.deadline,
    rounds.c.quorum,
    _ASKED.label("asked"),
    _RELEASES.label("releases"),
    rounds.c.ended,
    rounds.c.reason,
    rounds.c.sketch_deadline,
    _SKETCHES.label("sketches"),
    _MARKET.label("market"),
).join_from(rounds, studies)


def _get(connection: Connection, round_id: str) -> Round:
    row = connection.execute(_QUERY.where(rounds.c.id == round_id)).first()
    if row is None:
        raise unknown(round_id)
    return _round(row)


def _round(row: Record) -> Round:
    return Round(
        id=row.id,
        state=State(row.state),
        study=row.study,
        study_version=row.study_version,
        study_digest=row.study_digest,
        window=Window(date.fromisoformat(row.window_first), date.fromisoformat(row.window_last)),
        opened=moment(row.opened),
        deadline=moment(row.deadline),
        quorum=row.quorum,
        asked=row.asked,
        releases=row.releases,
        ended=None if row.ended is None else moment(row.ended),
        reason=row.reason,
        sketch_deadline=None if row.sketch_deadline is None else moment(row.sketch_deadline),
        sketches=row.sketches,
        market=None if row.market is None else moment(row.market),
    )
