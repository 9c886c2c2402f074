"""Bytes that no node sends, to every call of the coordinator: what it answers, and that it answers nothing else.

    python -m tests.coordinator.service.fuzz --calls 1000000 --seed 1

The bytes go through the real deserialisers, `Patience`, services and store, without sockets; half of them are what a
member would send with something changed, so that they come past the first check.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import grpc
import structlog

from coordinator.office import Office
from coordinator.rounds.rounds import open_round
from coordinator.service.patience import Patience
from coordinator.service.rates import Meter, Rate
from privacy.sharing import assessment, insight
from protos.kudos.v1 import cross_use_pb2, enrolment_pb2, federation_pb2, ledger_pb2, sharing_pb2
from protos.refusals import refusal_of
from tests.coordinator.house import BENCHMARK, Joined, a_message, an_office, joined, signed
from tests.coordinator.house import WINDOW_LAST as LAST
from tests.coordinator.ledger import a_ledger
from tests.federation.house import now
from tests.federation.peers import other, pem
from tests.simulation.wire import Failed, Service

LONGEST = 20_000

_CODES = {
    grpc.StatusCode.CANCELLED,  # the stream ended before its time
}


class Unmetered(Meter):
    """Lets everything pass: here one caller makes all the calls of years."""

    def take(self, caller: str, rate: Rate) -> bool:
        return True


@dataclass
class Bench:
    """A coordinator with a round, its callers' certificates, and what they would send."""

    office: Office
    service: Service
    certificates: tuple[bytes | None, ...]
    honest: dict[str, list[bytes]]
    """The messages of a call, by its name."""
    counts: Counter[str] = field(default_factory=Counter)

    def call(self, method: str, requests: list[bytes], certificate: bytes | None) -> str:
        """How a call ended. Raises AssertionError where the coordinator has a defect, or ends it in no known way."""
        failed = self._failed(method, requests, certificate)
        refusal = None if failed is None else refusal_of(failed)
        sent = method, [each.hex() for each in requests]
        if refusal is not None:
            assert refusal.reason != "DEFECT", sent
            assert refusal.sentence.isprintable()
            assert "Traceback" not in refusal.sentence
            said = refusal.reason
        else:
            assert failed is None or failed.code() in _CODES, sent
            said = "answered" if failed is None else failed.code().name
        self.counts[said] += 1
        return said

    def _failed(self, method: str, requests: list[bytes], certificate: bytes | None) -> Failed | None:
        try:
            for _ in self.service.handle(method, requests, certificate):
                pass
        except Failed as failed:
            return failed
        return None


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """A coordinator in a folder, with a member, an auditor and an operator."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    from coordinator.authority.peer import Role

    with an_office(folder) as office:
        member = joined(office, "fjordteatret", now())
        open_round(office, BENCHMARK, LAST, now() + timedelta(days=9), now(), 1, "first")
        others = [other(office, role, str(role)).certificate for role in (Role.AUDITOR, Role.OPERATOR, Role.VIEWER)]
        certificates = (None, pem(member.enrolled.certificate), *others)
        yield Bench(office, Service(office, Patience(60, Unmetered())), certificates, _honest(office, member))


def _honest(office: Office, member: Joined) -> dict[str, list[bytes]]:
    envelope = signed(member, a_message(member))
    ledger = a_ledger(office, member, now()).request(0)
    csr = member.keys.csr()
    f, w, c, s = federation_pb2, ledger_pb2, cross_use_pb2, sharing_pb2
    text = insight.Insight(office.trust_domain, "fjordteatret", "first", "0" * 64, "network", now(), "Noe å lære av.")
    levels = assessment.Assessment(now(), dict.fromkeys(assessment.DRIVERS, 3))
    assessed = assessment.make(levels, office.trust_domain, "fjordteatret", member.keys.signing)
    one = {
        "Hello": f.HelloRequest(version="1"),
        "Renew": f.RenewRequest(csr=csr, signature=member.keys.renewing(csr)),
        "ListRounds": f.ListRoundsRequest(),
        "Submit": f.SubmitRequest(round="first", envelope=envelope),
        "Decline": f.DeclineRequest(round="first"),
        "ListBenchmarks": f.ListBenchmarksRequest(),
        "GetBenchmark": f.GetBenchmarkRequest(round="first", version=1),
        "ListMembers": f.ListMembersRequest(),
        "PublishCommitment": f.PublishCommitmentRequest(envelope=envelope),
        "OfferIdentity": f.OfferIdentityRequest(recipient="fjordteatret", envelope=envelope),
        "ListIdentityOffers": f.ListIdentityOffersRequest(),
        "GetLedgerHead": w.GetLedgerHeadRequest(),
        "WitnessLedger": w.WitnessLedgerRequest(
            note=ledger.note, old_size=0, consistency=ledger.consistency, leaves=ledger.leaves
        ),
        "GetOwnLedger": w.GetOwnLedgerRequest(),
        "GetOwnRelease": w.GetOwnReleaseRequest(release_digest="sha256:" + "0" * 64),
        "Export": w.ExportRequest(restricted=True),
        "GetMarket": c.GetMarketRequest(round="first"),
        "GetSketch": c.GetSketchRequest(round="first", member="fjordteatret"),
        "ShareInsight": s.ShareInsightRequest(envelope=insight.make(text, member.keys.signing)),
        "WithdrawInsight": s.WithdrawInsightRequest(digest="0" * 64),
        "ListInsights": s.ListInsightsRequest(),
        "ShareAssessment": s.ShareAssessmentRequest(envelope=assessed),
        "WithdrawAssessment": s.WithdrawAssessmentRequest(),
        "GetAssessments": s.GetAssessmentsRequest(),
        "Enrol": enrolment_pb2.EnrolRequest(token=b"t" * 16, csr=csr, signature=member.keys.enrolling(csr), ledger="x"),
    }
    sketch = [c.PutSketchRequest(round="first", header=envelope), c.PutSketchRequest(chunk=b"c" * 500)]
    messages = {name: [message] for name, message in one.items()} | {"PutSketch": sketch}
    return {name: [each.SerializeToString() for each in found] for name, found in messages.items()}


def changed(content: bytes, draw: Random) -> bytes:
    """The same bytes with one to three things changed."""
    for _ in range(draw.randrange(1, 4)):
        content = _once(content, draw)[:LONGEST]
    return content


def _once(content: bytes, draw: Random) -> bytes:
    at = draw.randrange(len(content) + 1)
    to = min(len(content), at + draw.choice((1, 2, 8, 64)))
    match draw.randrange(7):
        case 0 if at < len(content):
            return content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :]
        case 1:
            return content[:at]
        case 2:
            return content[:at] + bytes(draw.randrange(256) for _ in range(draw.choice((1, 3, 20)))) + content[at:]
        case 3:
            return content[:at] + content[to:]
        case 4:
            return content[:at] + content[at:to] * draw.choice((2, 50)) + content[to:]
        case 5:  # another field of protocol buffers: a number and a type, a length, and as much
            size = draw.choice((0, 1, 200, 2**31 - 1))
            return content + bytes([draw.randrange(256)]) + _varint(size) + bytes(min(size, 200))
        case _:
            return content + draw.choice((b"\x00", b"\xff" * 10, b"../../etc/passwd", "ø\u202e".encode(), content))


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def one(bench: Bench, draw: Random) -> str:
    """One call that no node makes; how it ended."""
    method = draw.choice(bench.service.methods)
    honest = bench.honest[method.rpartition("/")[2]]
    if draw.random() < 0.5:
        honest = bench.honest[draw.choice(sorted(bench.honest))]  # another call's message
    requests = [changed(each, draw) if draw.random() < 0.8 else each for each in honest]
    if draw.random() < 0.1:
        requests = [bytes(draw.randrange(256) for _ in range(draw.choice((0, 1, 30, 3000))))]
    if draw.random() < 0.05:
        requests = []
    return bench.call(method, requests, draw.choice(bench.certificates))


def main() -> None:
    """Prints how so many calls ended, as JSON; ends with a traceback at the first defect."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--calls", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    draw, began = Random(chosen.seed), time.monotonic()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, bench(Path(folder)) as ours:
        for number in range(1, chosen.calls + 1):
            one(ours, draw)
            if number % 10_000 == 0:
                print(f"{number} calls, no defect", file=sys.stderr, flush=True)
        report = {"calls": chosen.calls, "seconds": round(time.monotonic() - began), "ended": dict(ours.counts)}
    json.dump(report, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
