"""kudos-node cross-use: how audiences move between institutions, as it was published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.errors import FileNotWritten, NodeError
from node.home import write_private
from privacy.catalogue.institutions import COUNTIES
from privacy.terminal.figures import with_error
from privacy.terminal.reasons import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privacy.estimate.benchmark import Benchmark
    from privacy.estimate.body import Cell
    from privacy.rounds.announcement import Announcement, Seat

_HEADS = {
    "pair": "Customers in common, member by member",
    "industry_pair": "Customers in common, by industry",
    "county_pair": "Customers in common, by county of the institution",
    "reach": "How many different people the members reach",
    "multiplicity": "How many members people use",
    "group": "By group of customers",
    "penetration": "Share of the inhabitants that the members reach, by county",
}
_MEASURES = {"people": "people", "institutions_per_person": "institutions per person", "share": "share"}
_WHOLE = ("reach", "multiplicity")
"""Tables of which every row is shown, also where all of it is withheld."""

_WIDEST_MATRIX = 6
"""Members or cohorts side by side; beyond, a matrix is shown as a list."""


@click.command()
@click.argument("round_name", metavar="[ROUND]", required=False)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write every figure to a file, as CSV.")
@click.option("--svg", "svg_file", type=click.Path(path_type=Path), help="Draw heat maps and flows into a file (SVG).")
@click.option("--language", type=click.Choice(["en", "nb"]), default="en", show_default=True, help="Of the picture.")
@output.common
def command(round_name: str | None, csv_file: Path | None, svg_file: Path | None, language: str) -> None:
    """Show the newest figures of cross-use, or those of ROUND: who shares audiences, and how many people they reach.

    ± is the standard error: two times in three the truth is nearer. ( ) is unreliable, and – is withheld, for a reason
    that stands below. Figures are as of the day on which each member made its list of customers for the year.
    """
    from node.membership.settings import membership
    from node.network import benchmarks, rounds
    from privacy.estimate.tabular import as_csv, as_json
    from privacy.pictures.cross_use import drawn

    home = output.state.home
    network = membership(home)
    benchmark = benchmarks.newest(home, network, round_name, output.complain, cross_use=True).benchmark
    if not benchmark.body.market:
        raise click.UsageError(f"Round {benchmark.round} is of tables. See: kudos-node benchmark {benchmark.round}")
    announced = rounds.announced(home, network, benchmark.round)
    names = {seat.member: seat.name for seat in announced.roster}
    files: dict[Path, Callable[[], bytes]] = {}
    if csv_file:
        files[csv_file] = lambda: as_csv(benchmark).encode()
    if svg_file:
        files[svg_file] = lambda: drawn(benchmark.body, names, "nb" if language == "nb" else "en").encode()
    for file, content in files.items():
        output.refuse_target(file)
        _write(file, content())
    if output.state.as_json:
        output.emit(as_json(benchmark) | {"me": network.id})
        return
    _show(benchmark, announced, announced.seat(network.id))
    for file in files:
        output.say(f"Written: {file}")


def _show(benchmark: "Benchmark", announced: "Announcement", seat: "Seat | None") -> None:
    naming = Naming({each.member: each.name for each in announced.roster}, _partition(announced))
    _head(benchmark, seat)
    for cells in _tables(benchmark):
        output.say()
        output.say(_HEADS.get(cells[0].table, cells[0].table.replace("_", " ")))
        if cells[0].table.endswith("pair"):
            _pairs(cells, naming, seat)
        else:
            _rows(cells, naming)
    output.say()
    _withheld(benchmark, naming)
    _market(benchmark, announced)


def _head(benchmark: "Benchmark", seat: "Seat | None") -> None:
    counted = sum(line.status == "counted" for line in benchmark.body.market)
    output.say(
        f"{benchmark.round} · {benchmark.window.first} – {benchmark.window.last} · the figures of {counted} of "
        f"{len(benchmark.body.market)} members with a sketch" + (f" · you are {seat.name}" if seat else "")
    )


def _tables(benchmark: "Benchmark") -> "list[list[Cell]]":
    """The cells by table, in the benchmark's order."""
    found: dict[str, list[Cell]] = {}
    for cell in benchmark.body.cells:
        found.setdefault(cell.table, []).append(cell)
    return list(found.values())


@dataclass(frozen=True)
class Naming:
    """What people call the sides and categories of a table: members by name, counties by code and name.

    `partition` is that of the groups of customers.
    """

    members: Mapping[str, str]
    partition: str

    def sides(self, cell: "Cell") -> list[str]:
        """A category by its sides: two of a pair; one of any other, whose name may have a + of its own (6+)."""
        return cell.category.split("+") if cell.table.endswith("pair") else [cell.category]

    def side(self, table: str, side: str) -> str:
        """A side of a table's categories."""
        of_counties = table in ("county_pair", "penetration") or (table == "group" and self.partition == "county")
        if of_counties and side in COUNTIES:
            return f"{side} {COUNTIES[side].name}"
        return self.members.get(side, side) if table == "pair" else side

    def category(self, cell: "Cell") -> str:
        """A cell's category."""
        return " and ".join(self.side(cell.table, side) for side in self.sides(cell))


def _partition(announced: "Announcement") -> str:
    from privacy.studies.cross_use import CrossUseStudy

    return announced.study.partition.name if isinstance(announced.study, CrossUseStudy) else ""


def _pairs(cells: "Sequence[Cell]", naming: Naming, seat: "Seat | None") -> None:
    """A matrix, where it is narrow enough; else a list."""
    own = () if seat is None else (seat.member, seat.industry, seat.county)
    table = cells[0].table

    def named(side: str) -> str:
        return naming.side(table, side) + (" (you)" if side in own else "")

    sides = sorted({side for cell in cells for side in naming.sides(cell)})
    if len(sides) > _WIDEST_MATRIX:
        rows = [(" and ".join(map(named, naming.sides(cell))), _figure(cell)) for cell in cells]
        output.table(("", "customers>"), rows)
        return
    found = {frozenset(naming.sides(cell)): cell for cell in cells}
    output.table(
        ("", *(f"{naming.side(table, side)}>" for side in sides)),
        [(named(row), *(_figure(found.get(frozenset((row, column)))) for column in sides)) for row in sides],
    )


def _rows(cells: "Sequence[Cell]", naming: Naming) -> None:
    """A row for each category of which something is shown; for every one where that is worth the lines."""
    measures = list(dict.fromkeys(cell.measure for cell in cells))
    found = {(cell.category, cell.measure): cell for cell in cells}
    every = cells[0].table in _WHOLE
    shown = {cell.category: naming.category(cell) for cell in cells if every or cell.value is not None}
    if not shown:
        output.say("  all of it is withheld")
        return
    output.table(
        ("", *(f"{_MEASURES.get(measure, measure.replace('_', ' '))}>" for measure in measures)),
        [
            (named, *(_figure(found.get((category, measure))) for measure in measures))
            for category, named in shown.items()
        ],
    )


def _figure(cell: "Cell | None") -> str:
    if cell is None:
        return ""
    if cell.value is None or cell.standard_error is None:
        return "–"
    text = with_error(float(cell.value), float(cell.standard_error), cell.measure)
    return f"({text})" if cell.status == "unreliable" else text


_MOST_NAMED = 4


def _withheld(benchmark: "Benchmark", naming: Naming) -> None:
    """Why figures are withheld: each reason once, with what it is of."""
    reasons: dict[str, list[str]] = {}
    for line in benchmark.body.cohorts:
        if line.reason is not None:
            reasons.setdefault(line.reason, []).append(f"{line.cohort} ({line.members} members)")
    for cell in benchmark.body.cells:
        if cell.reason is not None:
            of = f"{cell.table.replace('_', ' ')} {naming.category(cell)}"
            reasons.setdefault(cell.reason, []).append(of)
    for reason, listed in reasons.items():
        what = list(dict.fromkeys(listed))
        more = f"; {len(what) - _MOST_NAMED} more" if len(what) > _MOST_NAMED else ""
        output.prose(f"  withheld: {in_words(reason)}: {'; '.join(what[:_MOST_NAMED])}{more}")


_STATUS = {
    "sketched": "sent a sketch and no counts: its figures are missing",
    "refused": "too many could not count its sketch: its figures are left out",
    "disagrees": "what it counted contradicts the others: its figures are left out",
}


def _market(benchmark: "Benchmark", announced: "Announcement") -> None:
    """What became of each member that is not in the figures."""
    status = {line.member: line.status for line in benchmark.body.market}
    for seat in announced.roster:
        if seat.member not in status:
            output.say(f"  {seat.name} took no part")
        elif status[seat.member] in _STATUS:
            output.prose(f"  {seat.name} {_STATUS[status[seat.member]]}")


def _write(file: Path, content: bytes) -> None:
    """Writes a file of figures, whole or not at all."""
    try:
        write_private(file, content)
    except FileNotWritten as error:
        raise NodeError(f"{file} cannot be written ({error.why}). Name another file.") from error
