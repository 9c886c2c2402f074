"""The identity key on its way between members: given to a newcomer, handed on to who is behind, taken out of offers.

A newcomer gets it from the sponsor whose eight words were compared, and from nobody else. Who holds an epoch of it gets
a later one from any member that has it, without words: the later one has to go on from its own, and what it has
published proves that it holds that.
"""

import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from node.home import Home, write_private
from node.membership.errors import RefusedByCoordinator
from node.membership.settings import Files
from node.membership.tls import sealing_key
from node.network.directory import IdentityUnsettled, Other
from node.wire.federation import Federation
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import proves
from privacy.identity.offer import BadOffer, make_offer, open_later, open_offer, read_offer
from privacy.identity.words import eight_words
from privacy.signing.envelope import parse_public_key
from privacy.signing.keyfile import load_signing_key

Agree = Callable[[Other, tuple[str, ...]], None]
"""Is shown another member and the words, and raises unless both sides see the same."""


def sponsor_to(home: Home, coordinator: Federation, chain: KeyChain, mine: Other, other: Other, agree: Agree) -> None:
    """Gives the key to another member, once the words were compared. Raises IdentityUnsettled where it has it."""
    if other.commitment is not None and other.commitment.epoch == chain.epoch and _proves(other, chain):
        raise IdentityUnsettled(f"{other.name} holds the network's identity key already. There is nothing to do.")
    agree(other, eight_words(chain.commitment(), mine.keys, other.keys))
    _give(home, coordinator, chain, mine, other)


def hand_on(
    home: Home, coordinator: Federation, chain: KeyChain, mine: Other, others: Sequence[Other]
) -> tuple[str, ...]:
    """Offers the chain to every member that proves to hold an earlier epoch of it; the ids of those that have an offer.

    Each gets one of this node for each epoch, and another one where the coordinator has none for it any more. Whom
    nothing can be sealed for, or whom the coordinator does not know any more, keeps nobody else from it.
    """
    given = _given(home)
    told = []
    for other in others:
        if other.commitment is None or other.commitment.epoch >= chain.epoch or not _proves(other, chain):
            continue
        mark = f"{chain.commitment().hex()} {other.keys.fingerprint().hex()}"
        if not other.offered or given.get(other.id) != mark:
            try:
                _give(home, coordinator, chain, mine, other)
            except (BadOffer, RefusedByCoordinator):
                continue  # tried again at the next turn
            given[other.id] = mark
            write_private(_given_file(home), json.dumps(given).encode())
        told.append(other.id)
    return tuple(told)


def _proves(other: Other, chain: KeyChain) -> bool:
    """Whether a member proves that it holds this chain, as it is now or was at the epoch that the member is at."""
    said = other.commitment
    return said is not None and said.epoch <= chain.epoch and proves(said, chain.until(said.epoch), other.keys)


def _give(home: Home, coordinator: Federation, chain: KeyChain, mine: Other, other: Other) -> None:
    key = load_signing_key(home.signing_key_file)
    to = X25519PublicKey.from_public_bytes(other.sealing_key)
    coordinator.offer_identity(other.id, make_offer(chain, mine.id, key, other.id, to))


def on_offer(
    home: Home, coordinator: Federation, mine: Other, others: Sequence[Other], chain: KeyChain | None
) -> tuple[list[KeyChain], BadOffer | None]:
    """The chains that this node may take in, the longest first, and what is wrong with an offer that is none.

    Without a chain of its own: from the sponsor that was confirmed. With one: those that go on from it.
    """
    found: list[KeyChain] = []
    bad: BadOffer | None = None
    confirmed = pinned(home)
    for offer in coordinator.identity_offers():
        sponsor = next((each for each in others if each.id == offer.sponsor), None)
        if sponsor is None or not _looked_at(sponsor, chain, confirmed):
            continue
        try:
            found += _opened(home, mine, sponsor, offer.envelope, chain)
        except BadOffer as error:
            bad = error
    return sorted(found, key=lambda each: -each.epoch), bad


def _looked_at(sponsor: Other, chain: KeyChain | None, confirmed: dict[str, Any] | None) -> bool:
    if sponsor.commitment is None:
        return False
    return confirmed == pin_of(sponsor) if chain is None else sponsor.commitment.epoch > chain.epoch


def _opened(home: Home, mine: Other, sponsor: Other, envelope: bytes, chain: KeyChain | None) -> list[KeyChain]:
    """The chain in an offer; none where this node is as far already."""
    if sponsor.commitment is None:
        return []
    offer = read_offer(envelope, sponsor.id, parse_public_key(sponsor.signing_key.hex()))
    key = sealing_key(Files(home).sealing_key)
    if chain is None:
        return [open_offer(offer, key, mine.id, sponsor.commitment)]
    if offer.epoch <= chain.epoch:
        return []  # an older one, which its sponsor has not replaced
    return [open_later(offer, key, mine.id, sponsor.commitment, chain)]


def pin(home: Home, mine: Other, sponsor: Other, agree: Agree) -> None:
    """Keeps whose offer is to be taken in, once the words were compared. Raises IdentityUnsettled."""
    if sponsor.commitment is None:
        raise IdentityUnsettled(
            f"{sponsor.name} does not hold the network's identity key yet. Who does: kudos-node identity status"
        )
    agree(sponsor, eight_words(sponsor.commitment.commitment, sponsor.keys, mine.keys))
    write_private(Files(home).members / "sponsor.json", json.dumps(pin_of(sponsor)).encode())


def pin_of(sponsor: Other) -> dict[str, Any] | None:
    """What the eight words were compared over."""
    if sponsor.commitment is None:
        return None
    return {
        "sponsor": sponsor.id,
        "commitment": sponsor.commitment.commitment.hex(),
        "keys": sponsor.keys.fingerprint().hex(),
    }


def pinned(home: Home) -> dict[str, Any] | None:
    """Whose offer is to be taken in, as far as people have said; None where they have not."""
    return _object(Files(home).members / "sponsor.json")


def _given(home: Home) -> dict[str, Any]:
    return _object(_given_file(home)) or {}


def _given_file(home: Home) -> Path:
    return Files(home).members / "offered.json"


def _object(file: Path) -> dict[str, Any] | None:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return None
