"""kudos-node rounds: what the network has asked this node for."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.membership.settings import Membership
    from node.network.rounds import Round


@click.command()
@output.common
def command() -> None:
    """List the rounds that have asked for a release: what, over which window, until when, and what became of it.

    They come, and are told to be closed, published or aborted, when the agent has asked: kudos-node run --once
    """
    from node.cli.allowing import allows
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
    waiting = next((each for each in found if each.status(now) == "waiting"), None)
    if waiting:
        output.say(f"What it would hold: kudos-node review {waiting.name}")
        if not allows(policy_file.read(output.state.home.policy_file), waiting.announcement.study):
            output.say(f"If you agree:       kudos-node policy allow {waiting.name}")


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
                f"{each.announcement.deadline:%Y-%m-%d}{between}{each.announcement.deadline:%H:%M}",
                str(len(each.announcement.roster)),
                _here(each, now).replace(", ", f",{between}"),
            )
            for each in found
        ),
    )


def _here(each: "Round", now: datetime) -> str:
    """What became of a round here, and of the round itself where it takes nothing any more."""
    status = each.status(now)
    if each.told is None or each.told.live:
        return status
    if each.told.state == "aborted" and status == "missed":  # nothing was missed
        return "aborted"
    return f"{status}, {each.told.state}"


def _aborted(found: "list[Round]", network: "Membership") -> None:
    """Why rounds were aborted, and what became of what they were sent."""
    for each in found:
        if each.told is None or each.told.state != "aborted":
            continue
        kept = (
            " What you sent stays paid for: another round of the same study and months gets it at no further cost."
            if each.sent
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
        "members": len(said.roster),
        "status": each.status(now),
        "state": each.told.state if each.told else None,
        "reason": each.told.reason if each.told else None,
    }
