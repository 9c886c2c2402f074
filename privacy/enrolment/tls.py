"""A holder's TLS key and the requests for its certificate.

The key is ECDSA P-256, for gRPC takes no Ed25519 certificates. A request (PKCS #10) is signed by the TLS key, and names
in its subject alternative names the holder's Ed25519 key and, of a member, its X25519 key. Whoever sends a request
signs it with the Ed25519 key too (`protos.certificates.ENROL`, `RENEW`). So the TLS key and the Ed25519 key vouch for
each other and for the X25519 key, which signs nothing: whoever has stolen one of them replaces none. At a renewal the
Ed25519 key must be the one that the coordinator has; another one takes a new invitation.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from privacy.enrolment.errors import BadCertificate, DamagedKeys
from privacy.files import write_private
from protos.certificates import SEALING, SIGNING, key_uri


@dataclass(frozen=True)
class Request:
    """A request for a certificate, with the key that it is for."""

    key: ec.EllipticCurvePrivateKey
    csr: x509.CertificateSigningRequest

    @property
    def der(self) -> bytes:
        """The request as it is sent."""
        return self.csr.public_bytes(Encoding.DER)


def request(file: Path, signing: Ed25519PrivateKey, sealing: X25519PrivateKey | None) -> Request:
    """The request that lies in `file`, or a new one, which is kept there: asked again, it is the same."""
    if file.exists():
        found = _read_request(file)
        if found is not None:
            return found
    key = ec.generate_private_key(ec.SECP256R1())
    keys = [key_uri(SIGNING, signing.public_key().public_bytes_raw())]
    if sealing is not None:
        keys.append(key_uri(SEALING, sealing.public_key().public_bytes_raw()))
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in keys]), False)
        .sign(key, hashes.SHA256())
    )
    write_private(file, _pem(key) + csr.public_bytes(Encoding.PEM))
    return Request(key, csr)


def _read_request(file: Path) -> Request | None:
    content = file.read_bytes()
    try:
        key = load_pem_private_key(content, None)
        csr = x509.load_pem_x509_csr(content[content.index(b"-----BEGIN CERTIFICATE REQUEST") :])
    except ValueError:
        return None
    return Request(key, csr) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def accept(der: bytes, made_for: Request, authority: x509.Certificate, expected: str, now: datetime) -> bytes:
    """The key and the certificate as one PEM text.

    Raises BadCertificate unless it is for the request's key, names `expected` (a SPIFFE id) alone, is signed by the
    authority and is valid now.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        spki = [
            key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            for key in (certificate.public_key(), made_for.key.public_key())
        ]
    except Exception as error:
        raise BadCertificate(
            "The coordinator's answer holds no certificate by its own authority. Ask it for a new invitation."
        ) from error
    if spki[0] != spki[1] or [name.value for name in names] != [expected]:
        raise BadCertificate(
            f"The certificate that the coordinator sent is not for the key made here as {expected}. Ask it to look."
        )
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        raise BadCertificate(
            f"The certificate is valid from {certificate.not_valid_before_utc} to {certificate.not_valid_after_utc}, "
            f"and this machine's clock says {now:%Y-%m-%d %H:%M} UTC. Set the clock if it is wrong, and try again; if "
            "it is right, ask for a new invitation."
        )
    return _pem(made_for.key) + certificate.public_bytes(Encoding.PEM)


@dataclass(frozen=True)
class Held:
    """The certificate that a holder works under, with its key, both PEM."""

    key_pem: bytes
    certificate_pem: bytes
    certificate: x509.Certificate

    def renew_now(self, now: datetime) -> bool:
        """Whether two thirds of its time are over."""
        begin, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        return now >= begin + (end - begin) * 2 / 3

    @property
    def ends(self) -> datetime:
        """The last moment at which it is valid."""
        return self.certificate.not_valid_after_utc.astimezone(UTC)


def held(file: Path) -> Held:
    """The key and certificate of a file that `accept` made. Raises DamagedKeys."""
    try:
        content = file.read_bytes()
        begin = content.index(b"-----BEGIN CERTIFICATE-----")
        return Held(content[:begin], content[begin:], x509.load_pem_x509_certificate(content[begin:]))
    except (OSError, ValueError) as error:
        raise DamagedKeys(
            f"{file} is missing or damaged. Restore it from your backup, or ask the coordinator for a new invitation."
        ) from error


def sealing_key(file: Path) -> X25519PrivateKey:
    """The X25519 key in a file; made there where there is none. Raises DamagedKeys for a damaged one."""
    if not file.exists():
        write_private(file, X25519PrivateKey.generate().private_bytes_raw().hex().encode())
    try:
        return X25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as error:
        raise DamagedKeys(f"{file} is damaged. Restore it from your backup.") from error


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
