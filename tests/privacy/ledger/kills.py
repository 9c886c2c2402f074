"""kill -9 of a process that books releases, has them cosigned and sends them; and what its ledger must say afterwards.

    python -m tests.privacy.ledger.kills --kills 100000 --seed 7          at random instants
    python -m tests.privacy.ledger.kills --statements                      before each statement of SQLite

This process imports the ledger once, and forks: a child is at work at once. It is also the witness, which outlives the
node, and the wire: it notes all that it was ever sent.
"""

import argparse
import json
import mmap
import os
import random
import select
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from privacy.ledger import outbox
from privacy.ledger.contents import Contents, release_digest
from privacy.ledger.leaves import Spent, leaf_hash
from privacy.ledger.store import Ledger
from tests.privacy.ledger import child
from tests.privacy.ledger.child import PHASES, Alarm, work
from tests.privacy.ledger.witnessed import Witness

MEANS_S = (0.002, 0.01, 0.04)
"""Mean times until a child is killed, drawn from: some die as they open the ledger, some after a few releases."""

AIMED = 0.4
"""How many more end themselves in a phase that is drawn, since some are short: by an alarm, which is as abrupt."""

SOON_S = (0.0002, 0.001)
"""Mean times from the beginning of a phase to the alarm."""

OFTEN = ("committing", "committing", "committing", "entry appended", "sending")
"""Phases that are drawn more often, since they are the shortest or matter most."""

LONGEST_S = 5.0

LIFE = 20
"""Kills that one ledger lives through."""


@dataclass
class Report:
    """What happened: kills and alarms, by the phase that they hit; how many left a journal to be played back."""

    seed: int
    kills: int = 0
    alarms: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    journals: int = 0
    ledgers: int = 0
    releases: int = 0
    sent: int = 0
    seconds: float = 0.0


class House:
    """A ledger, and all that was seen of it from outside: by its witness, on the wire, and as acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.sqlite"
        self.witness = Witness()
        self.wire: dict[int, dict[int, bytes]] = {}
        """By job and offset."""
        self.booked: dict[int, tuple[int, str]] = {}
        """Entry and digest, by job."""
        self.kept: set[int] = set()
        self.began = False
        self.sent = 0
        self.last: Contents | None = None

    def hear(self, said: dict[str, Any]) -> dict[str, Any] | None:
        """Takes what a child says, and gives the answer that it waits for."""
        match said["what"]:
            case "began":
                self.began = True
            case "booked":
                booked = said["seq"], said["digest"]
                assert self.booked.setdefault(said["job"], booked) == booked, f"job {said['job']} was booked twice"
            case "head":
                return {"size": self.witness.size, "note": self.witness.note.hex()}
            case "cosign":
                proof, leaves = ([bytes.fromhex(each) for each in said[name]] for name in ("proof", "leaves"))
                note = self.witness.cosign(bytes.fromhex(said["note"]), said["old_size"], proof, leaves)
                return {"note": note.hex()}
            case "kept":
                self.kept.add(said["size"])
            case "piece":
                data = bytes.fromhex(said["data"])
                seen = self.wire.setdefault(said["job"], {}).setdefault(said["offset"], data)
                assert seen == data, f"the wire saw different bytes of job {said['job']}"
            case "sent":
                self.sent = max(self.sent, said["job"] + 1)
            case _:
                raise AssertionError(said)
        return None

    def check(self, path: Path) -> Contents | None:
        """What the ledger at `path` says, after it was compared with all that was seen."""
        if not path.exists():
            assert not self.began, "a ledger that had begun is gone"
            return None
        with Ledger.open(path) as ledger:
            contents = ledger.contents()
        self._check_goes_on(contents)
        by_job = {_job(entry): entry for entry in contents.entries if isinstance(entry, Spent)}
        spends = [entry for entry in contents.entries if isinstance(entry, Spent)]
        assert len(by_job) == len(spends) == len(contents.releases), "a study was booked twice over a window"
        assert len(set(contents.hashes)) == len(contents.hashes), "an entry stands twice"
        for job, (seq, digest) in self.booked.items():
            entry = by_job.get(job)
            assert entry is not None, f"entry {seq} was acknowledged, and is gone"
            assert (entry.seq, entry.release_digest) == (seq, digest), f"entry {seq} was acknowledged as another"
        assert self.kept <= {each.size for each in contents.checkpoints}, "a kept checkpoint is gone"
        for job, pieces in self.wire.items():
            self._check_wire(contents, by_job.get(job), pieces)
        return contents

    def _check_goes_on(self, contents: Contents) -> None:
        known = [leaf_hash(leaf) for leaf in self.witness.leaves]
        assert contents.hashes[: len(known)] == tuple(known), "the ledger does not go on from what is cosigned"
        if self.last is not None:
            assert contents.entries[: len(self.last.entries)] == self.last.entries, "an entry that was there is gone"
            assert contents.releases[: len(self.last.releases)] == self.last.releases, "a release changed"
            assert set(self.last.checkpoints) <= set(contents.checkpoints), "a checkpoint that was there is gone"
        self.last = contents

    def _check_wire(self, contents: Contents, entry: Spent | None, pieces: dict[int, bytes]) -> None:
        assert entry is not None, "the wire saw bytes that no entry booked"
        (stored,) = (each for each in contents.releases if each.seq == entry.seq)
        assert contents.covers(entry.seq), "the wire saw bytes that no kept checkpoint covers"
        assert stored.envelope is not None
        assert release_digest(stored.envelope) == entry.release_digest
        assert outbox.ready(contents, stored) == stored.envelope
        for offset, data in pieces.items():
            assert stored.envelope[offset : offset + len(data)] == data, "the wire saw other bytes than were booked"


def _job(entry: Spent) -> int:
    return int(entry.study_digest.removeprefix("sha256:"), 16)


class Child:
    """A forked process at work, with the line on which it talks to us."""

    def __init__(
        self, house: House, phase: mmap.mmap, prepare: Callable[[], None], seed: int, alarm: Alarm | None = None
    ) -> None:
        self._house = house
        self._phase = phase
        phase[0] = 0
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            self._run(theirs, prepare, seed, alarm)
        theirs.close()

    def serve_until_sent(self) -> None:
        """Answers it until it has sent a release, or is dead."""
        while not self._house.sent and self._answer():
            pass

    def _run(self, line: socket.socket, prepare: Callable[[], None], seed: int, alarm: Alarm | None) -> None:
        try:
            self._line.close()
            prepare()
            work(self._house.path, line, self._phase, self._house.sent, random.Random(seed), alarm)
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            os._exit(1)

    def serve(self, seconds: float | None) -> None:
        """Answers it for so long, or until it is dead."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            if not select.select([self._line], [], [], left)[0] or not self._answer():
                return

    def _answer(self) -> bool:
        try:
            said = self._line.recv(1 << 20)
        except ConnectionResetError:  # it died with an answer unread; what it said before comes after this
            return True
        if not said:
            return False
        answer = self._house.hear(json.loads(said))
        if answer is not None:
            with suppress(BrokenPipeError, ConnectionResetError):  # it asked, and died
                self._line.send(json.dumps(answer).encode())
        return True

    def killed(self) -> str:
        """Sees to it that it is dead, and hears what it said last. Gives the phase that it died in."""
        os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        while select.select([self._line], [], [], 0)[0] and self._answer():
            pass
        self._line.close()
        assert os.WIFSIGNALED(status), "a child ended by itself; it says why above"
        assert os.WTERMSIG(status) in (signal.SIGKILL, signal.SIGALRM)
        return PHASES[self._phase[0]]


def _is_hot(journal: Path) -> bool:
    """Whether a journal's header is written: then what it says is played back (https://sqlite.org/fileformat2.html)."""
    return journal.exists() and journal.read_bytes()[:8] == b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"


def _look(house: House, report: Report, room: Path) -> None:
    """Checks a copy: so a journal is left to the next child, which may be killed while it plays it back."""
    for each in room.iterdir():
        each.unlink()
    for each in (house.path, house.path.with_name(f"{house.path.name}-journal")):
        if each.exists():
            shutil.copy(each, room / each.name)
    report.journals += _is_hot(room / f"{house.path.name}-journal")
    house.check(room / house.path.name)


def _nothing() -> None:
    pass


def _hasty() -> None:
    child.HASTY = True


def kill_at_random(folder: Path, kills: int, seed: int, *, hasty: bool) -> Report:
    """Kills children at random instants. One that is `hasty` sends before it has booked: that must be noticed."""
    draw, report = random.Random(seed), Report(seed)
    phase = mmap.mmap(-1, 1)
    began = time.monotonic()
    room = folder / "room"
    room.mkdir()
    while report.kills < kills:
        house = House(folder / f"{report.ledgers}")
        house.folder.mkdir()
        report.ledgers += 1
        for _ in range(min(LIFE, kills - report.kills)):
            if draw.random() < AIMED / (1 + AIMED):
                phases = [each for each in (*PHASES, *OFTEN) if each != "creating" or not house.began]
                alarm = Alarm(draw.choice(phases), draw.expovariate(1 / draw.choice(SOON_S)))
                worker = Child(house, phase, _nothing, draw.getrandbits(32), alarm)
                worker.serve(LONGEST_S)
                report.alarms += 1
            else:
                worker = Child(house, phase, _hasty if hasty else _nothing, draw.getrandbits(32))
                worker.serve(draw.expovariate(1 / draw.choice(MEANS_S)))
                report.kills += 1
            report.phases[worker.killed()] += 1
            _look(house, report, room)
        _note(report, house)
    report.seconds = time.monotonic() - began
    return report


def _note(report: Report, house: House) -> None:
    contents = house.check(house.path)
    report.releases += 0 if contents is None else len(contents.releases)
    report.sent += house.sent


class _Killing(sqlite3.Connection):
    """Ends the process before its n-th statement, over all connections."""

    left = 0

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.set_trace_callback(self._statement)

    @staticmethod
    def _statement(_text: str) -> None:
        _Killing.left -= 1
        if _Killing.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _armed(statement: int) -> Callable[[], None]:
    def prepare() -> None:
        _Killing.left = statement
        honest = sqlite3.connect

        def connect(*words: Any, **options: Any) -> sqlite3.Connection:
            return honest(*words, factory=_Killing, **options)

        sqlite3.connect = connect  # type: ignore[assignment]

    return prepare


def kill_at_statements(folder: Path, seed: int) -> Report:
    """Kills a child before each statement of its work, from an empty folder until a release is sent.

    After each kill another child goes on until it has sent that.
    """
    report = Report(seed)
    phase = mmap.mmap(-1, 1)
    began = time.monotonic()
    room = folder / "room"
    room.mkdir()
    done = False
    while not done:
        house = House(folder / f"{report.ledgers}")
        house.folder.mkdir()
        report.ledgers += 1
        worker = Child(house, phase, _armed(report.ledgers), seed)
        worker.serve_until_sent()
        done = house.sent > 0
        report.phases[worker.killed()] += 1
        report.kills += 1
        _look(house, report, room)
        follower = Child(house, phase, _nothing, seed + 1)
        follower.serve_until_sent()
        follower.killed()
        _look(house, report, room)
        assert house.sent
        _note(report, house)
    report.seconds = time.monotonic() - began
    return report


def main() -> None:
    """Prints a report as JSON; ends with a traceback where a ledger says what it must not."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--kills", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--hasty", action="store_true", help="send before it is booked, which must be noticed")
    arguments.add_argument("--statements", action="store_true", help="before each statement, and not at random")
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    arguments.add_argument("--folder", default=memory, help="where the ledgers are; in memory if there is such a place")
    chosen = arguments.parse_args()
    assert not {"opendp", "duckdb", "grpc"} & set(sys.modules), "more is loaded than a ledger needs"
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        if chosen.statements:
            report = kill_at_statements(Path(folder), chosen.seed)
        else:
            report = kill_at_random(Path(folder), chosen.kills, chosen.seed, hasty=chosen.hasty)
    print(json.dumps(vars(report)))


if __name__ == "__main__":
    main()
