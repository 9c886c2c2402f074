"""A member's node in the invented federations: its key, its ledger as JSON values, what was cosigned, what it sent.

Whoever is dishonest changes what a node holds, and signs anew (`Node.seal`) with whatever keys it has.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter

from privacy.bounds.windows import Window
from privacy.budget.amounts import total
from privacy.ledger.checkpoint import Checkpoint, cosign, sign_checkpoint
from privacy.ledger.contents import release_digest
from privacy.ledger.fields import format_time
from privacy.ledger.leaves import AnyPart, Entry, KeyAdopted, PolicyAdopted, Spent, leaf_hash
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.tree import root
from privacy.signing.envelope import RELEASE, public_key_text, sign
from privacy.studies.study import Study, parse
from protos.kudos.v1.release_pb2 import Release
from tests.privacy.audit.booked import parts_of

DOMAIN = "npu.example"
WITNESS = f"{DOMAIN}/witness"
START = datetime(2025, 1, 7, 9, tzinfo=UTC)
WINDOWS = {
    "year-2024": Window(date(2024, 1, 1), date(2024, 12, 31)),
    "year-2025": Window(date(2025, 1, 1), date(2025, 12, 31)),
}

TEXT = """
name = "small"
version = 1
title = "Totals, months and channels: enough to be dishonest with"
window = "year"
rho = "0.03"
cohorts = ["network", "industry", "county"]
[bounds]
max_orders = 8
max_lines = 20
max_tickets = 20
max_revenue_kr = 10000
[disclosure]
min_members = 5
dominance_percent = 60
unreliable_percent = 25
[[tables]]
name = "totals"
shares = { customers = 1, orders = 4 }
[[tables]]
name = "month"
shares = { customers = 8, orders = 12, revenue = 21 }
[[tables]]
name = "channel"
shares = { customers = 5, orders = 8 }
"""
STUDY = parse(TEXT, "small.toml")
_ENTRIES: TypeAdapter[Entry] = TypeAdapter(Entry)


def key_of(name: str) -> Ed25519PrivateKey:
    """A key by a name: the same each time."""
    return Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")[:32])


COORDINATOR, WITNESS_KEY = key_of("coordinator"), key_of("witness")
VERIFIER = str(Verifier.of(WITNESS, Algorithm.COSIGNATURE_V1, WITNESS_KEY))

Leaf = dict[str, Any]


@dataclass
class Sent:
    """A release as the coordinator has it."""

    round: str | None
    received: datetime | None
    envelope: bytes


@dataclass
class Node:
    """A member's node: its ledger as JSON values, what was cosigned when, and what it sent."""

    id: str
    key: Ed25519PrivateKey
    leaves: list[Leaf] = field(default_factory=list)
    sealed: list[tuple[int, datetime]] = field(default_factory=list)
    notes: dict[int, bytes] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    hidden: bool = False
    """Whether its ledger is kept out of the bundle."""

    @property
    def origin(self) -> str:
        return f"{DOMAIN}/ledger/{self.id}"

    def add(self, entry: Entry) -> None:
        self.leaves.append(_ENTRIES.dump_python(entry, mode="json"))

    def spends(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf["type"] == "spend"]

    def of_type(self, kind: str) -> Leaf:
        return next(leaf for leaf in self.leaves if leaf["type"] == kind)

    def append(self, leaf: Leaf, time: datetime) -> None:
        """Adds an entry with a checkpoint over all, at that time; `seal` signs them."""
        self.leaves.append({"v": 1, **leaf, "time": format_time(time)})
        self.renumber()
        self.sealed = [(size, at) for size, at in self.sealed if size < len(self.leaves)]
        self.sealed.append((len(self.leaves), time + timedelta(seconds=5)))

    def renumber(self) -> None:
        """As a liar does after it has dropped or added an entry."""
        for seq, leaf in enumerate(self.leaves):
            leaf["seq"] = seq

    def written(self) -> list[bytes]:
        return [rfc8785.dumps(leaf) for leaf in self.leaves]

    def note(self, size: int, time: datetime, *, key: Ed25519PrivateKey | None = None) -> bytes:
        signed = sign_checkpoint(checkpoint_of(self, size), key or self.key)
        return cosign(signed, WITNESS, WITNESS_KEY, time)

    def seal(self) -> None:
        """Signs and cosigns every checkpoint over the leaves as they are now: node and witness act together."""
        self.notes = {size: self.note(size, time) for size, time in self.sealed if size <= len(self.leaves)}

    def book(
        self,
        name: str,
        digest: str,
        round_name: str | None,
        window: Window,
        parts: tuple[AnyPart, ...],
        envelope: bytes,
        time: datetime,
    ) -> None:
        """Books what was released of a study, and has it cosigned."""
        cost = total(part.cost for part in parts)
        self.add(
            Spent(
                seq=len(self.leaves),
                time=time,
                study=name,
                study_digest=digest,
                round=round_name,
                window=window,
                parts=parts,
                epsilon_u=cost.epsilon.micro,
                rho_u=cost.rho.micro,
                release_digest=release_digest(envelope),
            )
        )
        self.sealed.append((len(self.leaves), time + timedelta(seconds=5)))

    def release(self, study: Study, window: Window, round_name: str | None, time: datetime, values: list[int]) -> None:
        """Books a release, has it cosigned, and sends it."""
        envelope = release_bytes(self.origin, len(self.leaves), study, window, values, self.key)
        self.book(study.name, study.digest, round_name, window, parts_of(study), envelope, time)
        if round_name is not None:
            self.sent.append(Sent(round_name, time + timedelta(seconds=9), envelope))


def checkpoint_of(node: Node, size: int) -> Checkpoint:
    return Checkpoint(node.origin, size, root([leaf_hash(leaf) for leaf in node.written()[:size]]))


def release_bytes(
    origin: str, seq: int, study: Study, window: Window, values: list[int], key: Ed25519PrivateKey, **changes: Any
) -> bytes:
    fields: dict[str, Any] = {
        "ledger": origin,
        "entry": seq,
        "study": study.name,
        "study_version": study.version,
        "study_digest": study.digest,
        "layout_digest": study.layout_digest,
        "window_first": window.first.isoformat(),
        "window_last": window.last.isoformat(),
        "cells": values,
    }
    payload = Release(**(fields | changes)).SerializeToString(deterministic=True)
    return sign(RELEASE, payload, key)


def policy(seq: int, time: datetime) -> PolicyAdopted:
    """What a policy says as delivered."""
    return PolicyAdopted(
        seq=seq,
        time=time,
        digest="sha256:" + "12" * 32,
        cap_epsilon_u=1_100_000,
        cap_rho_u=80_000,
        delta=Fraction(1, 10**6),
        largest_epsilon_u=1_000_000,
        largest_rho_u=40_000,
    )


def other_key(node: Node, seq: int, time: datetime) -> KeyAdopted:
    """An entry by which a node adopts another key."""
    return KeyAdopted(seq=seq, time=time, public_key=public_key_text(key_of(f"{node.id} second").public_key()))
