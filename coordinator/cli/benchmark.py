"""kudos-coordinator benchmark: what is published."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coordinator.cli import cross_use_shown, output
from coordinator.cli.series import series
from privacy.estimate.clipping.shown import without_bounds
from privacy.terminal.figures import error_of, figure, name_of
from privacy.terminal.possible import is_possible, told
from privacy.terminal.reasons import in_words

if TYPE_CHECKING:
    from coordinator.office import Office
    from privacy.estimate.benchmark import Benchmark
    from privacy.estimate.body import Cell

_version = click.option("--version", type=click.IntRange(1), help="An older version (default: the newest).")


def _named(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """The round that was named. Raises UsageError, with where to find its name, for none."""
    from coordinator.errors import UsageError

    if value is None:
        raise UsageError("Name a round. What is published: kudos-coordinator benchmark list")
    return value


_round = click.argument("round_id", metavar="ROUND", required=False, callback=_named)


@click.group()
@output.home_option
def command() -> None:
    """Show and export published benchmarks."""


command.add_command(series)


@command.command("list")
@output.common
def list_() -> None:
    """List every published benchmark, version by version."""
    from coordinator.publish.publications import listed

    with output.office() as office:
        found = listed(office.store)
    if output.state.as_json:
        output.emit(
            [
                {
                    "round": each.round,
                    "version": each.version,
                    "digest": each.digest,
                    "published": output.json_time(each.published),
                }
                for each in found
            ]
        )
        return
    if not found:
        output.say("Nothing is published yet. Rounds: kudos-coordinator round list")
        return
    output.table(
        ["round", "version>", "published", "SHA-256"],
        [(each.round, str(each.version), output.utc(each.published), each.digest) for each in found],
    )


@command.command()
@_round
@click.option("--cohort", help='Only this cohort, such as "network" or "county:46".')
@click.option("--table", "table_name", help="Only this table, such as age_band.")
@_version
@output.common
def show(round_id: str, cohort: str | None, table_name: str | None, version: int | None) -> None:
    """Show the benchmark of ROUND: every figure with its standard error and its number of members.

    Without --cohort and --table people see the totals and key figures of every cohort, and programs (--json) all. Of
    cross-use they see reach, groups and the matrices, and who is left out.
    """
    benchmark = _read(round_id, version)
    _check_there("cohort", cohort, [line.cohort for line in benchmark.body.cohorts])
    _check_there("table", table_name, [cell.table for cell in benchmark.body.cells])
    if output.state.as_json:
        from privacy.estimate.tabular import as_json

        said = as_json(benchmark)
        said["cells"] = [
            cell for cell in said["cells"] if cohort in (None, cell["cohort"]) and table_name in (None, cell["table"])
        ]
        output.emit(said)
        return
    _say_which(benchmark)
    if cross_use_shown.is_cross_use(benchmark) and cohort is None and table_name is None:
        cross_use_shown.show(benchmark)
        output.say(f"All of it: kudos-coordinator benchmark export {round_id} --out FILE.csv")
        return
    wanted = [
        cell
        for cell in benchmark.body.cells
        if cohort in (None, cell.cohort)
        and (cell.table == table_name if table_name else cohort is not None or cell.table == "totals")
    ]
    for name in dict.fromkeys(cell.cohort for cell in wanted):
        _show_cohort(name, [cell for cell in wanted if cell.cohort == name], by_category=table_name != "totals")
    output.say(f"All of it: kudos-coordinator benchmark export {round_id} --out FILE.csv")


def _show_cohort(name: str, cells: "Sequence[Cell]", *, by_category: bool) -> None:
    """The figures of one cohort; of which table, and of which category, only where there are several."""
    tables = list(dict.fromkeys(cell.table for cell in cells))
    several = by_category and any(cell.category != "all" for cell in cells)
    said = [name, *(tables if len(tables) == 1 else []), output.things(max(cell.members for cell in cells), "member")]
    output.say()
    output.say(", ".join(said))
    places = [*(["table"] if several and len(tables) > 1 else []), *(["category"] if several else [])]
    rows = [_row(cell) for cell in cells]
    there = [any(row[at] for row in rows) for at in range(len(_COLUMNS))]
    columns = [name for name, is_there in zip(_COLUMNS, there, strict=True) if is_there]
    output.voice.fitting_table(
        [*places, *columns],
        [
            (
                *(str(getattr(cell, place)) for place in places),
                *(each for each, is_there in zip(row, there, strict=True) if is_there),
            )
            for cell, row in zip(cells, rows, strict=True)
        ],
        spare=tuple(name for name in _SPARE if name in columns),
        folded="note",
    )
    if _UNCUT in columns:
        output.say("  without bounds: with what the study's bounds cut off put back, as far as released figures tell")


_UNCUT = "without bounds>"
_COLUMNS = ("measure", "value>", "± standard error>", _UNCUT, "note")
_SPARE = (_UNCUT,)


def _say_which(benchmark: "Benchmark") -> None:
    output.say(
        f"{benchmark.round}, version {benchmark.version}: {benchmark.study}, {benchmark.window.first} – "
        f"{benchmark.window.last}, {output.things(len(benchmark.releases), 'member')}"
    )


def _check_there(what: str, name: str | None, known: list[str]) -> None:
    if name is not None and name not in known:
        raise click.UsageError(f"There is no {what} {name!r}. There is: {', '.join(dict.fromkeys(known))}")


@command.command()
@_round
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file: .csv for spreadsheets, .json for programs, .kudos for the signed bytes, .svg a picture.",
)
@click.option("--language", type=click.Choice(["en", "nb"]), default="en", show_default=True, help="Of the picture.")
@_version
@output.common
def export(round_id: str, out: Path, language: str, version: int | None) -> None:
    """Write the benchmark of ROUND to a file, by its ending: CSV, JSON, or the signed bytes as members get them.

    Of a round of cross-use also a picture (.svg): heat maps of what groups have in common, flows, and multiplicity.
    """
    import json

    from coordinator.errors import CoordinatorError, UsageError
    from coordinator.publish.publications import envelope
    from privacy.estimate.tabular import as_csv, as_json
    from privacy.files import for_spreadsheets

    if out.suffix not in (".csv", ".json", ".kudos", ".svg"):
        raise UsageError(f"{out} ends in none of .csv, .json, .kudos and .svg. Name the file by the form you want.")
    if out.absolute().resolve().is_relative_to(output.state.home.path.resolve()):
        raise UsageError(f"{out} is in the coordinator's own folder. Name a file somewhere else.")
    benchmark = _read(round_id, version)
    if out.suffix == ".kudos":
        with output.office() as office:
            content = envelope(office.store, round_id, benchmark.version)
    elif out.suffix == ".svg":
        content = _picture(benchmark, language)
    elif out.suffix == ".csv":
        content = for_spreadsheets(as_csv(benchmark))
    else:
        content = json.dumps(as_json(benchmark), ensure_ascii=False, indent=2).encode() + b"\n"
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CoordinatorError(f"{out} cannot be written ({error.strerror}).") from error
    if output.state.as_json:
        output.emit({"round": round_id, "version": benchmark.version, "file": str(out), "bytes": len(content)})
        return
    output.say(f"Written: {out} ({output.things(len(benchmark.body.cells), 'figure')}, version {benchmark.version})")


def _picture(benchmark: "Benchmark", language: str) -> bytes:
    """The picture of a round of cross-use. Raises UsageError for any other round."""
    from coordinator.errors import UsageError
    from coordinator.rounds.rounds import announcement
    from privacy.pictures.cross_use import drawn
    from privacy.rounds.announcement import read

    if not cross_use_shown.is_cross_use(benchmark):
        raise UsageError(
            f"There are pictures of cross-use alone, and {benchmark.round} is of tables. Name a .csv file."
        )
    with output.office() as office:
        asked = read(announcement(office.store, benchmark.round), office.signing_key.public_key())
    names = {seat.member: seat.name for seat in asked.roster}
    return drawn(benchmark.body, names, "nb" if language == "nb" else "en").encode()


def _read(round_id: str, version: int | None) -> "Benchmark":
    from coordinator.errors import UnknownBenchmark
    from coordinator.publish.publications import envelope
    from privacy.estimate.benchmark import read

    with output.office() as office:
        try:
            found = envelope(office.store, round_id, version or 0)
        except UnknownBenchmark:
            raise UnknownBenchmark(_why_not(office, round_id)) from None
        return read(found, office.signing_key.public_key())


def _why_not(office: "Office", round_id: str) -> str:
    """Why there is nothing to show of a round, and what to do."""
    from coordinator.errors import UnknownRound
    from coordinator.rounds.rounds import get

    try:
        state = get(office.store, round_id).state
    except UnknownRound:
        return f"There is no round {round_id[:64]!r}. What is published: kudos-coordinator benchmark list"
    if state == "published":
        return f"Round {round_id} has no such version. Which there are: kudos-coordinator benchmark list"
    to_do = {
        "closed": f"To publish it: kudos-coordinator round publish {round_id}",
        "aborted": "It never will be. What is published: kudos-coordinator benchmark list",
    }.get(state, f"See: kudos-coordinator round status {round_id}")
    return f"Nothing of round {round_id} is published: it is {state}. {to_do}"


def _row(cell: "Cell") -> tuple[str, ...]:
    note = "unreliable" if cell.status == "unreliable" else ""
    if cell.reason:
        note = f"{note or 'withheld'}: {in_words(cell.reason)}"
    value, error = (None if each is None else float(each) for each in (cell.value, cell.standard_error))
    written = figure(value, cell.measure, error)
    if value is not None and not is_possible(value, cell.measure):
        note = f"{note or 'near a limit'}: the estimate, {written}, cannot be"
        written = told(cell).partition(" ±")[0]
    uncut = "" if cell.uncut is None else told(without_bounds(cell))
    return (name_of(cell.measure), written, error_of(error, cell.measure), uncut, note)
