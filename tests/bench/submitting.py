"""Submissions over mutual TLS against the emptiest call of the same server: Hello, which also looks up who calls.

The server is the real program in a process of its own; members are callers with keys and certificates, each with a
connection that stays open. Every release is another one: of its member, its round and its window.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from coordinator.office import Office
from coordinator.rounds.rounds import open_round
from privacy.bounds.windows import Window, twelve_months_to
from privacy.signing.envelope import RELEASE, sign
from protos.kudos.v1.federation_pb2 import HelloRequest, SubmitRequest
from protos.kudos.v1.release_pb2 import Release
from tests.bench.measure import Measured
from tests.coordinator.house import BENCHMARK, STUDY
from tests.federation.house import Serving, made, now
from tests.federation.peers import TIMEOUT_S, Peer, book, member, stub

MEMBERS = 8
MONTH_ENDS = [date(2025, month, 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31) for month in range(1, 13)]

Call = Callable[[], object]


def measure(folder: Path, rounds: int) -> tuple[Measured, Measured]:
    """Seconds for as many submissions, and for as many empty calls, as there are members times rounds (at most 12)."""
    coordinator = made(folder / "coordinator")
    with Serving(coordinator), coordinator.office() as office, ExitStack() as stack:
        peers = [member(office, f"house-{index}") for index in range(MEMBERS)]
        names = [_opened(office, last) for last in MONTH_ENDS[:rounds]]
        calls = [stack.enter_context(stub(coordinator, peer)) for peer in peers]
        for each in calls:
            each.Hello(HelloRequest(), timeout=TIMEOUT_S)
        submissions = [_submissions(office, each, peer, names) for each, peer in zip(calls, peers, strict=True)]
        empty = [[_empty(each)] * len(names) for each in calls]
        peer_seconds = _seconds(empty)
        ours = _seconds(submissions)
    return Measured(ours, 0), Measured(peer_seconds, 0)


def _opened(office: Office, last: date) -> tuple[str, Window]:
    name = f"{last:%Y-%m}"
    open_round(office, BENCHMARK, last, now() + timedelta(days=1), now(), 1, name)
    return name, twelve_months_to(last)


def _empty(calls: Any) -> Call:
    return lambda: calls.Hello(HelloRequest(), timeout=TIMEOUT_S)


def _submissions(office: Office, calls: Any, peer: Peer, names: Sequence[tuple[str, Window]]) -> list[Call]:
    """Each release's entry is cosigned already: a ledger begins with two that book nothing."""
    requests = [
        SubmitRequest(round=name, envelope=book(office, peer, _release(peer, window, entry)))
        for entry, (name, window) in enumerate(names, start=2)
    ]
    return [lambda request=request: calls.Submit(request, timeout=TIMEOUT_S) for request in requests]  # type: ignore[misc]


def _release(peer: Peer, window: Window, entry: int, total: int | None = None) -> bytes:
    message = Release(
        ledger=peer.ledger,
        entry=entry,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        layout_digest=STUDY.layout_digest,
        window_first=window.first.isoformat(),
        window_last=window.last.isoformat(),
        cells=[100] * STUDY.cells if total is None else _spread(total),
    )
    return sign(RELEASE, message.SerializeToString(deterministic=True), peer.keys.signing)


def _spread(total: int) -> list[int]:
    """Every table adds up to the same."""
    return [total // part.table.cells for part in STUDY.parts for _ in range(part.table.cells)]


def _seconds(calls: Sequence[Sequence[Call]]) -> float:
    """Wall time in which every member makes its calls one after the other, and all members do so at once."""
    with ThreadPoolExecutor(len(calls)) as pool:
        started = time.perf_counter()
        for done in [pool.submit(lambda mine=mine: [call() for call in mine]) for mine in calls]:  # type: ignore[misc]
            done.result()
        return time.perf_counter() - started
