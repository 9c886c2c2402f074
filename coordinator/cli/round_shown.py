"""How a round is shown: where it stands, who has answered, who is late for what, and when each stage ends."""

from typing import TYPE_CHECKING

from coordinator.cli import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coordinator.rounds.rounds import Round
    from coordinator.rounds.submissions import Answer

SKETCH = "sketch"
"""The stage in which a round of cross-use takes sketches (`coordinator.rounds.stages`)."""


def show_all(rounds: "Sequence[Round]") -> None:
    """A line of each round; of cross-use with what it takes now, and until when."""
    output.table(
        ["round", "study", "window", "state", "releases>", "deadline"],
        [
            (
                each.id,
                each.study,
                str(each.window),
                f"{each.state} ({each.stage})" if each.stage else each.state,
                f"{each.sketches} of {each.asked} sketches"
                if each.stage == SKETCH
                else f"{each.releases} of {each.asked}",
                output.utc(each.sketch_deadline if each.stage == SKETCH else each.deadline),
            )
            for each in rounds
        ],
    )


def show(shown: "Round", answers: "Sequence[Answer]") -> None:
    """A round and its members."""
    if output.state.as_json:
        output.emit({**as_json(shown), "members": [_answer(each) for each in answers]})
        return
    if shown.sketch_deadline is not None:
        _show_cross_use(shown, answers)
        return
    output.say(
        f"Round {shown.id} is {shown.state}: {shown.study}, {shown.window}, deadline {output.utc(shown.deadline)}"
    )
    _say_why(shown)
    output.table(
        ["member", "name", "status", "received"],
        [(each.member, each.name, _status(shown, each), output.utc(each.received)) for each in answers],
    )
    output.say(f"{shown.releases} of {output.things(shown.asked, 'release')}; the quorum is {shown.quorum}.")


def say_sketches(shown: "Round") -> None:
    """When each stage of a round of cross-use ends, or has ended."""
    if shown.market is not None:
        output.say(
            f"  sketches     {shown.sketches} of {shown.asked}; counted against since {output.utc(shown.market)}"
        )
    else:
        output.say(f"  sketches     until {output.utc(shown.sketch_deadline)}")
    output.say(f"  counts       until {output.utc(shown.deadline)}")


def _show_cross_use(shown: "Round", answers: "Sequence[Answer]") -> None:
    stage = f", which takes {'sketches' if shown.stage == SKETCH else 'counts'} now" if shown.stage else ""
    output.say(f"Round {shown.id} is {shown.state}{stage}: {shown.study}, {shown.window}")
    _say_why(shown)
    say_sketches(shown)
    output.table(
        ["member", "name", "status", "sketch", "count"],
        [
            (each.member, each.name, _status(shown, each), output.utc(each.sketched), output.utc(each.received))
            for each in answers
        ],
    )
    output.say(
        f"{shown.sketches} of {output.things(shown.asked, 'sketch', 'sketches')} and {shown.releases} of "
        f"{output.things(shown.sketches, 'count')}; the quorum is {shown.quorum}."
    )


def _say_why(shown: "Round") -> None:
    if shown.reason:
        output.say(f"  why, as its members are told: {shown.reason}")


def _status(shown: "Round", each: "Answer") -> str:
    """A member's part for people: of a round that was aborted nobody is late."""
    if (shown.state, each.status) == ("aborted", "late"):
        return "–"
    return f"late ({each.late_for})" if each.late_for else each.status


def _answer(each: "Answer") -> dict[str, object]:
    return {
        "member": each.member,
        "name": each.name,
        "status": each.status,
        "release_digest": each.release_digest,
        "received": output.json_time(each.received),
        "sketch_digest": each.sketch_digest,
        "sketched": output.json_time(each.sketched),
        "late_for": each.late_for,
    }


def as_json(each: "Round") -> dict[str, object]:
    """A round, for programs."""
    return {
        "id": each.id,
        "state": each.state,
        "study": each.study,
        "study_version": each.study_version,
        "study_digest": each.study_digest,
        "window_first": each.window.first.isoformat(),
        "window_last": each.window.last.isoformat(),
        "opened": output.json_time(each.opened),
        "deadline": output.json_time(each.deadline),
        "quorum": each.quorum,
        "asked": each.asked,
        "releases": each.releases,
        "ended": output.json_time(each.ended),
        "reason": each.reason,
        "sketch_deadline": output.json_time(each.sketch_deadline),
        "stage": each.stage,
        "sketches": each.sketches,
        "market": output.json_time(each.market),
    }
