"""The work that `tests.privacy.ledger.kills` kills: what a node does about its ledger for one release after another."""

import json
import mmap
import os
import random
import signal
import socket
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from privacy.ledger import outbox
from privacy.ledger.checkpoint import parse_text
from privacy.ledger.contents import Contents, StoredRelease
from privacy.ledger.leaves import serialise
from privacy.ledger.note import parse
from privacy.ledger.store import Ledger
from privacy.ledger.tree import consistency_proof
from tests.privacy.ledger.examples import START, WINDOW, policy, spent
from tests.privacy.ledger.witnessed import create_unwitnessed, signed, witness, write

PHASES = (
    "starting",
    "creating",
    "opening",
    "comparing",
    "booking",
    "entry appended",
    "committing",
    "booked",
    "asking the witness",
    "keeping",
    "kept",
    "sending",
)


HASTY = False
"""Whether to send before booking: what the test that uses this is measured by."""


@dataclass(frozen=True)
class Alarm:
    """Where to end by SIGALRM, for which nothing is prepared: `after_s` seconds from the beginning of a phase."""

    phase: str
    after_s: float


class _Worker:
    def __init__(self, line: socket.socket, phase: mmap.mmap, draw: random.Random, alarm: Alarm | None) -> None:
        self._line, self._phase, self._draw, self._alarm = line, phase, draw, alarm

    def at(self, phase: str) -> None:
        """Says where it is, in memory that outlives it."""
        self._phase[0] = PHASES.index(phase)
        if self._alarm is not None and self._alarm.phase == phase:
            signal.setitimer(signal.ITIMER_REAL, self._alarm.after_s)
            self._alarm = None

    def say(self, what: str, **more: Any) -> None:
        self._line.send(json.dumps({"what": what, **more}).encode())

    def ask(self, what: str, **more: Any) -> dict[str, Any]:
        self.say(what, **more)
        answer = json.loads(self._line.recv(1 << 20))
        assert isinstance(answer, dict)
        return answer

    def begin(self, path: Path) -> Ledger:
        if not path.exists():
            self.at("creating")
            create_unwitnessed(path).close()
        self.say("began")
        self.at("opening")
        ledger = Ledger.open(path)
        if ledger.contents().witness is None:
            write(ledger, witness(1))
        return ledger

    def compare(self, ledger: Ledger) -> int:
        """The size that the witness has, which this ledger goes on from."""
        contents = ledger.contents()
        head = self.ask("head")
        if not head["size"]:
            return 0
        known = parse_text(parse(bytes.fromhex(head["note"])).text)
        assert known.size <= len(contents.entries), "the ledger is behind its witness"
        assert known.root == contents.root(known.size), "the ledger has forked"
        return known.size

    def book(self, ledger: Ledger, job: int) -> None:
        self.at("booking")
        with ledger.transaction() as transaction:
            found = _find(transaction.contents, job)
            if found is None:
                if job % 4 == 0:
                    transaction.append(policy(transaction.next_seq))
                envelope = os.urandom(self._draw.choice((100, 2_500, 1_000_000)))
                if HASTY:
                    self.say("piece", job=job, offset=0, data=envelope[:100].hex())
                entry = spent(transaction.next_seq, START, envelope, _digest(job))
                transaction.append(entry)
                self.at("entry appended")
                transaction.store(envelope)
            self.at("committing")
        self.at("booked")
        if found is None:
            self.say("booked", job=job, seq=entry.seq, digest=entry.release_digest)

    def cosign(self, ledger: Ledger) -> None:
        while True:
            known = self.compare(ledger)
            contents = ledger.contents()
            size = len(contents.entries)
            if known == size and contents.covers(size - 1):
                return
            self.at("asking the witness")
            leaves = [serialise(entry).hex() for entry in contents.entries[known:]]
            proof = [each.hex() for each in consistency_proof(known, contents.hashes)] if known < size else []
            note = self.ask("cosign", note=signed(contents).hex(), old_size=known, proof=proof, leaves=leaves)["note"]
            self.at("keeping")
            with ledger.transaction() as transaction:
                transaction.keep(bytes.fromhex(note))
            self.at("kept")
            self.say("kept", size=size)

    def send(self, ledger: Ledger, job: int) -> None:
        contents = ledger.contents()
        found = _find(contents, job)
        assert found is not None
        self.at("sending")
        envelope = outbox.ready(contents, found)
        size = min(len(envelope) // 4, 50_000)
        for offset in range(0, len(envelope), size):
            self.say("piece", job=job, offset=offset, data=envelope[offset : offset + size].hex())
        self.say("sent", job=job)


def _digest(job: int) -> str:
    return f"sha256:{job:064x}"


def _find(contents: Contents, job: int) -> StoredRelease | None:
    return contents.find(_digest(job), WINDOW)


def work(
    path: Path, line: socket.socket, phase: mmap.mmap, sent: int, draw: random.Random, alarm: Alarm | None = None
) -> None:
    """Makes and sends releases until it is killed, from a job that was not sent, or from one before that."""
    worker = _Worker(line, phase, draw, alarm)
    worker.at("starting")
    with worker.begin(path) as ledger:
        for job in count(max(0, sent - draw.randrange(3))):
            worker.at("comparing")
            worker.compare(ledger)
            worker.book(ledger, job)
            worker.cosign(ledger)
            worker.send(ledger, job)
