"""The chain of identity keys on its way from a sponsor to a newcomer: sealed, and signed by the sponsor.

An envelope of type `IDENTITY_OFFER` whose payload is RFC 8785 JSON {v, sponsor, recipient, recipient_key, epoch,
commitment, sealed}, where `sealed` is, in base 64, enc ‖ ciphertext of

    HPKE (RFC 9180), mode base, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, aad empty,
    info = "kudos/identity-offer/v1" 00 and the RFC 8785 JSON of the payload without `sealed`,
    plaintext = `KeyChain.private_bytes`

by the Python package cryptography, whose one-shot interface takes no additional data; info is bound into the key, so
that a sealed chain opens under its own sponsor, recipient, epoch and commitment only.

Base mode does not say who sealed: the signature does. Whose keys they are is certified by the coordinator, which may
lie; so the two operators compare the eight words (`privacy.identity.words`) before the sponsor makes an offer. What is
sealed for a wrong key is lost at that moment, and no later comparison brings it back.
"""

import base64
import binascii
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from privacy.errors import KudosError
from privacy.identity.chain import BadKeyChain, KeyChain
from privacy.identity.commitment import Commitment
from privacy.identity.match import IdentityKeyError
from privacy.identity.payload import Epoch, Hex32, MemberId, Payload, read, written
from privacy.signing.envelope import BadEnvelope, sign, verify

IDENTITY_OFFER = "application/vnd.kudos.v1.identity-offer"
"""The payload type of an offer."""

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_INFO = b"kudos/identity-offer/v1\x00"


class BadOffer(KudosError):
    """Bytes that are not a whole offer, signed by the sponsor, of the chain that it names."""

    reason = "BAD_OFFER"


class NotMyOffer(BadOffer):
    """An offer to another member, or to another key than this node's."""

    reason = "OFFER_NOT_MINE"


class StaleOffer(BadOffer):
    """An offer of an epoch that is no longer, or not yet, the one that the sponsor commits to."""

    reason = "STALE_OFFER"


@dataclass(frozen=True)
class Offer:
    """An offer whose signature holds. `recipient_key` is a raw X25519 key; `sealed` is enc ‖ ciphertext."""

    sponsor: str
    recipient: str
    recipient_key: bytes
    epoch: int
    commitment: bytes
    sealed: bytes = field(repr=False)


class _Terms(Payload):
    sponsor: MemberId
    recipient: MemberId
    recipient_key: Hex32
    epoch: Epoch
    commitment: Hex32


class _Payload(_Terms):
    sealed: str


def make_offer(
    chain: KeyChain, sponsor: str, sponsor_key: Ed25519PrivateKey, recipient: str, recipient_key: X25519PublicKey
) -> bytes:
    """An envelope with the chain, sealed for the recipient's key and signed by the sponsor's.

    Two offers of the same are never the same bytes. Raises pydantic's ValidationError, a ValueError, for what is no
    member id, and BadOffer for a key that nothing can be sealed for.
    """
    terms = _Terms(
        v=1,
        sponsor=sponsor,
        recipient=recipient,
        recipient_key=recipient_key.public_bytes_raw().hex(),
        epoch=chain.epoch,
        commitment=chain.commitment().hex(),
    )
    try:
        sealed = _SUITE.encrypt(chain.private_bytes(), recipient_key, info=_info(terms))
    except ValueError as error:
        raise BadOffer(
            f"Nothing can be sealed for the sealing key of {recipient}: it is not a sound X25519 key. "
            f"Ask {recipient} to join again with new keys."
        ) from error
    payload = _Payload(**terms.model_dump(), sealed=base64.b64encode(sealed).decode("ascii"))
    return sign(IDENTITY_OFFER, written(payload), sponsor_key)


def read_offer(envelope: bytes, sponsor: str, sponsor_public_key: Ed25519PublicKey) -> Offer:
    """The offer that a sponsor signed, unopened. Raises BadOffer."""
    try:
        said = read(_Payload, verify(IDENTITY_OFFER, envelope, sponsor_public_key))
        sealed = _decoded(said.sealed)
    except (BadEnvelope, ValueError) as error:
        raise BadOffer(
            f"This is not an offer of the identity key that {sponsor} signed: {error} Ask {sponsor} for a new one."
        ) from error
    if said.sponsor != sponsor:
        raise BadOffer(f"{sponsor} signed an offer in the name of another member. Ask {sponsor} for its own.")
    return Offer(
        sponsor=said.sponsor,
        recipient=said.recipient,
        recipient_key=bytes.fromhex(said.recipient_key),
        epoch=said.epoch,
        commitment=bytes.fromhex(said.commitment),
        sealed=sealed,
    )


def open_offer(offer: Offer, recipient_key: X25519PrivateKey, me: str, sponsor: Commitment) -> KeyChain:
    """The chain in an offer to `me`, opened.

    `sponsor` is what the sponsor commits to (`verify_commitment`): what the eight words were compared over. Raises
    NotMyOffer, StaleOffer, or BadOffer where it cannot be opened or is of another chain than it says.
    """
    _check_mine(offer, recipient_key, me, sponsor)
    if offer.epoch != sponsor.epoch:
        raise _stale(offer, sponsor)
    return _of_sponsor(offer, recipient_key, sponsor)


def open_later(offer: Offer, recipient_key: X25519PrivateKey, me: str, sponsor: Commitment, own: KeyChain) -> KeyChain:
    """The chain in an offer to `me`, who holds `own`: one that goes on from that, of an epoch up to the sponsor's.

    A sponsor may have gone on since it made the offer: then what it commits to now says nothing of the chain inside,
    and its signature and the holder's own chain have to do. Raises as `open_offer`, and BadOffer for a chain that does
    not go on from `own`.
    """
    _check_mine(offer, recipient_key, me, sponsor)
    if offer.epoch > sponsor.epoch:
        raise _stale(offer, sponsor)
    chain = _of_sponsor(offer, recipient_key, sponsor)
    if chain.epoch <= own.epoch or not chain.extends(own):
        raise BadOffer(
            f"{offer.sponsor} offers an identity key that does not go on from the network's own. It is not taken in; "
            f"call {offer.sponsor}."
        )
    return chain


def _check_mine(offer: Offer, recipient_key: X25519PrivateKey, me: str, sponsor: Commitment) -> None:
    if offer.sponsor != sponsor.member:
        raise BadOffer(f"This offer is from {offer.sponsor}, not from {sponsor.member}. Ask {sponsor.member} for one.")
    mine = recipient_key.public_key().public_bytes_raw()
    if (offer.recipient, offer.recipient_key) != (me, mine):
        raise NotMyOffer(
            f"This offer is not for {me} with the sealing key that this node has. Ask {offer.sponsor} for a new one."
        )


def _stale(offer: Offer, sponsor: Commitment) -> StaleOffer:
    return StaleOffer(
        f"This offer is of epoch {offer.epoch} of the identity key, and {offer.sponsor} is at epoch "
        f"{sponsor.epoch}. Ask {offer.sponsor} for a new one."
    )


def _of_sponsor(offer: Offer, recipient_key: X25519PrivateKey, sponsor: Commitment) -> KeyChain:
    """The chain inside, which is the one that the offer names, and the sponsor's own where both are of one epoch."""
    chain = _opened(offer, recipient_key)
    named = (chain.epoch, chain.commitment()) == (offer.epoch, offer.commitment)
    if not named or (offer.epoch == sponsor.epoch and offer.commitment != sponsor.commitment):
        raise BadOffer(
            f"This offer is of another identity key than {offer.sponsor} commits to. Do not use it; tell the operator "
            f"of {offer.sponsor}."
        )
    return chain


def _opened(offer: Offer, recipient_key: X25519PrivateKey) -> KeyChain:
    terms = _Terms(
        v=1,
        sponsor=offer.sponsor,
        recipient=offer.recipient,
        recipient_key=offer.recipient_key.hex(),
        epoch=offer.epoch,
        commitment=offer.commitment.hex(),
    )
    try:
        return KeyChain.from_private_bytes(_SUITE.decrypt(offer.sealed, recipient_key, info=_info(terms)))
    except (InvalidTag, ValueError, BadKeyChain, IdentityKeyError):
        # Not chained: what was in there stays there.
        raise BadOffer(
            f"The sealed identity key in this offer cannot be opened. Ask {offer.sponsor} for a new one."
        ) from None


def _info(terms: _Terms) -> bytes:
    return _INFO + written(terms)


def _decoded(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("its sealed part is not base 64") from None
    if base64.b64encode(decoded).decode("ascii") != text:
        raise ValueError("its sealed part is not canonical base 64")
    return decoded
