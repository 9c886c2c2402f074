"""Who buys when: people who come once, people who come back, and those who are lost again."""

from dataclasses import dataclass

import numpy as np

from deploy.demo.institution import Institution
from deploy.demo.playbill import Moments
from deploy.demo.population import Numbers, Persons, Shares

BAND_SHARES = (0.68, 0.26, 0.04, 0.02)
"""Of a year's customers those with 1, 2–4, 5–7 and 8 or more orders: a theatre's bookers (docs/kpis.md)."""

_KEPT = (0.33, 0.53, 0.75, 0.85)
"""Share of each band that buys again within the next year: 41 % of all."""

_RECOVERED = (0.08, 0.14, 0.2, 0.25)
"""Share of each band's former customers that come back in a year."""

_GROWTH = 1.03
_ORDERS = (((1,), (1.0,)), ((2, 3, 4), (0.58, 0.28, 0.14)), ((5, 6, 7), (0.5, 0.3, 0.2)))

MONTH_SHARES = np.array([9, 9, 10, 8, 7, 4, 1.5, 8, 11, 11.5, 12.5, 8.5]) / 100
"""A performing-arts house's year, January to December: little in summer, most in autumn."""

_HOURS = np.array([2, 1, 0, 0, 0, 0.3, 1, 2, 4, 6, 8, 8, 9, 7, 6, 6, 6, 7, 7, 6, 7, 8, 6, 3])
"""By the hour; nobody buys in the hours that the change of clocks repeats or leaves out."""


@dataclass(frozen=True)
class Purchases:
    """Orders of known people, one row each: the person (index), the year (0 the oldest) and the band."""

    person: Numbers
    year: Numbers
    band: Numbers


def purchases(institution: Institution, people: Persons) -> Purchases:
    """When each person is active, and how often. Everybody buys at least once in these years."""
    rng = institution.rng(2)
    band, entry = _bands_and_entries(rng, institution, people.interest)
    persons, years = [], []
    active = np.zeros(len(band), dtype=bool)
    kept, recovered = np.array(_KEPT)[band], np.array(_RECOVERED)[band]
    for year in range(institution.years):
        luck = rng.random(len(band))
        active = np.where(active, luck < kept, (luck < recovered) & (entry < year)) | (entry == year)
        here = np.flatnonzero(active)
        orders = _orders(rng, band[here])
        persons.append(np.repeat(here, orders))
        years.append(np.full(int(orders.sum()), year))
    person, year_of = np.concatenate(persons), np.concatenate(years)
    return Purchases(person, year_of, band[person])


def _bands_and_entries(rng: np.random.Generator, institution: Institution, interest: Shares) -> tuple[Numbers, Numbers]:
    """Each person's band, the most interested in the highest, and the year of the first purchase.

    Numbers of newcomers are such that every year's customers divide into the bands as `BAND_SHARES` says.
    """
    newcomers = np.array(
        [
            _newcomers(share, kept, back, institution.years)
            for share, kept, back in zip(BAND_SHARES, _KEPT, _RECOVERED, strict=True)
        ]
    )
    cells = rng.choice(newcomers.size, size=len(interest), p=(newcomers / newcomers.sum()).ravel())
    band, entry = np.divmod(np.sort(cells), institution.years)
    by_interest = np.argsort(interest * rng.lognormal(0, 0.5, len(interest)))
    bands, entries = np.empty_like(band), np.empty_like(entry)
    bands[by_interest], entries[by_interest] = band, entry
    return bands, entries


def _newcomers(share: float, kept: float, recovered: float, years: int) -> list[float]:
    """New customers of a band by year, where its customers grow steadily: the others are kept or come back."""
    active, lapsed, found = share, 0.0, [share]
    for _ in range(1, years):
        back = lapsed * recovered
        lapsed += active * (1 - kept) - back
        found.append(max(0.0, active * _GROWTH - active * kept - back))
        active *= _GROWTH
    return found


def _orders(rng: np.random.Generator, band: Numbers) -> Numbers:
    """Orders in a year of people of a band; the heaviest users have no upper limit."""
    orders = 8 + rng.geometric(0.35, len(band)) - 1
    for index, (counts, chances) in enumerate(_ORDERS):
        orders = np.where(band == index, rng.choice(counts, len(band), p=chances), orders)
    return orders


def moments(rng: np.random.Generator, institution: Institution, year: Numbers) -> Moments:
    """A local time in each of the years, by season and time of day. Years count from 0, the oldest."""
    end = np.datetime64(institution.last, "M") + 1
    month_of_year = (end.astype(np.int64) + np.arange(12)) % 12
    shares = MONTH_SHARES[month_of_year]
    offset = rng.choice(12, len(year), p=shares / shares.sum())
    month = end - 12 * (institution.years - year) + offset
    days = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    day = month.astype("datetime64[D]") + (rng.random(len(year)) * days).astype(np.int64)
    hour = rng.choice(24, len(year), p=_HOURS / _HOURS.sum())
    second = rng.integers(0, 3600, len(year))
    times: Moments = day.astype("datetime64[s]") + (hour * 3600 + second).astype("timedelta64[s]")
    return times
