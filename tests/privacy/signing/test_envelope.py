import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from privacy.signing.envelope import RELEASE, BadEnvelope, key_id, parse_public_key, public_key_text, sign, verify
from privacy.signing.keyfile import BadSigningKey, SigningKeyExists, create_signing_key, load_signing_key
from protos.kudos.v1.envelope_pb2 import Envelope

# RFC 8032, section 7.1, test 1.
KEY = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
ENVELOPE = sign(RELEASE, b"payload", KEY)


def refused(envelope: bytes, payload_type: str = RELEASE) -> None:
    with pytest.raises(BadEnvelope):
        verify(payload_type, envelope, KEY.public_key())


def test_the_signature_covers_type_and_payload_as_dsse_has_it() -> None:
    message = Envelope.FromString(sign("http://example.com/HelloWorld", "høi".encode(), KEY))
    signed = b"DSSEv1 29 http://example.com/HelloWorld 4 h\xc3\xb8i"
    KEY.public_key().verify(message.signature, signed)
    assert message.payload == "høi".encode()


def test_a_key_is_named_by_its_hash() -> None:
    assert public_key_text(KEY.public_key()) == PUBLIC
    assert key_id(KEY.public_key()) == "21fe31dfa154a261626bf854046fd227"
    assert key_id(parse_public_key(PUBLIC)) == key_id(KEY.public_key())
    assert Envelope.FromString(ENVELOPE).key_id == key_id(KEY.public_key())


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_signed_verifies(payload: bytes, payload_type: str) -> None:
    assert verify(payload_type, sign(payload_type, payload, KEY), KEY.public_key()) == payload


@given(st.integers(0, len(ENVELOPE) - 1), st.integers(1, 255))
def test_no_changed_byte_verifies(position: int, flip: int) -> None:
    changed = bytearray(ENVELOPE)
    changed[position] ^= flip
    refused(bytes(changed))


def test_another_type_another_key_and_other_bytes_are_refused() -> None:
    refused(ENVELOPE, "application/vnd.kudos.v1.sketch")
    refused(sign(RELEASE, b"payload", Ed25519PrivateKey.generate()))
    refused(b"")
    refused(b"\xff")
    refused(ENVELOPE[:-1])


def test_bytes_that_nobody_signed_are_refused() -> None:
    unknown_field = b"\x7a\x01x"
    refused(ENVELOPE + unknown_field)
    refused(ENVELOPE + ENVELOPE)  # protobuf takes the last of each field: the same message in other bytes


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_new_key_is_readable_by_its_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        key = create_signing_key(tmp_path / "signing.pem")
    finally:
        os.umask(before)
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("signing.pem", 0o600)]
    assert load_signing_key(tmp_path / "signing.pem").private_bytes_raw() == key.private_bytes_raw()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_signing_key(tmp_path / "signing.pem")
    before = (tmp_path / "signing.pem").read_bytes()
    with pytest.raises(SigningKeyExists, match="never overwritten"):
        create_signing_key(tmp_path / "signing.pem")
    assert (tmp_path / "signing.pem").read_bytes() == before
    with pytest.raises(BadSigningKey, match="folder"):
        create_signing_key(tmp_path / "nowhere" / "signing.pem")


def test_what_is_no_signing_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    with pytest.raises(BadSigningKey, match="backup"):
        load_signing_key(path)
    path.write_bytes(b"not a key")
    with pytest.raises(BadSigningKey, match="backup"):
        load_signing_key(path)
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadSigningKey, match="another kind"):
        load_signing_key(path)
