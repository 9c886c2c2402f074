"""The orders of an invented institution, and the lines that they are made of."""

from dataclasses import dataclass

import numpy as np

from deploy.demo.audience import moments, purchases
from deploy.demo.institution import Institution
from deploy.demo.playbill import TYPE, ZONES, Moments, Playbill, playbill
from deploy.demo.population import Numbers, Persons
from deploy.demo.profiles import Flags, Profiles

ANONYMOUS, DESK = -1, -2
"""Who ordered, where it is no person: nobody that is known, or the till's own address."""

CHANNELS = ("nett", "billettluke", "telefon")
WEB, BOX_OFFICE, PHONE = range(3)

_ANONYMOUS_SHARE, _DESK_SHARE = 0.12, 0.015
_RESERVED_SHARE = 0.01
_USUAL, _SUBSCRIPTION, _GROUP, _SCHOOL, _FREE = range(5)
_KINDS = {
    "known": (0.934, 0.025, 0.006, 0.002, 0.033),
    "anonymous": (0.97, 0.0, 0.0, 0.0, 0.03),
    "desk": (0.75, 0.0, 0.05, 0.03, 0.17),
}
_PARTY = ((1, 2, 3, 4, 5, 6, 8), (0.3, 0.5, 0.08, 0.09, 0.015, 0.01, 0.005))
_PERFORMANCES = 3
_LEAD_DAYS = ((0, 1, 8, 31, 91), (1, 8, 31, 91, 150))
_LEAD_SHARES = (0.12, 0.25, 0.35, 0.2, 0.08)
_WHOLE_ORDER_BACK, _ONE_TICKET_BACK = 0.025, 0.015
_FEE_ORE = 2_500


@dataclass(frozen=True)
class Orders:
    """One row per order, the oldest first. Times are local; `profile` is -1 where the sale is anonymous.

    A reserved order was never paid: it is no sale.
    """

    person: Numbers
    profile: Numbers
    time: Moments
    channel: Numbers
    reserved: Flags
    kind: Numbers


@dataclass(frozen=True)
class Lines:
    """One row per ticket, or per block of tickets for groups, in the order of the orders.

    `returned` tickets of a line came back at `return_time` (NaT where none did). Prices are per ticket, in øre, without
    the fee.
    """

    order: Numbers
    event: Numbers
    ticket_type: Numbers
    zone: Numbers
    quantity: Numbers
    price_ore: Numbers
    fee_ore: Numbers
    returned: Numbers
    return_time: Moments


def orders(institution: Institution, people: Persons, known: Profiles) -> Orders:
    """Everybody's orders, the anonymous ones, the till's and the reservations, by time."""
    bought = purchases(institution, people)
    rng = institution.rng(4)
    count = len(bought.person)
    total = count / (1 - _ANONYMOUS_SHARE - _DESK_SHARE)
    others = {ANONYMOUS: round(total * _ANONYMOUS_SHARE), DESK: round(total * _DESK_SHARE)}
    reserved = rng.choice(count, round(count * _RESERVED_SHARE), replace=False)
    person = np.concatenate(
        [bought.person, bought.person[reserved], *(np.full(number, who) for who, number in others.items())]
    )
    year = np.concatenate(
        [bought.year, bought.year[reserved], rng.integers(0, institution.years, sum(others.values()))]
    )
    channel = _channels(rng, person)
    time = _open(moments(rng, institution, year), channel)
    is_reserved = np.zeros(len(person), dtype=bool)
    is_reserved[count : count + len(reserved)] = True
    order = np.argsort(time, kind="stable")
    person, time, is_reserved = person[order], time[order], is_reserved[order]
    return Orders(
        person=person,
        profile=_profiles(rng, person, known),
        time=time,
        channel=channel[order],
        reserved=is_reserved,
        kind=_kinds(rng, person),
    )


def _profiles(rng: np.random.Generator, person: Numbers, known: Profiles) -> Numbers:
    """Who has two profiles uses now one, now the other."""
    second = np.full(len(known.person), -1)
    second[list(known.second_of)] = list(known.second_of.values())
    other = np.where(person >= 0, second[person], -1)
    own = np.where((other >= 0) & (rng.random(len(person)) < 0.5), other, person)
    return np.where(person == DESK, known.desk, np.where(person == ANONYMOUS, -1, own))


def _channels(rng: np.random.Generator, person: Numbers) -> Numbers:
    luck = rng.random(len(person))
    usual = np.where(luck < 0.8, WEB, np.where(luck < 0.94, BOX_OFFICE, PHONE))
    at_desk = np.where(luck < 0.6, BOX_OFFICE, PHONE)
    return np.where(person >= 0, usual, np.where(person == DESK, at_desk, BOX_OFFICE))


def _open(time: Moments, channel: Numbers) -> Moments:
    """Nobody answers at the till or the telephone before nine."""
    since_midnight = time - time.astype("datetime64[D]")
    early = (channel != WEB) & (since_midnight < np.timedelta64(9, "h"))
    return np.where(early, time + np.timedelta64(9, "h"), time)


def _kinds(rng: np.random.Generator, person: Numbers) -> Numbers:
    luck = rng.random(len(person))
    by_buyer = [np.searchsorted(np.cumsum(shares)[:-1], luck, side="right") for shares in _KINDS.values()]
    return np.where(person >= 0, by_buyer[0], np.where(person == ANONYMOUS, by_buyer[1], by_buyer[2]))


def lines(institution: Institution, people: Persons, sold: Orders) -> tuple[Lines, Playbill]:
    """The tickets of every order, and the playbill that they are for."""
    rng = institution.rng(5)
    program = playbill(institution, round(len(sold.time) / institution.years * 2.2))
    block = (sold.kind == _GROUP) | (sold.kind == _SCHOOL)
    party = np.where(block, 1, rng.choice(_PARTY[0], len(sold.time), p=_PARTY[1]))
    nights = np.where(sold.kind == _SUBSCRIPTION, _PERFORMANCES, 1)
    tickets = party * nights
    order = np.repeat(np.arange(len(tickets)), tickets)
    within = np.arange(len(order)) - np.repeat(np.cumsum(tickets) - tickets, tickets)
    night, place = np.divmod(within, party[order])
    event = _events(rng, sold.time, program)[order, night]
    ticket_type = _types(rng, people, sold, order, place, program.for_families[event])
    zone = rng.choice(len(ZONES), len(sold.time), p=(0.25, 0.5, 0.25))[order]
    size = np.clip(np.rint(rng.lognormal(2.9, 0.45, len(order))), 10, 120).astype(np.int64)
    quantity = np.where(block[order], size, 1)
    price = program.prices_ore(event, ticket_type, zone)
    fee = np.where((sold.channel[order] == WEB) & (price > 0), _FEE_ORE * quantity, 0)
    returned, when = _returns(rng, institution, sold, order, quantity, program.start[event])
    return Lines(order, event, ticket_type, zone, quantity, price, fee, returned, when), program


def _events(rng: np.random.Generator, time: Moments, program: Playbill) -> Numbers:
    """Shape (orders, performances of a subscription): what each order may be for, all after the time of the order."""
    bracket = rng.choice(len(_LEAD_SHARES), len(time), p=_LEAD_SHARES)
    first, end = (np.array(bound)[bracket] for bound in _LEAD_DAYS)
    lead = ((first + rng.random(len(time)) * (end - first)) * 86_400).astype(np.int64)
    found = []
    for night in range(_PERFORMANCES):
        wanted = time + (lead + night * 45 * 86_400).astype("timedelta64[s]")
        at = np.minimum(np.searchsorted(program.start, wanted, side="right"), len(program.start) - 1)
        # Whoever wanted to come in a pause, as in summer, spreads over the weeks after it.
        pause = program.start[at] - wanted > np.timedelta64(5, "D")
        found.append(at + rng.integers(0, 3, len(time)) + pause * rng.integers(0, 60, len(time)))
    events: Numbers = np.minimum(np.stack(found, axis=1), len(program.start) - 1)
    return events


def _types(
    rng: np.random.Generator, people: Persons, sold: Orders, order: Numbers, place: Numbers, family: Flags
) -> Numbers:
    """The ticket type of every line: by the kind of order, the buyer's age and, at family plays, the company."""
    buyer = sold.person[order]
    age = np.where(buyer >= 0, people.age[buyer], 45)
    luck = rng.random(len(order))
    usual = np.where(luck < 0.82, TYPE["Ordinær"], np.where(luck < 0.9, TYPE["Venneforeningen"], TYPE["Tilbud"]))
    young = np.where(luck < 0.5, TYPE["Student"], np.where(luck < 0.9, TYPE["Ungdom under 26"], TYPE["Ordinær"]))
    usual = np.where(age >= 67, np.where(luck < 0.85, TYPE["Honnør"], usual), np.where(age < 26, young, usual))
    usual = np.where(family & (place > 0) & (luck < 0.65), TYPE["Barn"], usual)
    special = np.array([TYPE[name] for name in ("Abonnement", "Gruppe over 10", "Skoleforestilling", "Fribillett")])
    kind = sold.kind[order]
    return np.where(kind == _USUAL, usual, special[kind - 1])


def _returns(
    rng: np.random.Generator,
    institution: Institution,
    sold: Orders,
    order: Numbers,
    quantity: Numbers,
    start: Moments,
) -> tuple[Numbers, Moments]:
    """How many tickets of each line came back, and when: at once, within weeks, or months later.

    Only before the performance, and only what the export can know: nothing after its last day.
    """
    count = len(sold.time)
    luck = rng.random(count)
    whole = (luck < _WHOLE_ORDER_BACK)[order]
    first = np.append(True, order[1:] != order[:-1])
    one = first & ((luck >= _WHOLE_ORDER_BACK) & (luck < _WHOLE_ORDER_BACK + _ONE_TICKET_BACK))[order]
    returned = np.where(whole, quantity, np.where(one, 1, 0)) * ~sold.reserved[order]
    delay_kind = rng.choice(3, count, p=(0.3, 0.4, 0.3))
    minutes = np.choose(
        delay_kind,
        [rng.integers(3, 120, count), rng.integers(1, 21, count) * 1440, rng.integers(31, 70, count) * 1440],
    )
    when = sold.time[order] + (minutes[order] * 60).astype("timedelta64[s]")
    when = np.maximum(np.minimum(when, start - np.timedelta64(3600, "s")), sold.time[order] + np.timedelta64(60, "s"))
    known = (returned > 0) & (when < np.datetime64(institution.last) + 1)
    return np.where(known, returned, 0), np.where(known, when, np.datetime64("NaT"))
