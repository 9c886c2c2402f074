"""What the exports have in common: the world's arrays as columns of text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.demo.playbill import HALLS, Moments, halls
from deploy.demo.population import Numbers
from deploy.demo.profiles import Flags
from deploy.demo.world import World

ROW_LENGTH = 24
"""Seats in a row."""

COUNTRY_CODES = {"Norge": "NO", "Sverige": "SE", "Danmark": "DK", "Tyskland": "DE"}


@dataclass(frozen=True)
class Customer:
    """A profile as text; what the customer file does not know is empty. `gender` is 0 where it is not known."""

    key: str
    first_name: str
    last_name: str
    email: str
    phone: str
    birth_day: str
    gender: int
    postcode: str
    city: str
    country: str


NOBODY = Customer("", "", "", "", "", "", 0, "", "", "")


def customers(world: World) -> list[Customer]:
    """Every profile, the till's last; one row more, at index -1, stands for nobody."""
    people, known = world.people, world.profiles
    birth = people.birth_day.astype(str).tolist()
    gender = people.gender.tolist()
    found = []
    for row, (index, key) in enumerate(zip(known.person.tolist(), known.key.tolist(), strict=True)):
        if index < 0:
            found.append(Customer(str(key), "Billettkontoret", "", known.email[row], "", "", 0, "", "", "Norge"))
            continue
        placed = known.knows_place[row]
        found.append(
            Customer(
                key=str(key),
                first_name=people.first_name[index],
                last_name=people.last_name[index],
                email=known.email[row],
                phone=known.phone[row],
                birth_day=birth[index] if known.knows_birth[row] else "",
                gender=gender[index] if known.knows_gender[row] else 0,
                postcode=people.postcode[index] if placed else "",
                city=people.city[index] if placed else "",
                country=people.country[index] if placed else "",
            )
        )
    return [*found, NOBODY]


def order_numbers(world: World) -> Numbers:
    """The number of every order, by time."""
    return 100_001 + np.arange(len(world.orders.time))


def kroner(amounts_ore: Numbers, decimal: str) -> list[str]:
    """Amounts in kroner with two decimals."""
    distinct, index = np.unique(amounts_ore, return_inverse=True)
    texts = [f"{'-' * (ore < 0)}{abs(ore) // 100}{decimal}{abs(ore) % 100:02d}" for ore in distinct.tolist()]
    return [texts[at] for at in index.tolist()]


def iso(times: Moments) -> list[str]:
    """Local times without a zone, such as 2025-03-01T19:30:00."""
    texts: list[str] = np.datetime_as_string(times, unit="s").tolist()
    return texts


def utc(times: Moments) -> list[str]:
    """Times of Europe/Oslo as UTC, such as 2025-03-01T18:30:00Z."""
    import pyarrow as pa
    import pyarrow.compute as pc

    local = pc.assume_timezone(pa.array(times), "Europe/Oslo", ambiguous="earliest", nonexistent="latest")
    naive = local.cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)
    return [f"{text}Z" for text in np.datetime_as_string(naive, unit="s").tolist()]


def norwegian(times: Moments) -> list[str]:
    """Local times as 01.03.2025 19:30."""
    return [f"{text[8:10]}.{text[5:7]}.{text[:4]} {text[11:16]}" for text in iso(times)]


def titles(world: World) -> list[str]:
    """The title of every performance."""
    return [world.playbill.productions[index].title for index in world.playbill.production.tolist()]


def seats(world: World) -> list[tuple[int, int]]:
    """Row and seat of the first ticket of every line: a performance is filled from the front, in order of sale."""
    event, quantity = world.lines.event, world.lines.quantity
    by_event = np.argsort(event, kind="stable")
    until = np.cumsum(quantity[by_event]) - quantity[by_event]
    begins = np.append(True, event[by_event][1:] != event[by_event][:-1])
    offset = np.maximum.accumulate(np.where(begins, until, 0))
    taken = np.empty_like(until)
    taken[by_event] = until - offset
    row, seat = np.divmod(taken, ROW_LENGTH)
    return list(zip((row + 1).tolist(), (seat + 1).tolist(), strict=True))


@dataclass(frozen=True)
class Event:
    """A performance as text; `at` is its index in the playbill."""

    at: int
    title: str
    genre: str
    group: str
    hall: str
    capacity: int
    sold: int


def events(world: World) -> list[Event]:
    """The performances since the first sale."""
    program, sold_lines = world.playbill, world.lines
    count = len(program.start)
    gross = np.bincount(sold_lines.event, weights=sold_lines.quantity, minlength=count).astype(np.int64)
    back = np.bincount(sold_lines.event, weights=sold_lines.returned, minlength=count).astype(np.int64)
    hall = halls(program, gross).tolist()
    found = []
    for at in np.flatnonzero(program.start >= world.orders.time[0]).tolist():
        production = program.productions[int(program.production[at])]
        name, capacity = HALLS[hall[at]]
        group = f"{production.title} {production.season}"
        found.append(Event(at, production.title, production.genre, group, name, capacity, int(gross[at] - back[at])))
    return found


def per_ticket(world: World) -> tuple[Numbers, Flags]:
    """For exports with a row per ticket: the line of every ticket, and whether this ticket came back."""
    quantity = world.lines.quantity
    line = np.repeat(np.arange(len(quantity)), quantity)
    within = np.arange(len(line)) - np.repeat(np.cumsum(quantity) - quantity, quantity)
    returned: NDArray[np.bool_] = within < world.lines.returned[line]
    return line, returned


def taken(texts: Sequence[str], index: Numbers) -> list[str]:
    """Texts by index."""
    return [texts[at] for at in index.tolist()]
