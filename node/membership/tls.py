"""The node's TLS key and the requests for its certificate: `privacy.enrolment.tls`, with the node's own errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from node.errors import NodeError
from node.membership.errors import BadCertificate
from privacy.enrolment import errors, tls
from privacy.enrolment.tls import Held as Held
from privacy.enrolment.tls import Request as Request
from privacy.enrolment.tls import request as request


def accept(der: bytes, made_for: Request, authority: x509.Certificate, expected: str, now: datetime) -> bytes:
    """As `privacy.enrolment.tls.accept`. Raises the node's BadCertificate."""
    with _as_ours():
        return tls.accept(der, made_for, authority, expected, now)


def held(file: Path) -> Held:
    """As `privacy.enrolment.tls.held`. Raises NodeError."""
    with _as_ours():
        return tls.held(file)


def sealing_key(file: Path) -> X25519PrivateKey:
    """As `privacy.enrolment.tls.sealing_key`. Raises NodeError."""
    with _as_ours():
        return tls.sealing_key(file)


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except errors.BadCertificate as error:
        raise BadCertificate(str(error)) from error
    except errors.DamagedKeys as error:
        raise NodeError(f"{error} Your ledger goes on.") from error
