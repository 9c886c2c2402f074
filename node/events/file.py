"""The events that were registered: events.json in the node's folder, readable by its owner alone.

    v       1
    events  by first day, then name: name, on, until (or null), kind, note

It stands by itself: importing anew, or taking an import back, changes nothing of it. Nothing that makes or sends a
release imports this package (tests/node/events).
"""

import json
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from node.errors import FileDamaged, NodeError, UsageError
from node.events.event import Event, Kind, NoSuchEvent, same_name
from node.home import Home, write_private
from node.own_list import changing, read_list

MOST = 1_000
"""So many events are kept; a calendar of more is no list of what changed."""


class EventsBusy(NodeError):
    """Another command changes the events."""

    reason = "EVENTS_BUSY"


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    on: date
    until: date | None
    kind: Kind
    note: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1]
    events: Annotated[list[_Line], Field(max_length=MOST)]


def file_of(home: Home) -> Path:
    """Where they lie."""
    return home.path / "events.json"


def events(home: Home) -> tuple[Event, ...]:
    """Every event, by first day and name. Raises FileDamaged where the file is not as it was written."""
    file = file_of(home)
    kept = read_list(file, _File, _DO)
    try:
        found = () if kept is None else tuple(Event(**dict(line)) for line in kept.events)
    except UsageError as error:
        raise FileDamaged(f"{file} is damaged: {error} {_DO}") from error
    return _ordered(found)


_DO = "Take it from a backup of this folder, or remove it and register the events again: kudos-node event add"


def find(home: Home, name: str) -> Event:
    """The event of a name. Raises NoSuchEvent, with those that there are."""
    every = events(home)
    for each in every:
        if same_name(each.name, name):
            return each
    there = f"There is: {'; '.join(each.name for each in every)}." if every else "None is registered."
    raise NoSuchEvent(
        f"No event is called {name[:120]!r}. {there} To register one: kudos-node event add NAME --on YYYY-MM-DD"
    )


def add(home: Home, event: Event) -> None:
    """Registers an event. Raises UsageError where one of that name is there, or too many are."""
    with _alone(home):
        every = events(home)
        if any(same_name(each.name, event.name) for each in every):
            raise UsageError(
                f"An event is called {event.name!r} already. Give this one another name, such as one with its year."
            )
        if len(every) >= MOST:
            raise UsageError(f"There are {MOST} events, and no room for more. Remove some: kudos-node event remove")
        _write(home, (*every, event))


def remove(home: Home, name: str) -> Event:
    """Takes an event away, and returns it. Raises NoSuchEvent."""
    with _alone(home):
        found = find(home, name)
        _write(home, tuple(each for each in events(home) if each != found))
    return found


def _ordered(every: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(sorted(every, key=lambda each: (each.on, each.name.casefold())))


def _write(home: Home, every: tuple[Event, ...]) -> None:
    lines = [asdict(each) for each in _ordered(every)]
    text = json.dumps({"v": 1, "events": lines}, ensure_ascii=False, indent=2, default=date.isoformat)
    write_private(file_of(home), f"{text}\n".encode())


def _alone(home: Home) -> AbstractContextManager[None]:
    """Two commands at once would each write the list without the other's event."""
    return changing(file_of(home), EventsBusy("Another command changes the events. Try again when it is done."))
