"""Whom this node's sketch of a round is sealed for: members of its roster that prove to hold the identity key.

A sketch tells most to who can hash the customers that it knows of. A member that the coordinator has invented does not
know the identity key, and so cannot have made the proof in a commitment (`privacy.identity.commitment`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from node.membership.errors import RosterRefused
from node.network.directory import Other
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import proves
from privacy.rounds.announcement import Announcement, Seat


@dataclass(frozen=True)
class Reader:
    """A seat of a round's roster; `why_not` says why this node's sketch is not sealed for it, None where it is."""

    seat: Seat
    why_not: str | None


def check_own_seat(announced: Announcement, me: str, chain: KeyChain) -> None:
    """Raises RosterRefused unless this node is seated under the identity key that it holds now."""
    seat = announced.seat(me)
    held = (chain.commitment().hex(), chain.epoch)
    if seat is not None and (seat.identity_commitment, seat.identity_epoch) == held:
        return
    if seat is None or seat.identity_epoch is None:
        why = "seats this node without the network's identity key"
        do = "See that the node has it (kudos-node identity status), and ask the coordinator to open the round anew"
    else:
        why = "seats this node under an earlier identity key than it holds now"
        do = "The key was replaced since. Ask the coordinator to open the round anew"
    raise RosterRefused(
        f"The roster of round {announced.round} {why}: common customers could not be told. Nothing was sent or spent. "
        f"{do}."
    )


def readers(announced: Announcement, me: str, others: Sequence[Other], chain: KeyChain) -> tuple[Reader, ...]:
    """The seats of a roster but this node's own, in order, and whether the sketch is sealed for each.

    `others` are the members as the coordinator lists them now, `chain` is this node's.
    """
    known = {each.id: each for each in others}
    seats = (seat for seat in announced.roster if seat.member != me)
    return tuple(Reader(seat, _why_not(seat, known.get(seat.member), chain)) for seat in seats)


def as_sealed(found: Sequence[Reader], keys: Collection[str]) -> tuple[Reader, ...]:
    """The same, by whom a sketch was sealed for when it was: what leaves does not change afterwards."""
    late = "the sketch was sealed before it had shown that it holds the identity key"
    return tuple(replace(each, why_not=None if each.seat.member in keys else each.why_not or late) for each in found)


def recipients(found: Sequence[Reader]) -> dict[str, X25519PublicKey]:
    """The sealing keys of those that a sketch is sealed for, by member."""
    return {
        each.seat.member: X25519PublicKey.from_public_bytes(bytes.fromhex(each.seat.sealing_key))
        for each in found
        if each.why_not is None
    }


def _why_not(seat: Seat, listed: Other | None, chain: KeyChain) -> str | None:
    if seat.identity_commitment is None or seat.identity_epoch is None:
        return "it does not hold the network's identity key"
    if (seat.identity_commitment, seat.identity_epoch) != (chain.commitment().hex(), chain.epoch):
        return "the roster says that it holds another identity key"
    if listed is None:
        return "it is no member any more"
    if (listed.signing_key.hex(), listed.sealing_key.hex()) != (seat.signing_key, seat.sealing_key):
        return "its keys are not those of the roster"
    said = listed.commitment
    if said is None or said.epoch != seat.identity_epoch or said.commitment != chain.commitment():
        return "it does not publish that it holds the identity key of this round"
    if not proves(said, chain, listed.keys):
        return "it does not prove that it holds the identity key: somebody may have made it up. Ask the coordinator"
    return None
