"""Published benchmarks: fetched, verified, and kept as they were signed."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from node.home import Home, write_private
from node.membership.errors import CoordinatorContradicts, NoBenchmark
from node.membership.settings import Files, Membership
from node.wire.federation import Federation
from privacy.estimate.benchmark import Benchmark, read
from protos.kudos.v1.federation_pb2 import BenchmarkListed

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


@dataclass(frozen=True)
class Kept:
    """A benchmark that lies in the node's folder."""

    benchmark: Benchmark
    envelope: bytes


def fetch(home: Home, coordinator: Federation, listed: BenchmarkListed) -> Benchmark | None:
    """Fetches a published benchmark that is not here yet; None where it is.

    Raises CoordinatorContradicts where what is published has changed, or is another than it is called; BadBenchmark.
    """
    network = coordinator.network
    if not _NAME.fullmatch(listed.round) or not 1 <= listed.version <= 10_000:
        raise CoordinatorContradicts("The coordinator lists a benchmark without a proper name. Ask its operator.")
    file = _file(home, listed.round, listed.version)
    if file.exists():
        if hashlib.sha256(file.read_bytes()).hexdigest() != listed.digest:
            raise CoordinatorContradicts(
                f"The coordinator lists version {listed.version} of the benchmark {listed.round} with other bytes than "
                "it published before. A benchmark never changes: ask its operator, and tell the auditor."
            )
        return None
    envelope = coordinator.benchmark(listed.round, listed.version)
    benchmark = read(envelope, network.verifier)
    named = (listed.round, listed.version, network.trust_domain)
    if (benchmark.round, benchmark.version, benchmark.coordinator) != named:
        raise CoordinatorContradicts(
            f"What the coordinator sends as {listed.round} is another benchmark. Ask its operator."
        )
    write_private(file, envelope)
    return benchmark


def kept(home: Home, network: Membership) -> list[Kept]:
    """Every benchmark in the folder, the newest window and version first."""
    found = []
    for file in Files(home).benchmarks.glob("*.kudos"):
        envelope = file.read_bytes()
        found.append(Kept(read(envelope, network.verifier), envelope))
    return sorted(
        found, key=lambda each: (each.benchmark.window.last, each.benchmark.round, each.benchmark.version), reverse=True
    )


def newest(home: Home, network: Membership, round_name: str | None) -> Kept:
    """The newest benchmark, or the newest version of a round's. Raises NoBenchmark."""
    for each in kept(home, network):
        if round_name is None or each.benchmark.round == round_name:
            return each
    if round_name is None:
        raise NoBenchmark(
            "No benchmark has been published yet, or none has been fetched. To look again: kudos-node run --once"
        )
    raise NoBenchmark(
        f"There is no benchmark of round {round_name} here. To look for it: kudos-node run --once. Rounds: "
        "kudos-node rounds"
    )


def _file(home: Home, round_name: str, version: int) -> Path:
    return Files(home).benchmarks / f"{round_name}.{version}.kudos"
