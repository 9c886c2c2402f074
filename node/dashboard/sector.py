"""The sector's side: published benchmarks as they lie in a node's folder, or in a bundle for who has no node's data."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from node.benchmark.beside import own_cohorts
from node.errors import NodeError
from node.home import Home
from node.kpis.windows import year_earlier
from node.membership.settings import Membership, joined, membership
from node.network import benchmarks, rounds, viewing
from privacy.audit.bundle import envelope_of
from privacy.audit.paths import announcement_path, benchmark_path, benchmarks_in
from privacy.audit.reading import Bundle, open_bundle
from privacy.audit.records import Dsse, read_record
from privacy.errors import KudosError
from privacy.estimate.benchmark import Benchmark
from privacy.estimate.benchmark import read as read_benchmark
from privacy.estimate.body import Cell, CohortLine
from privacy.estimate.clipping.shown import without_bounds
from privacy.rounds.announcement import Announcement
from privacy.rounds.announcement import read as read_announcement
from privacy.studies.study import Study

NETWORK = "network"


class NoKey(NodeError):
    """A bundle that does not say whose benchmarks it has."""

    reason = "NO_KEY"


@dataclass(frozen=True)
class Published:
    """A benchmark with its round's announcement, where that is known; `me` is the member whose eyes these are."""

    benchmark: Benchmark
    announcement: Announcement | None = None
    me: str | None = None

    @property
    def name(self) -> str:
        """Its round's."""
        return self.benchmark.round

    @property
    def crosses(self) -> bool:
        """Whether it is of cross-use."""
        return bool(self.benchmark.body.market)

    @property
    def study(self) -> Study | None:
        """The study of tables that it answers; None where it is another, or not known."""
        found = self.announcement.study if self.announcement else None
        return found if isinstance(found, Study) else None

    @cached_property
    def members(self) -> dict[str, str]:
        """The names of the members that were asked, by id."""
        return {seat.member: seat.name for seat in self.announcement.roster} if self.announcement else {}

    @cached_property
    def mine(self) -> tuple[str, ...]:
        """The cohorts of the member whose eyes these are, widest first; none of a viewer."""
        seat = self.announcement.seat(self.me) if self.announcement and self.me else None
        return own_cohorts(seat) if seat else ()

    @property
    def cohorts(self) -> tuple[CohortLine, ...]:
        """All of them, those withheld too."""
        return self.benchmark.body.cohorts

    def usual_cohort(self) -> str:
        """Of the member's own published ones the narrowest that withholds no more of the whole than another does.

        Its size class only where somebody asks for it: institutions of one size need not have more in common. The first
        that there is, for who is in none.
        """
        published = [line for line in self.cohorts if line.status == "published"]
        own = [line for line in published if line.cohort in self.mine and not line.cohort.startswith("size:")]
        if not own:
            return published[0].cohort if published else NETWORK
        withheld = Counter(
            cell.cohort for cell in self.benchmark.body.cells if cell.table == "totals" and cell.status == "suppressed"
        )
        return min(own, key=lambda line: (withheld[line.cohort], line.members, -self.mine.index(line.cohort))).cohort


@dataclass(frozen=True)
class Against:
    """One cohort of a benchmark: what own figures are held against."""

    published: Published
    cohort: str

    @cached_property
    def _cells(self) -> dict[tuple[str, str, str], Cell]:
        return {
            (cell.table, cell.category, cell.measure): cell
            for cell in self.published.benchmark.body.cells
            if cell.cohort == self.cohort
        }

    @property
    def line(self) -> CohortLine | None:
        """The cohort, with its number of members."""
        return next((line for line in self.published.cohorts if line.cohort == self.cohort), None)

    @property
    def members(self) -> int:
        """How many members' releases are in it."""
        return self.line.members if self.line else 0

    def cell(self, table: str, category: str, measure: str) -> Cell | None:
        """A figure, with what bounds cut off put back where the benchmark does so; None where it has none of that name.

        The own figure that it stands beside is without bounds.
        """
        found = self._cells.get((table, category, measure))
        return None if found is None else without_bounds(found)

    def within_bounds(self, table: str, category: str, measure: str) -> Cell | None:
        """The same as it is within the study's bounds, where the noises of a table's cells are independent."""
        return self._cells.get((table, category, measure))

    @cached_property
    def puts_back(self) -> bool:
        """Whether any figure has put back what bounds cut off."""
        return any(cell.uncut is not None for cell in self._cells.values())

    def categories(self, table: str) -> tuple[str, ...]:
        """The categories of a table in the benchmark's order; none where it has no such table."""
        return tuple(dict.fromkeys(category for name, category, _ in self._cells if name == table))

    def tables(self) -> tuple[str, ...]:
        """The tables that it has."""
        return tuple(dict.fromkeys(name for name, _, _ in self._cells))


@dataclass(frozen=True)
class Sector:
    """All benchmarks, the newest window first, and what is the matter with those that cannot be read.

    `alone`: the node is in no network, so that there never can be any.
    """

    published: tuple[Published, ...] = ()
    faults: tuple[str, ...] = ()
    alone: bool = False

    @property
    def tables(self) -> tuple[Published, ...]:
        """Those of tables, the newest version of each round."""
        return _newest(each for each in self.published if not each.crosses)

    @property
    def crossings(self) -> tuple[Published, ...]:
        """Those of cross-use."""
        return _newest(each for each in self.published if each.crosses)

    def of_year_before(self, against: Against) -> Against | None:
        """The same cohort in the benchmark of the same study a year earlier, if there is one."""
        now = against.published.benchmark
        window = year_earlier(now.window)
        for each in self.tables:
            if each.benchmark.window == window and each.benchmark.study == now.study:
                return Against(each, against.cohort)
        return None


def of_node(home: Home) -> Sector:
    """What lies in a node's folder."""
    if not joined(home):
        return Sector(alone=True)
    network = membership(home)
    looked = benchmarks.look(home, network)
    found = [Published(each.benchmark, _announced(home, network, each.name), network.id) for each in looked.kept]
    return Sector(tuple(found), tuple(str(fault) for fault in looked.faults.values()))


def of_viewer(home: Home) -> Sector:
    """What a viewer has fetched with its certificate: figures without the rosters, which are the members' own."""
    looked = benchmarks.look(home, viewing.membership(home))
    return Sector(
        tuple(Published(each.benchmark) for each in looked.kept), tuple(str(fault) for fault in looked.faults.values())
    )


def _announced(home: Home, network: Membership, name: str) -> Announcement | None:
    try:
        return rounds.announced(home, network, name)
    except KudosError:  # the figures are signed by themselves; without it names and own cohorts are not known
        return None


def of_bundle(path: Path) -> Sector:
    """What a bundle holds, for NPU and others without a node's data. Raises BadBundle, NoKey, UsageError."""
    with open_bundle(path) as bundle:
        key = next((each.coordinator_key for each in bundle.headers.values() if each.coordinator_key), None)
        if key is None:
            raise NoKey(f"{path} is of a single node, which publishes no benchmarks. Export one at the coordinator.")
        verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        found, faults = [], []
        for round_name, versions in benchmarks_in(bundle.paths).items():
            try:
                announced = _from(bundle, announcement_path(round_name))
                announcement = read_announcement(announced, verifier) if announced else None
                for version in versions:
                    envelope = _from(bundle, benchmark_path(round_name, version)) or b""
                    found.append(Published(read_benchmark(envelope, verifier), announcement))
            except KudosError as error:
                faults.append(str(error))
    found.sort(key=lambda each: (each.benchmark.window.last, each.name, each.benchmark.version), reverse=True)
    return Sector(tuple(found), tuple(faults))


def _from(bundle: Bundle, path: str) -> bytes | None:
    return envelope_of(read_record(Dsse, bundle.read(path), path)) if bundle.has(path) else None


def _newest(published: Iterable[Published]) -> tuple[Published, ...]:
    found: dict[str, Published] = {}
    for each in published:
        found.setdefault(each.name, each)
    return tuple(found.values())


def digests(folder: Path) -> Sequence[tuple[str, int, int]]:
    """What tells whether files have come or changed: names, times and sizes."""
    return [(file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(folder.glob("*.kudos"))]
