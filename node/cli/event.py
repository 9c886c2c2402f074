"""kudos-node event: what happened here and when, to ask afterwards what it did."""

from datetime import date
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.output import things
from node.cli.twelve_months import day

if TYPE_CHECKING:
    from node.events.event import Event
    from node.home import Home

# As `node.events.event` has them, which takes time to load that --help need not.
KINDS = ("campaign", "price-change", "premiere", "other")


@click.group()
@output.home_option
def command() -> None:
    """Keep a list of events of your own: campaigns, changes of prices, premieres.

    The list stays on this machine; nothing of it is ever in a release. What an event did: kudos-node effect NAME
    """


@command.command()
@click.argument("name")
@click.option("--on", "on", required=True, type=output.Day(), help="The day on which it began.")
@click.option("--until", type=output.Day(), help="Its last day. Leave it out where it lasts, as a change of prices.")
@click.option("--kind", type=click.Choice(KINDS), default="other", show_default=True)
@click.option("--note", default="", help="What else you want to remember.")
@output.common
def add(name: str, on: date, until: date | None, kind: str, note: str) -> None:
    """Register an event by NAME.

    \b
    Examples:  kudos-node event add "Premiere Peer Gynt" --on 2025-03-01 --kind premiere
               kudos-node event add "Spring campaign" --on 2025-04-01 --until 2025-04-30 --kind campaign
    """
    from node.events.event import Event, Kind, tidied
    from node.events.file import add as added

    home = output.state.home
    home.settings()
    event = Event(tidied(name), on, until, Kind(kind), tidied(note))
    _check_time(home, event)
    added(home, event)
    if output.state.as_json:
        output.emit(as_json(event))
        return
    output.say(f"Registered: {event.name}, {_days(event)}. It stays here.")
    output.say(f'What it did, once benchmarks of the time are published: kudos-node effect "{event.name}"')


def _check_time(home: "Home", event: "Event") -> None:
    """Raises UsageError for an event from before the year of the oldest sale here, or more than two years ahead."""
    from node.errors import UsageError
    from node.store.database import opened
    from node.store.span import oldest_day, today

    now = today(home.settings().timezone)
    with opened(home, say=output.complain) as connection:
        oldest = oldest_day(connection)
    if oldest is not None and event.last.year < oldest.year:
        raise UsageError(
            f"{event.last} is before your oldest sale here, of {day(oldest)}: nothing could tell what it did. Correct "
            "the year, or import those years first."
        )
    if event.on.year > now.year + _YEARS_AHEAD:
        raise UsageError(f"{event.on} is more than {_YEARS_AHEAD} years ahead. Correct the year: --on")


_YEARS_AHEAD = 2
"""Seasons are planned so far ahead."""


@command.command("list")
@output.common
def list_() -> None:
    """List the events, oldest first."""
    from node.events.file import events

    home = output.state.home
    home.settings()
    found = events(home)
    if output.state.as_json:
        output.emit([as_json(each) for each in found])
        return
    if not found:
        output.say("No event is registered. To register one: kudos-node event add NAME --on YYYY-MM-DD")
        return
    output.table(
        ["event", "kind", "days", "note"], [(each.name, str(each.kind), _days(each), each.note) for each in found]
    )


@command.command()
@click.argument("name")
@output.common
def remove(name: str) -> None:
    """Take the event NAME off the list. Nothing else changes."""
    from node.events.file import events
    from node.events.file import remove as removed

    home = output.state.home
    home.settings()
    event = removed(home, name)
    if output.state.as_json:
        output.emit(as_json(event))
        return
    output.say(f"Removed: {event.name}, {_days(event)}. {things(len(events(home)), 'event')} left.")


def as_json(event: "Event") -> dict[str, str | None]:
    """An event for programs."""
    until = None if event.until is None else event.until.isoformat()
    return {"name": event.name, "on": event.on.isoformat(), "until": until, "kind": str(event.kind), "note": event.note}


def _days(event: "Event") -> str:
    return f"from {day(event.on)}" if event.until is None else f"{day(event.on)} – {day(event.until)}"
