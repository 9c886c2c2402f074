"""What the next round that waits for this node would cost it."""

from dataclasses import dataclass
from datetime import datetime

from node.home import Home
from node.membership.settings import joined, membership
from node.network.rounds import APPROVED, listed
from node.release.accounts import Accounts
from privacy.budget.amounts import Epsilon, Spend
from privacy.ledger.contents import Contents
from privacy.studies.price import price


@dataclass(frozen=True)
class NextRound:
    """A round that waits for an answer.

    `after` is the total ε of twelve months once it is answered, `paid` whether its release is booked already, `fits`
    whether the caps leave room for it.
    """

    name: str
    deadline: datetime
    cost: Spend
    after: Epsilon
    paid: bool
    fits: bool


def next_round(home: Home, contents: Contents, account: Accounts, now: datetime) -> NextRound | None:
    """Of the rounds that this node knows and has neither answered nor declined, the one with the first deadline."""
    if not joined(home):
        return None
    known = listed(home, membership(home))
    waiting = [each for each in known if each.status(now) in ("waiting", APPROVED)]
    if not waiting:
        return None
    wanted = min(waiting, key=lambda each: (each.announcement.deadline, each.name))
    study, window = wanted.announcement.study, wanted.announcement.window
    paid = contents.find(study.digest, window) is not None
    cost = Spend.nothing() if paid else price(study).spend
    left = account.remaining
    return NextRound(
        name=wanted.name,
        deadline=wanted.announcement.deadline,
        cost=cost,
        after=account.total_after(cost),
        paid=paid,
        fits=cost.epsilon.micro <= left.epsilon.micro and cost.rho.micro <= left.rho.micro,
    )
