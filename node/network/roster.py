"""Whether the members of a round's roster hold one and the same identity key, as far as they have said: this node's."""

from collections.abc import Sequence

from node.home import Home
from node.network import own_key
from privacy.identity.chain import KeyChain
from privacy.rounds.announcement import Seat


def check_roster(home: Home, roster: Sequence[Seat], me: str) -> str | None:
    """What is wrong with the commitments of a roster; None where all that there are agree, and with this node's own.

    Who commits to another key than most is seated without a commitment, so that no single member can stop a round for
    all. So the others' are compared with this node's chain whether or not its own seat has one: a coordinator that
    leaves that empty tells nobody of another key.
    """
    said = {(seat.identity_commitment, seat.identity_epoch) for seat in roster if seat.identity_commitment is not None}
    if len(said) > 1:
        return "the members of its roster hold different identity keys"
    mine = next((seat for seat in roster if seat.member == me), None)
    if mine is not None and mine.identity_epoch is not None and home.identity_key_file.exists():
        if not _is(home.identity_chain(), mine.identity_commitment, mine.identity_epoch):
            return "its roster says that this node holds another identity key than it does"
        return None
    chain = own_key.committed(home)
    for commitment, epoch in said:
        if chain is None or (epoch is not None and _is(chain, commitment, epoch)):
            continue
        if epoch is not None and epoch > chain.epoch:
            return f"its roster is of epoch {epoch} of the identity key, which this node has not taken in yet"
        return "the members of its roster hold another identity key than this node does"
    return None


def _is(chain: KeyChain, commitment: str | None, epoch: int) -> bool:
    """Whether a commitment is to a chain as it was at an epoch: a round from before the key was replaced goes on."""
    return 0 <= epoch <= chain.epoch and commitment == chain.until(epoch).commitment().hex()
