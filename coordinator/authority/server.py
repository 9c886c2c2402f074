"""The server's own key and certificate: made when there is none, and anew in good time."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from coordinator.authority.ca import Authority, issue_server, private_pem
from privacy.files import write_private


@dataclass(frozen=True)
class ServerIdentity:
    """What the server shows: key and certificate, both PEM, and when the certificate ends."""

    key_pem: bytes
    certificate_pem: bytes
    not_after: datetime


def server_identity(authority: Authority, file: Path, hosts: tuple[str, ...], now: datetime) -> ServerIdentity:
    """The identity in `file`; a new one, with a new key, is written there where it is not one to show now.

    That is so where there is none, where it is damaged or of another authority, where it is over `hosts` no more, and
    from two thirds of its time on. Called often, it is what reloads the certificate of a server that runs for years.
    """
    return _held(authority, file, hosts, now) or _made(authority, file, hosts, now)


def _made(authority: Authority, file: Path, hosts: tuple[str, ...], now: datetime) -> ServerIdentity:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue_server(authority, key.public_key(), hosts, now)
    identity = ServerIdentity(private_pem(key), certificate.public_bytes(Encoding.PEM), certificate.not_valid_after_utc)
    write_private(file, identity.key_pem + identity.certificate_pem)
    return identity


def _held(authority: Authority, file: Path, hosts: tuple[str, ...], now: datetime) -> ServerIdentity | None:
    try:
        content = file.read_bytes()
        middle = content.index(b"-----BEGIN CERTIFICATE-----")
        key = load_pem_private_key(content[:middle], password=None)
        certificate = x509.load_pem_x509_certificate(content[middle:])
        certificate.verify_directly_issued_by(authority.certificate)
    except Exception:  # noqa: BLE001  whatever is wrong with it, a new one is made
        return None
    fresh = issue_server(authority, authority.key.public_key(), hosts, now)  # for its names alone
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if (
        key.public_key() != certificate.public_key()
        or _names(certificate) != _names(fresh)
        or not begin <= now < begin + (end - begin) * 2 / 3
    ):
        return None
    return ServerIdentity(content[:middle], content[middle:], end)


def _names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
