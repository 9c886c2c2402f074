"""TicketCo: item_grosses as its export for spreadsheets writes them, one row per ticket.

Semicolons, windows-1252, Norwegian dates, decimal comma. There is no key of the customer: who gave neither e-mail nor
telephone number is nobody here. A ticket that came back is a row with another status.
"""

import csv
from itertools import repeat
from pathlib import Path

import numpy as np

from deploy.demo import columns
from deploy.demo.playbill import TYPES, ZONES
from deploy.demo.sales import CHANNELS
from deploy.demo.world import World

_HEADER = (
    "uuid",
    "ref_number",
    "transaction_datestamp",
    "event_name",
    "item_type_id",
    "item_type_title",
    "item_type_type",
    "section_name",
    "capacity_name",
    "buyer_first_name",
    "buyer_last_name",
    "buyer_email",
    "buyer_phone",
    "buyer_postcode",
    "buyer_birth_date",
    "buyer_gender",
    "price",
    "currency",
    "status",
    "sales_channel",
    "checked_in_at",
)
_GENDERS = ("", "mann", "kvinne", "annet")


def write(world: World, folder: Path) -> list[Path]:
    """Writes billetter.csv."""
    path = folder / "billetter.csv"
    sold, orders = world.lines, world.orders
    line, returned = columns.per_ticket(world)
    order = sold.order[line]
    known = columns.customers(world)
    buyers = [known[at] for at in orders.profile[order].tolist()]
    birth = [_norwegian_day(each.birth_day) for each in known]
    status = np.where(orders.reserved[order], 2, returned.astype(np.int64))
    start = world.playbill.start[sold.event[line]]
    seen = (status == 0) & (start <= np.datetime64(world.institution.last) + 1)
    cells = (
        _uuids(world, len(line)),
        [f"T{number}" for number in columns.order_numbers(world)[order].tolist()],
        columns.norwegian(orders.time[order]),
        columns.taken(columns.titles(world), sold.event[line]),
        (sold.ticket_type[line] + 10).tolist(),
        columns.taken([name for name, _, _ in TYPES], sold.ticket_type[line]),
        repeat("ticket"),
        columns.taken([zone for zone, _ in ZONES], sold.zone[line]),
        repeat("Sitteplass"),
        [buyer.first_name for buyer in buyers],
        [buyer.last_name for buyer in buyers],
        [buyer.email for buyer in buyers],
        [buyer.phone for buyer in buyers],
        [buyer.postcode for buyer in buyers],
        columns.taken(birth, orders.profile[order]),
        [_GENDERS[buyer.gender] for buyer in buyers],
        columns.kroner(sold.price_ore[line], ","),
        repeat("NOK"),
        columns.taken(("betalt", "refundert", "reservert"), status),
        columns.taken(CHANNELS, orders.channel[order]),
        [text if was else "" for text, was in zip(columns.norwegian(start), seen.tolist(), strict=True)],
    )
    with path.open("w", encoding="windows-1252", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(_HEADER)
        writer.writerows(zip(*cells, strict=False))
    return [path]


def _norwegian_day(day: str) -> str:
    return f"{day[8:10]}.{day[5:7]}.{day[:4]}" if day else ""


def _uuids(world: World, count: int) -> list[str]:
    text = world.institution.rng(6).bytes(16 * count).hex()
    return [
        f"{text[at : at + 8]}-{text[at + 8 : at + 12]}-4{text[at + 13 : at + 16]}-a{text[at + 17 : at + 20]}-"
        f"{text[at + 20 : at + 32]}"
        for at in range(0, 32 * count, 32)
    ]
