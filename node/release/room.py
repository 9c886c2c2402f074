"""How many more releases the budget has room for, and when earlier ones make room again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from privacy.budget.amounts import Spend
from privacy.budget.policy import Policy
from privacy.budget.twelve_months import Entry, spent_between


@dataclass(frozen=True)
class Room:
    """`fits` more releases of one cost can be booked now; `more_at` that moment, UTC, there is room for one more.

    `more_at` is None where no earlier spending stands in the way: waiting changes nothing then.
    """

    fits: int
    more_at: datetime | None


def room(entries: Iterable[Entry], policy: Policy, cost: Spend, now: datetime) -> Room:
    """The room that the caps of `policy` leave at `now` for releases that cost `cost` each."""
    entries = tuple(entries)
    fits = _fits(policy, spent_between(entries, now), cost)
    moments = sorted(drops_out(entry.time) for entry in entries if entry.cost != Spend.nothing())
    for moment in moments:
        if moment > now and _fits(policy, spent_between(entries, moment), cost) > fits:
            return Room(fits, moment)
    return Room(fits, None)


def drops_out(time: datetime) -> datetime:
    """The first moment whose trailing twelve months do not hold what was spent at `time`; UTC.

    What was spent on 29 February counts to the end of 28 February.
    """
    time = time.astimezone(UTC)
    if (time.month, time.day) == (2, 29):
        return datetime(time.year + 1, 3, 1, tzinfo=UTC)
    return time.replace(year=time.year + 1)


def _fits(policy: Policy, spent: Spend, cost: Spend) -> int:
    """How often a cost fits beside what was spent: under each cap, and under that of a single release."""
    amounts = (
        (cost.epsilon.micro, policy.cap.epsilon.left_after(spent.epsilon).micro, policy.largest_release.epsilon.micro),
        (cost.rho.micro, policy.cap.rho.left_after(spent.rho).micro, policy.largest_release.rho.micro),
    )
    if any(each > largest for each, _, largest in amounts):
        return 0
    return min((left // each for each, left, _ in amounts if each), default=0)
