"""The auditor's door to a coordinator: joining with an invitation, renewing, and taking a bundle along.

The only file here that opens a connection, and only when `join` or `export` is asked for. TLS 1.3, the network's own
authority and nobody else, as docs/protocol.md has it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import protos  # noqa: F401  # isort: skip  sets what gRPC reads when it is imported
import grpc
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError

from privacy.audit import bundle
from privacy.audit.bundle import File, Written
from privacy.audit.errors import AuditError, UsageError
from privacy.audit.joined import Home, Membership
from privacy.audit.reading import MOST_FILES
from privacy.enrolment import tls
from privacy.enrolment.invitations import read_invitation
from privacy.files import write_private
from privacy.signing.keyfile import create_signing_key, load_signing_key
from protos.certificates import ENROL, RENEW, spiffe_id
from protos.channels import BOUNDS
from protos.kudos.v1.enrolment_pb2 import EnrolRequest, EnrolResponse
from protos.kudos.v1.enrolment_pb2_grpc import EnrolmentServiceStub
from protos.kudos.v1.federation_pb2 import RenewRequest
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub
from protos.kudos.v1.ledger_pb2 import ExportRequest
from protos.kudos.v1.ledger_pb2_grpc import LedgerServiceStub
from protos.refusals import refusal_of

Answer = TypeVar("Answer")

DEADLINE_S = 30.0
EXPORT_S = 3600.0
"""Seconds that a whole export may take."""
LARGEST_EXPORT = 64 * 1024**3
"""Bytes of a bundle; a coordinator that sends more, or more files than a reader takes, is not listened to."""


class NoConnection(AuditError):
    """The coordinator cannot be reached, or what answers is not it."""

    reason = "NO_CONNECTION"


class RefusedByCoordinator(AuditError):
    """The coordinator says no; its own reason stands in brackets."""

    reason = "REFUSED_BY_COORDINATOR"


class BadInvitation(UsageError):
    """A text that is no auditor's invitation."""

    reason = "BAD_INVITATION"


class JoinedAlready(AuditError):
    """The folder belongs to another network, and what it has seen there stays."""

    reason = "JOINED_ALREADY"


class OtherAuthority(AuditError):
    """An invitation by another certificate authority than the one that the auditor joined under."""

    reason = "OTHER_AUTHORITY"


@dataclass(frozen=True)
class Joined:
    """An auditor that can export now; `ends` is when its certificate does."""

    membership: Membership
    ends: datetime


def join(home: Home, text: str, now: datetime, *, new_authority: bool = False) -> Joined:
    """Exchanges an auditor's invitation for a certificate. A join that was cut off goes on when it is asked for again.

    A folder that has joined joins again where the network is the same, by its authority, its domain, its coordinator's
    and its witness's key: so does whoever comes back after its certificate has ended. What was seen before stays. The
    authority alone vouches for whoever answers, and may be another one only with `new_authority`.

    Raises BadInvitation, OtherAuthority, JoinedAlready, BadCertificate, RefusedByCoordinator, NoConnection.
    """
    invited = read_invitation(text, "auditor", failure=BadInvitation)
    before = home.membership() if home.membership_file.exists() else None
    if before is not None and not new_authority:
        _check_authority(home, before, invited.authority)
    known_key = home.signing_key_file.exists()
    home.signing_key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    signing = load_signing_key(home.signing_key_file) if known_key else create_signing_key(home.signing_key_file)
    request = tls.request(home.request, signing, None)
    authority = x509.load_der_x509_certificate(invited.authority)
    pem = authority.public_bytes(Encoding.PEM)
    asked = EnrolRequest(
        token=invited.token, csr=request.der, signature=signing.sign(ENROL + request.der), version=version("kudos")
    )
    with _channel(invited.address, pem) as channel:
        stub = EnrolmentServiceStub(channel)
        answer = _call(invited.address, lambda: stub.Enrol(asked, timeout=DEADLINE_S))
    known = _membership(answer, invited.address)
    if before is not None and _keys(known) != _keys(before):
        raise _taken(home, before)
    expected = spiffe_id(known.trust_domain, "auditor", known.id)
    certificate = tls.accept(answer.certificate, request, authority, expected, now)
    write_private(home.authority, pem)
    write_private(home.certificate, certificate)
    home.write(known)
    home.request.unlink()
    return Joined(known, tls.held(home.certificate).ends)


def _check_authority(home: Home, known: Membership, invited: bytes) -> None:
    """Raises OtherAuthority unless an invitation is by the authority that was pinned, whatever has ended since.

    What else names a network is public, and whoever made an authority of its own can say all of it.
    """
    try:
        pinned = x509.load_pem_x509_certificate(home.authority.read_bytes())
    except (OSError, ValueError) as error:
        raise OtherAuthority(
            f"{home.authority} is missing or damaged, and it says who may speak for {known.trust_domain}: restore it "
            f"from your backup. If you have none, {_ask(invited)}"
        ) from error
    if pinned.public_bytes(Encoding.DER) != invited:
        raise OtherAuthority(
            f"This invitation is by another certificate authority than the one of {known.trust_domain} that you joined "
            f"under (SHA-256 {pinned.fingerprint(SHA256()).hex()}), and nothing was changed. For another network give "
            f"another folder: --home DIR. If {known.trust_domain} is said to have a new authority, {_ask(invited)}"
        )


def _ask(invited: bytes) -> str:
    """What to do before an authority is believed that nothing vouches for but its invitation."""
    digest = x509.load_der_x509_certificate(invited).fingerprint(SHA256()).hex()
    return (
        "call the network's operator, by a number that you have from elsewhere, and compare the SHA-256 of this "
        f"invitation's: {digest}. Only if it is the same: kudos-audit join --new-authority INVITATION"
    )


def _keys(known: Membership) -> tuple[str, str, str | None]:
    return known.trust_domain, known.coordinator_key, known.witness


def _taken(home: Home, known: Membership) -> JoinedAlready:
    return JoinedAlready(
        f"{home.path} belongs to {known.id}, auditor of {known.trust_domain}, and this invitation is to a network with "
        "another name or other keys. For another network give another folder: --home DIR. If it should be the same "
        "one, call its operator before you trust either."
    )


def export(home: Home, out: Path, now: datetime, *, restricted: bool = True) -> Written:
    """Takes the network's bundle along; with `restricted` the releases too. Renews the certificate where it is time.

    Raises NotJoined, BadBundle, UsageError where `out` is there, RefusedByCoordinator, NoConnection.
    """
    known = home.membership()
    held = tls.held(home.certificate)
    with _channel(known.address, home.authority.read_bytes(), held.key_pem, held.certificate_pem) as channel:
        if held.renew_now(now):
            _renew(home, known, FederationServiceStub(channel), now)
        stub = LedgerServiceStub(channel)
        answers = stub.Export(ExportRequest(restricted=restricted), timeout=EXPORT_S)
        return _call(known.address, lambda: bundle.write(_files(answers, known.address), out))


def _files(answers: Any, address: str) -> Iterator[File]:
    size = number = 0
    path = None
    for answer in answers:
        size += len(answer.content)
        number += answer.path != path
        path = answer.path
        if size > LARGEST_EXPORT or number > MOST_FILES:
            raise NoConnection(f"{address} sends a bundle without end. Tell its operator.")
        yield answer.path, answer.content


def _renew(home: Home, known: Membership, stub: FederationServiceStub, now: datetime) -> None:
    signing = load_signing_key(home.signing_key_file)
    request = tls.request(home.request, signing, None)
    asked = RenewRequest(csr=request.der, signature=signing.sign(RENEW + request.der))
    der = _call(known.address, lambda: stub.Renew(asked, timeout=DEADLINE_S)).certificate
    authority = x509.load_pem_x509_certificate(home.authority.read_bytes())
    expected = spiffe_id(known.trust_domain, "auditor", known.id)
    write_private(home.certificate, tls.accept(der, request, authority, expected, now))
    home.request.unlink()


def _membership(answer: EnrolResponse, address: str) -> Membership:
    try:
        return Membership(
            trust_domain=answer.trust_domain,
            address=answer.federation_address,
            id=answer.id,
            name=answer.name,
            coordinator_key=answer.coordinator_key.hex(),
            witness=answer.witness_key or None,
        )
    except ValidationError as error:
        raise NoConnection(
            f"{address} sends an answer that this version of Kudos cannot use. Compare versions with the coordinator."
        ) from error


@contextmanager
def _channel(
    address: str, authority: bytes, key: bytes | None = None, certificate: bytes | None = None
) -> Iterator[grpc.Channel]:
    """A channel over TLS that trusts one authority (PEM) and shows a certificate (PEM) where one is given."""
    credentials = grpc.ssl_channel_credentials(authority, key, certificate)
    with grpc.secure_channel(address, credentials, options=[*BOUNDS, ("grpc.enable_http_proxy", 0)]) as channel:
        yield channel


def _call(address: str, ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except grpc.RpcError as error:
        raise _translated(error, address) from error


def _translated(error: grpc.RpcError, address: str) -> AuditError:
    refusal = refusal_of(error)
    if refusal is not None:
        return RefusedByCoordinator(f"The coordinator refuses: {refusal.sentence} ({refusal.reason})")
    state: Any = error
    code = state.code() if hasattr(state, "code") else grpc.StatusCode.UNKNOWN
    if code is grpc.StatusCode.UNAVAILABLE:
        return NoConnection(
            f"{address} cannot be reached, or does not accept your certificate. Ask your IT department whether this "
            "machine may dial out there, and the coordinator whether its server runs."
        )
    return NoConnection(f"{address} answered with {code.name}. Try again, and tell the coordinator's operator.")
