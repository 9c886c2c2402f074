"""pretix: the positions of its order data export in Norwegian, with commas, as pretix 2026.8 writes them.

All text in quotes, lines end with CR LF, decimal comma, date and time in two columns, telephone numbers after an
apostrophe, some headers twice. A ticket that came back is a cancelled position. Year of birth and gender are not in it.
"""

import csv
from collections.abc import Iterable
from itertools import repeat
from pathlib import Path

import numpy as np

from deploy.demo import columns
from deploy.demo.playbill import TYPE, TYPES, ZONES
from deploy.demo.population import Numbers
from deploy.demo.sales import WEB
from deploy.demo.world import World

_HEADER = (
    "Event permalenke|Arrangement navn|Ordrekode|Posisjons ID|Status|E-post|Telefonnummer|Ordredato|Ordre tid|Dato|"
    "Startdato|Sluttdato|Produkt|Produkt|Variasjon|Variasjon|Pris|Avgiftsrate|Skatteregel|Avgifter|Deltakernavn|"
    "Deltakerens e-post|Deltakerens selskap|Adresse|Postkode|By|Land|Delstat|Voucher|Voucher budget usage|Voucher tag|"
    "Pseudonymiserings-ID|Billetthemmelighet|Sete ID|Setenavn|Setesone|Seterad|Setenummer|Blokkert.|Gyldig fra|"
    "Gyldig til|Bestillingskommentar|Oppfølgingsdato|Add-on to position ID|Fakturaadresse selskap|Fakturaadressenavn|"
    "Fakturaadresse gate|Postnummer for fakturaadressen|Fakturaadresse by|Fakturaadresse land|Fakturaadressenavn|"
    "MVA Nummer|Salgskanal|Bestillingslokasjon|E-postadresse er bekreftet|Ekstern kunde-ID|Innsjekklister|"
    "Betalingsleverandører|Position order link"
)
HEADER = tuple(_HEADER.split("|"))

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"
"""The letters of pretix's order codes."""


def write(world: World, folder: Path) -> list[Path]:
    """Writes positions.csv."""
    path = folder / "positions.csv"
    cells = {**_sale(world), **_buyer(world)}
    known = [cells.get(name, repeat("")) for name in _named()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(zip(*known, strict=False))
    return [path]


def _named() -> list[str]:
    """The headers, the second of two equal ones marked."""
    return [f"{name}#2" if name in HEADER[:at] else name for at, name in enumerate(HEADER)]


def _sale(world: World) -> dict[str, Iterable[object]]:
    """What is known of the tickets."""
    sold, orders = world.lines, world.orders
    line, returned = columns.per_ticket(world)
    order, event, kind = sold.order[line], sold.event[line], sold.ticket_type[line]
    first = np.append(True, order[1:] != order[:-1])
    at = np.arange(len(line))
    position = at - np.maximum.accumulate(np.where(first, at, 0)) + 1
    time, start = columns.iso(orders.time[order]), columns.iso(world.playbill.start[event])
    status = np.where(orders.reserved[order], 2, returned.astype(np.int64))
    return {
        "Event permalenke": _slugs(world, event, kind),
        "Arrangement navn": columns.taken(columns.titles(world), event),
        "Ordrekode": columns.taken(_codes(len(orders.time)), order),
        "Posisjons ID": position.tolist(),
        "Status": columns.taken(("betalt", "kansellert", "avventer"), status),
        "Ordredato": [text[:10] for text in time],
        "Ordre tid": [text[11:] for text in time],
        "Dato": columns.taken(columns.titles(world), event),
        "Startdato": [text.replace("T", " ") for text in start],
        "Produkt": columns.taken([name for name, _, _ in TYPES], kind),
        "Produkt#2": columns.taken([str(number + 1) for number in range(len(TYPES))], kind),
        "Pris": columns.kroner(sold.price_ore[line], ","),
        "Avgiftsrate": repeat("0"),
        "Avgifter": repeat("0,00"),
        "Setesone": columns.taken([zone for zone, _ in ZONES], sold.zone[line]),
        "Salgskanal": columns.taken(("Billettluke", "Nettbutikk"), (orders.channel[order] == WEB).astype(np.int64)),
        "Bestillingslokasjon": repeat("nb-no"),
        "E-postadresse er bekreftet": repeat("Nei"),
        "Betalingsleverandører": repeat("Manuell betaling"),
    }


def _buyer(world: World) -> dict[str, Iterable[object]]:
    """What is known of who ordered them."""
    line, _ = columns.per_ticket(world)
    known = columns.customers(world)
    buyers = [known[at] for at in world.orders.profile[world.lines.order[line]].tolist()]
    phone = {each.phone: _phone(each.phone) for each in known}
    return {
        "E-post": [buyer.email for buyer in buyers],
        "Telefonnummer": [phone[buyer.phone] for buyer in buyers],
        "Fakturaadressenavn": [f"{buyer.first_name} {buyer.last_name}".strip() for buyer in buyers],
        "Postnummer for fakturaadressen": [buyer.postcode for buyer in buyers],
        "Fakturaadresse by": [buyer.city for buyer in buyers],
        "Fakturaadresse land": [columns.COUNTRY_CODES.get(buyer.country, "") for buyer in buyers],
        "Ekstern kunde-ID": [buyer.key for buyer in buyers],
    }


def _phone(typed: str) -> str:
    """A telephone number as pretix keeps it, in E.164, after the apostrophe that spreadsheets need."""
    digits = "".join(character for character in typed if character.isdigit())
    return f"'+47{digits[-8:]}" if digits else ""


def _slugs(world: World, event: Numbers, kind: Numbers) -> list[str]:
    """The pretix event: a production with all its dates, or the subscriptions of a season."""
    of_event = [world.playbill.productions[index] for index in world.playbill.production.tolist()]
    subscribed = (kind == TYPE["Abonnement"]).tolist()
    return [
        f"abonnement-{of_event[at].season}" if series else of_event[at].slug
        for at, series in zip(event.tolist(), subscribed, strict=True)
    ]


def _codes(count: int) -> list[str]:
    """A code of five letters per order; 7 919 has no divisor in common with 28, so none comes twice."""
    size = len(_ALPHABET)
    numbers = (np.arange(count) * 7_919 + 1_234_567) % size**5
    letters = [np.array(list(_ALPHABET))[numbers // size**place % size] for place in range(5)]
    return ["".join(code) for code in zip(*(column.tolist() for column in letters), strict=True)]
