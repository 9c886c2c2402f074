"""kudos-node benchmark: the sector's figures with their error, and the own ones beside them."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from node.cli import output
from privacy.estimate.body import SUM_NAMES
from privacy.terminal.figures import NAMES as NAMES  # the demo's report uses them too
from privacy.terminal.figures import figure, name_of
from privacy.terminal.possible import told
from privacy.terminal.reasons import in_words

if TYPE_CHECKING:
    from node.benchmark.beside import Beside
    from node.network.benchmarks import Kept
    from privacy.estimate.benchmark import Benchmark
    from privacy.rounds.announcement import Seat

SUMS = tuple(SUM_NAMES.values())


@click.command()
@click.argument("round_name", metavar="[ROUND]", required=False)
@click.option("--cohort", help='Another cohort than your own, such as "county:46" or "industry:museum".')
@click.option("--table", "table_name", help="Category by category of one table, such as age_band.")
@output.common
def command(round_name: str | None, cohort: str | None, table_name: str | None) -> None:
    """Show the newest benchmark, or that of ROUND: your own exact figures beside those of your cohorts.

    ± is the standard error of the noise that protects everybody's customers: two times in three the truth is nearer.
    "within noise" says that your figure and the cohort's may as well be equal. Your own figures are exact, and seen
    here alone. What a study's bounds cut off is put back in the cohort's where the benchmark tells enough for that.
    Where a cohort has twelve members or more and its quartiles are published, you see where you stand among them.
    """
    from node.benchmark.beside import beside, own_cohorts
    from node.benchmark.own import own_figures
    from node.benchmark.own_thresholds import thresholds_of
    from node.benchmark.position import is_quartile, positions
    from node.cli.positions import position_json, show_positions
    from node.membership.settings import membership
    from node.network import benchmarks, rounds
    from privacy.studies.study import Study

    home = output.state.home
    network = membership(home)
    benchmark = benchmarks.newest(home, network, round_name, output.complain).benchmark
    announcement = rounds.announced(home, network, benchmark.round)
    if not isinstance(announcement.study, Study):
        raise click.UsageError(f"Round {benchmark.round} is of cross-use. See: kudos-node cross-use {benchmark.round}")
    seat = announcement.seat(network.id)
    tiers = thresholds_of(home, announcement.study, benchmark.window)
    own = own_figures(home, announcement.study, benchmark.window, output.complain, tiers)
    known = [line.cohort for line in benchmark.body.cohorts]
    if cohort is not None and cohort not in known:
        raise click.UsageError(f"There is no cohort {cohort!r}. There is: {', '.join(known)}")
    tables = list(dict.fromkeys(cell.table for cell in benchmark.body.cells))
    if table_name is not None and table_name not in tables:
        raise click.UsageError(f"There is no table {table_name!r}. There is: {', '.join(tables)}")
    mine = own_cohorts(seat) if seat else ("network",)
    wanted = [name for name in known if (name in mine if cohort is None else name == cohort)]
    found = list(beside(benchmark, own, wanted, table_name))
    placed = positions(benchmark, own, wanted)
    if output.state.as_json:
        output.emit(_json(benchmark, found) | {"positions": [position_json(each) for each in placed]})
        return
    found = [each for each in found if not is_quartile(each.cell.measure)]
    _head(benchmark, seat)
    if round_name is None:
        _others(benchmark, benchmarks.look(home, network).kept)
    if table_name is None:
        found = [each for each in found if each.cell.table == "totals"]
    if _print(benchmark, found, wanted, by_category=table_name is not None):
        output.say(
            "  ▲ you are above, ▼ below, ≈ within noise; ( ) unreliable: the noise is more than a quarter of it; – "
            "withheld"
        )
        _uneven(found)
        if any(each.cell.uncut is not None for each in found):
            output.prose(
                "  what the study's bounds cut off of orders, tickets and revenue is put back, as far as released "
                "figures tell; as it is within the bounds: --json"
            )
    _withheld(benchmark, wanted)
    if table_name is None:
        show_positions(placed)
        _by_category(benchmark.round, tables)


def _head(benchmark: "Benchmark", seat: "Seat | None") -> None:
    output.say(
        f"{benchmark.round} · study {benchmark.study} · {benchmark.window.first} – {benchmark.window.last} · "
        f"{len(benchmark.releases)} members" + (f" · beside {seat.name}" if seat else "")
    )


def _others(shown: "Benchmark", kept: "Sequence[Kept]") -> None:
    """That this is the newest, and which other rounds there are, those of other studies first."""
    others = {each.benchmark.round: each.benchmark for each in kept if each.benchmark.round != shown.round}
    if not others:
        return
    ordered = sorted(others.values(), key=lambda each: each.study == shown.study)
    said = (f"{each.round} ({'cross-use' if each.body.market else each.study})" for each in ordered)
    output.prose(f"  the newest of tables; there are also {', '.join(said)}. To see one, name it.")


def _by_category(round_name: str, tables: list[str]) -> None:
    """How to see a table category by category, by age where there is such a one; and which others there are."""
    others = [name for name in tables if name != "totals"]
    if not others:
        return
    first = "age_band" if "age_band" in others else others[0]
    output.say(
        f"{'By age' if first == 'age_band' else 'By category'}: kudos-node benchmark {round_name} --table {first}"
    )
    if len(others) > 1:
        output.prose(f"  and by {', '.join(name for name in others if name != first)}")


def _print(benchmark: "Benchmark", found: "list[Beside]", cohorts: list[str], *, by_category: bool) -> bool:
    """One row per figure: the own one, and that of every cohort with its error. Tells whether there was anything."""
    rows: dict[tuple[str, str], dict[str, Beside]] = {}
    for each in found:
        rows.setdefault((each.cell.category, each.cell.measure), {})[each.cell.cohort] = each
    shown = [name for name in cohorts if any(name in row for row in rows.values())]
    if not shown:
        there = list(dict.fromkeys(cell.cohort for cell in benchmark.body.cells if cell.value is not None))
        output.say(
            "Nothing of your cohorts is published there. "
            + (f"There is: {', '.join(f'--cohort {name}' for name in there)}" if there else "Nor is anything else.")
        )
        return False
    table = []
    for (category, measure), row in sorted(rows.items(), key=lambda item: item[0][1] in SUMS):
        own = next(iter(row.values())).own
        errors = [float(each.shown.standard_error) for each in row.values() if each.shown.standard_error is not None]
        name = name_of(measure)
        table.append(
            (
                f"{category}: {name}" if by_category else name,
                figure(own, measure, min(errors, default=None)),
                *(_cohort(row.get(cohort), measure) for cohort in shown),
            )
        )
    _as_wide_as_fits(benchmark.round, shown, table)
    return True


def _as_wide_as_fits(round_name: str, cohorts: list[str], table: list[tuple[str, ...]]) -> None:
    """As many cohorts side by side as stand there without a figure broken in two, and how to see the others."""
    heads = ("", "you", *cohorts)
    widths = [max(map(len, column)) for column in zip(heads, *table, strict=True)]
    room = output.voice.console().width
    fitting = sum(sum(widths[: last + 1]) + _GAP * last <= room for last in range(2, len(heads))) or 1
    for_names = max(_SHORTEST_NAME, room - sum(widths[1 : fitting + 2]) - _GAP * (fitting + 1))
    output.table(
        ("", *(f"{name}>" for name in heads[1 : fitting + 2])),
        ((textwrap.fill(row[0], for_names), *row[1 : fitting + 2]) for row in table),
    )
    if cohorts[fitting:]:
        output.say(
            f"  too wide for this window: {', '.join(cohorts[fitting:])}. To see one: kudos-node benchmark "
            f"{round_name} --cohort {cohorts[fitting]}"
        )


_GAP = 2
"""Spaces between two columns."""

_SHORTEST_NAME = 16
"""So narrow may the names of figures become; they are broken between words."""


def _uneven(found: "list[Beside]") -> None:
    """Where the mark of a figure is not what ± would make of it, for the interval is longer on one side."""
    lines = [
        ("" if each.cell.table == "totals" else f"{each.cell.category}: ")
        + f"{name_of(each.cell.measure)} of {each.cell.cohort}"
        f" {figure(each.interval[0], each.cell.measure)} to {figure(each.interval[1], each.cell.measure)}"
        for each in found
        if each.interval is not None and each.contradicts_error
    ]
    if lines:
        more = f"; {len(lines) - _MOST_UNEVEN} more: --json" if len(lines) > _MOST_UNEVEN else ""
        output.prose(
            "  the marks go by the interval that holds the truth 95 times in 100, which is longer on one side than ± "
            f"says: {'; '.join(lines[:_MOST_UNEVEN])}{more}"
        )


_MOST_UNEVEN = 4


def _cohort(each: "Beside | None", measure: str) -> str:
    if each is None:
        return "–"
    text = told(each.shown)
    if each.cell.status == "unreliable":
        return f"({text})"
    mark = {"above": "▲", "below": "▼", "within noise": "≈"}.get(each.verdict, "")
    return text if measure in SUMS or not mark else f"{text} {mark}"


def _withheld(benchmark: "Benchmark", cohorts: list[str]) -> None:
    for line in benchmark.body.cohorts:
        if line.cohort in cohorts and line.reason is not None:
            output.say(f"  {line.cohort} ({line.members} members) is withheld: {in_words(line.reason)}")


def _json(benchmark: "Benchmark", found: "list[Beside]") -> dict[str, Any]:
    from privacy.estimate.tabular import as_json, row

    said = as_json(benchmark)
    said["cells"] = [row(each.cell) | {"own": each.own, "verdict": each.verdict} for each in found]
    return said
