"""A market of invented people, from whom institutions draw their customers.

Everything about a person follows from the market's seed and the person's number, so two institutions that draw the
same person meet the same name, address and year of birth: that is what makes their audiences overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from deploy.demo import names
from privacy.catalogue.institutions import COUNTIES

Numbers = NDArray[np.int64]
Shares = NDArray[np.float32]

MOST_PERSONS = 2_000_000
"""As many as there are telephone numbers in the two series that are used."""

ABROAD = len(COUNTIES)
"""Index of the county of people who live abroad, after those of `COUNTIES`."""

_ABROAD_SHARE = 0.015
_HOME = 40.0
"""How much likelier somebody from the institution's own county becomes a customer than somebody from elsewhere."""

_FOREIGN = (("Sverige", "114 55", "Stockholm"), ("Danmark", "2100", "København"), ("Tyskland", "20095", "Hamburg"))
_TOO_LONG_FOR_GMAIL = "oppdiktet.person.i.kudosdemoen"
"""Gmail gives out names of 6 to 30 characters: an address that ends so before the @ can be nobody's."""


@dataclass(frozen=True)
class Market:
    """The people among whom institutions find their customers."""

    seed: int = 2026
    persons: int = 1_600_000

    def __post_init__(self) -> None:
        if not 1 <= self.persons <= MOST_PERSONS:
            raise ValueError(f"a market has 1 to {MOST_PERSONS} persons")


@dataclass(frozen=True)
class Persons:
    """The people that one institution knows, each list in the order of `ids`.

    `gender` is 1 male, 2 female, 3 other; `birth_day` the date of birth; `interest` how much of a culture user the
    person is (median 1, heavy tail); `county` an index into `COUNTIES`, or `ABROAD`.
    """

    ids: Numbers
    first_name: Sequence[str]
    last_name: Sequence[str]
    email: Sequence[str]
    phone: Sequence[str]
    gender: Numbers
    birth_day: NDArray[np.datetime64]
    county: Numbers
    postcode: Sequence[str]
    city: Sequence[str]
    country: Sequence[str]
    interest: Shares

    @property
    def age(self) -> Numbers:
        """Age in the year 2026."""
        years: Numbers = 2026 - 1970 - self.birth_day.astype("datetime64[Y]").astype(np.int64)
        return years


@lru_cache(maxsize=16)
def _uniform(market: Market, what: str) -> Shares:
    """A number in [0, 1) for every person, of its own for every property."""
    return np.random.default_rng([market.seed, crc32(what.encode())]).random(market.persons, dtype=np.float32)


@lru_cache(maxsize=4)
def _interest(market: Market) -> Shares:
    normal = np.random.default_rng([market.seed, crc32(b"interest")]).standard_normal(market.persons, dtype=np.float32)
    return np.exp(normal, dtype=np.float32)


@lru_cache(maxsize=4)
def _county(market: Market) -> Numbers:
    inhabitants = np.array([county.inhabitants for county in COUNTIES.values()], dtype=float)
    shares = np.append(inhabitants / inhabitants.sum() * (1 - _ABROAD_SHARE), _ABROAD_SHARE)
    return np.searchsorted(shares.cumsum()[:-1], _uniform(market, "county"), side="right")


def draw(market: Market, count: int, county: str, seed: int) -> Numbers:
    """The numbers of `count` different persons, rising, drawn by interest and nearness to a county (its code).

    Weighted sampling without replacement by exponential keys: Efraimidis and Spirakis 2006, "Weighted random
    sampling with a reservoir". Raises ValueError where the market has fewer persons.
    """
    if count > market.persons:
        raise ValueError(f"{count} customers cannot come from a market of {market.persons} persons")
    home = list(COUNTIES).index(county)
    weight = _interest(market) * np.where(_county(market) == home, np.float32(_HOME), np.float32(1))
    keys = np.random.default_rng([market.seed, seed]).standard_exponential(market.persons, dtype=np.float32) / weight
    chosen: Numbers = np.sort(np.argpartition(keys, count - 1)[:count]).astype(np.int64)
    return chosen


def persons(market: Market, ids: Numbers) -> Persons:
    """The persons of some numbers."""

    def pick(what: str, count: int) -> Numbers:
        return (_uniform(market, what)[ids] * count).astype(np.int64)

    share = _uniform(market, "gender")[ids]
    gender = np.where(share < 0.576, 2, np.where(share < 0.996, 1, 3))
    called_as = np.where(gender == 3, pick("called", 2) + 1, gender).tolist()
    female, male = pick("name", len(names.FEMALE)).tolist(), pick("name", len(names.MALE)).tolist()
    first = [
        names.FEMALE[f] if kind == 2 else names.MALE[m] for kind, f, m in zip(called_as, female, male, strict=True)
    ]
    last = [names.LAST[index] for index in pick("last name", len(names.LAST)).tolist()]
    county = _county(market)[ids]
    postcode, city, country = _places(county, _uniform(market, "postcode")[ids])
    return Persons(
        ids=ids,
        first_name=first,
        last_name=last,
        email=_emails(first, last, ids, _uniform(market, "mail")[ids]),
        phone=_phones(market, ids),
        gender=gender,
        birth_day=_birth_days(market, ids),
        county=county,
        postcode=postcode,
        city=city,
        country=country,
        interest=_interest(market)[ids],
    )


def _emails(first: Sequence[str], last: Sequence[str], ids: Numbers, share: Shares) -> list[str]:
    """One address per person, at domains that nobody has, or of a form that Gmail never gives out."""
    found = []
    for given, family, number, part in zip(first, last, ids.tolist(), share.tolist(), strict=True):
        name = f"{names.ascii_name(given)}.{names.ascii_name(family)}"
        if part < 0.06:
            found.append(f"{name}{number}.{_TOO_LONG_FOR_GMAIL}@gmail.com")
        else:
            found.append(f"{name}{number}@example.{'no' if part < 0.6 else 'com'}")
    return found


def _phones(market: Market, ids: Numbers) -> list[str]:
    """A number of one's own for every person: 7 919 is prime, so numbers do not meet."""
    invented = 40_000_000 + (ids * 7_919 + market.seed) % MOST_PERSONS
    return [str(number) for number in invented.tolist()]


def _birth_days(market: Market, ids: Numbers) -> NDArray[np.datetime64]:
    """Ages from 14 to 92 in 2026, most between 35 and 70."""
    young, spread = _uniform(market, "age")[ids], _uniform(market, "spread")[ids]
    age = np.where(young < 0.22, 14 + spread * 22, 34 + (spread + _uniform(market, "spread 2")[ids]) * 29)
    day = np.datetime64("2026-12-31") - (age * 365.25).astype(np.int64)
    return day.astype("datetime64[D]")


@lru_cache(maxsize=1)
def _postcodes() -> list[list[tuple[str, str]]]:
    """Postcodes with their towns, by county."""
    from countrystatecity_postal_codes import get_postcodes_of_country

    found: dict[str, list[tuple[str, str]]] = {code: [] for code in COUNTIES}
    for entry in get_postcodes_of_country("NO"):
        if entry.stateCode in found:
            found[entry.stateCode].append((entry.code, str(entry.localityName).title()))
    return list(found.values())


def _places(county: Numbers, share: Shares) -> tuple[list[str], list[str], list[str]]:
    """Postcode, town and country."""
    by_county = _postcodes()
    postcode, city, country = [], [], []
    for index, part in zip(county.tolist(), share.tolist(), strict=True):
        if index == ABROAD:
            land, code, town = _FOREIGN[int(part * len(_FOREIGN))]
        else:
            code, town = by_county[index][int(part * len(by_county[index]))]
            land = "Norge"
        postcode.append(code)
        city.append(town)
        country.append(land)
    return postcode, city, country
