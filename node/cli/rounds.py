"""kudos-node rounds: what the network has asked this node for."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.kinds import counts_to_come, needs_leave

if TYPE_CHECKING:
    from node.membership.settings import Membership
    from node.network.rounds import Round


@click.command()
@output.common
def command() -> None:
    """List the rounds that have asked for a release: what, over which window, until when, and what became of it.

    They come, and are told to be closed, published or aborted, when the agent has asked: kudos-node run --once
    """
    from node.membership.settings import membership
    from node.network import rounds
    from privacy.budget import policy_file

    network = membership(output.state.home)
    now = datetime.now(UTC)
    looked = rounds.look(output.state.home, network)
    found = looked.rounds
    for fault in looked.faults:
        output.complain(f"A round cannot be shown: {fault}")
    if output.state.as_json:
        output.emit({"rounds": [_json(each, now) for each in found]})
        return
    if not found and not looked.faults:
        output.say("No round has asked for anything yet. To look again: kudos-node run --once")
        return
    if found:
        _table(found, now)
    _aborted(found, network)
    _counts(found, now)
    waiting = next((each for each in found if each.status(now) == "waiting"), None)
    if waiting:
        output.say(f"What it would hold: kudos-node review {waiting.name}")
        if needs_leave(policy_file.read(output.state.home.policy_file), waiting.announcement.study):
            output.say(f"If you agree:       kudos-node policy allow {waiting.name}")


_SKETCHED = "sketched"
"""The status of a round of cross-use that has this node's sketch (`node.network.rounds`)."""

_WHOLE = 100
"""In a narrower window every cell has two lines, so that no name, day or number is broken in two."""


def _table(found: "list[Round]", now: datetime) -> None:
    between = " " if output.voice.console().width >= _WHOLE else "\n"
    output.table(
        ("round", "study", "window", "until (UTC)", "members>", "here"),
        (
            (
                each.name,
                each.announcement.study.name,
                f"{each.announcement.window.first} –{between}{each.announcement.window.last}",
                f"{each.next_deadline(now):%Y-%m-%d}{between}{each.next_deadline(now):%H:%M}",
                str(len(each.announcement.roster)),
                _here(each, now).replace(", ", f",{between}"),
            )
            for each in found
        ),
    )


def _here(each: "Round", now: datetime) -> str:
    """What became of a round here, and of the round itself where it takes nothing any more."""
    status = each.status(now)
    if status == _SKETCHED:
        status = "sketch sent, counts to come"
    elif each.announcement.sketch_deadline and status == "sent":
        status = "sent and counted"
    elif each.sketched and status == "missed":
        status = "sketch sent, no counts"
    if each.told is None or each.told.live:
        return status
    if each.told.state == "aborted":  # nothing was missed
        status = {"missed": "", "sketch sent, no counts": "sketch sent"}.get(status, status)
        return f"{status}, aborted" if status else "aborted"
    return f"{status}, {each.told.state}"


def _counts(found: "list[Round]", now: datetime) -> None:
    """What a round of cross-use waits for that has this node's sketch."""
    for each in found:
        if each.status(now) == _SKETCHED:
            output.prose(f"Round {each.name} has your sketch. {counts_to_come(each, now)}")


def _aborted(found: "list[Round]", network: "Membership") -> None:
    """Why rounds were aborted, and what became of what they were sent."""
    for each in found:
        if each.told is None or each.told.state != "aborted":
            continue
        kept = (
            " What you sent stays paid for: another round of the same study and months gets it at no further cost."
            if each.sent
            else " Your sketch stays paid for: every other round of the same year gets it at no further cost."
            if each.sketched
            else ""
        )
        output.prose(f"Round {each.name} was {each.told.ended(network.trust_domain)}.{kept}")


def _json(each: "Round", now: datetime) -> dict[str, object]:
    said = each.announcement
    return {
        "round": each.name,
        "study": said.study.name,
        "digest": said.study.digest,
        "window": {"first": said.window.first.isoformat(), "last": said.window.last.isoformat()},
        "deadline": said.deadline.isoformat(),
        "sketch_deadline": said.sketch_deadline.isoformat() if said.sketch_deadline else None,
        "members": len(said.roster),
        "status": each.status(now),
        "state": each.told.state if each.told else None,
        "reason": each.told.reason if each.told else None,
    }
