"""Who is calling: role and id from the certificate that TLS has checked, and from nothing else."""

import re
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from coordinator.errors import Unauthenticated

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
"""How the ids of members and other holders are written."""


_UNREADABLE = (
    ValueError,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What cryptography raises for bytes that are no certificate, or none with names."""


class Role(StrEnum):
    """What a certificate's holder may be."""

    MEMBER = "member"
    AUDITOR = "auditor"
    VIEWER = "viewer"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Peer:
    """The other side of a connection. `fingerprint` is the SHA-256 of its certificate in DER, hexadecimal."""

    role: Role
    id: str
    fingerprint: str


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate in DER, hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def peer(certificate: bytes, trust_domain: str) -> Peer:
    """Who a certificate (PEM or DER) names: exactly one SPIFFE id, of this network, and no other name.

    That the network's authority issued it is for TLS to have checked, and for the store to know its fingerprint.
    Raises Unauthenticated.
    """
    try:
        pem = certificate.lstrip().startswith(b"-----BEGIN")
        parsed = x509.load_pem_x509_certificate(certificate) if pem else x509.load_der_x509_certificate(certificate)
        names = list(parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except _UNREADABLE as error:
        raise _nobody() from error
    if len(names) != 1 or not isinstance(names[0], x509.UniformResourceIdentifier):
        raise _nobody()
    prefix = f"spiffe://{trust_domain}/"
    role, slash, holder = names[0].value.removeprefix(prefix).partition("/")
    if not names[0].value.startswith(prefix) or not slash or role not in set(Role) or not ID.fullmatch(holder):
        raise _nobody()
    return Peer(Role(role), holder, fingerprint(parsed))


def _nobody() -> Unauthenticated:
    return Unauthenticated(
        "Your certificate does not name one holder in this network. Connect with the certificate that joining gave "
        "you, or ask the coordinator's operator for an invitation."
    )
