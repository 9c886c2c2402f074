"""Small invented worlds for the tests of the demo."""

from datetime import date
from functools import cache

from deploy.demo.institution import Institution
from deploy.demo.population import Market
from deploy.demo.world import World, invent

SMALL = Market(seed=7, persons=400_000)


@cache
def world(customers: int = 1_500, seed: int = 1, county: str = "46", last: date = date(2026, 10, 31)) -> World:
    """An institution in a small market; made once per test run."""
    return invent(Institution(customers=customers, seed=seed, county=county, last=last, market=SMALL))
