"""An import from its files to the store: everything or nothing, in one transaction."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from node.errors import ImportRefused
from node.home import Home
from node.ingest import profile, rejects
from node.ingest.at_work import at_work
from node.ingest.begun import Begun, begun
from node.ingest.database import Database
from node.ingest.harmonise import Harmonised, Reject
from node.ingest.masked import masked_name
from node.ingest.people import Identities
from node.ingest.readers.rows import TRUNCATED
from node.ingest.rejects import Rejected
from node.ingest.source import Source, open_source
from node.likely import kept
from node.likely.gathered import Gathered
from node.likely.joining import likely_persons, require_splink
from node.store import leave, undo
from node.store.database import connected, locked
from node.store.derive import derive
from node.store.frozen import forget_gone, forget_old
from node.store.importing import Note, Origin, Staging, keep_notes, keep_quality, next_number, record
from node.store.order_lines import LineCounts
from node.store.report import Standing, standing, totals
from node.store.rotate import settle
from node.store.span import today
from privacy.identity.chain import KeyChain
from privacy.identity.normalise import normalise_domain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOPELESS = 5_000
"""So many rejects that most of a file must be unreadable: reading on would only take time."""


_RECORDED = ("system", "layout", "rows", "lines_new", "lines_updated", "lines_unchanged", "rejected", "skipped")


class Watcher(Protocol):
    """Told how an import goes on."""

    def begins(self, source: Source) -> None:
        """A file was recognised and is about to be read."""

    def read(self, size: int, rows: int) -> None:
        """So many more bytes and rows of it were read."""

    def says(self, text: str) -> None:
        """Something that the person at the screen should know."""


@dataclass(frozen=True)
class Request:
    """What to import, and how. With `anew` all that was imported before is taken out first.

    A `dry_run` reads and compares everything and changes nothing. `database` is one more source beside the files. With
    `join_likely` customers who are likely one person are noted for the own figures; no release knows of that.
    """

    files: Sequence[Path]
    system: str = "auto"
    source: str | None = None
    max_rejects: float = 0.01
    accept_truncated: bool = False
    reject_file: Path | None = None
    anew: bool = False
    dry_run: bool = False
    database: Database | None = None
    join_likely: bool = False


@dataclass
class FileReport:
    """What one file brought. The first eight fields are the stable form of `--json`."""

    path: str
    system: str
    rows: int = 0
    lines_new: int = 0
    lines_updated: int = 0
    lines_unchanged: int = 0
    rejected: int = 0
    skipped: int = 0
    layout: str = ""
    superseded: int = 0
    reserved: int = 0
    by_rule: int = 0
    grown: int = 0
    emails: int = 0
    no_emails: int = 0


@dataclass
class Report:
    """What an import brought. `joined` counts profiles beyond the first of each customer.

    `can_be_undone` is false after a dry run, and where the disk had no room for a copy of the store. `likely` counts
    customers who are likely another one too, where that was asked for.
    """

    files: list[FileReport] = field(default_factory=list)
    customers: int = 0
    reject_file: str | None = None
    orders: int = 0
    identified_orders: int = 0
    joined: int = 0
    unmatched_returns: int = 0
    standing: Standing = field(default_factory=lambda: Standing(0, 0, ()))
    seconds: float = 0.0
    can_be_undone: bool = False
    likely: int | None = None
    rejected: Sequence[Rejected] = ()

    def as_json(self) -> dict[str, Any]:
        """The report for machines; fields are only ever added."""
        return {
            "files": [vars(item) for item in self.files],
            "customers": self.customers,
            "reject_file": self.reject_file,
            "orders": self.orders,
            "identified_orders": self.identified_orders,
            "profiles_joined": self.joined,
            "returns_without_original": self.unmatched_returns,
            "seconds": round(self.seconds, 3),
            "can_be_undone": self.can_be_undone,
            "likely_joined": self.likely,
            "first_rejects": rejects.first(self.rejected),
            "reject_reasons": rejects.reasons(self.rejected),
        }


def import_files(home: Home, request: Request, watcher: Watcher) -> Report:
    """Imports files into the store, and derives customers, orders and net sales anew.

    Raises ImportRefused where any file cannot be imported, or where the store was filled under another identity key
    and `request.anew` does not say to empty it first; then nothing was changed. A process that is killed
    leaves the store as it was before.
    """
    settings = home.settings()
    objections = leave.read(home)
    chain = home.identity_chain()
    ordering_key = home.key(home.ordering_key_file)
    identities = Identities(
        chain,
        frozenset(filter(None, map(normalise_domain, settings.own_domains))),
        _sought(objections, chain, ordering_key),
    )
    gathered = Gathered()
    if request.join_likely:
        require_splink()
        identities.gathered = gathered
    profiles = profile.find(request.system, home.profiles)
    sources = [open_source(path, profiles) for path in request.files]
    if request.database is not None:
        sources += request.database.sources(profiles)
    started = time.monotonic()
    with locked(home, say=watcher.says), at_work(), ExitStack() as stack:
        # The first file is begun while the store is copied and opened.
        first = [(stack.enter_context(begun(each, identities, settings.timezone)), stack) for each in sources[:1]]
        copy = None if request.dry_run else undo.prepare(home)
        try:
            with connected(home) as connection:
                connection.execute("BEGIN")
                number = next_number(connection)  # before --anew empties it: no two imports have the same
                settle(connection, identities.chain, anew=request.anew, say=watcher.says)
                forget_old(connection, today(settings.timezone).year)
                run = _Run(connection, number, request, watcher, identities, ordering_key, settings.timezone, first)
                report = run.all(sources)
                if not request.dry_run:
                    leave.learn(home, objections, identities.met, chain)
                watcher.says("Netting returns and joining profiles …")
                derive(connection, leave.current(home, connection))
                leave.mark_settled(home, connection)
                _forget_gone(connection, watcher, dry_run=request.dry_run)
                _conclude(report, connection, run)
                if request.dry_run:
                    connection.execute("ROLLBACK")
                else:
                    report.reject_file = _write_rejects(request, run.rejected)
                    if copy is not None:
                        undo.keep(home, copy, number)
                    connection.execute("COMMIT")
        finally:
            if copy is not None:
                copy.unlink(missing_ok=True)
        if not request.dry_run:
            undo.keep_only(home, number)
            if request.join_likely:
                watcher.says("Looking for customers who are likely one person …")
                report.likely = kept.add(home, chain.commitment(), likely_persons(gathered))
    report.can_be_undone = copy is not None
    report.seconds = time.monotonic() - started
    return report


def _sought(objections: leave.Objections, chain: KeyChain, ordering_key: bytes) -> Callable[[str], bytes | None] | None:
    """Gives the names of those who object and whose match ids are of another identity key than the one in use."""
    first = leave.first_of(chain)
    names = {each.name for each in objections.entries.values() if each.chain != first}
    if not names:
        return None

    def sought(normalised: str) -> bytes | None:
        name = leave.name_of(ordering_key, normalised)
        return name if name in names else None

    return sought


def _conclude(report: Report, connection: "DuckDBPyConnection", run: "_Run") -> None:
    """Fills in what the whole of an import came to, and keeps in the store what the next one is compared with."""
    now = totals(connection)
    report.customers, report.joined = now.customers, now.joined
    report.orders, report.identified_orders = now.orders, now.identified_orders
    report.unmatched_returns = now.unmatched_returns
    report.rejected = run.rejected
    keep_notes(connection, run.number, _notes(report.files, run.rejected))
    report.standing = standing(connection, keep_quality(connection, run.number))


def _notes(files: Sequence[FileReport], rejected: Sequence[Rejected]) -> list[Note]:
    left_out = {
        "rule": sum(item.by_rule for item in files),
        "reserved": sum(item.reserved for item in files),
        "superseded": sum(item.superseded for item in files),
    }
    left_out["nobody"] = sum(item.skipped for item in files) - sum(left_out.values())
    counted = Counter((each.column, each.reason) for part in rejected for each in part.rejects)
    return [
        *(Note("skipped", "", reason, rows) for reason, rows in left_out.items() if rows),
        *(Note("rejected", column, reason, rows) for (column, reason), rows in counted.most_common(50)),
    ]


def _forget_gone(connection: "DuckDBPyConnection", watcher: Watcher, *, dry_run: bool) -> None:
    """Takes whoever is no customer any more out of the lists of sketches, and says so: no later import undoes that."""
    gone = forget_gone(connection)
    if gone:
        are = "would be" if dry_run else "are"
        watcher.says(
            f"Customers of a yearly sketch who {are} in the store no more: {gone}. They {are} taken out of its list, "
            f"and {are} counted in no cross-use of that year any more, whatever is imported later."
        )


@dataclass(frozen=True)
class _Run:
    """An import while it goes on, within the open transaction. `first` has the file that is begun already, if any."""

    connection: "DuckDBPyConnection"
    number: int
    request: Request
    watcher: Watcher
    identities: Identities
    ordering_key: bytes
    timezone: str
    first: list[tuple[Begun, ExitStack]]
    rejected: list[Rejected] = field(default_factory=list)

    def all(self, sources: Sequence[Source]) -> Report:
        """Imports all files. Raises ImportRefused."""
        return Report([self.one(source) for source in sources])

    def one(self, source: Source) -> FileReport:
        """Imports one file. Raises ImportRefused."""
        origin = Origin(self.number, self.request.source or source.found.profile.name)
        with self._begun(source) as read, ThreadPoolExecutor(1) as beside:
            with self._staged(source, read, origin, compare=False) as (item, kept_out, staging):
                # Until the file is read both cores have enough to do.
                hashed = beside.submit(read.digest)
                counts = staging.merge()
            if counts is None:
                with (
                    self._begun(source) as again,
                    self._staged(source, again, origin, compare=True) as (item, kept_out, staging),
                ):
                    counts = staging.merge()
            sha256 = hashed.result()
        _count(item, counts or LineCounts())
        self.rejected.append(kept_out)
        facts = {name: getattr(item, name) for name in _RECORDED}
        record(self.connection, origin, {**facts, "file_name": masked_name(source.path.name), "file_sha256": sha256})
        return item

    @contextmanager
    def _begun(self, source: Source) -> Iterator[Begun]:
        """A file that is being read, until it is done with."""
        if self.first:
            read, stack = self.first.pop()
            with stack.pop_all():
                yield read
            return
        with begun(source, self.identities, self.timezone) as read:
            yield read

    @contextmanager
    def _staged(
        self, source: Source, read: Begun, origin: Origin, *, compare: bool
    ) -> Iterator[tuple[FileReport, Rejected, Staging]]:
        """The rows of a file, read and about to be merged. Whatever is raised, the connection is free again."""
        staging = Staging(self.connection, origin, self.ordering_key, compare=compare)
        try:
            item, kept_out = _read(source, read.parts, staging, self.request, self.watcher)
            self._check(kept_out)
            yield item, kept_out, staging
        except BaseException:
            staging.abandon()
            raise

    def _check(self, last: Rejected) -> None:
        """Raises ImportRefused where a file's rejects are too many; the reject file then lists those of all files."""
        cut_off = next((reject for reject in last.rejects if reject.reason == TRUNCATED), None)
        if cut_off is not None and not self.request.accept_truncated:
            raise ImportRefused(
                f"{last.file.name}, line {cut_off.line}: {TRUNCATED}, so rows are missing below it. "
                "Nothing was imported. Export it again, or take what is there: --accept-truncated"
            )
        if rejects.too_many(last, self.request.max_rejects):
            listed = _write_rejects(self.request, [*self.rejected, last])
            raise ImportRefused(rejects.refusal(last, self.request.max_rejects, listed))


def _read(
    source: Source, parts: Iterator[Harmonised], staging: Staging, request: Request, watcher: Watcher
) -> tuple[FileReport, Rejected]:
    """Takes the parts of a file into the staging tables."""
    item = FileReport(str(source.path), source.found.profile.name, layout=source.found.layout.name)
    kept_out: list[Reject] = []
    watcher.begins(source)
    for part in parts:
        item.rows += part.rows
        item.skipped += part.skipped
        item.by_rule += part.by_rule
        item.emails += part.emails
        item.no_emails += part.no_emails
        kept_out += part.rejects
        watcher.read(part.size, part.rows)
        if len(kept_out) > max(HOPELESS, request.max_rejects * item.rows, item.rows / 2):
            break
        staging.add(part)
    item.rejected = len(kept_out)
    return item, Rejected(source.path, item.rows, kept_out)


def _write_rejects(request: Request, rejected: Sequence[Rejected]) -> str | None:
    """Writes the reject file, if there is anything to write, and tells where."""
    if not any(part.rejects for part in rejected):
        return None
    path = request.reject_file or rejects.reject_file(rejected[0].file)
    rejects.write(path, rejected)
    return str(path)


def _count(item: FileReport, counts: LineCounts) -> None:
    item.lines_new, item.lines_updated = counts.new, counts.updated
    item.lines_unchanged, item.superseded = counts.unchanged, counts.superseded
    item.reserved, item.grown = counts.reserved, counts.grown
    item.skipped += counts.superseded + counts.reserved
