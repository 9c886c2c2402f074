"""Certificates of another age than today's, issued and stored as the real ones are."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from coordinator.authority.ca import private_pem
from coordinator.authority.csr import parse
from coordinator.authority.peer import Role
from coordinator.members.holders import issue
from coordinator.office import Office
from node.home import Home
from node.membership.settings import Files, membership
from node.membership.tls import sealing_key
from privacy.signing.keyfile import load_signing_key
from tests.coordinator.house import Keys
from tests.federation.house import now


def aged(office: Office, home: Home, days: int) -> None:
    """Gives a node a certificate that was issued so many days ago; it takes the place of the one that it has."""
    files = Files(home)
    keys = Keys(signing=load_signing_key(home.signing_key_file), sealing=sealing_key(files.sealing_key))
    member = membership(home).id
    moment = now() - timedelta(days=days)
    with office.store.transaction() as connection:
        _, der = issue(connection, office, Role.MEMBER, member, member.title(), parse(keys.csr(), member=True), moment)
    certificate = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    files.certificate.write_bytes(private_pem(keys.tls) + certificate)


def requested_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """The TLS key for which a node asks for a certificate at this moment."""
    key: Any = load_pem_private_key(file.read_bytes(), None)
    return key  # type: ignore[no-any-return]  # it is one of ours
