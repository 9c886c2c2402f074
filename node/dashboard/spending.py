"""What a node has spent of its customers' privacy, what has left it, and where its ledger stands."""

from dataclasses import dataclass
from datetime import UTC, datetime

from node.home import Home
from node.membership.settings import Membership, joined, membership
from node.network import rounds
from node.network.next_round import NextRound, next_round
from node.release.accounts import Accounts, accounts
from node.release.listing import Listed, listed
from node.release.old_copy import seen_further
from privacy.budget import policy_file
from privacy.errors import KudosError
from privacy.ledger.store import Ledger


@dataclass(frozen=True)
class Waiting:
    """A round, and where it stands for this node."""

    name: str
    status: str
    deadline: datetime


@dataclass(frozen=True)
class Spending:
    """The accounts, every release, the next round's price, and what the ledger lacks.

    `entries` of the ledger; `further`: how many are known to be cosigned, where it holds fewer; `fault`: why nothing of
    this can be told, as a sentence of the part that refuses.
    """

    account: Accounts | None = None
    releases: tuple[Listed, ...] = ()
    entries: int = 0
    further: int | None = None
    next_round: NextRound | None = None
    rounds: tuple[Waiting, ...] = ()
    network: Membership | None = None
    fault: KudosError | None = None


def spending_of(home: Home) -> Spending:
    """Where it stands now. Nothing is raised: what is damaged is said."""
    try:
        policy = policy_file.read(home.policy_file)
        with Ledger.open(home.ledger_file) as ledger:
            contents = ledger.contents()
        now = datetime.now(UTC)
        account = accounts(contents, policy)
        network = membership(home) if joined(home) else None
        known = rounds.listed(home, network) if network else []
        return Spending(
            account=account,
            releases=listed(contents),
            entries=len(contents.entries),
            further=seen_further(home, contents),
            next_round=next_round(home, contents, account, now),
            rounds=tuple(Waiting(each.name, each.status(now), each.next_deadline(now)) for each in known),
            network=network,
        )
    except KudosError as error:
        return Spending(fault=error)
