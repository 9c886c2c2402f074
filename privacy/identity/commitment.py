"""What a member publishes about the identity key that it holds: which epoch, and a commitment to the chain.

A member whose commitment differs from another's hashes the same customers to other ids: no round may have both.
Signed as an envelope of type `IDENTITY_COMMITMENT`, whose payload is RFC 8785 JSON {v, member, epoch, commitment,
proof}.

    proof = HMAC-SHA-256(SHA-256("kudos/identity-proof-key/v1" 00 ‖ chain), "kudos/identity-proof/v1" 00 member 00 ‖
                         fingerprint of the member's keys)

with `chain` as `KeyChain.private_bytes` writes it and the fingerprint of `privacy.identity.words`. Only who holds the
chain can make or check it: it tells other holders that these public keys are a holder's own, and none that the
coordinator has put in their place.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from privacy.errors import KudosError
from privacy.identity.chain import KeyChain
from privacy.identity.payload import Epoch, Hex32, MemberId, Payload, read, written
from privacy.identity.words import PartyKeys
from privacy.signing.envelope import BadEnvelope, sign, verify

IDENTITY_COMMITMENT = "application/vnd.kudos.v1.identity-commitment"
"""The payload type of a commitment."""


_PROOF_KEY = b"kudos/identity-proof-key/v1\x00"
_PROOF = b"kudos/identity-proof/v1\x00"


class BadCommitment(KudosError):
    """Bytes that are not the signed commitment of the member that they should be from."""

    reason = "BAD_COMMITMENT"


@dataclass(frozen=True)
class Commitment:
    """What a member says of its chain. `commitment` and `proof` have 32 bytes."""

    member: str
    epoch: int
    commitment: bytes = field(repr=False)
    proof: bytes = field(repr=False)


class _Payload(Payload):
    member: MemberId
    epoch: Epoch
    commitment: Hex32
    proof: Hex32


def make_commitment(chain: KeyChain, member: str, key: Ed25519PrivateKey, sealing_key: X25519PublicKey) -> bytes:
    """An envelope in which a member, by its signing key, commits to its chain. The same input gives the same bytes.

    Raises pydantic's ValidationError, a ValueError, for what is no member id.
    """
    keys = PartyKeys(key.public_key().public_bytes_raw(), sealing_key.public_bytes_raw())
    proof = _proof(chain, member, keys).hex()
    payload = _Payload(v=1, member=member, epoch=chain.epoch, commitment=chain.commitment().hex(), proof=proof)
    return sign(IDENTITY_COMMITMENT, written(payload), key)


def verify_commitment(envelope: bytes, member: str, public_key: Ed25519PublicKey) -> Commitment:
    """The commitment that `member` signed with the key of `public_key`. Raises BadCommitment."""
    try:
        said = read(_Payload, verify(IDENTITY_COMMITMENT, envelope, public_key))
    except (BadEnvelope, ValueError) as error:
        raise BadCommitment(
            f"This is not a commitment to an identity key that {member} signed: {error} "
            f"Ask {member} to publish it again."
        ) from error
    if said.member != member:
        raise BadCommitment(
            f"{member} signed a commitment in the name of another member. Ask {member} to publish its own."
        )
    return Commitment(said.member, said.epoch, bytes.fromhex(said.commitment), bytes.fromhex(said.proof))


def proves(commitment: Commitment, chain: KeyChain, keys: PartyKeys) -> bool:
    """Whether who made a commitment holds this chain and has these public keys."""
    return hmac.compare_digest(commitment.proof, _proof(chain, commitment.member, keys))


def _proof(chain: KeyChain, member: str, keys: PartyKeys) -> bytes:
    secret = hashlib.sha256(_PROOF_KEY + chain.private_bytes()).digest()
    return hmac.digest(secret, _PROOF + member.encode("ascii") + b"\0" + keys.fingerprint(), "sha256")
