"""What was spent in the trailing twelve months, and in all. Times are UTC, in whole seconds.

A calendar year would let two years' budgets be spent within days around new year; a trailing year never does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Protocol

from privacy.budget.amounts import Epsilon, Spend, total
from privacy.budget.composition import total_epsilon


class Entry(Protocol):
    """Anything of a ledger that has a time and a cost, which is nothing for most."""

    @property
    def time(self) -> datetime:
        """When it was booked, UTC."""

    @property
    def cost(self) -> Spend:
        """What it spent."""


def since(now: datetime) -> datetime:
    """The start of the trailing twelve months: the same instant one calendar year before `now`, in UTC.

    From 29 February it goes to 28 February, the earlier of the two choices, which counts more against us.
    `now` carries a time zone; raises ValueError otherwise.
    """
    if now.tzinfo is None:
        raise ValueError("a moment without a time zone")
    now = now.astimezone(UTC)
    if (now.month, now.day) == (2, 29):
        now = now.replace(day=28)
    return now.replace(year=now.year - 1)


def spent_between(entries: Iterable[Entry], now: datetime) -> Spend:
    """What `entries` spent in the trailing twelve months of `now`.

    An entry of exactly one year ago has just dropped out. One that is dated after `now` counts.
    """
    start = since(now)
    return total(entry.cost for entry in entries if entry.time > start)


@dataclass(frozen=True)
class Lifetime:
    """All that was ever spent: composition does not end with a year.

    `years` counts the twelve-month periods that have begun since the first spending, and `delta` adds up the
    policy's δ over them.
    """

    spend: Spend
    years: int
    delta: Fraction

    @property
    def epsilon(self) -> Epsilon:
        """The total Σε + ε(Σρ, δ) at the δ that has added up; nothing where nothing was spent."""
        return total_epsilon(self.spend, self.delta) if self.years else Epsilon(0)


def lifetime(entries: Iterable[Entry], delta: Fraction, now: datetime) -> Lifetime:
    """The lifetime total of `entries` at `now`, where `delta` is what the policy allows for twelve months."""
    spending = [entry for entry in entries if entry.cost != Spend.nothing()]
    years = _periods_begun(min(entry.time for entry in spending), now) if spending else 0
    return Lifetime(total(entry.cost for entry in spending), years, delta * years)


def _periods_begun(first: datetime, now: datetime) -> int:
    periods = 1
    while (now := since(now)) >= first:
        periods += 1
    return periods
