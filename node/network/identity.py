"""The network identity key at this node: who holds it, how a newcomer gets it, and how it is replaced.

The first member makes it. Everybody after that gets it sealed from a sponsor, once both operators have compared eight
words: the coordinator, which carries everything, is trusted with nothing here. What a member holds it commits to in
public, so that no two work with different keys unnoticed.
"""

from dataclasses import dataclass, replace

from node.errors import UsageError
from node.home import Home
from node.membership.errors import RefusedByCoordinator
from node.membership.settings import Files, membership
from node.membership.tls import sealing_key
from node.network import offering, own_key
from node.network.directory import IdentityUnsettled as IdentityUnsettled  # here for the whole node
from node.network.directory import Other as Other
from node.network.directory import directory
from node.network.own_key import FIRST, NEXT, OFFERED
from node.network.standing import Standing as Standing
from node.network.standing import is_ahead, stands
from node.wire.federation import Federation, connected
from privacy.errors import KudosError
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.signing.keyfile import load_signing_key


@dataclass(frozen=True)
class _Place:
    """The members, and the network's chain where this node holds it. `finished`: what had been cut off and is done."""

    mine: Other
    others: list[Other]
    chain: KeyChain | None
    finished: str | None

    def standing(self, home: Home, wanted: str | None = None) -> Standing:
        return stands(home, self.mine, self.others, self.chain, wanted)


def _place(home: Home, coordinator: Federation) -> _Place:
    """Where this node is, once what was cut off half way is brought to its end.

    A key that was made to begin a network goes where another member has begun it.
    """
    mine, others = directory(home, coordinator)
    finished = own_key.settle(home, mine.commitment)
    if any(other.commitment for other in others):
        own_key.drop(home, FIRST)
    chain = own_key.held(home, mine.commitment)
    if chain is not None:
        own_key.note_committed(home, chain)
    return _Place(mine, others, chain, finished)


def after_joining(home: Home) -> Standing:
    """The first member makes the key, or brings its own; whoever comes later waits for a sponsor.

    Of two that join at once each is told that it is first. Whose commitment is refused drops the key that it made for
    that, under which nothing can have been imported yet, and waits like every other newcomer.
    """
    with connected(home) as coordinator:
        place = _place(home, coordinator)
        if place.finished == FIRST and place.chain is not None:
            return Standing("first", place.chain.epoch, place.chain.commitment().hex())
        if place.mine.commitment is not None or any(other.commitment for other in place.others):
            return place.standing(home)
        chain, made = own_key.first(home)
        try:
            _adopt(home, coordinator, chain, FIRST)
        except RefusedByCoordinator as error:
            if error.coordinator_reason != "BAD_COMMITMENT":
                raise
            own_key.drop(home, FIRST)
            return replace(_place(home, coordinator).standing(home), overtaken=made)
        return Standing("first", chain.epoch, chain.commitment().hex())


def standing(home: Home, sponsor: str | None = None) -> Standing:
    """Where this node stands now; the words are those with `sponsor`, or with the first who holds the key."""
    with connected(home) as coordinator:
        return _place(home, coordinator).standing(home, sponsor)


def confirm(home: Home, other: str, agree: offering.Agree) -> Standing:
    """One side's yes to the eight words. `agree` is shown the other member and the words, and raises unless they match.

    Where this node holds the key, it seals it for the other, a newcomer or one at an earlier epoch; else, or where it
    is itself at an earlier epoch, the other is its sponsor, and the key is taken in as soon as it is there. Raises
    IdentityUnsettled, UsageError, BadOffer.
    """
    with connected(home) as coordinator:
        place = _place(home, coordinator)
        found = next((each for each in place.others if each.id == other), None)
        if found is None:
            raise UsageError(f"There is no other active member {other}. Who there is: kudos-node identity status")
        if place.chain is None or is_ahead(found, place.chain):
            offering.pin(home, place.mine, found, agree)
            take_in(home, coordinator)
        else:
            offering.sponsor_to(home, coordinator, place.chain, place.mine, found, agree)
        return _place(home, coordinator).standing(home, other)


def take_in(home: Home, coordinator: Federation) -> bool:
    """What there is to do at each turn; tells whether a key has come into use.

    What was cut off is finished; the key is taken in that the confirmed sponsor has offered, or a later epoch of the
    own one; and whoever proves to hold an earlier epoch is offered this node's. An offer that is not what it says keeps
    no other from being taken in; where there is none but such, it raises BadOffer.
    """
    place = _place(home, coordinator)
    if place.chain is not None:
        _catch_up(home, coordinator, place.mine, place.chain)
    taken, fault = _taken(home, coordinator, place)
    chain = taken or place.chain
    if chain is not None:
        offering.hand_on(home, coordinator, chain, place.mine, place.others)
    if taken is None and fault is not None:
        raise fault
    return taken is not None or place.finished is not None


def _taken(home: Home, coordinator: Federation, place: _Place) -> tuple[KeyChain | None, KudosError | None]:
    """The best chain on offer, in use now; None where there is none, and what is wrong with one that could not be."""
    found, bad = offering.on_offer(home, coordinator, place.mine, place.others, place.chain)
    fault: KudosError | None = bad
    for chain in found:
        try:
            return _adopt(home, coordinator, _longest(home, chain), OFFERED), None
        except RefusedByCoordinator as error:
            own_key.drop(home, OFFERED)
            fault = error
    return None, fault


def _longest(home: Home, chain: KeyChain) -> KeyChain:
    """A chain, or the one in use where that goes on from it: nobody takes a node back to an earlier epoch."""
    if not home.identity_key_file.exists():
        return chain
    own = home.identity_chain()
    return own if own.extends(chain) else chain


def replace_key(home: Home) -> tuple[int, tuple[str, ...]]:
    """A new epoch of the network's key, for everybody who holds the present one. The epoch, and whom it was offered to.

    Offered to those alone whose commitment proves that they hold the present key, or an earlier epoch of it: a name
    that the coordinator made up does not. Where an earlier call was cut off, it is finished. Raises IdentityUnsettled.
    """
    with connected(home) as coordinator:
        place = _place(home, coordinator)
        chain = place.chain
        if chain is None:
            raise IdentityUnsettled(
                "This node does not hold the network's identity key; somebody who does replaces it."
            )
        if place.finished != NEXT:
            _catch_up(home, coordinator, place.mine, chain)
            newer, _ = _taken(home, coordinator, place)
            chain = _adopt(home, coordinator, own_key.following(home, newer or chain), NEXT)
        return chain.epoch, offering.hand_on(home, coordinator, chain, place.mine, place.others)


def _catch_up(home: Home, coordinator: Federation, mine: Other, chain: KeyChain) -> None:
    """Commits to a chain that is in use and not published yet."""
    if mine.commitment is not None and chain.epoch > mine.commitment.epoch:
        own_key.rotate_store(home)
        _publish(home, coordinator, chain)
        own_key.note_committed(home, chain)


def _adopt(home: Home, coordinator: Federation, chain: KeyChain, name: str) -> KeyChain:
    """Commits to a chain in public and brings it into use. It waits in the file of that name meanwhile.

    So nothing comes into use that the network refuses, and nothing that is published is lost.
    """
    own_key.keep(home, name, chain)
    _publish(home, coordinator, chain)
    own_key.put(home, chain)
    own_key.note_committed(home, chain)
    own_key.drop(home, name)
    return chain


def _publish(home: Home, coordinator: Federation, chain: KeyChain) -> None:
    signing = load_signing_key(home.signing_key_file)
    sealing = sealing_key(Files(home).sealing_key).public_key()
    coordinator.publish_commitment(make_commitment(chain, membership(home).id, signing, sealing))
