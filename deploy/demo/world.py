"""An invented institution as a whole, and the truth about it that only its inventor knows."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from deploy.demo.institution import Institution
from deploy.demo.playbill import TYPE, Moments, Playbill
from deploy.demo.population import Numbers, Persons, draw, persons
from deploy.demo.profiles import Flags, Profiles, profiles
from deploy.demo.sales import Lines, Orders, lines, orders

FORGOTTEN_AFTER_MONTHS = 36


@dataclass(frozen=True)
class World:
    """Everything that happened at an institution."""

    institution: Institution
    people: Persons
    profiles: Profiles
    orders: Orders
    lines: Lines
    playbill: Playbill


@dataclass(frozen=True)
class Truth:
    """The figures of twelve months, as docs/kpis.md defines them; names as in `node.kpis.figures`.

    Money is in øre.
    """

    customers: int
    orders: int
    tickets: int
    revenue_ore: int
    anonymous_orders: int
    complimentary_tickets: int
    identified_revenue_ore: int
    flows: dict[str, int]
    frequency_bands: dict[str, int]


def invent(institution: Institution) -> World:
    """Makes an institution's world. The same institution gives the same world, number by number."""
    ids = draw(institution.market, institution.customers, institution.county, institution.seed)
    people = persons(institution.market, ids)
    known = profiles(institution, people)
    sold = orders(institution, people, known)
    tickets, program = lines(institution, people, sold)
    return World(institution, people, known, sold, tickets, program)


def truth(world: World, as_of: date | None = None, *, keys_are_known: bool = True) -> Truth:
    """The figures as they are, computed from the world and not from any export of it; by default of its last months.

    The till's own address is no identity: its orders count as anonymous. Where an export carries no key of the
    customer (`keys_are_known` false), so do the orders of people who gave neither e-mail nor telephone number.
    """
    last = np.datetime64(as_of or world.institution.last, "D")
    s12, f12, older = _windows(last)
    tickets, revenue = _net(world)
    day = world.orders.time.astype("datetime64[D]")
    customer = _customers(world, keys_are_known=keys_are_known)
    counts = (tickets > 0) & ~world.orders.reserved & (day <= last)
    in_s12, in_f12 = (day >= s12) & (day <= last), (day >= f12) & (day < s12)
    known = counts & (customer >= 0)
    people = len(world.people.ids)
    recent = np.bincount(customer[known & in_s12], minlength=people)
    before = np.bincount(customer[known & in_f12], minlength=people)
    came_before = _came_before(world, customer, known & (day < f12), known & in_s12, older)
    active = recent > 0
    return Truth(
        customers=int(active.sum()),
        orders=int((counts & in_s12).sum()),
        tickets=int(tickets[in_s12].sum()),
        revenue_ore=int(revenue[in_s12].sum()),
        anonymous_orders=int((counts & in_s12 & (customer < 0)).sum()),
        complimentary_tickets=int(_complimentary(world)[in_s12].sum()),
        identified_revenue_ore=int(revenue[in_s12 & (customer >= 0)].sum()),
        flows={
            "new": int((active & (before == 0) & ~came_before).sum()),
            "continuing": int((active & (before > 0)).sum()),
            "recovered": int((active & (before == 0) & came_before).sum()),
            "lost": int((~active & (before > 0)).sum()),
        },
        frequency_bands={
            "1": int((recent == 1).sum()),
            "2-4": int(((recent >= 2) & (recent <= 4)).sum()),
            "5-7": int(((recent >= 5) & (recent <= 7)).sum()),
            "8+": int((recent >= 8).sum()),
        },
    )


def contacts(world: World, *, phones_are_read: bool = True) -> Numbers:
    """The identities under which the customers of the last twelve months are known, rising; each once.

    An e-mail address of a person is twice its number in the market, a telephone number, which counts where there is no
    address, one more: so equal numbers at two institutions are one customer of both, as Kudos sees it.
    """
    last = np.datetime64(world.institution.last, "D")
    s12, _, _ = _windows(last)
    day = world.orders.time.astype("datetime64[D]")
    known = (_net(world)[0] > 0) & ~world.orders.reserved & (day >= s12) & (day <= last) & (world.orders.person >= 0)
    found = set()
    reached = {
        index: 0 if email else 1
        for index, email, phone in sorted(
            zip(world.profiles.person.tolist(), world.profiles.email, world.profiles.phone, strict=True),
            key=lambda row: bool(row[1]),
        )
        if index >= 0 and (email or (phone and phones_are_read))
    }
    for index in set(world.orders.person[known].tolist()):
        if index in reached:
            found.add(2 * int(world.people.ids[index]) + reached[index])
    return np.array(sorted(found), dtype=np.int64)


def _windows(last: np.datetime64) -> tuple[np.datetime64, np.datetime64, int]:
    """First days of S12 and F12, and the months after which a customer is forgotten. `last` ends a month."""
    month = (last + 1).astype("datetime64[M]")
    if month.astype("datetime64[D]") != last + 1:
        raise ValueError(f"{last} is not the last day of a month")
    return (month - 12).astype("datetime64[D]"), (month - 24).astype("datetime64[D]"), FORGOTTEN_AFTER_MONTHS


def _net(world: World) -> tuple[Numbers, Numbers]:
    """Tickets and øre of every order without what came back; nothing for reservations."""
    kept = (world.lines.quantity - world.lines.returned) * ~world.orders.reserved[world.lines.order]
    count = len(world.orders.time)
    tickets = np.bincount(world.lines.order, weights=kept, minlength=count)
    revenue = np.bincount(world.lines.order, weights=kept * world.lines.price_ore, minlength=count)
    return tickets.astype(np.int64), np.rint(revenue).astype(np.int64)


def _complimentary(world: World) -> Numbers:
    """Complimentary tickets of every order without what came back."""
    free = (world.lines.ticket_type == TYPE["Fribillett"]) & ~world.orders.reserved[world.lines.order]
    kept = (world.lines.quantity - world.lines.returned) * free
    return np.bincount(world.lines.order, weights=kept, minlength=len(world.orders.time)).astype(np.int64)


def _customers(world: World, *, keys_are_known: bool) -> Numbers:
    """The person of every order, negative where nobody is known."""
    person = world.orders.person
    if keys_are_known:
        return person
    reachable = np.zeros(len(world.people.ids), dtype=bool)
    for index, email, phone in zip(
        world.profiles.person.tolist(), world.profiles.email, world.profiles.phone, strict=True
    ):
        reachable[index] |= index >= 0 and bool(email or phone)
    return np.where((person >= 0) & reachable[person], person, np.minimum(person, -1))


def _came_before(world: World, customer: Numbers, earlier: Flags, recent: Flags, months: int) -> Flags:
    """Per person: bought before F12, and the first order of S12 came within so many months of the last of them."""
    time = world.orders.time
    people = len(world.people.ids)
    nothing = np.datetime64("NaT")
    last = np.full(people, nothing, dtype="datetime64[D]")
    first = np.full(people, nothing, dtype="datetime64[D]")
    day = time.astype("datetime64[D]")
    last[customer[earlier]] = day[earlier]
    first[customer[recent][::-1]] = day[recent][::-1]
    forgotten = _months_later(last, months)
    came: Flags = ~np.isnat(last) & ~np.isnat(first) & (first < forgotten)
    return came


def _months_later(day: Moments, months: int) -> Moments:
    """The same day of the month so many months later; where that month lacks it, the first of the next."""
    month = day.astype("datetime64[M]")
    later = (month + months).astype("datetime64[D]") + (day - month.astype("datetime64[D]"))
    days: Moments = np.minimum(later, (month + months + 1).astype("datetime64[D]"))
    return days
