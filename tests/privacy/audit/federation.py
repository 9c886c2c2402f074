"""A small federation in memory, with real keys: seven members, two yearly rounds, three versions of benchmarks.

`federation()` is honest throughout. A test of dishonesty takes one, changes what it holds, signs anew with whatever
keys the dishonest ones have (`Node.seal`, `Federation.sign_benchmark`, ...), and writes the bundle.
"""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from coordinator.authority import ca
from privacy.audit import bundle
from privacy.audit.bundle import File
from privacy.audit.records import CertificateLine, Header, MemberLine, RoundRecord
from privacy.estimate import benchmark as benchmarks
from privacy.estimate.benchmark import BENCHMARK, Benchmark, Included
from privacy.estimate.figures import same_figures
from privacy.estimate.recompute import Publication, Received, body_of
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import Opened, WitnessAdopted
from privacy.rounds.announcement import ROUND, Announcement, Seat, announce
from privacy.rounds.market import Market, read_market
from privacy.signing.envelope import public_key_text, sign
from privacy.studies.price import price
from protos.certificates import spiffe_id
from protos.kudos.v1.envelope_pb2 import Envelope
from tests.privacy.audit.houses import (
    COORDINATOR,
    DOMAIN,
    START,
    STUDY,
    TEXT,
    VERIFIER,
    WINDOWS,
    Node,
    key_of,
    policy,
)

MADE = datetime(2026, 4, 1, 12, tzinfo=UTC)
OPENED = {"year-2024": datetime(2025, 2, 1, 9, tzinfo=UTC), "year-2025": datetime(2026, 2, 2, 9, tzinfo=UTC)}
INDUSTRIES = ("museum", "museum", "museum", "festival", "festival", "festival", "orchestra")
MEMBERS = tuple(f"house-{letter}" for letter in "abcdefg")


@dataclass
class Round:
    """A round: what was announced, as it was signed, and where it stands."""

    announcement: Announcement
    envelope: bytes
    record: RoundRecord


@dataclass
class Sketched:
    """A sealed sketch as the coordinator has it: the envelope of its header."""

    header: bytes
    received: datetime
    declined: datetime | None = None


@dataclass
class Federation:
    """Everything that goes into a bundle."""

    authority: ca.Authority
    nodes: dict[str, Node]
    rounds: dict[str, Round] = field(default_factory=dict)
    benchmarks: dict[tuple[str, int], bytes] = field(default_factory=dict)
    markets: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    sketches: dict[str, dict[str, Sketched]] = field(default_factory=dict)
    certificates: list[CertificateLine] = field(default_factory=list)
    members: list[MemberLine] = field(default_factory=list)
    releases_shown: bool = True
    coordinator_shown: bool = True
    made: datetime = MADE
    source: Literal["coordinator", "node"] = "coordinator"

    # ---- signing anew

    def announce(self, name: str, announcement: Announcement) -> None:
        self.rounds[name].announcement = announcement
        self.rounds[name].envelope = announce(announcement, COORDINATOR)

    def benchmark(self, name: str, version: int) -> Benchmark:
        return benchmarks.read(self.benchmarks[name, version], COORDINATOR.public_key())

    def publish(self, name: str, version: int, time: datetime, without: tuple[str, ...] = (), **changes: Any) -> None:
        """Publishes what follows from the releases."""
        asked = self.rounds[name].announcement
        received = self.received(name, without)
        earlier = self.publications(time)
        made = Benchmark(
            coordinator=DOMAIN,
            round=name,
            version=version,
            supersedes=None if version == 1 else release_digest(self.benchmarks[name, version - 1]),
            reason=None if version == 1 else "An import was corrected.",
            study=asked.study.name,
            study_version=asked.study.version,
            study_digest=asked.study.digest,
            window=asked.window,
            published=time,
            releases=tuple(Included(each.member, each.digest) for each in received),
            body=body_of(
                asked,
                received,
                [each for each in earlier if same_figures(each.announcement, asked)],
                self.market(name),
            ),
        )
        self.benchmarks[name, version] = benchmarks.publish(replace(made, **changes), COORDINATOR)

    def market(self, name: str) -> Market | None:
        if name not in self.markets:
            return None
        each = self.rounds[name]
        return read_market(self.markets[name][0], COORDINATOR.public_key(), each.announcement, each.envelope)

    def received(self, name: str, without: tuple[str, ...] = ()) -> list[Received]:
        return [
            Received(node.id, node.origin, sent.envelope)
            for node in self.nodes.values()
            for sent in node.sent
            if sent.round == name and node.id not in without
        ]

    def publications(self, before: datetime) -> list[Publication]:
        found = []
        for name, version in self.benchmarks:
            said = self.benchmark(name, version)
            included = {each.member for each in said.releases}
            releases = tuple(each for each in self.received(name) if each.member in included)
            if said.published < before:
                found.append(Publication(said, self.rounds[name].announcement, releases, self.market(name)))
        return found

    def change_benchmark(
        self,
        name: str,
        version: int,
        change: Callable[[dict[str, Any]], object],
        key: Ed25519PrivateKey = COORDINATOR,
    ) -> None:
        """Signs a benchmark anew after a change of its payload."""
        envelope = Envelope()
        envelope.ParseFromString(self.benchmarks[name, version])
        content = json.loads(envelope.payload)
        change(content)
        self.benchmarks[name, version] = sign(BENCHMARK, rfc8785.dumps(content), key)

    def change_announcement(
        self, name: str, change: Callable[[dict[str, Any]], object], key: Ed25519PrivateKey = COORDINATOR
    ) -> None:
        """Signs an announcement anew after a change of its payload."""
        envelope = Envelope()
        envelope.ParseFromString(self.rounds[name].envelope)
        content = json.loads(envelope.payload)
        change(content)
        self.rounds[name].envelope = sign(ROUND, rfc8785.dumps(content), key)

    # ---- the bundle

    def files(self) -> list[File]:
        found: list[File] = [
            bundle.header_file(self._header("public")),
            bundle.authority_file(self.authority.pem),
            *bundle.certificates_file(self.certificates),
            *bundle.members_file(self.members),
        ]
        for node in self.nodes.values():
            if node.hidden:
                continue
            found += bundle.leaves_file(node.id, node.written())
            found += [bundle.checkpoint_file(node.id, size, note) for size, note in sorted(node.notes.items())]
        for name, each in self.rounds.items():
            found += [bundle.announcement_file(name, each.envelope), bundle.round_file(each.record)]
            found += [bundle.market_file(name, *self.markets[name])] if name in self.markets else []
            headers = [
                bundle.sketch_line(one.header, member, one.received, one.declined)
                for member, one in self.sketches.get(name, {}).items()
            ]
            found += bundle.sketches_file(name, headers) if name in self.sketches else []
        found += [
            bundle.benchmark_file(name, version, envelope) for (name, version), envelope in self.benchmarks.items()
        ]
        if self.releases_shown:
            found.append(bundle.header_file(self._header("restricted")))
            for node in self.nodes.values():
                lines = [bundle.release_line(each.envelope, each.round, each.received) for each in node.sent]
                found += bundle.releases_file(node.id, lines)
        return found

    def write(self, out: Path) -> Path:
        return bundle.write(self.files(), out).path

    def _header(self, kind: Any) -> Header:
        return Header(
            v=1,
            kind=kind,
            trust_domain=DOMAIN,
            made=self.made,
            source=self.source,
            coordinator_key=public_key_text(COORDINATOR.public_key()) if self.coordinator_shown else None,
            witness=VERIFIER,
        )


def federation() -> Federation:
    """An honest one, the caller's own."""
    return copy_of(_made())


def copy_of(made: Federation) -> Federation:
    """One that can be changed."""
    return Federation(
        made.authority,
        {
            name: Node(
                node.id, node.key, deepcopy(node.leaves), list(node.sealed), dict(node.notes), deepcopy(node.sent)
            )
            for name, node in made.nodes.items()
        },
        {name: Round(each.announcement, each.envelope, each.record) for name, each in made.rounds.items()},
        dict(made.benchmarks),
        dict(made.markets),
        {name: {member: replace(each) for member, each in of.items()} for name, of in made.sketches.items()},
        list(made.certificates),
        list(made.members),
    )


@cache
def _made() -> Federation:
    authority = ca.make(DOMAIN, START)
    nodes = {name: Node(name, key_of(name)) for name in MEMBERS}
    made = Federation(authority, nodes)
    for node, industry in zip(nodes.values(), INDUSTRIES, strict=True):
        _join(made, node, industry)
    for name in WINDOWS:
        _round(made, name)
    made.publish("year-2025", 2, datetime(2026, 3, 20, 9, tzinfo=UTC))
    return made


def _join(made: Federation, node: Node, industry: str) -> None:
    node.add(
        Opened(
            seq=0,
            time=START,
            origin=node.origin,
            public_key=public_key_text(node.key.public_key()),
            version="0.1.0",
        )
    )
    node.add(WitnessAdopted(seq=1, time=START, witness=VERIFIER))
    node.sealed.append((2, START + timedelta(seconds=5)))
    node.seal()
    made.members.append(
        MemberLine(
            member=node.id,
            name=node.id.replace("-", " ").title(),
            industry=industry,
            county="46",
            size_class=None,
            state="active",
            ledger=node.origin,
        )
    )
    for days in range(0, 450, 60):
        made.certificates.append(certificate(made.authority, node.id, START + timedelta(days=days)))


def certificate(authority: ca.Authority, holder: str, issued: datetime, role: Any = "member") -> CertificateLine:
    key = ec.generate_private_key(ec.SECP256R1())
    made = ca.issue_client(authority, key.public_key(), spiffe_id(DOMAIN, role, holder), issued)
    return CertificateLine(
        role=role,
        holder=holder,
        state="current",
        issued=issued,
        not_before=made.not_valid_before_utc,
        not_after=made.not_valid_after_utc,
        der=base64.b64encode(made.public_bytes(Encoding.DER)).decode(),
    )


def _round(made: Federation, name: str) -> None:
    opened = OPENED[name]
    roster = tuple(
        Seat(
            member=node.id,
            name=node.id,
            industry=industry,
            county="46",
            size_class=None,
            signing_key=public_key_text(node.key.public_key()),
            sealing_key="22" * 32,
            identity_commitment=None,
            identity_epoch=None,
        )
        for node, industry in zip(made.nodes.values(), INDUSTRIES, strict=True)
    )
    deadline = opened + timedelta(days=28)
    announcement = Announcement(DOMAIN, name, STUDY, TEXT, WINDOWS[name], opened, deadline, roster)
    record = RoundRecord(round=name, state="published", opened=opened, deadline=deadline, ended=deadline, reason=None)
    made.rounds[name] = Round(announcement, announce(announcement, COORDINATOR), record)
    random = np.random.default_rng(OPENED[name].year)
    for index, node in enumerate(made.nodes.values()):
        time = opened + timedelta(days=2, hours=index)
        if not any(leaf["type"] == "policy" for leaf in node.leaves):
            node.add(policy(len(node.leaves), time))
        node.release(STUDY, WINDOWS[name], name, time, values(random, dominant=index == 0))
        node.seal()
    made.publish(name, 1, deadline + timedelta(days=3))


def values(random: np.random.Generator, *, dominant: bool = False) -> list[int]:
    """What a member releases: far above the noise, and in its app one member's alone."""
    found: list[int] = []
    for priced in price(STUDY).parts:
        scale = max(1, round(float(priced.mechanism.scale)))
        drawn = random.integers(500 * scale, 600 * scale, priced.part.table.cells)
        if dominant and priced.part.table.name == "channel":
            drawn[3] *= 20
        found += [int(value) for value in drawn]
    return found
