"""What the next round that waits for this node would cost it."""

from dataclasses import dataclass
from datetime import datetime

from node.home import Home
from node.membership.settings import joined, membership
from node.network.rounds import APPROVED, listed
from node.release.accounts import Accounts
from node.release.cost import cost_of
from privacy.budget.amounts import Epsilon, Spend
from privacy.ledger.contents import Contents


@dataclass(frozen=True)
class NextRound:
    """A round that waits for an answer.

    `deadline` is until when somebody here must have said yes, `after` the total ε of twelve months once it is answered,
    `paid` whether everything for it is booked already, `fits` whether the caps leave room for it.
    """

    name: str
    deadline: datetime
    cost: Spend
    after: Epsilon
    paid: bool
    fits: bool


def next_round(home: Home, contents: Contents, account: Accounts, now: datetime) -> NextRound | None:
    """Of the rounds that this node knows and has neither answered nor declined, the one with the first deadline.

    One of cross-use that has this node's sketch is answered: its counts follow of themselves.
    """
    if not joined(home):
        return None
    known = listed(home, membership(home))
    waiting = [each for each in known if each.status(now) in ("waiting", APPROVED)]
    if not waiting:
        return None
    wanted = min(waiting, key=lambda each: (each.next_deadline(now), each.name))
    cost = cost_of(wanted.announcement.study, wanted.announcement.window, contents)
    left = account.remaining
    return NextRound(
        name=wanted.name,
        deadline=wanted.next_deadline(now),
        cost=cost.spend,
        after=account.total_after(cost.spend),
        paid=cost.paid,
        fits=cost.spend.epsilon.micro <= left.epsilon.micro and cost.spend.rho.micro <= left.rho.micro,
    )
