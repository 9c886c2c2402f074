"""Disks as a power failure may leave them, from a recording of what was done (`tests.privacy.ledger.disk`).

What was synchronised is there. Of the writes since, each sector of 512 bytes is there, or is not, or is noise, and they
came in any order; each truncation and each name since the folder was last synchronised is there or is not. SQLite and
we are to live with all of them. More of them, by hand:

    python -m tests.privacy.ledger.power_loss --images 100000 --seed 7
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from privacy.ledger.contents import Contents
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.store import Ledger
from tests.privacy.ledger.disk import (
    Mark,
    Name,
    Operation,
    Rename,
    Sync,
    SyncFolder,
    Truncate,
    Unname,
    Write,
    recorded,
)

SECTOR = 512
LEDGER = "ledger.sqlite"

State = Contents | str
"""What a ledger says: its contents, `missing` or `damaged`."""

Folder = dict[str, bytes]


@dataclass(frozen=True)
class Recording:
    """What was done, on which files, and what the ledger said at first and after each mark."""

    log: Sequence[Operation]
    names: dict[str, int]
    contents: dict[int, bytes]
    states: Sequence[State]

    @property
    def points(self) -> int:
        """How many instants there are at which the power may fail."""
        return len(self.log) + 1

    def allowed(self, point: int) -> tuple[State, State]:
        """What may be found after a failure before operation `point`: what was last told to be done, or the next."""
        done = sum(isinstance(each, Mark) for each in self.log[:point])
        return self.states[done], self.states[min(done + 1, len(self.states) - 1)]


def read(folder: Path) -> State:
    """What the ledger in a folder says."""
    path = folder / LEDGER
    if not path.exists():
        return "missing"
    try:
        with Ledger.open(path) as ledger:
            return ledger.contents()
    except DamagedLedger:
        return "damaged"


Step = Callable[[Path], object]
"""Something that is done to the ledger at a path, and is done durably once it returns."""


def record(folder: Path, steps: Sequence[Step]) -> Recording:
    """Does the steps in a folder and records them."""
    states = [_looked(folder)]
    with recorded(folder) as recorder:
        for number, step in enumerate(steps):
            step(folder / LEDGER)
            recorder.mark(number)
            states.append(_looked(folder))
    return Recording(tuple(recorder.log), recorder.names, recorder.contents, states)


def _looked(folder: Path) -> State:
    """What a copy says: looking into the folder itself may roll a journal back, and would be recorded."""
    with _room() as room:
        for path in folder.iterdir():
            shutil.copy(path, room / path.name)
        return read(room)


@contextmanager
def _room() -> Iterator[Path]:
    """A folder in memory where there is one: what is looked at need not survive anything itself."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@dataclass
class _Disk:
    """What is on the disk for certain, and what is under way."""

    names: dict[str, int]
    files: dict[int, bytearray]
    naming: list[Name | Unname | Rename] = field(default_factory=list)
    writing: dict[int, list[Write | Truncate]] = field(default_factory=dict)

    def do(self, operation: Operation) -> None:
        match operation:
            case Write(file) | Truncate(file):
                self.writing.setdefault(file, []).append(operation)
            case Sync(file):
                for each in self.writing.pop(file, []):
                    _apply(self.files.setdefault(file, bytearray()), each)
            case Name() | Unname() | Rename():
                self.naming.append(operation)
            case SyncFolder():
                for named in self.naming:
                    _name(self.names, named)
                self.naming = []
            case Mark():
                pass


def _apply(content: bytearray, operation: Write | Truncate) -> None:
    if isinstance(operation, Truncate):
        del content[operation.size :]
        content.extend(bytes(operation.size - len(content)))
        return
    end = operation.offset + len(operation.data)
    content.extend(bytes(max(0, end - len(content))))
    content[operation.offset : end] = operation.data


def _name(names: dict[str, int], operation: Name | Unname | Rename) -> None:
    match operation:
        case Name(name, file):
            names[name] = file
        case Unname(name):
            names.pop(name, None)
        case Rename(old, new, file):
            if names.get(old) == file:
                del names[old]
            names[new] = file


@dataclass(frozen=True)
class Luck:
    """How likely each thing that is under way is to have reached the disk."""

    names: float
    sectors: float
    noise: float
    """Of what has not reached it: how likely the sector holds anything at all."""
    torn: bool
    shuffled: bool


KILLED = Luck(names=1, sectors=1, noise=0, torn=False, shuffled=False)
"""As `kill -9` leaves it: all that was asked for is done."""
NOTHING = Luck(names=0, sectors=0, noise=0, torn=False, shuffled=False)
WRITES_ALONE = Luck(names=0, sectors=1, noise=0, torn=False, shuffled=False)
NAMES_ALONE = Luck(names=1, sectors=0, noise=0, torn=False, shuffled=False)


def _any(draw: random.Random) -> Luck:
    chances = (0.0, 0.1, 0.5, 0.9, 1.0)
    return Luck(
        draw.choice(chances), draw.choice(chances), draw.choice((0.0, 0.5)), draw.random() < 0.7, draw.random() < 0.5
    )


def _sectors(write: Write) -> Iterator[Write]:
    at = 0
    while at < len(write.data):
        size = SECTOR - (write.offset + at) % SECTOR
        yield Write(write.file, write.offset + at, write.data[at : at + size])
        at += size


def _left(disk: _Disk, luck: Luck, draw: random.Random) -> Folder:
    """The files as a failure leaves them."""
    names = dict(disk.names)
    for named in disk.naming:
        if draw.random() < luck.names:
            _name(names, named)
    return {name: bytes(_content(disk, file, luck, draw)) for name, file in sorted(names.items())}


def _content(disk: _Disk, file: int, luck: Luck, draw: random.Random) -> bytearray:
    content = bytearray(disk.files.get(file, b""))
    under_way: list[Write | Truncate] = []
    for each in disk.writing.get(file, []):
        under_way += _sectors(each) if luck.torn and isinstance(each, Write) else [each]
    if luck.shuffled:
        draw.shuffle(under_way)
    for each in under_way:
        if draw.random() < luck.sectors:
            _apply(content, each)
        elif isinstance(each, Write) and draw.random() < luck.noise:
            _apply(content, Write(each.file, each.offset, draw.randbytes(len(each.data))))
    return content


def images(recording: Recording, count: int, draw: random.Random) -> Iterator[tuple[int, Folder]]:
    """What failures may leave, with the instant of each: four at every instant, and others drawn up to `count`."""
    disks = []
    disk = _Disk(dict(recording.names), {file: bytearray(content) for file, content in recording.contents.items()})
    for point in range(recording.points):
        for luck in (KILLED, NOTHING, WRITES_ALONE, NAMES_ALONE):
            yield point, _left(disk, luck, draw)
        disks.append(_copied(disk))
        if point < len(recording.log):
            disk.do(recording.log[point])
    open_points = [point for point, each in enumerate(disks) if each.naming or each.writing]
    for number in range(count - 4 * recording.points):
        point = open_points[number % len(open_points)]
        yield point, _left(disks[point], _any(draw), draw)


def _copied(disk: _Disk) -> _Disk:
    files = {file: bytearray(content) for file, content in disk.files.items()}
    writing = {file: list(under_way) for file, under_way in disk.writing.items()}
    return _Disk(dict(disk.names), files, list(disk.naming), writing)


@dataclass
class Findings:
    """What was checked: images in all, how many of them differ, and how often each state was found in these."""

    images: int = 0
    different: int = 0
    found: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def check(recording: Recording, count: int, seed: int) -> Findings:
    """Looks into `count` images of a recording, and says which hold what they must not."""
    draw = random.Random(seed)
    findings = Findings()
    seen: set[int] = set()
    with _room() as room:
        for point, folder in images(recording, count, draw):
            findings.images += 1
            before, after = recording.allowed(point)
            same = hash((id(before), tuple(folder.items())))
            if same in seen:
                continue
            seen.add(same)
            findings.different += 1
            state = _found(room, folder)
            if state == before:
                findings.found["as it was"] += 1
            elif state == after:
                findings.found["as it was to be"] += 1
            else:
                findings.found["neither"] += 1
                findings.wrong.append(f"image {findings.images} of seed {seed}, operation {point}: {_say(state)}")
    return findings


def _found(room: Path, folder: Folder) -> State:
    for path in room.iterdir():
        path.unlink()
    for name, content in folder.items():
        (room / name).write_bytes(content)
    return read(room)


def _say(state: State) -> str:
    return state if isinstance(state, str) else f"{len(state.entries)} entries, {len(state.checkpoints)} checkpoints"


def main() -> int:
    """Looks into many images of every scenario."""
    from tests.privacy.ledger.power_scenarios import SCENARIOS

    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--images", type=int, default=10_000, help="in all")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    wrong = 0
    for name, scenario in SCENARIOS.items():
        with tempfile.TemporaryDirectory() as folder:
            recording = scenario(Path(folder))
        findings = check(recording, chosen.images // len(SCENARIOS), chosen.seed)
        wrong += len(findings.wrong)
        print(
            f"{name}: {recording.points} instants, {findings.images} images, {findings.different} of them different, "
            f"{dict(findings.found)}"
        )
        print("".join(f"  {line}\n" for line in findings.wrong[:10]), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
