"""Whether the members of a round's roster hold one and the same identity key, as far as they have said."""

from collections.abc import Sequence

from node.home import Home
from privacy.identity.chain import KeyChain
from privacy.rounds.announcement import Seat


def check_roster(home: Home, roster: Sequence[Seat], me: str) -> str | None:
    """What is wrong with the commitments of a roster; None where all that there are agree, and with this node's own."""
    said = {(seat.identity_commitment, seat.identity_epoch) for seat in roster if seat.identity_commitment is not None}
    if len(said) > 1:
        return "the members of its roster hold different identity keys"
    mine = next((seat for seat in roster if seat.member == me), None)
    if mine is None or mine.identity_epoch is None or not home.identity_key_file.exists():
        return None
    chain = home.identity_chain()
    if mine.identity_epoch > chain.epoch or mine.identity_commitment != _at(chain, mine.identity_epoch):
        return "its roster says that this node holds another identity key than it does"
    return None


def _at(chain: KeyChain, epoch: int) -> str:
    """The commitment of an epoch: a round that was announced before the key was replaced goes on."""
    return chain.until(epoch).commitment().hex()
