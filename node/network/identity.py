"""The network identity key at this node: who holds it, how a newcomer gets it, and how it is replaced.

The first member makes it. Everybody after that gets it sealed from a sponsor, once both operators have compared eight
words: the coordinator, which carries everything, is trusted with nothing here. What a member holds it commits to in
public, so that no two work with different keys unnoticed.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from node.errors import NodeError, UsageError
from node.home import Home, write_private
from node.membership.errors import RefusedByCoordinator
from node.membership.settings import Files, Membership, membership
from node.membership.tls import sealing_key
from node.network import own_key
from node.wire.federation import Federation, connected
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import BadCommitment, Commitment, make_commitment, proves, verify_commitment
from privacy.identity.offer import BadOffer, make_offer, open_offer, read_offer
from privacy.identity.words import PartyKeys, eight_words
from privacy.signing.envelope import parse_public_key
from privacy.signing.keyfile import load_signing_key
from protos.kudos.v1.federation_pb2 import MemberListed


class IdentityUnsettled(NodeError):
    """What is asked for takes the network's identity key in another state."""

    reason = "IDENTITY_UNSETTLED"
    exit_status = 3


@dataclass(frozen=True)
class Other:
    """Another member as the coordinator certifies it. `commitment` is None where it holds no key yet."""

    id: str
    name: str
    signing_key: bytes
    sealing_key: bytes
    commitment: Commitment | None
    offered: bool

    @property
    def keys(self) -> PartyKeys:
        """Both public keys."""
        return PartyKeys(self.signing_key, self.sealing_key)


@dataclass(frozen=True)
class Standing:
    """Where this node stands. `state`: first, holder, waiting (for two people to compare the words) or pinned.

    `words` are those of this node and `sponsor`, where it waits for it, or of a holder and the newcomer that was asked
    about. `newcomers` hold no key yet.
    `strays` hold another key than this node, or than each other. `overtaken`: this node made a key just now, and
    another member was first.
    """

    state: str
    epoch: int | None
    commitment: str | None
    sponsor: Other | None = None
    words: tuple[str, ...] = ()
    newcomers: tuple[Other, ...] = ()
    holders: tuple[Other, ...] = ()
    strays: tuple[str, ...] = ()
    overtaken: bool = False

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "state": self.state,
            "epoch": self.epoch,
            "commitment": self.commitment,
            "sponsor": self.sponsor.id if self.sponsor else None,
            "words": list(self.words),
            "newcomers": [each.id for each in self.newcomers],
            "holders": [each.id for each in self.holders],
            "strays": list(self.strays),
        }


def after_joining(home: Home) -> Standing:
    """The first member makes the key, or brings its own; whoever comes later waits for a sponsor.

    Of two that join at once each is told that it is first. Whose commitment is refused takes out again the key that it
    made for that, so that nothing is imported under it, and waits like every other newcomer.
    """
    with connected(home) as coordinator:
        mine, others = _directory(home, coordinator)
        if mine.commitment is not None or any(other.commitment for other in others):
            return _standing(home, coordinator, None)
        chain, made = own_key.make(home)
        try:
            _publish(home, coordinator, chain)
        except RefusedByCoordinator as error:
            if error.coordinator_reason != "BAD_COMMITMENT":
                raise
            if made:
                own_key.take_out(home, chain)
            return replace(_standing(home, coordinator, None), overtaken=made)
        return Standing("first", chain.epoch, chain.commitment().hex())


def standing(home: Home, sponsor: str | None = None) -> Standing:
    """Where this node stands now; the words are those with `sponsor`, or with the first who holds the key."""
    with connected(home) as coordinator:
        return _standing(home, coordinator, sponsor)


def confirm(home: Home, other: str, agree: Callable[[Other, tuple[str, ...]], None]) -> Standing:
    """One side's yes to the eight words. `agree` is shown the other member and the words, and raises unless they match.

    Where this node holds the key, it seals it for the other, a newcomer; else the other is its sponsor, and the key is
    taken in as soon as it is there. Raises IdentityUnsettled, UsageError, BadOffer.
    """
    with connected(home) as coordinator:
        mine, others = _directory(home, coordinator)
        found = next((each for each in others if each.id == other), None)
        if found is None:
            raise UsageError(f"There is no other active member {other}. Who there is: kudos-node identity status")
        chain = _held(home, mine)
        if chain is None:
            _pin(home, mine, found, agree)
            take_in(home, coordinator)
        else:
            _sponsor(home, coordinator, chain, mine, found, agree)
        return _standing(home, coordinator, other)


def take_in(home: Home, coordinator: Federation) -> bool:
    """Takes in a key that was offered by the sponsor that was confirmed, or the next epoch of the own key.

    Tells whether there was one. An offer that is not what it says keeps no other from being taken in; where there is
    none but such, it raises BadOffer.
    """
    mine, others = _directory(home, coordinator)
    chain = _held(home, mine)
    pinned = _pinned(home)
    bad: BadOffer | None = None
    for offer in coordinator.identity_offers():
        sponsor = next((each for each in others if each.id == offer.sponsor), None)
        if sponsor is None or not _wanted(sponsor, chain, pinned):
            continue
        try:
            offered = _opened(home, mine, sponsor, offer.envelope, chain)
        except BadOffer as error:
            bad = error
            continue
        install(home, coordinator, offered)
        return True
    if bad is not None:
        raise bad
    return False


def _wanted(sponsor: Other, chain: KeyChain | None, pinned: dict[str, str] | None) -> bool:
    """Whether an offer of this sponsor is to be looked at: from the one confirmed, or of a later epoch than the own."""
    if sponsor.commitment is None:
        return False
    return pinned == _pin_of(sponsor) if chain is None else sponsor.commitment.epoch > chain.epoch


def _opened(home: Home, mine: Other, sponsor: Other, envelope: bytes, chain: KeyChain | None) -> KeyChain:
    if sponsor.commitment is None:
        raise BadOffer(f"{sponsor.id} offers an identity key and commits to none.")
    offer = read_offer(envelope, sponsor.id, parse_public_key(sponsor.signing_key.hex()))
    offered = open_offer(offer, sealing_key(Files(home).sealing_key), mine.id, sponsor.commitment)
    if chain is not None and not offered.extends(chain):
        raise BadOffer(
            f"{sponsor.id} offers an identity key that does not go on from the network's own. It is not taken in; "
            f"call {sponsor.id}."
        )
    return offered


def _rotate(home: Home) -> None:
    """Takes the store along to the key file's newest epoch, where it is of an earlier one of the same key.

    One that was filled under another key stays as it is: the next import says what to do.
    """
    if not home.store_file.exists():
        return
    from node.store.rotate import RotationRefused, rotate  # brings the engine along: only where there is a store

    with contextlib.suppress(RotationRefused):
        rotate(home)


def install(home: Home, coordinator: Federation, chain: KeyChain) -> None:
    """Makes a chain this node's, takes the store along where that goes on to it, and commits to it in public."""
    if home.identity_key_file.exists() and home.identity_chain() != chain:
        _rotate(home)  # a store without a commitment gets that of the old key, while it is there
        old = home.identity_key_file.with_name("identity.before.key")
        write_private(old, home.identity_key_file.read_bytes())
    write_private(home.identity_key_file, chain.private_bytes())
    _rotate(home)
    _publish(home, coordinator, chain)


def replace_key(home: Home) -> tuple[int, tuple[str, ...]]:
    """A new epoch of the network's key, for everybody who holds the present one. The epoch, and whom it was offered to.

    Offered to those alone whose commitment proves that they hold the present key: a name that the coordinator made up
    does not. Raises IdentityUnsettled.
    """
    with connected(home) as coordinator:
        mine, others = _directory(home, coordinator)
        chain = _held(home, mine)
        if chain is None:
            raise IdentityUnsettled(
                "This node does not hold the network's identity key; somebody who does replaces it."
            )
        longer = _next(home, chain)
        try:
            _publish(home, coordinator, longer)
        except RefusedByCoordinator:
            _pending(home).unlink()
            raise
        install(home, coordinator, longer)
        _pending(home).unlink()
        told = [each for each in others if each.commitment is not None and proves(each.commitment, chain, each.keys)]
        for each in told:
            _offer(home, coordinator, longer, mine, each)
        return longer.epoch, tuple(each.id for each in told)


def _next(home: Home, chain: KeyChain) -> KeyChain:
    """The chain with a key for the next epoch, kept before anybody is told of it: asked again, it is the same."""
    file = _pending(home)
    if file.exists():
        kept = KeyChain.from_private_bytes(file.read_bytes())
        if kept.extends(chain) and kept.epoch == chain.epoch + 1:
            return kept
    longer = chain.extended()
    write_private(file, longer.private_bytes())
    return longer


def _pending(home: Home) -> Path:
    return home.identity_key_file.with_name("identity.next.key")


def _directory(home: Home, coordinator: Federation) -> tuple[Other, list[Other]]:
    """What the coordinator says of this node, and of the others.

    Raises IdentityUnsettled where it lists this node under other keys than its own: the eight words are made of both
    sides' keys, and would agree on a false one that both sides were told of.
    """
    network = coordinator.network
    found = [_other(each) for each in coordinator.members()]
    mine = next((each for each in found if each.id == network.id), None)
    if mine is None:
        raise IdentityUnsettled(f"The coordinator does not list this node, {network.id}, as a member. Ask it why.")
    if mine.keys != _own_keys(home):
        raise IdentityUnsettled(
            f"The coordinator lists this node, {network.id}, under keys that are not its own: somebody may stand "
            "between you and the others. Confirm no words; tell the other members by telephone, and the coordinator."
        )
    return mine, [each for each in found if each.id != network.id]


def _own_keys(home: Home) -> PartyKeys:
    signing = load_signing_key(home.signing_key_file).public_key()
    sealing = sealing_key(Files(home).sealing_key).public_key()
    return PartyKeys(signing.public_bytes_raw(), sealing.public_bytes_raw())


def _other(listed: MemberListed) -> Other:
    try:
        PartyKeys(listed.signing_key, listed.sealing_key)
    except ValueError as error:
        raise IdentityUnsettled("The coordinator lists a member with a key that is none. Tell its operator.") from error
    commitment = None
    if listed.commitment:
        try:
            commitment = verify_commitment(listed.commitment, listed.id, parse_public_key(listed.signing_key.hex()))
        except (BadCommitment, ValueError) as error:
            raise IdentityUnsettled(
                f"The coordinator lists a commitment of {listed.id} that is not signed by it. Tell its operator."
            ) from error
    return Other(listed.id, listed.name, listed.signing_key, listed.sealing_key, commitment, listed.offered)


def _held(home: Home, mine: Other) -> KeyChain | None:
    """The network's chain, where this node holds it: one that it has committed to."""
    if mine.commitment is None or not home.identity_key_file.exists():
        return None
    chain, said = home.identity_chain(), mine.commitment
    held = chain.epoch >= said.epoch and chain.until(said.epoch).commitment() == said.commitment
    return chain if held else None


def _standing(home: Home, coordinator: Federation, wanted: str | None) -> Standing:
    mine, others = _directory(home, coordinator)
    holders = tuple(each for each in others if each.commitment)
    newcomers = tuple(each for each in others if each.commitment is None)
    chain = _held(home, mine)
    if chain is not None:
        strays = tuple(each.id for each in holders if each.commitment and not _of_chain(each.commitment, chain))
        own = chain.commitment()
        asked = next((each for each in newcomers if each.id == wanted), None)
        words = eight_words(own, mine.keys, asked.keys) if asked else ()
        return Standing("holder", chain.epoch, own.hex(), None, words, newcomers, holders, strays)
    sponsor = next((each for each in holders if wanted in (None, each.id)), None)
    pinned = _pinned(home)
    if sponsor is None or sponsor.commitment is None:
        return Standing("waiting", None, None, newcomers=newcomers, holders=holders)
    kept = next((each for each in holders if _pin_of(each) == pinned), None)
    strays = tuple(
        each.id for each in holders if each.commitment and each.commitment.commitment != sponsor.commitment.commitment
    )
    state, shown = ("pinned", kept) if kept else ("waiting", sponsor)
    words = eight_words(sponsor.commitment.commitment, sponsor.keys, mine.keys)
    return Standing(state, None, None, shown, words, newcomers, holders, strays)


def _of_chain(said: Commitment, chain: KeyChain) -> bool:
    """Whether somebody holds this chain, or did at an earlier epoch and has not taken in the newest key yet."""
    return said.epoch <= chain.epoch and said.commitment == chain.until(said.epoch).commitment()


def _pin(home: Home, mine: Other, sponsor: Other, agree: Callable[[Other, tuple[str, ...]], None]) -> None:
    if sponsor.commitment is None:
        raise IdentityUnsettled(
            f"{sponsor.name} does not hold the network's identity key yet. Who does: kudos-node identity status"
        )
    agree(sponsor, eight_words(sponsor.commitment.commitment, sponsor.keys, mine.keys))
    write_private(Files(home).members / "sponsor.json", json.dumps(_pin_of(sponsor)).encode())


def _pin_of(sponsor: Other) -> dict[str, str] | None:
    """What the eight words were compared over."""
    if sponsor.commitment is None:
        return None
    return {
        "sponsor": sponsor.id,
        "commitment": sponsor.commitment.commitment.hex(),
        "keys": sponsor.keys.fingerprint().hex(),
    }


def _pinned(home: Home) -> dict[str, str] | None:
    try:
        found = json.loads((Files(home).members / "sponsor.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _sponsor(
    home: Home,
    coordinator: Federation,
    chain: KeyChain,
    mine: Other,
    newcomer: Other,
    agree: Callable[[Other, tuple[str, ...]], None],
) -> None:
    if newcomer.commitment is not None:
        raise IdentityUnsettled(f"{newcomer.name} holds the network's identity key already. There is nothing to do.")
    agree(newcomer, eight_words(chain.commitment(), mine.keys, newcomer.keys))
    _offer(home, coordinator, chain, mine, newcomer)


def _offer(home: Home, coordinator: Federation, chain: KeyChain, mine: Other, recipient: Other) -> None:
    key = load_signing_key(home.signing_key_file)
    to = X25519PublicKey.from_public_bytes(recipient.sealing_key)
    coordinator.offer_identity(recipient.id, make_offer(chain, mine.id, key, recipient.id, to))


def _publish(home: Home, coordinator: Federation, chain: KeyChain) -> None:
    network: Membership = membership(home)
    signing = load_signing_key(home.signing_key_file)
    sealing = sealing_key(Files(home).sealing_key).public_key()
    coordinator.publish_commitment(make_commitment(chain, network.id, signing, sealing))
