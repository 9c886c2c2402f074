"""Objections: whoever objects is in no release from then on, whatever is imported later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from node.controller.people import Someone
from node.controller.register import What, registered
from node.home import Home
from node.store import leave
from node.store.database import connected, locked


@dataclass(frozen=True)
class Changed:
    """How many were named, for how many of them that changed anything, and how many object now."""

    asked: int
    changed: int
    objecting: int


def add(home: Home, people: Sequence[Someone]) -> Changed:
    """Puts people on the list, customers or not, and takes them out of what releases are made from."""
    from privacy.identity.match import match_ids_of

    key, chain = home.key(home.ordering_key_file), home.identity_chain()
    texts = [each.identifier for each in people if each.identifier]
    today = datetime.now(UTC).date()
    firsts = match_ids_of(chain.keys[0], texts)
    with locked(home):
        objections = before = leave.read(home)
        for text, first in zip(texts, firsts, strict=True):
            entry = leave.Objection(leave.name_of(key, text), first, leave.first_of(chain), today)
            objections = objections.with_(entry)
        return _put(home, before, objections, len(people), "object")


def withdraw(home: Home, people: Sequence[Someone]) -> Changed:
    """Takes people off the list."""
    key = home.key(home.ordering_key_file)
    with locked(home):
        objections = before = leave.read(home)
        for each in people:
            objections = objections.without(leave.name_of(key, each.identifier or ""))
        return _put(home, before, objections, len(people), "object-withdrawn")


def only_consenting(home: Home, *, on: bool) -> Changed:
    """Has releases count only customers whose consent the ticketing system tells, or everybody but who objects."""
    with locked(home):
        before = leave.read(home)
        after = replace(before, only_consenting=on)
        with registered(home, "only-consenting", {"on": "yes" if on else "no"}):
            _write(home, after)
        return Changed(0, int(before.only_consenting != on), len(after.entries))


def on_list(home: Home, people: Sequence[Someone]) -> list[bool]:
    """Which of some people are on the list."""
    key, entries = home.key(home.ordering_key_file), leave.read(home).entries
    return [leave.name_of(key, each.identifier or "") in entries for each in people]


def _put(home: Home, before: leave.Objections, after: leave.Objections, asked: int, what: What) -> Changed:
    changed = len(set(before.entries) ^ set(after.entries))
    with registered(home, what, {"people": changed}):
        _write(home, after)
    return Changed(asked, changed, len(after.entries))


def _write(home: Home, objections: leave.Objections) -> None:
    """Writes the list first: whatever happens then, the store settles with it when it is opened next."""
    leave.write(home, objections)
    if home.store_file.exists():
        with connected(home):
            pass
