"""How a benchmark of cross-use is shown: reach, how many institutions people use, groups, the matrices, and the market.

A matrix has the figures alone; their errors stand in the list of its table (`benchmark show ROUND --table …`).
"""

from collections import Counter
from typing import TYPE_CHECKING

from coordinator.cli import output
from privacy.terminal.figures import error_of, figure
from privacy.terminal.reasons import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privacy.estimate.benchmark import Benchmark
    from privacy.estimate.body import Cell

WIDEST = 12
"""Columns of a matrix that are shown; a larger one is a list."""

MATRICES = {"industry_pair": "industries", "county_pair": "counties", "pair": "institutions"}
"""The tables that are matrices, and what stands along them."""

_LEFT_OUT = {
    "sketched": "sent a sketch and no count",
    "refused": "too many could not count its sketch",
    "disagrees": "its count contradicts itself or the others",
}


def is_cross_use(benchmark: "Benchmark") -> bool:
    """Whether a benchmark is of a round of cross-use."""
    return bool(benchmark.body.market)


def show(benchmark: "Benchmark", *, published: bool = True) -> None:
    """All of it that fits, for people. Of one that is published it says where the rest is."""
    of = [cell for cell in benchmark.body.cells if cell.table in ("reach", "multiplicity")]
    if of:
        output.table(
            ["", "figure>", "± standard error>", "note"],
            [(_label(cell), _figure(cell), _error(cell), _note(cell)) for cell in of],
        )
    _groups(benchmark)
    if published and any(cell.table == "group" for cell in benchmark.body.cells):
        output.say(f"  with reasons: kudos-coordinator benchmark show {benchmark.round} --table group")
    for table, along in MATRICES.items():
        _matrix(benchmark, table, along, published=published)
    say_market(benchmark)


def _groups(benchmark: "Benchmark") -> None:
    """The audience by group; where these are counties, as a part of their inhabitants too."""
    cells = {(cell.table, cell.category, cell.measure): cell for cell in benchmark.body.cells}
    groups = [category for table, category, measure in cells if (table, measure) == ("group", "people")]
    if not groups:
        return
    figures = [("group", "people", "people"), ("group", "institutions_per_person", "institutions a person")]
    if any(table == "penetration" for table, _, _ in cells):
        figures.append(("penetration", "share", "of inhabitants"))
    output.say()
    output.say("By group of customers (~ unreliable, – withheld):")
    output.table(
        ["group", *(head for _, _, name in figures for head in (f"{name}>", "±>"))],
        [
            (
                _group(group),
                *(text for table, measure, _ in figures for text in _both(cells.get((table, group, measure)))),
            )
            for group in groups
        ],
    )


def _group(name: str) -> str:
    """A county by its name, too."""
    from privacy.catalogue.institutions import COUNTIES

    return f"{name} {COUNTIES[name].name}" if name in COUNTIES else name


def say_market(benchmark: "Benchmark") -> None:
    """Who is in the market, who is left out, and why."""
    status = Counter(line.status for line in benchmark.body.market)
    output.say()
    output.say(
        f"The market has {output.things(len(benchmark.body.market), 'sketch', 'sketches')}; "
        f"{output.things(status['counted'], 'count')} of these are added up."
    )
    for line in benchmark.body.market:
        if line.status != "counted":
            output.say(f"  left out: {line.member}, {_LEFT_OUT[line.status]}")


def _matrix(benchmark: "Benchmark", table: str, along: str, *, published: bool) -> None:
    found = {cell.category: cell for cell in benchmark.body.cells if cell.table == table}
    names = list(dict.fromkeys(name for category in found for name in category.split("+")))
    if not names:
        return
    output.say()
    if len(names) > WIDEST:
        output.say(f"Common customers of {output.count(len(names))} {along}: too many for a table here.")
        return
    output.say(f"Common customers of {along} (~ unreliable, · withheld):")
    output.table(
        ["", *(f"{name}>" for name in names)],
        [(_group(one), *(_in_matrix(_between(found, one, other)) for other in names)) for one in names],
    )
    if published:
        output.say(f"  with errors and reasons: kudos-coordinator benchmark show {benchmark.round} --table {table}")


def _between(found: "dict[str, Cell]", one: str, other: str) -> "Cell | None":
    return found.get(f"{one}+{other}") or found.get(f"{other}+{one}")


def _in_matrix(cell: "Cell | None") -> str:
    if cell is None:
        return ""
    if cell.value is None:
        return "·"
    return _marked(cell)


def _marked(cell: "Cell") -> str:
    """A figure, with a mark where it is unreliable: never a bare number."""
    return f"{'~' if cell.status == 'unreliable' else ''}{_figure(cell)}"


def _label(cell: "Cell") -> str:
    if cell.table == "reach":
        return "different people"
    return f"of them use {cell.category} institution{'' if cell.category == '1' else 's'}"


def _both(cell: "Cell | None") -> tuple[str, str]:
    return ("–", "–") if cell is None else (_marked(cell), _error(cell))


def _figure(cell: "Cell") -> str:
    value, error = _numbers(cell)
    return figure(value, cell.measure, error)


def _error(cell: "Cell") -> str:
    return error_of(_numbers(cell)[1], cell.measure)


def _numbers(cell: "Cell") -> "Sequence[float | None]":
    return [None if each is None else float(each) for each in (cell.value, cell.standard_error)]


def _note(cell: "Cell") -> str:
    if cell.reason:
        return f"withheld: {in_words(cell.reason)}"
    return "unreliable" if cell.status == "unreliable" else ""
