"""kudos-node selfassess: how far the institution says it has come in working with its customers."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.selfassess.file import Kept

# As `privacy.sharing.assessment` has them, which takes time to load that --help need not.
_LEVEL = click.Choice(["starter", "beginner", "native", "business", "champion", "1", "2", "3", "4", "5"])
DRIVERS = {
    "leadership": "leadership and management",
    "planning": "planning and implementation",
    "systems": "systems and IT",
    "analysis": "analysis, measurement and evaluation",
}


@click.group()
@output.home_option
def command() -> None:
    """Say how far your institution has come in working with its customers, and see it over time.

    Five levels (starter, beginner, native, business, champion) on four drivers. It stays on this machine, unless your
    policy shares it: kudos-node selfassess share on
    """


@command.command("set")
@click.option("--leadership", type=_LEVEL, help="Leadership and management.")
@click.option("--planning", type=_LEVEL, help="Planning and implementation.")
@click.option("--systems", type=_LEVEL, help="Systems and IT.")
@click.option("--analysis", type=_LEVEL, help="Analysis, measurement and evaluation.")
@click.option("--note", default="", help="What it rests on; never shared.")
@output.common
def set_(note: str, **said: str | None) -> None:
    """Say today's levels. A driver that is left out stays on its last level.

    \b
    Example:  kudos-node selfassess set --leadership native --planning beginner --systems 2 --analysis 1
    """
    from node.selfassess.file import add, kept
    from privacy.sharing.assessment import level

    home = output.state.home
    home.settings()
    before = kept(home)
    levels = dict(before[-1].assessment.levels) if before else {}
    levels |= {driver: level(text) for driver, text in said.items() if text is not None}
    new = add(home, levels, note, datetime.now(UTC))
    if output.state.as_json:
        output.emit(as_json(new))
        return
    _table([new])
    output.say("Kept on this machine. Over time: kudos-node selfassess show")


@command.command()
@output.common
def show() -> None:
    """Show your levels over time, and those of the cohorts where at least five members share theirs."""
    from node.membership.settings import joined, membership
    from node.network import assessments
    from node.selfassess.file import kept

    home = output.state.home
    home.settings()
    every = kept(home)
    found = assessments.distribution(home, membership(home)) if joined(home) else None
    shared = assessments.shares(home)
    if output.state.as_json:
        output.emit(
            {
                "assessments": [as_json(each) for each in every],
                "shared": shared,
                "made": found.made.isoformat() if found else None,
                "cohorts": [
                    {
                        "cohort": each.cohort,
                        "members": each.members,
                        "levels": {driver: list(counts) for driver, counts in each.levels.items()},
                    }
                    for each in (found.cohorts if found else ())
                ],
            }
        )
        return
    if not every:
        output.say("Nobody has said a level here yet: kudos-node selfassess set")
    else:
        _table(every)
    output.say(
        f"Shared with the network: {'yes' if shared else 'no'}, by your policy. kudos-node selfassess share on|off"
    )
    if found is None:
        output.say("Nothing is published of the others: at least five members must share theirs.")
        return
    from privacy.sharing.assessment import LEVELS

    for each in found.cohorts:
        output.say()
        output.say(f"{each.cohort}: {each.members} members, by {found.made:%Y-%m-%d}")
        rows = [(DRIVERS[driver], *map(str, counts)) for driver, counts in each.levels.items()]
        output.table(["", *(f"{name}>" for name in LEVELS)], rows)


@command.command()
@click.argument("on", type=click.Choice(["on", "off"]))
@output.common
def share(on: str) -> None:
    """Have your policy share the newest self-assessment with the network, or not.

    NPU then sees yours. It publishes how many members of a cohort are on which level, where at least five share theirs.
    The next `kudos-node run` shares it, or takes it back.
    """
    from node.home import write_private
    from privacy.budget import policy_file

    home = output.state.home
    home.settings()
    policy_file.read(home.policy_file)
    text = home.policy_file.read_text(encoding="utf-8")
    write_private(home.policy_file, policy_file.share_self_assessment(text, on=on == "on").encode())
    if output.state.as_json:
        output.emit({"shared": on == "on"})
        return
    output.say(
        f"Your policy {'shares' if on == 'on' else 'does not share'} your self-assessment, from the next turn on."
    )


def as_json(each: "Kept") -> dict[str, object]:
    """A self-assessment for programs."""
    return {"made": each.assessment.made.isoformat(), "levels": dict(each.assessment.levels), "note": each.note}


def _table(every: "list[Kept] | tuple[Kept, ...]") -> None:
    from privacy.sharing.assessment import LEVELS

    rows = [
        (
            f"{each.assessment.made:%Y-%m-%d}",
            *(f"{each.assessment.levels[driver]} {LEVELS[each.assessment.levels[driver] - 1]}" for driver in DRIVERS),
            each.note,
        )
        for each in every
    ]
    output.table(["said", *DRIVERS.values(), "note"], rows)
