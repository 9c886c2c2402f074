"""Envelopes in the manner of DSSE: who signs what on the wire and in files.

The signature covers the pre-authentication encoding of protos/kudos/v1/envelope.proto, which is that of DSSE
(https://github.com/secure-systems-lab/dsse, protocol.md): a payload of one type is never taken for another.
"""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from google.protobuf.message import DecodeError

from privacy.errors import KudosError
from protos.kudos.v1.envelope_pb2 import Envelope

RELEASE = "application/vnd.kudos.v1.release"
"""The payload type of a release."""


class BadEnvelope(KudosError):
    """Bytes that are not an envelope of the expected type, signed by the expected key."""

    reason = "BAD_ENVELOPE"


def public_key_text(public_key: Ed25519PublicKey) -> str:
    """The raw public key in lower-case hexadecimal, as ledgers write it."""
    return public_key.public_bytes_raw().hex()


def parse_public_key(text: str) -> Ed25519PublicKey:
    """The key that `public_key_text` writes so. Raises ValueError for anything else."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))


def key_id(public_key: Ed25519PublicKey) -> str:
    """The first 16 bytes of the SHA-256 of the raw public key, in lower-case hexadecimal."""
    return hashlib.sha256(public_key.public_bytes_raw()).digest()[:16].hex()


def sign(payload_type: str, payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """An envelope (kudos.v1.Envelope, serialised) around `payload`. The same input gives the same bytes."""
    return _serialised(
        Envelope(
            payload_type=payload_type,
            payload=payload,
            key_id=key_id(key.public_key()),
            signature=key.sign(_pre_authentication_encoding(payload_type, payload)),
        )
    )


def verify(payload_type: str, envelope: bytes, public_key: Ed25519PublicKey) -> bytes:
    """The payload of an envelope that `public_key` signed as one of `payload_type`.

    Raises `BadEnvelope` for a wrong signature, type or key id, and for bytes that are not exactly what `sign`
    makes: unknown fields or another spelling of the same message would be bytes that nobody signed.
    """
    message = Envelope()
    try:
        message.ParseFromString(envelope)
    except DecodeError as error:
        raise BadEnvelope("These bytes are not an envelope. Get them again from where they came.") from error
    expected = (payload_type, key_id(public_key))
    if (message.payload_type, message.key_id) != expected or _serialised(_known(message)) != envelope:
        raise BadEnvelope(f"This is not an envelope with {payload_type} from the key {key_id(public_key)}.")
    try:
        public_key.verify(message.signature, _pre_authentication_encoding(payload_type, message.payload))
    except InvalidSignature as error:
        raise BadEnvelope(
            f"The signature is not one of the key {key_id(public_key)} over these bytes. Do not use them."
        ) from error
    return message.payload


def payload_of(envelope: bytes) -> bytes:
    """What an envelope has in it, whoever signed it: only to find out by whose key to `verify` it.

    Raises `BadEnvelope` for bytes that are no envelope.
    """
    message = Envelope()
    try:
        message.ParseFromString(envelope)
    except DecodeError as error:
        raise BadEnvelope("These bytes are not an envelope. Get them again from where they came.") from error
    return message.payload


def _known(message: Envelope) -> Envelope:
    return Envelope(
        payload_type=message.payload_type,
        payload=message.payload,
        key_id=message.key_id,
        signature=message.signature,
    )


def _serialised(message: Envelope) -> bytes:
    return message.SerializeToString(deterministic=True)


def _pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
