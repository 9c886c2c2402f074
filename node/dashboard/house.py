"""The dashboard's house: where figures come from, for a node's own eyes or for a viewer's, and views made of them."""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from node.benchmark.own import Key
from node.dashboard import preferences as kept
from node.dashboard.asked import OWN_MONTHS, Asked
from node.dashboard.charts import drawing
from node.dashboard.happened import Happened, happened_of
from node.dashboard.history import History, history_of
from node.dashboard.language import Language
from node.dashboard.own import Exact
from node.dashboard.preferences import Preferences
from node.dashboard.sector import Against, Published, Sector, digests, of_bundle, of_node, of_viewer
from node.dashboard.spending import spending_of
from node.dashboard.told import told_of
from node.dashboard.view import View
from node.errors import StoreBusy
from node.home import Home
from node.membership.settings import Files
from privacy.bounds.windows import Window
from privacy.studies.study import Study

Need = Literal["spending", "history", "happened", "told"]
"""What not every page is made of, and takes time."""

NEEDS: Final[tuple[Need, ...]] = ("spending", "history", "happened", "told")


@dataclass
class House:
    """Figures for pages. One request at a time computes: the store lets no two in."""

    home: Home
    bundle: Path | None = None
    certified: bool = False
    """A viewer with a certificate: its folder has the benchmarks that it fetched."""
    _exact: Exact = field(init=False)
    _sector: tuple[object, Sector] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._exact = Exact(self.home)

    @property
    def viewer(self) -> bool:
        """Whether there are no own figures, for these are a viewer's eyes."""
        return self.certified or self.bundle is not None

    @property
    def folder(self) -> Path:
        """Where the dashboard keeps what it keeps."""
        return self.home.path / "dashboard"

    @property
    def name(self) -> str:
        """Whose figures these are."""
        return "NPU" if self.viewer else self.home.settings().name

    def preferences(self) -> Preferences:
        """What the user has chosen."""
        return kept.read(self.folder)

    def prefer(self, chosen: Preferences) -> None:
        """Keeps what the user has chosen."""
        with self._lock:
            kept.write(self.folder, chosen)

    def sector(self) -> Sector:
        """The benchmarks that there are, read again when files have come or changed."""
        with self._lock:
            return self._read_sector()

    def view(self, wanted: Asked, language: Language, needs: Collection[Need] = ()) -> View:
        """A view for an address, with what its page needs. Raises what the store and the benchmarks refuse with."""
        with self._lock:
            sector = self._read_sector()
            against = _against(sector, wanted)
            if self.viewer:
                own, cells, window = None, {}, against.published.benchmark.window if against else None
            else:
                days = wanted.days()
                of_round = against is not None and wanted.months != OWN_MONTHS and days is None
                empty = self._exact.empty
                window = against.published.benchmark.window if against and of_round else days
                window = window or (None if empty else self._exact.newest())
                own = self._exact.figures(window) if window and not empty and self._exact.newest() else None
                study = against.published.study if against and of_round else None
                cells = self._exact.cells(study, window) if study and window and own else {}
                against = against if of_round else None
            return View(
                language=language,
                name=self.name,
                sector=sector,
                window=window,
                own=own,
                cells=cells,
                against=against,
                earlier=sector.of_year_before(against) if against else None,
                crossed=sector.crossings[0] if sector.crossings else None,
                spending=spending_of(self.home) if "spending" in needs and not self.viewer else None,
                history=self._history(sector, against) if "history" in needs and against else None,
                happened=self._happened(wanted, against) if "happened" in needs and not self.viewer else None,
                told=told_of(self.home, against) if "told" in needs and not self.viewer else None,
                who=wanted.audience(),
                preferences=kept.read(self.folder),
                viewer=self.viewer,
                factors=wanted.factors or {},
                county="" if self.viewer else self.home.settings().county,
            )

    def _history(self, sector: Sector, against: Against) -> History | None:
        exact: Callable[[Study, Window], Mapping[Key, float | None]] = self._exact.cells
        if self.viewer or self._exact.empty or self._exact.newest() is None:
            exact = lambda _study, _window: {}  # noqa: E731
        return history_of(sector, against, exact)

    def _happened(self, wanted: Asked, against: Against | None) -> Happened:
        try:
            return happened_of(self.home, wanted.event, wanted.measure, against.cohort if against else None)
        except StoreBusy as error:
            return Happened(fault=str(error))

    def warm(self, language: Language) -> None:
        """Computes what the first page takes, and the scripts of its charts, before anybody waits for it."""
        drawing.scripts(self.folder)
        with suppress(StoreBusy):  # the page says so
            self.view(Asked(), language)

    def _read_sector(self) -> Sector:
        if self.bundle is not None:
            if self._sector is None:
                self._sector = ("", of_bundle(self.bundle))
            return self._sector[1]
        seen = digests(Files(self.home).benchmarks)
        if self._sector is None or self._sector[0] != seen:
            self._sector = (seen, of_viewer(self.home) if self.certified else of_node(self.home))
        return self._sector[1]


def _against(sector: Sector, wanted: Asked) -> Against | None:
    """The cohort that is asked for, in the round that is asked for; else the newest round's usual one."""
    if not sector.tables:
        return None
    chosen: Published = next((each for each in sector.tables if each.name == wanted.months), sector.tables[0])
    known = [line.cohort for line in chosen.cohorts]
    return Against(chosen, wanted.cohort if wanted.cohort in known else chosen.usual_cohort())
