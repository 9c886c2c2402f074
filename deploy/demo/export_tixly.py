"""Tixly: pages of its CRM API as JSON, with the field names that its public documentation gives.

A return is a row of its own in the order that it belongs to, with a negative TicketCount and the TicketId of the sale.
`Price` is that of one ticket. Reservations are no sales and not in it.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from deploy.demo import columns
from deploy.demo.playbill import TYPES, ZONES
from deploy.demo.sales import WEB
from deploy.demo.world import World


def write(world: World, folder: Path) -> list[Path]:
    """Writes customers.json, events.json and sales-YYYY.json, a page each."""
    files = [
        _page(folder / "customers.json", _customers(world)),
        _page(folder / "events.json", _events(world)),
    ]
    years = world.orders.time.astype("datetime64[Y]").astype(np.int64) + 1970
    by_year: dict[int, list[str]] = {year: [] for year in range(int(years[0]), world.institution.last.year + 1)}
    for year, row in _sales(world):
        by_year[year].append(row)
    return files + [_page(folder / f"sales-{year}.json", rows) for year, rows in by_year.items()]


def _page(path: Path, rows: Iterable[str]) -> Path:
    path.write_text('{"Data":[\n' + ",\n".join(rows) + '\n],"Next":null}\n', encoding="utf-8")
    return path


def _customers(world: World) -> Iterable[str]:
    first_seen = np.full(len(world.profiles.person), world.orders.time[0])
    profile, position = np.unique(world.orders.profile, return_index=True)
    first_seen[profile[profile >= 0]] = world.orders.time[position[profile >= 0]]
    created = columns.iso(first_seen)
    for customer, time in zip(columns.customers(world)[:-1], created, strict=True):
        yield json.dumps(
            {
                "Id": int(customer.key),
                "Name": f"{customer.first_name} {customer.last_name}".strip(),
                "FirstName": customer.first_name,
                "LastName": customer.last_name,
                "DateOfBirth": f"{customer.birth_day}T00:00:00" if customer.birth_day else None,
                "Gender": customer.gender,
                "ZipCode": customer.postcode or None,
                "City": customer.city or None,
                "Country": customer.country or None,
                "Email": customer.email or None,
                "Phone": customer.phone or None,
                "Created": time,
                "Edited": time,
            },
            ensure_ascii=False,
        )


def _events(world: World) -> Iterable[str]:
    start = columns.iso(world.playbill.start)
    for event in columns.events(world):
        yield json.dumps(
            {
                "EventId": 3_000 + event.at,
                "Name": event.title,
                "StartDate": start[event.at],
                "Venue": world.institution.name,
                "Hall": event.hall,
                "Categories": [event.genre],
                "Capacity": event.capacity,
                "Sold": event.sold,
                "EventGroup": event.group,
            },
            ensure_ascii=False,
        )


def _sales(world: World) -> Iterable[tuple[int, str]]:
    """Sales and returns by time, each with its year."""
    sold, orders = world.lines, world.orders
    paid = np.flatnonzero(~orders.reserved[sold.order])
    back = np.flatnonzero(sold.returned > 0)
    line = np.concatenate([paid, back])
    count = np.concatenate([sold.quantity[paid], -sold.returned[back]])
    time = np.concatenate([orders.time[sold.order[paid]], sold.return_time[back]])
    by_time = np.argsort(time, kind="stable")
    line, count, time = line[by_time], count[by_time], time[by_time]
    order = sold.order[line]
    kinds = [
        f'"TicketTypeId":{10 + number},"TicketType":{json.dumps(name, ensure_ascii=False)},'
        f'"PriceZone":"{zone[-1]}","Section":"{zone.split()[0]}"'
        for number, (name, _, _) in enumerate(TYPES)
        for zone, _ in ZONES
    ]
    keys = [*(str(key) for key in world.profiles.key.tolist()), "null"]
    seats = columns.seats(world)
    past = world.playbill.start[sold.event[line]] <= np.datetime64(world.institution.last) + 1
    created = columns.iso(time)
    for number, (at, tickets, kind, event, profile, order_id, price, fee, online, scanned) in enumerate(
        zip(
            line.tolist(),
            count.tolist(),
            (sold.ticket_type[line] * len(ZONES) + sold.zone[line]).tolist(),
            sold.event[line].tolist(),
            orders.profile[order].tolist(),
            columns.order_numbers(world)[order].tolist(),
            columns.kroner(sold.price_ore[line], "."),
            columns.kroner(np.where(count > 0, sold.fee_ore[line], 0), "."),
            (orders.channel[order] == WEB).tolist(),
            (past & (count > 0) & (sold.returned[line] == 0)).tolist(),
            strict=True,
        )
    ):
        row, seat = seats[at]
        yield (
            int(created[number][:4]),
            f'{{"SaleTicketId":{500_000 + number},"TicketId":{200_000 + at},"EventId":{3_000 + event},'
            f'"CustomerId":{keys[profile]},"IsAnonymousSale":{"true" if profile < 0 else "false"},"OrderId":{order_id},'
            f'{kinds[kind]},"Row":{row},"Seat":{seat},"TicketCount":{tickets},"Price":{price},"Fee":{fee},'
            f'"Online":{"true" if online else "false"},"Scanned":{"true" if scanned else "false"},'
            f'"Created":"{created[number]}"}}',
        )
