"""The auditor's door, before servers that only say that they are its network's coordinator."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from coordinator.authority import ca
from privacy.audit import online
from privacy.audit.joined import Home
from privacy.audit.online import JoinedAlready, NoConnection, OtherAuthority, export, join
from privacy.audit.paths import announcement_path
from privacy.signing.envelope import public_key_text
from protos.certificates import spiffe_id
from protos.invitation import Invitation
from protos.kudos.v1.enrolment_pb2 import EnrolRequest, EnrolResponse
from protos.kudos.v1.enrolment_pb2_grpc import EnrolmentServiceServicer, add_EnrolmentServiceServicer_to_server
from protos.kudos.v1.ledger_pb2 import ExportRequest, ExportResponse
from tests.privacy.audit.houses import COORDINATOR, DOMAIN, VERIFIER
from tests.privacy.audit.test_cli import audit

JOINED = datetime.now(UTC).replace(microsecond=0)
ENDED = JOINED + ca.LIFE + timedelta(days=1)
"""When the certificate that the auditor got has ended."""


@dataclass
class Server(EnrolmentServiceServicer):
    """Whoever has an authority of its own. What it says of the network is public, and so anybody's to say."""

    authority: ca.Authority
    now: datetime = JOINED
    coordinator_key: bytes = COORDINATOR.public_key().public_bytes_raw()
    exports: Callable[[], Iterator[ExportResponse]] = lambda: iter(())
    address: str = ""
    asked: int = 0

    def Enrol(self, request: EnrolRequest, _context: Any) -> EnrolResponse:
        self.asked += 1
        key = x509.load_der_x509_csr(request.csr).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        certificate = ca.issue_client(self.authority, key, spiffe_id(DOMAIN, "auditor", "npu"), self.now)
        return EnrolResponse(
            role="auditor",
            id="npu",
            name="The auditor",
            certificate=certificate.public_bytes(Encoding.DER),
            federation_address=self.address,
            trust_domain=DOMAIN,
            coordinator_key=self.coordinator_key,
            witness_key=VERIFIER,
        )

    def export(self, _request: ExportRequest, _context: Any) -> Iterator[ExportResponse]:
        return self.exports()

    @property
    def ledgers(self) -> grpc.GenericRpcHandler:
        """Of the ledger service the export alone."""
        method = grpc.unary_stream_rpc_method_handler(
            self.export,
            request_deserializer=ExportRequest.FromString,
            response_serializer=ExportResponse.SerializeToString,
        )
        return grpc.method_handlers_generic_handler("kudos.v1.LedgerService", {"Export": method})

    @property
    def invitation(self) -> str:
        return Invitation(self.address, self.authority.der, bytes(16), "auditor").text()


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    key = ec.generate_private_key(ec.SECP256R1())
    shown = ca.issue_server(server.authority, key.public_key(), ("localhost",), datetime.now(UTC))
    pair = [(ca.private_pem(key), shown.public_bytes(Encoding.PEM))]
    running = grpc.server(ThreadPoolExecutor(2))
    add_EnrolmentServiceServicer_to_server(server, running)
    running.add_generic_rpc_handlers((server.ledgers,))
    port = running.add_secure_port("localhost:0", grpc.ssl_server_credentials(pair))
    server.address = f"localhost:{port}"
    running.start()
    try:
        yield server
    finally:
        running.stop(None).wait()


def authority() -> ca.Authority:
    return ca.make(DOMAIN, datetime.now(UTC))


@pytest.fixture
def coordinator() -> Iterator[Server]:
    with serving(Server(authority())) as server:
        yield server


@pytest.fixture
def stranger() -> Iterator[Server]:
    """It names the same network, the same keys and the same witness; its authority is its own."""
    with serving(Server(authority(), now=ENDED)) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, coordinator: Server) -> Home:
    home = Home(tmp_path / "home")
    join(home, coordinator.invitation, JOINED)
    return home


def kept(home: Home) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in home.path.rglob("*") if each.is_file()}


def digest(of: Server) -> str:
    return of.authority.certificate.fingerprint(SHA256()).hex()


@pytest.mark.parametrize("now", [JOINED, ENDED])
def test_another_authority_is_refused_before_it_is_asked(
    home: Home, coordinator: Server, stranger: Server, now: datetime
) -> None:
    before = kept(home)
    with pytest.raises(OtherAuthority, match="--new-authority") as refused:
        join(home, stranger.invitation, now)
    assert digest(coordinator) in str(refused.value)
    assert digest(stranger) in str(refused.value)
    assert kept(home) == before
    assert stranger.asked == 0


def test_nor_is_it_taken_where_the_pinned_one_is_lost(home: Home, stranger: Server) -> None:
    home.authority.unlink()
    home.certificate.unlink()
    before = kept(home)
    with pytest.raises(OtherAuthority, match="restore it"):
        join(home, stranger.invitation, ENDED)
    assert (kept(home), stranger.asked) == (before, 0)


def test_whoever_says_so_joins_under_another_authority(home: Home, stranger: Server) -> None:
    before = home.membership()
    joined = join(home, stranger.invitation, ENDED, new_authority=True)
    assert home.authority.read_bytes() == stranger.authority.pem
    assert joined.membership == before.model_copy(update={"address": stranger.address})


def test_another_network_is_none_under_a_new_authority_either(home: Home, stranger: Server) -> None:
    stranger.coordinator_key = bytes(32)
    with pytest.raises(JoinedAlready):
        join(home, stranger.invitation, ENDED, new_authority=True)
    assert home.authority.read_bytes() != stranger.authority.pem


def test_an_answer_that_is_no_good_leaves_the_pinned_authority(home: Home, stranger: Server) -> None:
    stranger.now = JOINED - timedelta(days=365)
    pinned = home.authority.read_bytes()
    with pytest.raises(Exception, match="certificate is valid from"):
        join(home, stranger.invitation, ENDED, new_authority=True)
    assert home.authority.read_bytes() == pinned


def test_who_comes_back_to_the_same_authority_needs_no_leave(home: Home, coordinator: Server) -> None:
    coordinator.now = ENDED
    assert join(home, coordinator.invitation, ENDED).ends > ENDED
    assert public_key_text(COORDINATOR.public_key()) == home.membership().coordinator_key


def test_the_command_takes_another_authority_only_where_it_is_told_to(home: Home, stranger: Server) -> None:
    stranger.now = JOINED
    refused = audit(home.path, "join", stranger.invitation, "--json")
    assert refused.status == 1
    assert "OTHER_AUTHORITY" in refused.out + refused.err
    assert audit(home.path, "join", "--new-authority", stranger.invitation).status == 0


# ---- what an export may send


def endless() -> Iterator[ExportResponse]:
    """Empty files: not one byte of content, and never an end."""
    return (ExportResponse(path=announcement_path(f"r{number}")) for number in count())


@pytest.mark.parametrize("name", ["bundle", "bundle.tar"])
def test_files_without_end_are_not_received(
    home: Home, coordinator: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(online, "MOST_FILES", 50)
    coordinator.exports = endless
    with pytest.raises(NoConnection, match="without end"):
        export(home, home.path.parent / name, JOINED)
    assert [each.name for each in home.path.parent.iterdir()] == ["home"], "nothing is left of it"


def test_as_many_files_as_a_reader_takes_are_received(
    home: Home, coordinator: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "MOST_FILES", 50)
    pieces = [ExportResponse(path=announcement_path(f"r{number // 2}"), content=b"x") for number in range(100)]
    coordinator.exports = lambda: iter(pieces)
    assert export(home, home.path.parent / "bundle", JOINED).files == 50


def test_bytes_without_end_are_not_received(home: Home, coordinator: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "LARGEST_EXPORT", 1000)
    piece = ExportResponse(path=announcement_path("r"), content=bytes(300))
    coordinator.exports = lambda: (piece for _ in count())
    with pytest.raises(NoConnection, match="without end"):
        export(home, home.path.parent / "bundle", JOINED)
