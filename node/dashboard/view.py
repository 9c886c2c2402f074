"""What a reader looks at: whose figures, of which months, beside which cohort, in which language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.benchmark.beside import Beside
from node.benchmark.own import Key
from node.dashboard import names
from node.dashboard.happened import Happened
from node.dashboard.history import History
from node.dashboard.language import Language
from node.dashboard.model import Empty, Mark
from node.dashboard.own import Own
from node.dashboard.preferences import Preferences
from node.dashboard.sector import Against, Published, Sector
from node.dashboard.spending import Spending
from node.dashboard.told import Told
from privacy.bounds.windows import Window
from privacy.estimate.body import Cell


@dataclass(frozen=True)
class View:
    """Everything that pages are made of. What is not there is None, or empty.

    `cells`: the own figures as the benchmark's cells have them; `who`: the table and category that the overview shows,
    None for everybody; `viewer`: looks at benchmarks alone and has no figures of its own.
    """

    language: Language
    name: str
    sector: Sector
    window: Window | None = None
    own: Own | None = None
    cells: Mapping[Key, float | None] = field(default_factory=dict)
    against: Against | None = None
    earlier: Against | None = None
    crossed: Published | None = None
    spending: Spending | None = None
    history: History | None = None
    happened: Happened | None = None
    told: Told | None = None
    who: tuple[str, str] | None = None
    preferences: Preferences = field(default_factory=Preferences)
    viewer: bool = False
    factors: Mapping[str, int] = field(default_factory=dict)
    county: str = ""

    def beside(self, table: str, category: str, measure: str) -> Beside | None:
        """The cohort's figure with the own one; None where the benchmark has no such figure."""
        cell = self.against.cell(table, category, measure) if self.against else None
        return None if cell is None else Beside(cell, self.own_cell(table, category, measure))

    def own_cell(self, table: str, category: str, measure: str) -> float | None:
        """The own figure of a cell: as a benchmark has it, or else from the own tables."""
        if self.viewer:
            return None
        if (table, category, measure) in self.cells:
            return self.cells[table, category, measure]
        if self.own is None:
            return None
        if (table, category) == ("totals", "all"):
            found: float | None = self.own.now.get(measure)
            return found
        if category == "unknown" and measure in ("revenue_per_customer_ore", "purchase_frequency"):
            return None  # what nobody known has bought is there too
        return _derived(self.own_row(table, category), measure)

    def published(self, table: str, measure: str) -> bool:
        """Whether the benchmark has a figure by a table, shown or withheld."""
        if self.against is None:
            return False
        return any(self.against.cell(table, each, measure) is not None for each in self.against.categories(table))

    def own_row(self, table: str, category: str) -> Mapping[str, Any] | None:
        """Customers, orders, tickets and revenue of a category of the own tables."""
        rows: Sequence[Mapping[str, Any]] = self.own.tables.get(table, ()) if self.own else ()
        return next((row for row in rows if row[table] == category), None)

    def categories(self, table: str) -> tuple[str, ...]:
        """The categories of a table: the own ones in their order, then those that only the benchmark has."""
        own = [str(row[table]) for row in self.own.tables.get(table, ())] if self.own else []
        theirs = self.against.categories(table) if self.against else ()
        if table == "genre" and theirs:  # harmonised; the institution's own words are no categories of it
            return theirs
        every = tuple(dict.fromkeys((*own, *theirs)))
        if table == "month" and self.window is not None:  # from the window's first on
            first = self.window.first.month
            return tuple(sorted(every, key=lambda name: (int(name) - first) % 12))
        return every

    @property
    def cohort_name(self) -> str:
        """The cohort in words."""
        return names.cohort(self.language, self.against.cohort) if self.against else ""

    @property
    def the_cohort(self) -> str:
        """The cohort in the middle of a sentence."""
        return self.cohort_name[:1].lower() + self.cohort_name[1:]

    @property
    def bounds(self) -> str:
        """What the cohort's figures were bounded by, and the own ones were not; empty where that is not known."""
        _ = self.language
        study = self.against.published.study if self.against else None
        if study is None or self.own is None:
            return ""
        if self.against is not None and self.against.puts_back:
            return _(
                "What the study’s bounds cut off of a cohort’s orders, tickets and revenue is put back in its figures, "
                "as far as released figures tell; in shares it is not. Yours are not cut."
            )
        return _(
            "A cohort’s figures are of what is left after the study’s bounds: {orders} orders and {amount} a customer. "
            "Yours are not cut.",
            orders=_.number(study.bounds.max_orders),
            amount=_.kroner(study.bounds.max_revenue_ore),
        )

    @property
    def you(self) -> str:
        """What the own series is called."""
        _ = self.language
        return _("You")


def _derived(row: Mapping[str, Any] | None, measure: str) -> float | None:
    if row is None:
        return None
    if measure in row:
        return float(row[measure])
    parts = {
        "average_purchase_ore": ("revenue_ore", "orders"),
        "revenue_per_customer_ore": ("revenue_ore", "customers"),
        "purchase_frequency": ("orders", "customers"),
        "tickets_per_order": ("tickets", "orders"),
        "average_ticket_price_ore": ("revenue_ore", "tickets"),
        "revenue_per_ticket_ore": ("revenue_ore", "tickets"),
    }.get(measure)
    if parts is None or row[parts[1]] <= 0:
        return None
    return float(row[parts[0]] / row[parts[1]])


def margin(cell: Cell) -> float | None:
    """How far the truth may be, 19 times in 20: the longer side of a figure's interval; None where unbounded."""
    if cell.value is None or cell.low is None or cell.high is None:
        return None
    value = float(cell.value)
    return max(float(cell.high) - value, value - float(cell.low))


def mark_of(beside: Beside | None) -> Mark:
    """How an own figure stands to the cohort's; nothing where the two cannot be compared."""
    if beside is None or beside.cell.status != "published":
        return ""
    match beside.verdict:
        case "above":
            return "above"
        case "below":
            return "below"
        case "within noise":
            return "level"
        case _:
            return ""


def why_no_cohort(view: View) -> Empty | None:
    """Why there is nothing to compare with, and what comes next; None where there is."""
    _ = view.language
    if view.against is not None:
        line = view.against.line
        if line is not None and line.status == "suppressed":
            return Empty(
                names.reason(_, line.reason),
                _("Choose a larger cohort above, or wait for a round that more members take part in."),
            )
        return None
    if view.sector.tables and not view.viewer:
        return Empty(
            _("You have chosen to see your own figures alone."),
            _("Choose the months of a round above, and you see them beside a cohort."),
        )
    if view.sector.alone:
        return Empty(
            _("This node works alone, so there is nobody to compare with."),
            _("Ask NPU for an invitation, and join the network with it:"),
            "kudos-node join …",
        )
    if view.viewer:
        return Empty(
            _("No benchmark of tables has been published in this bundle."),
            _("Publish a round, and export a new bundle:"),
            "kudos-coordinator export …",
        )
    if view.sector.faults:
        return Empty(
            _("There is a benchmark here, and it cannot be read."),
            _("Remove its file, which is named above, and fetch it again:"),
            "kudos-node run --once",
        )
    return Empty(
        _("No benchmark has been published yet, or none has been fetched."),
        _("When NPU opens a round, your node asks you; once it is published you see it here. To look now:"),
        "kudos-node run --once",
    )


def why_no_own(view: View) -> Empty | None:
    """Why there are no own figures, and what comes next; None where there are."""
    _ = view.language
    if view.own is not None:
        return None
    if view.viewer:
        return Empty(
            _("You look at the benchmarks alone: a viewer has no figures of its own."),
            _("Exact figures stay at the institutions, and are seen on their own machines."),
        )
    return Empty(
        _("Nothing has been imported yet."),
        _("Export your sales from the ticketing system, and import the file. It stays on this machine:"),
        "kudos-node import salg.csv",
    )
