"""What a ledger's releases cost by their own parameters, and any twelve months of them."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.audit.verdict import Finding
from privacy.budget import composition
from privacy.budget.amounts import Epsilon, Rho, Spend, total
from privacy.budget.twelve_months import since
from privacy.ledger.leaves import AnyPart, PolicyAdopted, Recovered, Spent, derived_cost

DEFAULT_DELTA = Fraction(1, 10**6)
"""The δ that a policy has as it is delivered."""


@lru_cache(maxsize=4096)
def total_epsilon(spend: Spend, delta: Fraction) -> Epsilon:
    """As `composition.total_epsilon`: the same few sums are asked for again and again, and each takes milliseconds."""
    return composition.total_epsilon(spend, delta)


@dataclass(frozen=True)
class Cost:
    """An entry that spent, and what that cost by its own parameters."""

    placed: Placed
    spend: Spend


@dataclass(frozen=True)
class Moment:
    """The twelve months that end with an entry: what they cost in millionths, and the entries in them."""

    epsilon_u: int
    rho_u: int
    first: int
    last: int

    @property
    def spent(self) -> Spend:
        """What they cost."""
        return Spend(Epsilon(self.epsilon_u), Rho(self.rho_u))

    def exceeds(self, policy: PolicyAdopted) -> bool:
        """Whether a policy allows less, of either. Millions of amounts would take their time: these are integers."""
        return self.epsilon_u > policy.cap_epsilon_u or self.rho_u > policy.cap_rho_u


def costs(ledger: CheckedLedger) -> list[Cost]:
    """The entries of a ledger that spent, in its order."""
    return [Cost(each, _cost(each)) for each in ledger.placed if isinstance(each.entry, Spent | Recovered)]


def _cost(placed: Placed) -> Spend:
    """What an entry cost. Where a fault was found in it, by its parameters; else it booked just that."""
    entry = placed.entry
    if not placed.faulty or not isinstance(entry, Spent):
        return entry.cost
    derived = total(_derived(part) for part in entry.parts)
    return Spend(max(entry.cost.epsilon, derived.epsilon), max(entry.cost.rho, derived.rho))


def _derived(part: AnyPart) -> Spend:
    """What a part costs by its parameters; where no mechanism has such, what it booked."""
    try:
        return derived_cost(part)
    except ValueError:
        return part.cost


def summed(spends: Iterable[Spend]) -> Spend:
    """As `total`, for as many as a long ledger has."""
    amounts = [(each.epsilon.micro, each.rho.micro) for each in spends]
    return Spend(Epsilon(sum(epsilon for epsilon, _ in amounts)), Rho(sum(rho for _, rho in amounts)))


def trailing(spending: Sequence[Cost], time_of: Callable[[Cost], datetime]) -> list[Moment]:
    """For each entry, the twelve months that end with it. Entries of exactly a year before have dropped out.

    One that is dated after a later entry counts for that as well, as `spent_between` has it. 29 February looks back
    further than the evening of the 28th, so where the months begin does not only move on.
    """
    latest = list(accumulate((time_of(each) for each in spending), max))
    epsilon = list(accumulate((each.spend.epsilon.micro for each in spending), initial=0))
    rho = list(accumulate((each.spend.rho.micro for each in spending), initial=0))
    moments: list[Moment] = []
    for index, each in enumerate(spending):
        first = bisect_right(latest, since(time_of(each)), 0, index + 1)
        moments.append(Moment(epsilon[index + 1] - epsilon[first], rho[index + 1] - rho[first], first, index))
    return moments


def dearest(moments: Iterable[Moment], delta: Fraction) -> Moment | None:
    """The twelve months that come to the largest ε of all at `delta`; None of none.

    Those that others exceed in ρ and pure ε alike are not asked.
    """
    asked: list[Moment] = []
    for each in sorted(moments, key=lambda one: (one.rho_u, one.epsilon_u), reverse=True):
        if not asked or each.epsilon_u > asked[-1].epsilon_u:
            asked.append(each)
    return max(asked, key=lambda each: total_epsilon(each.spent, delta), default=None)


class Held:
    """Which policy was in force at which line; asked in the order of lines."""

    def __init__(self, ledger: CheckedLedger) -> None:
        self._policies = [(each.line, each.entry) for each in ledger.placed if isinstance(each.entry, PolicyAdopted)]
        self._at = 0

    def at(self, line: int) -> PolicyAdopted | None:
        """The newest policy before a line."""
        while self._at < len(self._policies) and self._policies[self._at][0] < line:
            self._at += 1
        return self._policies[self._at - 1][1] if self._at else None


def cap_of(policy: PolicyAdopted) -> Spend:
    """What a policy lets twelve months cost."""
    return Spend(Epsilon(policy.cap_epsilon_u), Rho(policy.cap_rho_u))


def largest_of(policy: PolicyAdopted) -> Spend:
    """What a policy lets a single release cost."""
    return Spend(Epsilon(policy.largest_epsilon_u), Rho(policy.largest_rho_u))


def of_entry(ledger: CheckedLedger, placed: Placed, code: str, sentence: str) -> Finding:
    """Something that was found of an entry."""
    return Finding(code, sentence, ledger.member, placed.entry.seq, ledger.file, placed.line)


def two(amount: Epsilon) -> str:
    """An amount of ε with two decimals, rounded up."""
    return f"{-(-amount.micro // 10_000) / 100:.2f}"
