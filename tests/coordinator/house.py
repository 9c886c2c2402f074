"""A coordinator in a folder, and nodes' keys: real certificates, real signatures, a real store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from coordinator.authority.peer import peer
from coordinator.cli.init import _checked, _written
from coordinator.home import Home
from coordinator.members.callers import Caller, identify
from coordinator.members.enrol import Enrolled, enrol
from coordinator.members.invitations import Handed
from coordinator.members.members import Institution, invite
from coordinator.office import Office, found, opened
from coordinator.rounds.rounds import Round, open_round
from coordinator.rounds.studies import StudyText, read
from coordinator.store.engine import Store
from coordinator.store.tables import metadata
from privacy.bounds.windows import Window, twelve_months_to
from privacy.signing.envelope import RELEASE, sign
from privacy.studies.study import Study, find
from protos.certificates import ENROL, RENEW
from protos.invitation import read as read_invitation
from protos.kudos.v1.release_pb2 import Release

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
DEADLINE = NOW + timedelta(days=20)
WINDOW_LAST = date(2025, 12, 31)
WINDOW: Window = twelve_months_to(WINDOW_LAST)
BENCHMARK: StudyText = read("benchmark")
STUDY: Study = find("benchmark")


def make_home(folder: Path, listen: tuple[str, str] = ("127.0.0.1:8443", "127.0.0.1:8444"), store: str = "") -> Home:
    """A new coordinator's folder; its store is a file in it, or the empty database that a URL names."""
    home = Home(folder / "coordinator")
    content: dict[str, object] = {
        "trust_domain": "npu.example",
        "name": "NPU",
        "federation": {"address": "localhost:8443", "listen": listen[0]},
        "enrolment": {"address": "localhost:8444", "listen": listen[1]},
        "hosts": ["127.0.0.1"],
        "store": store,
    }
    found(home, _written(content), _checked(content), NOW)
    return home


@contextmanager
def an_office(folder: Path, store: str = "") -> Iterator[Office]:
    """A new coordinator, opened."""
    with opened(make_home(folder, store=store)) as office:
        yield office


@dataclass(frozen=True)
class Keys:
    """What a node makes when it joins."""

    tls: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    sealing: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)

    @property
    def uris(self) -> list[str]:
        """The names of a member's request."""
        return [
            f"kudos-key:ed25519:{self.signing.public_key().public_bytes_raw().hex()}",
            f"kudos-key:x25519:{self.sealing.public_key().public_bytes_raw().hex()}",
        ]

    def csr(self, uris: list[str] | None = None) -> bytes:
        """A request over the TLS key; a new one each time, for ECDSA signatures are random."""
        names = [x509.UniformResourceIdentifier(uri) for uri in (self.uris if uris is None else uris)]
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        request = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return request.sign(self.tls, hashes.SHA256()).public_bytes(Encoding.DER)

    def enrolling(self, csr: bytes) -> bytes:
        """The signature of EnrolRequest."""
        return self.signing.sign(ENROL + csr)

    def renewing(self, csr: bytes) -> bytes:
        """The signature of RenewRequest."""
        return self.signing.sign(RENEW + csr)


def token_of(handed: Handed) -> bytes:
    """The token in an invitation's line."""
    return read_invitation(handed.text).token


def institution(member: str) -> Institution:
    """An institution of an id."""
    return Institution(member, member.title(), "museum", "46", "small")


def join(office: Office, member: str, keys: Keys, now: datetime = NOW, ledger: str = "") -> Enrolled:
    """Invites a member and enrols it."""
    handed = invite(office, institution(member), now)
    csr = keys.csr()
    return enrol(office, token_of(handed), csr, keys.enrolling(csr), ledger, now)


def caller_for(office: Office, certificate: bytes, now: datetime = NOW) -> Caller:
    """The caller that shows a certificate."""
    return identify(office.store, peer(certificate, office.trust_domain), now)


@dataclass(frozen=True)
class Joined:
    """A member that has joined, with its keys."""

    id: str
    keys: Keys
    enrolled: Enrolled
    caller: Caller


def joined(office: Office, member: str, now: datetime = NOW) -> Joined:
    """A member that has joined."""
    keys = Keys()
    enrolled = join(office, member, keys, now)
    return Joined(member, keys, enrolled, caller_for(office, enrolled.certificate, now))


def a_round(office: Office, round_id: str | None = None) -> Round:
    """A round of the benchmark that needs one member."""
    return open_round(office, BENCHMARK, WINDOW_LAST, DEADLINE, NOW, quorum=1, round_id=round_id)


def a_message(member: Joined, cells: list[int] | None = None) -> Release:
    """A member's release, unsigned."""
    return Release(
        ledger=member.enrolled.ledger,
        entry=2,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        layout_digest=STUDY.layout_digest,
        window_first=WINDOW.first.isoformat(),
        window_last=WINDOW.last.isoformat(),
        cells=[100] * STUDY.cells if cells is None else cells,
    )


def signed(member: Joined, message: Release) -> bytes:
    """An envelope around a release."""
    return sign(RELEASE, message.SerializeToString(deterministic=True), member.keys.signing)


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything in a store."""
    with store.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }
