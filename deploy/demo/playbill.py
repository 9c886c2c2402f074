"""What an invented theatre plays and what it sells: performances, ticket types, prices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.demo import names
from deploy.demo.institution import Institution
from deploy.demo.population import Numbers

Moments = NDArray[np.datetime64]

TYPES = (
    ("Ordinær", "ordinary", 1.0),
    ("Honnør", "senior", 0.85),
    ("Student", "student", 0.6),
    ("Ungdom under 26", "youth", 0.6),
    ("Barn", "child", 0.5),
    ("Venneforeningen", "member", 0.9),
    ("Tilbud", "discount", 0.7),
    ("Abonnement", "subscription", 0.75),
    ("Gruppe over 10", "group", 0.8),
    ("Skoleforestilling", "school", 0.4),
    ("Fribillett", "complimentary", 0.0),
)
"""Ticket types as sold, their category in the standard, and their price as a part of the full one."""

TYPE = {name: index for index, (name, _, _) in enumerate(TYPES)}

ZONES = (("Parkett A", 1.25), ("Parkett B", 1.0), ("Galleri", 0.75))

HALLS = (("Loftet", 96), ("Lille scene", 180), ("Store scene", 480), ("Amfiet", 1_200))
"""Halls with their seats, the smallest first."""

_PRICES_KR = np.array([195, 240, 290, 345, 395, 445, 495, 590])
_FAMILY_PRICE_KR = 290
_PER_SEASON = 10
_DAYS_AHEAD = 330


@dataclass(frozen=True)
class Playbill:
    """Performances in the order of their time. `production` is an index into `productions`."""

    start: Moments
    production: Numbers
    productions: Sequence["Production"]

    def prices_ore(self, event: Numbers, ticket_type: Numbers, zone: Numbers) -> Numbers:
        """Price of a ticket; offers end with 50 øre, the others with whole five kroner."""
        full = np.array([each.price_kr for each in self.productions])[self.production[event]]
        factor = np.array([part for _, _, part in TYPES])[ticket_type]
        by_zone = np.array([part for _, part in ZONES])[zone]
        fives = np.rint(full * factor * by_zone / 5).astype(np.int64) * 500
        prices: Numbers = np.where((ticket_type == TYPE["Tilbud"]) & (fives > 0), fives - 50, fives)
        return prices

    @property
    def for_families(self) -> NDArray[np.bool_]:
        """Per performance: whether people bring their children."""
        flags: NDArray[np.bool_] = np.array([each.genre == "Familie" for each in self.productions])[self.production]
        return flags


@dataclass(frozen=True)
class Production:
    """A play in one season, such as `Peer Gynt` in `2025`."""

    title: str
    genre: str
    season: int
    price_kr: int

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return f"{names.ascii_name(self.title).replace('.', '-')}-{self.season}"


def playbill(institution: Institution, tickets_a_year: int) -> Playbill:
    """Performances of all seasons, some 130 tickets each, until almost a year after the last sale."""
    rng = institution.rng(1)
    length = max(2, round(tickets_a_year / 130 / _PER_SEASON))
    end = np.datetime64(institution.last) + _DAYS_AHEAD
    found: list[Production] = []
    starts: list[Moments] = []
    owners: list[Numbers] = []
    for season in range(institution.last.year - institution.years - 1, institution.last.year + 1):
        prices = rng.permutation(np.resize(_PRICES_KR, _PER_SEASON)).tolist()
        for place, choice in enumerate(rng.permutation(len(names.PRODUCTIONS))[:_PER_SEASON].tolist()):
            title, genre = names.PRODUCTIONS[choice]
            usual = min(prices[place], _FAMILY_PRICE_KR) if genre == "Familie" else prices[place]
            price = round(usual * institution.price_level)
            run = _run(np.datetime64(f"{season}-08-20") + place * 29, length, family=genre == "Familie")
            run = run[run < end]
            owners.append(np.full(len(run), len(found)))
            starts.append(run)
            found.append(Production(title, genre, season, price))
    start, owner = np.concatenate(starts), np.concatenate(owners)
    order = np.argsort(start, kind="stable")
    return Playbill(start[order], owner[order], found)


def _run(first: np.datetime64, length: int, *, family: bool) -> Moments:
    """Performances from Wednesday to Saturday; where days run out, a second one in the afternoon."""
    days = first + np.arange(40)
    weekday = (days.astype(np.int64) + 3) % 7
    open_days = days[(weekday >= 2) & (weekday <= 5)]
    chosen = np.sort(np.resize(open_days, min(length, 2 * len(open_days))))
    hour = np.full(len(chosen), 19 * 60)
    again = np.append(False, chosen[1:] == chosen[:-1])
    hour[again] = 14 * 60
    if family:
        hour -= 120
    moments: Moments = chosen.astype("datetime64[s]") + (hour * 60).astype("timedelta64[s]")
    return moments


def halls(playbill: Playbill, sold: Numbers) -> Numbers:
    """The hall of every performance: for each production the smallest that holds its fullest house.

    So no house is ever sold beyond its seats. `sold` is per performance; returns an index into `HALLS` each.
    """
    fullest = np.zeros(len(playbill.productions), dtype=np.int64)
    np.maximum.at(fullest, playbill.production, sold)
    seats = np.array([capacity for _, capacity in HALLS])
    by_production = np.minimum(np.searchsorted(seats, fullest), len(HALLS) - 1)
    chosen: Numbers = by_production[playbill.production]
    return chosen
