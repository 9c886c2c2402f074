"""Which column is which field: a score for every pair, by the header and by the cells, and the best of all of them."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from node.ingest import standard, words
from node.ingest.profile import NEEDED
from node.ingest.propose import headers
from node.ingest.propose.look import MOST, Look

NOBODY = "-"
"""Stands for a column that is not read."""

_SURE = 0.75
_ALL_THE_SAME = 10
"""Rows with one and the same number: it numbers the shop, the till or the report, and no order and nobody."""

_MOST_ANSWERS = 3
"""So many answers at most a question of yes and no has: one of them may be that nobody asked."""

_EMPTY = 0.3
"""What an empty column scores by its cells: less than one that has something, whatever the two are called."""

_NEAR = 0.12
"""Two columns whose scores lie nearer than this for one field are for the user to decide between."""


@dataclass(frozen=True)
class Column:
    """A column and what is proposed for it: a field of the standard, or none, and why.

    `misfit` is the field whose name the column has, where its cells do not fit that field.
    """

    look: Look
    field: str | None
    reason: str
    sure: bool = True
    misfit: str | None = None

    @property
    def header(self) -> str:
        """The column's name in the file."""
        return self.look.header


@dataclass(frozen=True)
class Matched:
    """Which column is which field in a file of a resource, and fields between whose columns nothing decides."""

    resource: str
    columns: tuple[Column, ...]
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str) -> Column | None:
        """The column of a field."""
        return next((column for column in self.columns if column.field == name), None)

    @property
    def lacking(self) -> list[tuple[str, ...]]:
        """The groups of fields of which a file has one at least, and for which there is no column."""
        resource = standard.ORDER_LINES if self.resource == "orders" else self.resource
        return [group for group in NEEDED[resource] if not any(self.of(name) for name in group)]

    def explained(self, header: str, reason: str) -> "Matched":
        """The same with another reason for a column."""
        columns = [
            Column(each.look, each.field, reason, each.sure) if each.header == header else each for each in self.columns
        ]
        return replace(self, columns=tuple(columns))

    def set(self, header: str, name: str | None) -> "Matched":
        """The same with one column decided by the user; the field's former column, if any, is free again."""
        resource = standard.ORDER_LINES if self.resource == "orders" else self.resource
        if name is not None and standard.field(resource, name) is None:
            known = ", ".join(each.name for each in standard.RESOURCES[resource])
            raise ValueError(f"the standard has no field {name!r} in {resource}; it has: {known}")
        if header not in [column.header for column in self.columns]:
            raise ValueError(f"the file has no column {header!r}")
        columns = [
            Column(column.look, name, "you said so")
            if column.header == header
            else replace(column, field=None, reason=f"{name} is another column")
            if name is not None and column.field == name
            else column
            for column in self.columns
        ]
        rivals = {each: found for each, found in self.rivals.items() if each != name}
        return replace(self, columns=tuple(columns), rivals=rivals)


_Judge = Callable[[Look], tuple[float, str]]
"""How well the cells of a column fit a field, from 0 (not at all) to 1, and what they are, in words."""


def _shared(share: float, what: str) -> tuple[float, str]:
    return (share if share >= MOST else 0.0), what


def _date(look: Look) -> tuple[float, str]:
    dates = look.dates
    if dates is None:
        return 0.0, ""
    written = " or ".join(dates.patterns) or "ISO 8601"
    return 1.0 if dates.timed else 0.9, f"{'times' if dates.timed else 'dates'} written {written}"


def _label(look: Look) -> tuple[float, str]:
    """Titles and types: texts that come again, and no numbers, dates or addresses."""
    if not look.filled or look.emails > 0 or look.phones >= MOST or look.dates or look.amounts >= MOST:
        return 0.0, ""
    return 0.9, f"{len(look.counts)} different texts" if len(look.counts) > 1 else "one text"


def _type(look: Look) -> tuple[float, str]:
    score, what = _label(look)
    if look.categories >= 0.5:
        return 1.0, f"ticket types such as {look.some[0]}"
    return 0.8 * score, what


def _key(look: Look) -> tuple[float, str]:
    if not look.filled or look.emails > 0 or look.dates:
        return 0.0, ""
    if len(look.counts) == 1 and len(look.filled) >= _ALL_THE_SAME:
        return 0.0, ""
    return 0.9, f"{len(look.counts)} different in {len(look.cells)} rows"


def _quantity(look: Look) -> tuple[float, str]:
    return (1.0, "small whole numbers") if look.wholes >= MOST else (0.0, "")


def _amount(look: Look) -> tuple[float, str]:
    return _shared(look.amounts, "amounts")


_JUDGES: dict[str, _Judge] = {
    "order_id": _key,
    "line_id": _key,
    "ticket_id": _key,
    "event_id": _key,
    "original_order_id": _key,
    "original_line_id": _key,
    "customer_key": _key,
    "ordered_at": _date,
    "changed_at": _date,
    "event_start": _date,
    "event_title": _label,
    "production": _label,
    "genre": _label,
    "venue": _label,
    "price_zone": lambda look: (
        (0.9, f"{len(look.counts)} different texts") if look.filled and not look.emails else (0.0, "")
    ),
    "ticket_type": _type,
    "quantity": _quantity,
    "capacity": _quantity,
    "unit_price": _amount,
    "amount": _amount,
    "currency": lambda look: _few(look, most=5),
    "channel": lambda look: (1.0, "sales channels") if look.known(words.CHANNELS) >= 0.5 else _few(look),
    "state": lambda look: (1.0, "states of sales") if look.known(words.STATES) >= 0.5 else _few(look),
    "email": lambda look: _shared(look.emails, "e-mail addresses"),
    "phone": lambda look: _shared(look.phones, "telephone numbers"),
    "birth_year": lambda look: _shared(max(look.years, MOST if look.dates else 0.0), "years or dates of birth"),
    "gender": lambda look: _shared(look.genders, "genders"),
    "postcode": lambda look: (1.0, "postcodes") if look.postcodes >= 0.5 else (0.0, ""),
    "country": lambda look: _few(look, most=200),
    "segment": lambda look: (1.0, "culture segments") if look.segments >= 0.5 else _few(look),
    "customer_type": lambda look: _few(look),
    "objects": lambda look: _few(look, most=3),
    "cancelled": lambda look: _few(look, most=3),
}


def _few(look: Look, most: int = 40) -> tuple[float, str]:
    """A handful of words."""
    return (0.8, f"{len(look.counts)} words") if 0 < len(look.counts) <= most and not look.emails else (0.0, "")


def _by_cells_alone(name: str, look: Look) -> float:
    """How sure the cells make a field whose header says nothing: only of what looks like nothing else."""
    if name == "email" and look.emails >= MOST:
        return 0.7
    if name == "segment" and look.segments >= MOST:
        return 0.7
    if name == "state" and look.known(words.STATES) >= MOST and len(look.counts) > 1 and not look.wholes:
        return 0.5
    return 0.0


def mapping(looks: Sequence[Look], resource: str, hints: Mapping[str, Sequence[str]]) -> Matched:
    """The best pairs of columns and fields. `hints` has for fields headers that are known of the system."""
    hinted = {name: {headers.words_of(header) for header in known} for name, known in hints.items()}
    scored: list[tuple[float, str, Look, str]] = []
    misfits: dict[int, str] = {}
    for look in looks:
        if headers.never(look.header) and headers.words_of(look.header) not in set().union(*hinted.values()):
            continue
        for name in headers.fields_of(resource):
            score, reason = _score(name, look, resource, hinted.get(name, set()))
            if score:
                scored.append((score, name, look, reason))
            elif look.filled and _by_header(name, look, resource, hinted.get(name, set())) >= 1:
                misfits.setdefault(look.place, name)
    return _assigned(looks, resource, sorted(scored, key=lambda each: (-each[0], each[2].place)), misfits)


def _by_header(name: str, look: Look, resource: str, hinted: set[str]) -> float:
    return 1.2 if headers.words_of(look.header) in hinted else headers.score(resource, name, look.header)


def _score(name: str, look: Look, resource: str, hinted: set[str]) -> tuple[float, str]:
    by_header = _by_header(name, look, resource, hinted)
    by_cells, what = _JUDGES[name](look) if look.filled else (_EMPTY, "empty in all rows that were looked at")
    if by_header:
        said = "so the system calls it" if by_header > 1 else "the header says so"
        said = said if by_header >= 1 else "the header has the word"
        return (by_header * by_cells, f"{said}; {what}") if by_cells else (0.0, "")
    alone = _by_cells_alone(name, look)
    return (alone, f"by its cells: {what}") if alone else (0.0, "")


def _assigned(
    looks: Sequence[Look], resource: str, scored: Sequence[tuple[float, str, Look, str]], misfits: Mapping[int, str]
) -> Matched:
    taken: dict[int, Column] = {}
    done: dict[str, float] = {}
    rivals: dict[str, tuple[str, ...]] = {}
    for score, name, look, reason in scored:
        if look.place in taken:
            continue
        if name not in done:
            taken[look.place] = Column(look, name, reason, score >= _SURE)
            done[name] = score
            rivals[name] = (look.header,)
        elif done[name] - score < _NEAR:
            rivals[name] += (look.header,)
    fitting = {look.place for _, _, look, _ in scored}
    columns = tuple(
        taken.get(look.place) or _left(look, resource, None if look.place in fitting else misfits.get(look.place))
        for look in looks
    )
    unread = {column.header for column in columns if column.field is None}
    close = {name: (found[0], *(each for each in found[1:] if each in unread)) for name, found in rivals.items()}
    return Matched(resource, columns, {name: found for name, found in close.items() if len(found) > 1})


def _left(look: Look, resource: str, misfit: str | None) -> Column:
    """A column that has no field; one that has a field's name is doubtful."""
    if misfit is None or headers.never(look.header) or headers.is_fee(look.header):
        return Column(look, None, _unread(look, resource))
    return Column(look, None, f"the header says {misfit}, but too few of its cells fit", False, misfit)


def _unread(look: Look, resource: str) -> str:
    if reason := headers.never(look.header):
        return reason
    if headers.is_fee(look.header):
        return "fees"
    if resource != standard.EVENTS and headers.is_consent(look.header) and 0 < len(look.counts) <= _MOST_ANSWERS:
        option = f"--set {shlex.quote(f'{look.header}=consents')}"
        return f"may be a consent to marketing, and is not assumed; if it is one to statistics: {option}"
    return "nothing in the standard is like it" if look.filled else "empty in all rows that were looked at"


def resource_of(looks: Sequence[Look], hints: Mapping[str, Sequence[str]]) -> str:
    """What a row of the file is most likely: a sale, a customer or an event, by the fields that find a column."""
    found = {resource: mapping(looks, resource, hints) for resource in ("order_lines", "customers", "events")}
    sales = found["order_lines"]
    if sales.of("ordered_at") and (sales.of("amount") or sales.of("unit_price")):
        return "order_lines"
    if sales.of("order_id") and sales.of("ordered_at") and not found["customers"].of("customer_key"):
        return "order_lines"  # whose amount has a name that is not known: to be asked about, and no list of people
    if not sales.of("amount") and not sales.of("unit_price"):
        if found["customers"].of("email") or found["customers"].of("phone") or found["customers"].of("segment"):
            return "customers"
        if found["events"].of("event_title") and found["events"].of("event_start"):
            return "events"
    return "order_lines"
