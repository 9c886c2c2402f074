"""kudos-node rounds: what the network has asked this node for."""

from datetime import UTC, datetime

import click

from node.cli import output


@click.command()
@output.common
def command() -> None:
    """List the rounds that have asked for a release: what, over which window, until when, and what became of it.

    They come when the agent has asked for them: kudos-node run --once
    """
    from node.membership.settings import membership
    from node.network import rounds

    network = membership(output.state.home)
    now = datetime.now(UTC)
    found = rounds.listed(output.state.home, network)
    if output.state.as_json:
        output.emit(
            {
                "rounds": [
                    {
                        "round": each.name,
                        "study": each.announcement.study.name,
                        "digest": each.announcement.study.digest,
                        "window": {
                            "first": each.announcement.window.first.isoformat(),
                            "last": each.announcement.window.last.isoformat(),
                        },
                        "deadline": each.announcement.deadline.isoformat(),
                        "members": len(each.announcement.roster),
                        "status": each.status(now),
                    }
                    for each in found
                ]
            }
        )
        return
    if not found:
        output.say("No round has asked for anything yet. To look again: kudos-node run --once")
        return
    output.table(
        ("round", "study", "window", "until (UTC)", "members>", "here"),
        (
            (
                each.name,
                each.announcement.study.name,
                f"{each.announcement.window.first} – {each.announcement.window.last}",
                f"{each.announcement.deadline:%Y-%m-%d %H:%M}",
                str(len(each.announcement.roster)),
                each.status(now),
            )
            for each in found
        ),
    )
    waiting = next((each.name for each in found if each.status(now) == "waiting"), None)
    if waiting:
        output.say(f"What it would hold: kudos-node review {waiting}")
