"""Where the budget stands: what was spent in the trailing twelve months, what is left, and what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from privacy.budget.amounts import Epsilon, Spend
from privacy.budget.composition import for_customer_of, total_epsilon
from privacy.budget.policy import Policy
from privacy.budget.twelve_months import Lifetime, lifetime, spent_between
from privacy.ledger.contents import Contents
from privacy.ledger.counting import counted

CUSTOMER_OF = (1, 2, 5, 10)
"""How many members somebody may be a customer of, for the figures that the budget shows."""


@dataclass(frozen=True)
class Accounts:
    """The budget of the trailing twelve months, and of a lifetime.

    Totals are Σε + ε(Σρ, δ) at the policy's δ.
    """

    policy: Policy
    spent: Spend
    life: Lifetime

    @property
    def total_spent(self) -> Epsilon:
        """The total that was spent in the trailing twelve months."""
        return total_epsilon(self.spent, self.policy.delta)

    @property
    def total_cap(self) -> Epsilon:
        """The total that the caps amount to."""
        return total_epsilon(self.policy.cap, self.policy.delta)

    def total_after(self, cost: Spend) -> Epsilon:
        """The total once something more is spent."""
        return total_epsilon(self.spent + cost, self.policy.delta)

    @property
    def remaining(self) -> Spend:
        """What the caps leave, each by itself."""
        return Spend(
            self.policy.cap.epsilon.left_after(self.spent.epsilon),
            self.policy.cap.rho.left_after(self.spent.rho),
        )

    def of_customer_of(self, members: int) -> Epsilon:
        """The total of somebody who is a customer of so many members that spend alike."""
        return for_customer_of(members, self.spent, self.policy.delta)


def accounts(contents: Contents, policy: Policy) -> Accounts:
    """The accounts of a ledger under a policy, at this moment."""
    now = datetime.now(UTC)
    return Accounts(policy, spent_between(counted(contents, now), now), lifetime(contents.entries, policy.delta, now))
