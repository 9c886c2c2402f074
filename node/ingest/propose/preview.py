"""What a profile makes of the first rows of a file: a few of them harmonised, and what it cannot read. Nothing is kept.

Whoever bought is shown as a number: the key that hashes is made anew and forgotten.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from node.ingest import recognise, standard
from node.ingest.harmonise import Harmoniser, Reject
from node.ingest.people import Identities
from node.ingest.profile import Profile
from node.ingest.propose.look import beginning
from node.ingest.readers.table import Table
from privacy.identity.chain import KeyChain

_SHOWN = {
    standard.CUSTOMERS: ("customer", "birth_year", "gender", "county", "segment", "customer_type", "objects",
                         "consents"),
    standard.EVENTS: ("event_id", "event_title", "event_start", "genre", "venue", "capacity", "cancelled"),
    standard.ORDER_LINES: ("order_id", "ordered_at", "event", "ticket_type", "ticket_category", "quantity", "amount",
                           "channel", "state", "customer"),
}  # fmt: skip
_TOLD_BY = {"ticket_category": {"ticket_type", "ticket_category"}, "channel": {"channel"}, "state": {"state"}}
"""What is shown only where a file tells it, and the fields that tell it."""

MOST = 10


@dataclass(frozen=True)
class Preview:
    """`rows` of the standard, as text by column; of all rows `tried` how many were taken, left out, not readable."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    tried: int
    taken: int
    left_out: int
    rejects: Sequence[Reject]
    identified: int
    reserved: int

    def commonest(self) -> list[tuple[Reject, int]]:
        """The reasons of rows that cannot be read, the commonest first: each with its first row, and how many."""
        counts = Counter((reject.column, reject.reason) for reject in self.rejects)
        first = {(reject.column, reject.reason): reject for reject in reversed(self.rejects)}
        return [(first[key], count) for key, count in counts.most_common()]


def preview(table: Table, profile: Profile, zone: str) -> Preview:
    """Harmonises the first rows of a file. Raises ImportRefused where the profile cannot read it at all."""
    found = recognise.recognise(table.headers, [profile], table.called)
    wanted = sorted(set(found.index.values()))
    chunk = beginning(table.chunks(wanted, found.layout.decimal))
    harmonise = Harmoniser(found, Identities(KeyChain.generate(), frozenset()), zone)
    if chunk is None:
        return Preview((), (), 0, 0, 0, (), 0, 0)
    made = harmonise(chunk)
    profiles = harmonise.rest().profiles
    resource = standard.ORDER_LINES if found.layout.resource == "orders" else found.layout.resource
    lines = {standard.CUSTOMERS: profiles, standard.EVENTS: made.events}.get(resource, made.lines)
    rows: list[dict[str, Any]] = [] if lines is None else lines.to_pylist()
    people = {} if profiles is None else {row["customer_key"]: row for row in profiles.to_pylist()}
    known = dict.fromkeys(row["customer_key"] for row in rows if row.get("customer_key"))
    numbers = {key: number for number, key in enumerate(known, start=1)}
    shown = [_row(row, people, numbers, resource, zone) for row in rows[:MOST]]
    told = {*found.layout.columns, *found.layout.constants}
    hidden = {name for name, by in _TOLD_BY.items() if not told & by}
    columns = [name for name in _SHOWN[resource] if name not in hidden and any(row.get(name) for row in shown)]
    return Preview(
        columns,
        [[row.get(name, "") for name in columns] for row in shown],
        made.rows,
        len(rows),
        made.skipped,
        made.rejects,
        sum(row.get("customer_key") is not None for row in rows),
        sum(row.get("state") == "reserved" for row in rows),
    )


def _row(
    row: dict[str, Any], people: dict[str, Any], numbers: dict[str, int], resource: str, zone: str
) -> dict[str, str]:
    """A row as people read it: kroner, local times, and a customer as a number with what is known of it."""
    shown = {name: _text(value, zone) for name, value in row.items() if value is not None}
    if resource == standard.EVENTS:
        return shown
    key = row.get("customer_key")
    who = people.get(key or "", {})
    about = [_text(who.get(name), zone) for name in ("county", "birth_year", "gender", "segment") if who.get(name)]
    name = "a placeholder" if who.get("placeholder") else f"customer {numbers.get(key or '', '?')}" if key else "nobody"
    if resource == standard.CUSTOMERS:
        return shown | {"customer": name}
    shown["customer"] = " · ".join([name, *about])
    shown["amount"] = f"{row['amount_ore'] / 100:.2f}"
    shown["event"] = shown.get("event_id", "")
    return shown


def _text(value: Any, zone: str) -> str:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
