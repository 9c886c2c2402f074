"""The Kudos transaction standard: order_lines.csv, customers.csv, events.csv; UTF-8, commas, times in UTC.

Returns are written in each of the ways that the standard knows: as a row of the same order, as an order of its own that
names the line it takes back, and as the later state of the line itself.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from deploy.demo import columns
from deploy.demo.playbill import TYPES, ZONES
from deploy.demo.world import World

_LINES = (
    "order_id,line_id,ordered_at,changed_at,event_id,ticket_type,ticket_category,quantity,unit_price,amount,currency,"
    "channel,state,price_zone,original_order_id,original_line_id,customer_key"
)
_CUSTOMERS = "customer_key,email,phone,birth_year,gender,postcode,country"
_EVENTS = "event_id,event_title,production,genre,event_start,venue,capacity,cancelled"
_CHANNELS = ("web", "box_office", "phone")
_GENDERS = ("", "male", "female", "other")


def write(world: World, folder: Path) -> list[Path]:
    """Writes the three files."""
    return [
        _csv(folder / "customers.csv", _CUSTOMERS, _customers(world)),
        _csv(folder / "events.csv", _EVENTS, _events(world)),
        _csv(folder / "order_lines.csv", _LINES, _lines(world)),
    ]


def _csv(path: Path, header: str, rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


def _customers(world: World) -> Iterable[Sequence[object]]:
    for each in columns.customers(world)[:-1]:
        country = columns.COUNTRY_CODES.get(each.country, "")
        yield each.key, each.email, each.phone, each.birth_day[:4], _GENDERS[each.gender], each.postcode, country


def _events(world: World) -> Iterable[Sequence[object]]:
    start = columns.utc(world.playbill.start)
    for each in columns.events(world):
        yield (
            f"E{each.at}",
            each.title,
            each.group,
            each.genre,
            start[each.at],
            f"{world.institution.name}, {each.hall}",
            each.capacity,
            "false",
        )


def _lines(world: World) -> Iterable[Sequence[object]]:
    sold, orders = world.lines, world.orders
    numbers = [f"O{number}" for number in columns.order_numbers(world).tolist()]
    keys = [*map(str, world.profiles.key.tolist()), ""]
    ordered = columns.utc(orders.time)
    came_back = np.flatnonzero(sold.returned > 0)
    returned_at = dict(zip(came_back.tolist(), columns.utc(sold.return_time[came_back]), strict=True))
    price, amount = columns.kroner(sold.price_ore, "."), columns.kroner(sold.price_ore * sold.quantity, ".")
    back = columns.kroner(-sold.price_ore * sold.returned, ".")
    reserved, channel, profile = orders.reserved.tolist(), orders.channel.tolist(), orders.profile.tolist()
    fields = (sold.order, sold.event, sold.ticket_type, sold.zone, sold.quantity, sold.returned)
    for line, (order, event, kind, zone, quantity, returned) in enumerate(
        zip(*(field.tolist() for field in fields), strict=True)
    ):
        what = (f"E{event}", TYPES[kind][0], TYPES[kind][1])
        buyer = keys[profile[order]]
        sold_as = (price[line], amount[line], "NOK", _CHANNELS[channel[order]])
        way = order % 3 if returned else -1
        state, changed = ("reserved" if reserved[order] else "paid"), ""
        if way == 2 and returned == quantity:
            state, changed = "returned", returned_at[line]
        yield (
            numbers[order],
            f"L{line}",
            ordered[order],
            changed,
            *what,
            quantity,
            *sold_as,
            state,
            ZONES[zone][0],
            "",
            "",
            buyer,
        )
        if not returned or state == "returned":
            continue
        taken_back = (
            *what,
            -returned,
            price[line],
            back[line],
            "NOK",
            _CHANNELS[channel[order]],
            "returned",
            ZONES[zone][0],
        )
        if way == 1:
            original = (numbers[order], f"L{line}")
            yield f"R{line}", f"L{line}", returned_at[line], "", *taken_back, *original, buyer
        else:
            yield numbers[order], f"R{line}", returned_at[line], "", *taken_back, "", "", buyer
