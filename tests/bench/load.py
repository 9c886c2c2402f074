"""A coordinator under load: a round of many members, submissions against empty calls, memory, and polling.

    python -m tests.bench.load --members 1000 --rounds 10

The server is the real program in a process of its own; members are callers with keys, certificates and ledgers, each
with connections of its own over mutual TLS. Enrolment and the ledgers' entries are made in this process, by the same
functions that the server calls. Prints what was measured, as JSON, and what it is held against.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from coordinator.office import Office
from coordinator.publish.publishing import draft, publish_round
from coordinator.rounds.rounds import close
from privacy.bounds.windows import Window
from protos.kudos.v1.federation_pb2 import (
    GetBenchmarkRequest,
    HelloRequest,
    ListBenchmarksRequest,
    ListIdentityOffersRequest,
    ListMembersRequest,
    ListRoundsRequest,
    SubmitRequest,
)
from protos.kudos.v1.federation_pb2_grpc import FederationServiceStub
from protos.kudos.v1.ledger_pb2 import GetLedgerHeadRequest
from protos.kudos.v1.ledger_pb2_grpc import LedgerServiceStub
from tests.bench.submitting import MONTH_ENDS, _opened, _release, _seconds
from tests.coordinator.ledger import FakeLedger
from tests.federation.house import Coordinator, Serving, made, now
from tests.federation.peers import TIMEOUT_S, Peer, asked, channel, ledger_of, member, stub

CONNECTIONS = 8
TOTAL = 4_000_000
"""Of every table and measure: large enough beside the noise for something to be published."""

DELIVERED_S = 300
"""Seconds between two turns of a node that a server asks a few hundred for, as delivered."""

Report = dict[str, float]


def cpu_s(pid: int) -> float:
    """Seconds that a process has computed for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory that a process has now."""
    (line,) = (each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _all(peers: Sequence[Peer], work: Callable[[Peer], None]) -> float:
    """Seconds in which so many at once do it for every member."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(work, peers):
            pass
    return time.perf_counter() - began


def a_round(coordinator: Coordinator, office: Office, ledgers: dict[str, FakeLedger], peers: Sequence[Peer]) -> Report:
    """Every member looks, has its entry cosigned, sends its release; the round is closed, published and fetched."""
    name, window = _opened(office, MONTH_ENDS[-1])

    def answer(peer: Peer) -> None:
        envelope = _release(peer, window, 2, TOTAL)
        ledger = ledgers[peer.id].spend(envelope, now())
        with channel(coordinator, peer) as line:
            calls, witness = FederationServiceStub(line), LedgerServiceStub(line)
            calls.Hello(HelloRequest(version="bench"), timeout=TIMEOUT_S)
            calls.ListRounds(ListRoundsRequest(), timeout=TIMEOUT_S)
            witness.GetLedgerHead(GetLedgerHeadRequest(), timeout=TIMEOUT_S)
            witness.WitnessLedger(asked(ledger.request(0)), timeout=TIMEOUT_S)
            calls.Submit(SubmitRequest(round=name, envelope=envelope), timeout=TIMEOUT_S)

    answered = _all(peers, answer)
    began = time.perf_counter()
    close(office.store, name, now())
    publish_round(office, draft(office, name, now()), now())
    published = time.perf_counter() - began

    def fetch(peer: Peer) -> None:
        with stub(coordinator, peer) as calls:
            for _ in calls.GetBenchmark(GetBenchmarkRequest(round=name), timeout=TIMEOUT_S):
                pass

    return {"answered_s": answered, "published_s": published, "fetched_s": _all(peers, fetch)}


def submissions(
    pid: int,
    coordinator: Coordinator,
    office: Office,
    ledgers: dict[str, FakeLedger],
    peers: Sequence[Peer],
    rounds: int,
) -> Report:
    """Releases of further rounds over connections that stay open, against empty calls over the same; and memory."""
    wanted = [_opened(office, last) for last in MONTH_ENDS[:rounds]]
    sent, empty = 0.0, 0.0
    memory: list[float] = []
    for begin in range(0, len(peers), CONNECTIONS):
        some = peers[begin : begin + CONNECTIONS]
        lines = [channel(coordinator, peer) for peer in some]
        calls = [FederationServiceStub(line.__enter__()) for line in lines]
        for each in calls:
            each.Hello(HelloRequest(), timeout=TIMEOUT_S)  # the handshake
        work = [_booked(office, ledgers[peer.id], each, peer, wanted) for each, peer in zip(calls, some, strict=True)]
        empty += _seconds([[_hello(each)] * len(wanted) for each in calls])
        sent += _seconds(work)
        for line in lines:
            line.__exit__(None, None, None)
        memory.append(resident_mb(pid))
    number = len(peers) * len(wanted)
    early = memory[len(memory) // 5]
    return {
        "submissions": number,
        "submissions_per_s": number / sent,
        "empty_calls_per_s": number / empty,
        "ratio": empty / sent,
        "memory_mb_after_a_fifth": early,
        "memory_mb_at_the_end": memory[-1],
    }


def _booked(
    office: Office, ledger: FakeLedger, calls: Any, peer: Peer, wanted: Sequence[tuple[str, Window]]
) -> list[Callable[[], object]]:
    """The submissions of a member, all of whose entries are cosigned by then."""
    from coordinator.authority.peer import peer as peer_of
    from coordinator.members.callers import identify

    had, found = len(ledger.leaves), []
    for name, window in wanted:
        envelope = _release(peer, window, len(ledger.leaves))
        ledger.spend(envelope, now())
        found.append(SubmitRequest(round=name, envelope=envelope))
    caller = identify(office.store, peer_of(peer.certificate, office.trust_domain), now())
    ledger.request(had).send(office, caller, now())
    return [lambda request=request: calls.Submit(request, timeout=TIMEOUT_S) for request in found]  # type: ignore[misc]


def _hello(calls: Any) -> Callable[[], object]:
    return lambda: calls.Hello(HelloRequest(), timeout=TIMEOUT_S)


def polling(pid: int, coordinator: Coordinator, peers: Sequence[Peer]) -> Report:
    """What the turns of nodes with nothing to do cost the server, each over a new connection."""

    asked_for: list[int] = []

    def turn(peer: Peer) -> None:
        with channel(coordinator, peer) as line:
            calls = FederationServiceStub(line)
            calls.Hello(HelloRequest(version="bench"), timeout=TIMEOUT_S)
            calls.ListMembers(ListMembersRequest(), timeout=TIMEOUT_S)
            calls.ListIdentityOffers(ListIdentityOffersRequest(), timeout=TIMEOUT_S)
            LedgerServiceStub(line).GetLedgerHead(GetLedgerHeadRequest(), timeout=TIMEOUT_S)
            asked_for.append(calls.ListRounds(ListRoundsRequest(), timeout=TIMEOUT_S).retry_after_s)
            calls.ListBenchmarks(ListBenchmarksRequest(), timeout=TIMEOUT_S)

    before = cpu_s(pid)
    _all(peers, turn)
    each = (cpu_s(pid) - before) / len(peers)
    between = DELIVERED_S * min(asked_for)  # the server of this run is set to a second
    return {
        "server_cpu_ms_per_turn": each * 1000,
        "seconds_between_turns": between,
        "core_for_all_nodes": each * len(peers) / between,
    }


def measure(folder: Path, members: int, rounds: int) -> dict[str, Any]:
    """All of it."""
    coordinator = made(folder / "coordinator")
    with Serving(coordinator) as server, coordinator.office() as office:
        began = time.perf_counter()
        peers = [member(office, f"house-{number}") for number in range(members)]
        ledgers = {peer.id: ledger_of(office, peer, now() - timedelta(seconds=5)) for peer in peers}
        found: dict[str, Any] = {"members": members, "enrolled_s": time.perf_counter() - began}
        print("enrolled", file=sys.stderr)
        found["round"] = a_round(coordinator, office, ledgers, peers)
        print("round done", file=sys.stderr)
        found["polling"] = polling(server.process.pid, coordinator, peers)
        found["submissions"] = submissions(server.process.pid, coordinator, office, ledgers, peers, rounds)
    return found


def missed(found: dict[str, Any]) -> list[str]:
    """Targets that are not met."""
    sent, polled = found["submissions"], found["polling"]
    grown = sent["memory_mb_at_the_end"] / sent["memory_mb_after_a_fifth"]
    targets = {
        "submissions at 30 % of empty calls": sent["ratio"] >= 0.3,
        "memory flat (10 %)": grown <= 1.1,
        "polling under 5 % of a core": polled["core_for_all_nodes"] < 0.05,
    }
    return [what for what, met in targets.items() if not met]


def main() -> None:
    """Prints what was measured; ends with 1 where a target is missed."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--members", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=10, help="of further submissions, at most 11")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), chosen.members, chosen.rounds)
    found["load_average"] = os.getloadavg()[0]
    found["missed"] = missed(found)
    json.dump(found, sys.stdout, indent=1)
    sys.exit(bool(found["missed"]))


if __name__ == "__main__":
    main()
