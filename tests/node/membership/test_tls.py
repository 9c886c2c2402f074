"""The node's TLS key, its requests, and the certificates that it accepts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from node.errors import NodeError
from node.membership.errors import BadCertificate
from node.membership.tls import Request, accept, held, request, sealing_key

NOW = datetime(2026, 1, 10, tzinfo=UTC)
ME = "spiffe://npu.example/member/fjordteatret"
CA_KEY = ec.generate_private_key(ec.SECP256R1())
SIGNING, SEALING = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()


def certificate(
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey = CA_KEY,
    names: tuple[str, ...] = (ME,),
    begin: datetime = NOW - timedelta(minutes=5),
    days: int = 90,
    issuer: str = "authority",
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(named("authority" if public == CA_KEY.public_key() else "holder"))
        .issuer_name(named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(name) for name in names]), False)
        .sign(signer, hashes.SHA256())
    )


AUTHORITY = certificate(CA_KEY.public_key())


@pytest.fixture
def made(tmp_path: Path) -> Request:
    return request(tmp_path / "keys" / "request.pem", SIGNING, SEALING)


def der(found: x509.Certificate) -> bytes:
    return found.public_bytes(Encoding.DER)


def test_a_request_names_both_keys_and_is_the_same_when_it_is_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "request.pem"
    first, again = request(file, SIGNING, SEALING), request(file, SIGNING, SEALING)
    assert first.der == again.der
    assert file.stat().st_mode & 0o777 == 0o600
    names = first.csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == [
        f"kudos-key:ed25519:{SIGNING.public_key().public_bytes_raw().hex()}",
        f"kudos-key:x25519:{SEALING.public_key().public_bytes_raw().hex()}",
    ]
    assert first.csr.is_signature_valid
    file.write_bytes(b"cut off")
    assert request(file, SIGNING, SEALING).der != first.der


def test_a_certificate_is_kept_with_its_key_and_renewed_from_two_thirds_on(made: Request, tmp_path: Path) -> None:
    file = tmp_path / "tls.pem"
    file.write_bytes(accept(der(certificate(made.csr.public_key())), made, AUTHORITY, ME, NOW))  # type: ignore[arg-type]
    found = held(file)
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert found.certificate.public_key().public_bytes(*spki) == made.key.public_key().public_bytes(*spki)
    assert not found.renew_now(NOW + timedelta(days=59))
    assert found.renew_now(NOW + timedelta(days=60))
    assert found.ends == NOW - timedelta(minutes=5) + timedelta(days=90)


@pytest.mark.parametrize(
    "wrong",
    [
        {"signer": ec.derive_private_key(7, ec.SECP256R1())},
        {"issuer": "somebody"},
        {"names": ("spiffe://npu.example/member/another",)},
        {"names": (ME, ME + "2")},
        {"begin": NOW - timedelta(days=91)},
        {"begin": NOW + timedelta(minutes=1)},
    ],
    ids=["signer", "issuer", "name", "two names", "ended", "not yet"],
)
def test_other_certificates_are_refused(made: Request, wrong: dict[str, object]) -> None:
    found = certificate(made.csr.public_key(), **wrong)  # type: ignore[arg-type]
    with pytest.raises(BadCertificate):
        accept(der(found), made, AUTHORITY, ME, NOW)


def test_a_certificate_over_another_key_and_no_certificate_are_refused(made: Request) -> None:
    another = certificate(ec.generate_private_key(ec.SECP256R1()).public_key())
    for found in (der(another), b"", b"\x30\x00", der(another)[:-1]):
        with pytest.raises(BadCertificate):
            accept(found, made, AUTHORITY, ME, NOW)


def test_files_that_are_gone_or_damaged_say_what_to_do(tmp_path: Path) -> None:
    for content in (None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA"):
        if content is not None:
            (tmp_path / "tls.pem").write_bytes(content)
        with pytest.raises(NodeError, match="new invitation"):
            held(tmp_path / "tls.pem")
    (tmp_path / "sealing.key").write_text("zz")
    with pytest.raises(NodeError, match="backup"):
        sealing_key(tmp_path / "sealing.key")


def test_a_sealing_key_is_made_once(tmp_path: Path) -> None:
    first = sealing_key(tmp_path / "k" / "sealing.key")
    assert sealing_key(tmp_path / "k" / "sealing.key").private_bytes_raw() == first.private_bytes_raw()
