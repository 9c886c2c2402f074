"""Who the invented institutions are."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from deploy.demo.population import Market


@dataclass(frozen=True)
class Institution:
    """An invented institution; all that is to be known of it follows from these values.

    `customers` buy at least once in the `months` that end with `last`, which is the end of a month; months are rounded
    up to whole years, for people come and go by the year. `county` is a code as in `privacy.catalogue`.
    `price_level` multiplies the prices.
    """

    name: str = "Fjordteatret"
    industry: str = "performing-arts"
    county: str = "46"
    customers: int = 24_000
    months: int = 48
    last: date = date(2026, 10, 31)
    seed: int = 1
    price_level: float = 1.0
    market: Market = field(default_factory=Market)

    @property
    def years(self) -> int:
        """Whole years of sales."""
        return -(-self.months // 12)

    def rng(self, stream: int) -> np.random.Generator:
        """A source of chance of its own for each part of the making, so that parts can change apart."""
        return np.random.default_rng([self.market.seed, self.seed, stream])
