"""Identity comes from exactly one SPIFFE id of this network."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st

from coordinator.authority.peer import Peer, Role, fingerprint, peer
from coordinator.errors import Unauthenticated
from protos.certificates import spiffe_id
from tests.coordinator.house import NOW

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(*names: x509.GeneralName) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(KEY, hashes.SHA256())


def uri(text: str) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(text)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_role_and_id_are_read(role: Role, encoding: Encoding) -> None:
    issued = certificate(uri(spiffe_id("npu.example", role, "museum-vestfjord")))
    assert peer(issued.public_bytes(encoding), "npu.example") == Peer(role, "museum-vestfjord", fingerprint(issued))


GOOD = uri("spiffe://npu.example/member/a")
WRONG: list[list[x509.GeneralName]] = [
    [],
    [GOOD, GOOD],
    [GOOD, uri("spiffe://npu.example/operator/a")],
    [GOOD, x509.DNSName("npu.example")],
    [x509.DNSName("npu.example")],
    *(
        [uri(text)]
        for text in (
            "spiffe://other.example/member/a",
            "spiffe://npu.example.evil/member/a",
            "spiffe://npu.example/member/",
            "spiffe://npu.example/member",
            "spiffe://npu.example/member/a/b",
            "spiffe://npu.example/member/A",
            "spiffe://npu.example/member/a?x",
            "spiffe://npu.example/owner/a",
            "spiffe://npu.example//member/a",
            "https://npu.example/member/a",
            "SPIFFE://npu.example/member/a",
        )
    ),
]


@pytest.mark.parametrize("names", WRONG)
def test_anything_else_is_nobody(names: list[x509.GeneralName]) -> None:
    with pytest.raises(Unauthenticated):
        peer(certificate(*names).public_bytes(Encoding.DER), "npu.example")


WHOLE = certificate(GOOD).public_bytes(Encoding.DER)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@example(WHOLE.index(bytes.fromhex("a003020102")) + 4, 1)  # the version
def test_a_changed_byte_makes_another_certificate_or_nobody(at: int, change: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] ^= change
    try:
        found = peer(bytes(changed), "npu.example")
    except Unauthenticated:
        return
    assert found.fingerprint == hashlib.sha256(changed).hexdigest() != hashlib.sha256(WHOLE).hexdigest()


@pytest.mark.parametrize("noise", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x03\x02\x01\x00"])
def test_noise_is_nobody(noise: bytes) -> None:
    with pytest.raises(Unauthenticated):
        peer(noise, "npu.example")
