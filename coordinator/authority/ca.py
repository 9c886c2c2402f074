"""The network's certificate authority: a root of its own, and the certificates that it issues.

X.509 as RFC 5280 has it; identity as a URI in the subject alternative name, as SPIFFE's X509-SVID has it
(https://github.com/spiffe/spiffe, standards/X509-SVID.md). Keys are ECDSA P-256, for gRPC's TLS takes no Ed25519.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from coordinator.errors import CoordinatorError
from privacy.files import write_private

AUTHORITY_LIFE = timedelta(days=3652)
"""Ten years."""

LIFE = timedelta(days=90)
"""How long a server's or a holder's certificate lives."""

SLACK = timedelta(minutes=5)
"""How long before its making a certificate is valid already: clocks differ."""


@dataclass(frozen=True)
class Authority:
    """The root certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        """The certificate as invitations carry it."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as TLS libraries take it."""
        return self.certificate.public_bytes(Encoding.PEM)


def make(trust_domain: str, now: datetime) -> Authority:
    """A new authority for a network: ECDSA P-256, ten years, and no authority below it (path length 0)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _common_name(f"{trust_domain} Kudos authority"[:64])
    certificate = (
        _builder(name, name, key.public_key(), key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def save(authority: Authority, certificate_file: Path, key_file: Path) -> None:
    """Writes the authority into two files of mode 0600; the key first, so that no certificate is without one."""
    write_private(key_file, private_pem(authority.key))
    write_private(certificate_file, authority.pem)


def load(certificate_file: Path, key_file: Path) -> Authority:
    """The authority in two files. Raises CoordinatorError where they are missing, damaged or no pair."""
    try:
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise CoordinatorError(
            f"The authority's files {certificate_file} and {key_file} are missing or damaged. Restore both from your "
            "backup: a new authority would lock every member out."
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise CoordinatorError(
            f"{key_file} is not the key of {certificate_file}. Restore both from the same backup: a new authority "
            "would lock every member out."
        )
    return Authority(certificate, key)


def issue_server(
    authority: Authority, public_key: ec.EllipticCurvePublicKey, hosts: tuple[str, ...], now: datetime
) -> x509.Certificate:
    """A server's certificate over its host names and IP addresses, for 90 days."""
    names: list[x509.GeneralName] = [_host(host) for host in hosts]
    return (
        _builder(
            _common_name(hosts[0][:64]), authority.certificate.subject, public_key, authority.key.public_key(), now
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def issue_client(
    authority: Authority, public_key: ec.EllipticCurvePublicKey, identity: str, now: datetime
) -> x509.Certificate:
    """A holder's certificate for 90 days. `identity` (a SPIFFE id) is its only name; nothing is taken from a CSR."""
    return (
        _builder(
            _common_name(identity.rpartition("/")[2]),
            authority.certificate.subject,
            public_key,
            authority.key.public_key(),
            now,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as PKCS #8 in PEM, unencrypted: the file's mode guards it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta = LIFE,
) -> x509.CertificateBuilder:
    moment = now.astimezone(UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - SLACK)
        .not_valid_after(moment + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode("ascii"))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
