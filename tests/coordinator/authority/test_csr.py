"""Requests that are granted, and every kind that is not."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st

from coordinator.authority.csr import LARGEST, check_signature, parse
from coordinator.errors import BadCsr, BadSignature
from protos.certificates import ENROL, RENEW
from tests.coordinator.house import Keys

KEYS = Keys()
GOOD = KEYS.csr()


def test_a_member_names_both_keys_and_another_holder_one() -> None:
    request = parse(GOOD, member=True)
    assert request.tls_key == KEYS.tls.public_key()
    assert request.signing_key == KEYS.signing.public_key().public_bytes_raw()
    assert request.sealing_key == KEYS.sealing.public_key().public_bytes_raw()
    assert parse(KEYS.csr(KEYS.uris[::-1]), member=True).sealing_key == request.sealing_key
    assert parse(KEYS.csr(KEYS.uris[:1]), member=False).sealing_key is None


@pytest.mark.parametrize(
    "uris",
    [
        [],
        KEYS.uris[:1],
        KEYS.uris[1:],
        [*KEYS.uris, KEYS.uris[0]],
        [*KEYS.uris, "spiffe://npu.example/member/other"],
        [KEYS.uris[0], KEYS.uris[1].upper()],
        [KEYS.uris[0], KEYS.uris[1][:-1]],
        [KEYS.uris[0], KEYS.uris[1] + "0"],
        [KEYS.uris[0], KEYS.uris[1] + "\n"],
        [KEYS.uris[0], "kudos-key:x25519:" + "00" * 32],  # of low order: whatever is sealed for it lies open
        [KEYS.uris[0], "kudos-key:x448:" + "11" * 32],
    ],
)
def test_a_member_that_names_anything_else_is_refused(uris: list[str]) -> None:
    with pytest.raises(BadCsr):
        parse(KEYS.csr(uris), member=True)


def test_an_auditor_with_a_sealing_key_is_refused() -> None:
    with pytest.raises(BadCsr):
        parse(GOOD, member=False)


def san(*names: x509.GeneralName) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(names)


def built(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *extensions: x509.ExtensionType) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


NAMES = san(*(x509.UniformResourceIdentifier(uri) for uri in KEYS.uris))
OTHER_KINDS = {
    "RSA": built(rsa.generate_private_key(65537, 2048), NAMES),
    "P-384": built(ec.generate_private_key(ec.SECP384R1()), NAMES),
    "no names": built(KEYS.tls),
    "a further extension": built(KEYS.tls, NAMES, x509.BasicConstraints(ca=True, path_length=None)),
    "a host's name too": built(KEYS.tls, san(*NAMES, x509.DNSName("npu.example"))),
    "an Ed25519 key": x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([]))
    .add_extension(NAMES, critical=False)
    .sign(Ed25519PrivateKey.generate(), None)
    .public_bytes(Encoding.DER),
    "SHA-224": x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([]))
    .add_extension(NAMES, critical=False)
    .sign(KEYS.tls, hashes.SHA224())
    .public_bytes(Encoding.DER),
    "nothing": b"",
    "more than one": GOOD + GOOD,
    "too long": GOOD + bytes(LARGEST),
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_kinds_of_request_are_refused(kind: str) -> None:
    with pytest.raises(BadCsr):
        parse(OTHER_KINDS[kind], member=True)


PADDING = GOOD.rindex(bytes.fromhex("06082a8648ce3d040302")) + 12
"""The byte that counts unused bits of the signature, which cryptography lets differ; the Ed25519 signature does not."""


@given(st.integers(0, len(GOOD) - 1).filter(lambda at: at != PADDING), st.integers(1, 255))
@example(GOOD.index(bytes.fromhex("020100")) + 2, 1)  # the version
def test_a_request_with_a_changed_byte_is_refused(at: int, change: int) -> None:
    changed = bytearray(GOOD)
    changed[at] ^= change
    with pytest.raises(BadCsr):
        parse(bytes(changed), member=True)


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(BadCsr):
        parse(noise, member=True)


def test_a_signature_is_for_one_purpose_and_one_request() -> None:
    key = KEYS.signing.public_key().public_bytes_raw()
    check_signature(ENROL, GOOD, KEYS.enrolling(GOOD), key)
    check_signature(RENEW, GOOD, KEYS.renewing(GOOD), key)
    for purpose, signature in ((RENEW, KEYS.enrolling(GOOD)), (ENROL, b""), (ENROL, Keys().enrolling(GOOD))):
        with pytest.raises(BadSignature):
            check_signature(purpose, GOOD, signature, key)
