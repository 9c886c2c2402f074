"""A member's ledger as far as it reads: its entries in the file's order, and the checkpoints that seal them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from privacy.audit.paths import leaves_path
from privacy.audit.verdict import Finding
from privacy.ledger.leaves import Entry, KeyAdopted, Opened, Recovered, Spent


@dataclass(frozen=True)
class Placed:
    """An entry and the line of leaves.jsonl that it stands in. `faulty`: something is wrong with what it booked."""

    line: int
    entry: Entry
    faulty: bool = False


@dataclass(frozen=True)
class Point:
    """A checkpoint that its ledger signed and its witness cosigned at `time`; None where it needs no witness."""

    size: int
    root: bytes
    time: datetime | None


@dataclass(frozen=True)
class CheckedLedger:
    """A ledger as far as it reads: its entries in the file's order, the hash of each leaf, its sound checkpoints."""

    member: str
    placed: tuple[Placed, ...]
    hashes: tuple[bytes, ...]
    points: tuple[Point, ...]
    findings: tuple[Finding, ...]

    @property
    def file(self) -> str:
        """Where its leaves stand in the bundle."""
        return leaves_path(self.member)

    @property
    def opened(self) -> Opened | None:
        """Its first entry; None where that opens nothing."""
        first = self.placed[0].entry if self.placed else None
        return first if isinstance(first, Opened) else None

    @property
    def spends(self) -> tuple[Placed, ...]:
        """The releases that it booked."""
        return tuple(each for each in self.placed if isinstance(each.entry, Spent))

    @cached_property
    def rebooked(self) -> frozenset[int]:
        """The lines of releases that a recovery booked again, without their bytes, for what it gave up.

        They follow it at once, at its very time, and are at most as many. They count as spent, whatever the policy
        says by now: it allowed them when they were drawn.
        """
        found: set[int] = set()
        left, time = 0, None
        for each in self.placed:
            if isinstance(each.entry, Recovered):
                left, time = len(each.entry.given_up), each.entry.time
            elif left and isinstance(each.entry, Spent) and each.entry.round is None and each.entry.time == time:
                found.add(each.line)
                left -= 1
            else:
                left = 0
        return frozenset(found)

    @cached_property
    def _keys(self) -> list[tuple[int, str]]:
        return keys_named(self.placed)

    def key_before(self, line: int) -> str | None:
        """The key, in hexadecimal, that signs what the entry in this line books."""
        return last_before(self._keys, line)

    def keys_between(self, first: datetime, last: datetime) -> set[str]:
        """Every key that was in force at some moment of a time."""
        keys = [
            (each.entry.time, each.entry.public_key)
            for each in self.placed
            if isinstance(each.entry, Opened | KeyAdopted)
        ]
        before = [key for time, key in keys if time <= first][-1:]
        return {*before, *(key for time, key in keys if first < time <= last)} or {key for _, key in keys[:1]}

    @cached_property
    def _sizes(self) -> list[int]:
        return [point.size for point in self.points]

    def covered(self, line: int) -> Point | None:
        """The smallest checkpoint that covers the entry in this line; None where none does."""
        at = bisect_right(self._sizes, line - 1)
        return self.points[at] if at < len(self.points) else None


@dataclass
class Checking:
    """What is known of a ledger while it is being checked."""

    member: str
    findings: list[Finding] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)

    def find(
        self, code: str, sentence: str, line: int | None = None, *, entry: int | None = None, file: str = ""
    ) -> None:
        """Notes something; `file` is that of the leaves unless another is named."""
        place = file or leaves_path(self.member)
        self.findings.append(Finding(code, sentence, self.member, entry, place, line))


def keys_named(placed: Sequence[Placed]) -> list[tuple[int, str]]:
    """The keys that the entries name, with their lines."""
    return [(each.line, each.entry.public_key) for each in placed if isinstance(each.entry, Opened | KeyAdopted)]


def last_before(named: Sequence[tuple[int, str]], line: int) -> str | None:
    """What was named last above a line."""
    at = bisect_right(named, line - 1, key=lambda each: each[0])
    return named[at - 1][1] if at else None
