"""The federation port: every call that a node makes there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import TypeVar

import grpc

from node.home import Home
from node.membership.errors import NoConnection
from node.membership.settings import Files, Membership, membership
from node.membership.tls import Held, held
from node.wire.connection import DEADLINE_S, call, open_channel
from node.wire.cross_use import CrossUseCalls
from node.wire.ledger import WitnessCalls
from node.wire.plain import is_line
from node.wire.sharing import SharingCalls
from protos import versions
from protos.kudos.v1 import federation_pb2 as messages
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub

Request = TypeVar("Request")
Response = TypeVar("Response")

LARGEST_BENCHMARK = 256 * 1024 * 1024
"""Bytes of a benchmark; a coordinator that sends more is not listened to."""


class Federation:
    """The coordinator, as a connected node sees it. Every call raises RefusedByCoordinator or NoConnection."""

    def __init__(self, channel: grpc.Channel, network: Membership, certificate: Held) -> None:
        self._stub = FederationServiceStub(channel)
        self.ledger = WitnessCalls(channel, network.address)
        """The coordinator as this node's witness."""
        self.cross_use = CrossUseCalls(channel, network.address)
        """The coordinator as the one that carries sketches."""
        self.sharing = SharingCalls(channel, network.address)
        """The coordinator as the one that carries what members tell each other."""
        self.network = network
        self.certificate = certificate

    def hello(self) -> messages.HelloResponse:
        """How the coordinator sees this node, in words that can be shown."""
        said = self._call(self._stub.Hello, messages.HelloRequest(version=version("kudos"), protocol=versions.SPOKEN))
        if not all(is_line(word) for word in (said.name, said.role, said.version)):
            raise NoConnection(f"{self.network.address} greets with words that are none. Tell its operator.")
        if versions.told(said.protocol) < versions.OLDEST:
            raise NoConnection(
                f"{self.network.address} speaks version {versions.told(said.protocol)} of the protocol, which is too "
                "old for this node. Ask its operator to upgrade; nothing was sent."
            )
        return said

    def renew(self, csr: bytes, signature: bytes) -> bytes:
        """A new certificate, DER."""
        return self._call(self._stub.Renew, messages.RenewRequest(csr=csr, signature=signature)).certificate

    def rounds(self) -> messages.ListRoundsResponse:
        """The rounds that have this node in their roster."""
        return self._call(self._stub.ListRounds, messages.ListRoundsRequest())

    def submit(self, round_name: str, envelope: bytes) -> messages.SubmitResponse:
        """Sends a release that is booked and stored."""
        return self._call(self._stub.Submit, messages.SubmitRequest(round=round_name, envelope=envelope))

    def decline(self, round_name: str) -> None:
        """Says that this node takes no part."""
        self._call(self._stub.Decline, messages.DeclineRequest(round=round_name))

    def benchmarks(self) -> Sequence[messages.BenchmarkListed]:
        """What is published."""
        return self._call(self._stub.ListBenchmarks, messages.ListBenchmarksRequest()).benchmarks

    def benchmark(self, round_name: str, number: int = 0) -> bytes:
        """A published benchmark's envelope; the newest version for 0."""
        request = messages.GetBenchmarkRequest(round=round_name, version=number)
        return call(self.network.address, lambda: self._joined(request))

    def members(self) -> Sequence[messages.MemberListed]:
        """The members and their keys, as the coordinator certifies them."""
        return self._call(self._stub.ListMembers, messages.ListMembersRequest()).members

    def publish_commitment(self, envelope: bytes) -> None:
        """Publishes this member's signed commitment to the network identity key."""
        self._call(self._stub.PublishCommitment, messages.PublishCommitmentRequest(envelope=envelope))

    def offer_identity(self, recipient: str, envelope: bytes) -> None:
        """Leaves the sealed network identity key for another member."""
        self._call(self._stub.OfferIdentity, messages.OfferIdentityRequest(recipient=recipient, envelope=envelope))

    def identity_offers(self) -> Sequence[messages.IdentityOffer]:
        """What sponsors have left for this member."""
        return self._call(self._stub.ListIdentityOffers, messages.ListIdentityOffersRequest()).offers

    def _joined(self, request: messages.GetBenchmarkRequest) -> bytes:
        pieces, size = [], 0
        for answer in self._stub.GetBenchmark(request, timeout=10 * DEADLINE_S):
            size += len(answer.piece)
            if size > LARGEST_BENCHMARK:
                raise NoConnection(f"{self.network.address} sends a benchmark without end. Tell its operator.")
            pieces.append(answer.piece)
        return b"".join(pieces)

    def _call(self, method: "grpc.UnaryUnaryMultiCallable[Request, Response]", request: Request) -> Response:
        return call(self.network.address, lambda: method(request, timeout=DEADLINE_S))


@contextmanager
def connected(home: Home) -> Iterator[Federation]:
    """A connection with the certificate that the node has now. Raises NotJoined, NodeError."""
    with connected_to(membership(home), Files(home)) as coordinator:
        yield coordinator


@contextmanager
def connected_to(network: Membership, files: Files) -> Iterator[Federation]:
    """As `connected`, to a network that the node is about to be in. Raises NodeError."""
    certificate = held(files.certificate)
    authority = files.authority.read_bytes()
    with open_channel(network.address, authority, certificate.key_pem, certificate.certificate_pem) as channel:
        yield Federation(channel, network, certificate)
