"""Published benchmarks: fetched, verified, and kept as they were signed."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node.errors import FileDamaged
from node.home import Home, write_private
from node.membership.errors import CoordinatorContradicts, NoBenchmark
from node.membership.settings import Files, Membership
from node.network.kept import damaged, set_aside, whole
from node.wire.federation import Federation
from privacy.errors import KudosError
from privacy.estimate.benchmark import BENCHMARK, BadBenchmark, Benchmark, read
from protos.kudos.v1.federation_pb2 import BenchmarkListed

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


@dataclass(frozen=True)
class Kept:
    """A benchmark that lies in the node's folder."""

    benchmark: Benchmark
    envelope: bytes

    @property
    def name(self) -> str:
        """Its round's name."""
        return self.benchmark.round


@dataclass(frozen=True)
class Looked:
    """What lies there: the benchmarks, the newest window and version first, and by file why others cannot be read."""

    kept: list[Kept]
    faults: dict[Path, KudosError]


def named(listed: BenchmarkListed) -> bool:
    """Whether a coordinator lists a benchmark by a name that can be one, and may be repeated to people."""
    return _NAME.fullmatch(listed.round) is not None and 1 <= listed.version <= 10_000


def fetch(home: Home, coordinator: Federation, listed: BenchmarkListed, say: Callable[[str], None]) -> Benchmark | None:
    """Fetches a published benchmark that is not here yet; None where it is.

    One that has been damaged here is set aside, `say` told, and fetched again. Raises CoordinatorContradicts where what
    is published has changed, or is another than it is called; BadBenchmark.
    """
    network = coordinator.network
    if not named(listed):
        raise CoordinatorContradicts("The coordinator lists a benchmark without a proper name. Ask its operator.")
    file = _file(home, listed.round, listed.version)
    if file.exists():
        first = file.read_bytes()
        if hashlib.sha256(first).hexdigest() == listed.digest:
            return None
        if whole(BENCHMARK, first, network.verifier):
            raise CoordinatorContradicts(
                f"The coordinator lists version {listed.version} of the benchmark {listed.round} with other bytes than "
                "it published before. A benchmark never changes: ask its operator, and tell the auditor."
            )
        say(set_aside(file))
    envelope = coordinator.benchmark(listed.round, listed.version)
    benchmark = read(envelope, network.verifier)
    called = (listed.round, listed.version, network.trust_domain)
    if (benchmark.round, benchmark.version, benchmark.coordinator) != called:
        raise CoordinatorContradicts(
            f"What the coordinator sends as {listed.round} is another benchmark. Ask its operator."
        )
    write_private(file, envelope)
    return benchmark


def look(home: Home, network: Membership) -> Looked:
    """Every benchmark in the folder, and what is the matter with those that cannot be read."""
    found: list[Kept] = []
    faults: dict[Path, KudosError] = {}
    for file in sorted(Files(home).benchmarks.glob("*.kudos")):
        try:
            found.append(_kept(file, network))
        except KudosError as error:
            faults[file] = error
    found.sort(
        key=lambda each: (each.benchmark.window.last, each.benchmark.round, each.benchmark.version), reverse=True
    )
    return Looked(found, faults)


def _kept(file: Path, network: Membership) -> Kept:
    try:
        envelope = file.read_bytes()
    except OSError as error:
        raise FileDamaged(f"{file} cannot be read ({error.strerror}). Let your account read it.") from error
    if not whole(BENCHMARK, envelope, network.verifier):
        raise BadBenchmark(str(damaged(file)))
    return Kept(read(envelope, network.verifier), envelope)


def newest(
    home: Home,
    network: Membership,
    round_name: str | None,
    complain: Callable[[str], None] = lambda _text: None,
    *,
    cross_use: bool = False,
) -> Kept:
    """The newest benchmark, or the newest version of a round's; what cannot be read beside it is complained of.

    Without a round, the newest of tables, or of `cross_use`. Raises NoBenchmark, or what is the matter with the only
    ones that there are.
    """
    found = look(home, network)
    faults = [
        fault
        for file, fault in found.faults.items()
        if round_name is None or file.name.removesuffix(".kudos").rpartition(".")[0] == round_name
    ]
    for each in found.kept:
        wanted = bool(each.benchmark.body.market) == cross_use if round_name is None else each.name == round_name
        if wanted:
            for fault in faults:
                complain(str(fault))
            return each
    if faults:
        raise faults[0]
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
