"""One ledger from a bundle: its leaves, the order and times of its entries, and the checkpoints that seal it."""

from collections.abc import Iterable, Sequence

from privacy.audit.checkpoints_check import check_points
from privacy.audit.leaf_check import Reader, ReadLeaf
from privacy.audit.ledgers import CheckedLedger, Checking, Placed
from privacy.audit.paths import leaves_path
from privacy.audit.reading import Bundle, Line
from privacy.audit.records import Header
from privacy.audit.times_check import check_dates
from privacy.audit.verdict import Finding
from privacy.ledger.leaves import LARGEST_LEAF, KeyAdopted, Opened, Recovered, WitnessAdopted, leaf_hash
from privacy.ledger.tree import Frontier

_MOST_UNREADABLE = 100
"""Leaves that do not read, after which a file is not read on: it could have any number of them."""


def check_ledger(bundle: Bundle, member: str, sizes: Sequence[int], origin: str | None = None) -> CheckedLedger:
    """Checks a member's ledger in a bundle.

    `sizes` are those of its checkpoints in the bundle, smallest first; `origin` is the ledger that the network has of
    this member, or None. Raises `BadBundle` where the files cannot be read at all.
    """
    header = bundle.headers["public"]
    checking = Checking(member)
    path = leaves_path(member)
    roots: dict[int, bytes] | None = {}
    if bundle.has(path):
        roots = _read(checking, bundle.lines(path, LARGEST_LEAF), frozenset(sizes))
    else:
        checking.find("LEDGER_EMPTY", "There are checkpoints of this ledger, and not one of its entries.")
    _check_order(checking, header, origin)
    _check_given_up(checking)
    points = () if roots is None else check_points(checking, bundle, sizes, roots, header)
    check_dates(checking, points, header)
    return CheckedLedger(
        member, tuple(checking.placed), tuple(checking.hashes), points, tuple(_by_line(checking.findings))
    )


def _read(checking: Checking, lines: Iterable[Line], sizes: frozenset[int]) -> dict[int, bytes] | None:
    """Reads every leaf; the roots of the trees of these sizes. None where it gave up: this is no ledger."""
    reader, frontier = Reader(), Frontier()
    unreadable = 0
    roots: dict[int, bytes] = {}
    for line in lines:
        hashed = leaf_hash(line.content)
        checking.hashes.append(hashed)
        frontier = frontier.append(hashed)
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root
        read = reader.read(line.content)
        _place(checking, line.number, read)
        unreadable += read.entry is None
        if unreadable == _MOST_UNREADABLE:
            said = f"{unreadable} leaves are none: what follows was not read, and no checkpoint held against it."
            checking.find("LEAF_UNREADABLE", said, line.number)
            return None
    return roots


def _place(checking: Checking, number: int, read: ReadLeaf) -> None:
    seq = None if read.entry is None else read.entry.seq
    for fault in read.faults:
        checking.find(fault.code, fault.sentence, number, entry=seq)
    if read.entry is not None:
        checking.placed.append(Placed(number, read.entry, bool(read.faults)))


def _check_order(checking: Checking, header: Header, origin: str | None) -> None:
    """Contiguous from 0, opened once and as the ledger it should be, never back in time, its witness the network's."""
    if not checking.placed:
        if not checking.findings:
            checking.find("LEDGER_EMPTY", "This ledger has no entries.")
        return
    unread = len(checking.placed) < len(checking.hashes)
    expected, last = 0, None
    for each in checking.placed:
        entry = each.entry
        if entry.seq != expected and not unread:
            checking.find(
                "SEQUENCE_BROKEN",
                f"Here stands entry {entry.seq}, where entry {expected} should: entries are missing, doubled or moved.",
                each.line,
                entry=entry.seq,
            )
        if isinstance(entry, Opened) != (each.line == 1):
            what = "opens the ledger again" if isinstance(entry, Opened) else "begins the ledger, and does not open it"
            checking.find("NOT_OPENED", f"This entry {what}.", each.line, entry=entry.seq)
        if last is not None and entry.time < last.time:
            checking.find(
                "TIME_WENT_BACK",
                f"This entry is dated {entry.time:%Y-%m-%d %H:%M:%S} UTC, before the entry before it.",
                each.line,
                entry=entry.seq,
            )
        _check_names(checking, each, header, origin)
        expected, last = entry.seq + 1, entry


def _check_names(checking: Checking, each: Placed, header: Header, origin: str | None) -> None:
    entry = each.entry
    if isinstance(entry, Opened) and origin is not None and entry.origin != origin:
        checking.find(
            "ORIGIN_DIFFERS",
            f"This entry opens {entry.origin}, and this member's ledger is {origin}.",
            each.line,
            entry=entry.seq,
        )
    if isinstance(entry, WitnessAdopted) and header.witness is not None and entry.witness != header.witness:
        checking.find(
            "WITNESS_DIFFERS",
            f"This entry names the witness {entry.witness}, and the network's is {header.witness}.",
            each.line,
            entry=entry.seq,
        )
    if isinstance(entry, KeyAdopted):
        checking.find(
            "KEY_CHANGED",
            "From here on another key signs. Only the member can say whether that was itself: ask it.",
            each.line,
            entry=entry.seq,
        )


def _check_given_up(checking: Checking) -> None:
    """What a recovery gave up is in the ledger no more."""
    there: set[str] | None = None
    for each in checking.placed:
        if isinstance(each.entry, Recovered):
            there = {hashed.hex() for hashed in checking.hashes} if there is None else there
            kept = there.intersection(each.entry.given_up)
            if kept:
                said = f"This recovery says that {len(kept)} entries were given up which stand in this ledger."
                checking.find("RECOVERY_DIFFERS", said, each.line, entry=each.entry.seq)


def _by_line(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda each: (each.line is None, each.line or 0))
