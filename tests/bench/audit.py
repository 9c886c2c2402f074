"""Verifying a long ledger: every leaf, cost, cap, root and signature, with a cosigned checkpoint after each entry."""

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter

from privacy.audit import bundle
from privacy.audit.bundle import File
from privacy.audit.network import audit_ledgers
from privacy.audit.reading import open_bundle
from privacy.audit.records import Header
from privacy.bounds.windows import Window
from privacy.ledger.checkpoint import Checkpoint, cosign, sign_checkpoint
from privacy.ledger.leaves import Entry, Opened, PolicyAdopted, Spent, WitnessAdopted, leaf_hash
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.tree import Frontier
from privacy.signing.envelope import public_key_text
from privacy.studies.study import find
from tests.bench.measure import report
from tests.privacy.audit.booked import parts_of

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
STEP = timedelta(minutes=30)
KEY, WITNESS = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
ORIGIN = "npu.example/ledger/house"
TEXT = b"cosignature/v1\ntime 1795000000\n" + ORIGIN.encode() + b"\n100000\n" + b"A" * 43 + b"=\n"
"""As long as what is signed of a checkpoint."""
VERIFIER = str(Verifier.of("npu.example/witness", Algorithm.COSIGNATURE_V1, WITNESS))


def make(folder: Path, entries: int) -> None:
    """A ledger of so many entries in a bundle: releases of the shipped benchmark, one every half hour."""
    header = Header(
        v=1,
        kind="public",
        trust_domain="npu.example",
        made=START + STEP * (entries + 1),
        source="coordinator",
        coordinator_key=public_key_text(KEY.public_key()),
        witness=VERIFIER,
    )
    leaves = list(_leaves(entries))
    bundle.write(
        (bundle.header_file(header), *bundle.leaves_file("house", leaves), *_checkpoints(leaves)),
        folder / "bundle",
    )


def _leaves(entries: int) -> Iterator[bytes]:
    adapter: TypeAdapter[Entry] = TypeAdapter(Entry)
    study = find("benchmark")
    parts = parts_of(study)
    rho_u = sum(part.cost.rho.micro for part in parts)
    cap = rho_u * entries
    first: tuple[Entry, ...] = (
        Opened(seq=0, time=START, origin=ORIGIN, public_key=public_key_text(KEY.public_key()), version="0.1.0"),
        WitnessAdopted(seq=1, time=START, witness=VERIFIER),
        PolicyAdopted(
            seq=2,
            time=START,
            digest="sha256:" + "12" * 32,
            cap_epsilon_u=0,
            cap_rho_u=cap,
            delta=Fraction(1, 10**6),
            largest_epsilon_u=0,
            largest_rho_u=40_000,
        ),
    )
    for entry in first:
        yield rfc8785.dumps(adapter.dump_python(entry, mode="json"))
    spent = Spent(
        seq=3,
        time=START,
        study=study.name,
        study_digest=study.digest,
        round=None,
        window=Window(date(2025, 1, 1), date(2025, 12, 31)),
        parts=parts,
        epsilon_u=0,
        rho_u=rho_u,
        release_digest="sha256:" + "0" * 64,
    )
    text = rfc8785.dumps(adapter.dump_python(spent, mode="json")).decode()
    for seq in range(3, entries):
        digest = hashlib.sha256(str(seq).encode()).hexdigest()
        last = date(2000, 1, 1) + timedelta(days=seq)  # a window of its own for each
        yield (
            text.replace('"seq":3,', f'"seq":{seq},')
            .replace("sha256:" + "0" * 64, f"sha256:{digest}")
            .replace("2026-01-05T09:00:00Z", f"{START + STEP * seq:%Y-%m-%dT%H:%M:%SZ}")
            .replace("2025-01-01/2025-12-31", f"1999-01-01/{last}")
        ).encode()


def _checkpoints(leaves: list[bytes]) -> Iterator[File]:
    frontier = Frontier()
    for seq, leaf in enumerate(leaves):
        frontier = frontier.append(leaf_hash(leaf))
        if seq >= 2:
            signed = sign_checkpoint(Checkpoint(ORIGIN, frontier.size, frontier.root), KEY)
            note = cosign(signed, "npu.example/witness", WITNESS, START + STEP * seq + timedelta(seconds=5))
            yield bundle.checkpoint_file("house", frontier.size, note)


def work(folder: Path) -> None:
    """Verifies it."""

    def verify() -> None:
        with open_bundle(folder / "bundle") as opened:
            found = audit_ledgers(opened)
        if found.findings:
            sys.exit(f"{found.findings[0]}")

    report(verify)


def plain(folder: Path) -> None:
    """The least that anybody must do for the same ledger: a hash for each leaf and node, and two signatures a note."""
    keys = [(key.public_key(), key) for key in (KEY, WITNESS)]

    def verify() -> None:
        leaves = (folder / "bundle" / "public" / "ledgers" / "house" / "leaves.jsonl").read_bytes().splitlines()
        for leaf in leaves:
            hashlib.sha256(b"\x00" + leaf).digest()
            hashlib.sha256(b"\x01" + bytes(64)).digest()
        for _ in leaves[2:]:
            for public, signature in signed:
                public.verify(signature, TEXT)

    signed = [(public, key.sign(TEXT)) for public, key in keys]
    report(verify)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        {"work": work, "plain": plain}[sys.argv[1]](Path(sys.argv[2]))
