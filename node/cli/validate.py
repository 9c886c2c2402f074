"""kudos-node validate: is a file in the standard, or readable by a profile, and where not."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli import output
from node.errors import NotValid

if TYPE_CHECKING:
    from node.ingest.checking import Checked, Fault

_LISTED = 1_000


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--system", default="kudos", show_default=True, help="Check against another profile: its name, or auto.")
@click.option("--all", "everything", is_flag=True, help="List every row, and not each reason once.")
@output.common
def command(files: tuple[Path, ...], system: str, everything: bool) -> None:
    """Check files against the Kudos transaction standard: file, line, column, reason and what to do.

    \b
    Examples:  kudos-node validate order_lines.csv customers.csv events.csv
               kudos-node validate export.xlsx --system tixly --json

    Nothing is imported, no node needs to be set up, and values that are no amounts or dates are shown masked. With
    another --system it says what an import would refuse. Exit status: 0 valid, 1 not valid.
    """
    from node.ingest.checking import check
    from node.ingest.gather import DESCRIPTION, described, gather
    from node.ingest.profile import find

    profiles = find(system, output.state.home.profiles)
    given = gather(files)
    descriptions = [file for file in given if file.name == DESCRIPTION and file.is_file()]
    tables = [file for file in given if file not in descriptions]
    tables = tables or [table for file in descriptions for table in described(file)]
    checked = [_description(file) for file in descriptions]
    checked += [check(file, profiles, _zone()) for file in tables]
    wrong = [each for each in checked if not each.valid]
    if output.state.as_json:
        output.emit({"valid": not wrong, "files": [_json(each) for each in checked]})
        click.get_current_context().exit(1 if wrong else 0)
    for each in checked:
        _say(each, everything=everything)
    if wrong:
        named = ", ".join(each.path.name for each in wrong[:5])
        raise NotValid(f"Not valid: {named}. Correct what is said of each line, and check again.")


def _description(file: Path) -> "Checked":
    """What is said of a description of tables, which is none."""
    from node.ingest.checking import Checked

    return Checked(file, kind="the description of the standard's files, and no table: the files beside it are checked")


def _zone() -> str:
    home = output.state.home
    return home.settings().timezone if home.settings_file.exists() else "Europe/Oslo"


def _say(checked: "Checked", *, everything: bool) -> None:
    verdict = "valid" if checked.valid else "NOT VALID"
    parts = [checked.kind, output.things(checked.rows, "row"), verdict]
    if checked.valid and not checked.resource:
        parts = [checked.kind]
    output.say(f"{checked.path.name}   {' · '.join(part for part in parts if part)}")
    for fault, count in _each(checked.faults) if everything else _once(checked.faults):
        where = f"line {fault.line}" + (f', column "{fault.column}"' if fault.column else "")
        shown = f'"{fault.value}" ' if fault.value else ""
        many = "" if everything else f" ({output.things(count, 'row')})" if fault.line > 1 else ""
        output.say(f"  {where}: {shown}{fault.reason}{many}")
        output.say(f"      {fault.remedy}")
    for advice in checked.advice:
        output.say(f"  advice: {advice}")


def _each(faults: "Sequence[Fault]") -> "list[tuple[Fault, int]]":
    return [(fault, 1) for fault in faults]


def _once(faults: "Sequence[Fault]") -> "list[tuple[Fault, int]]":
    """Every reason with its first line, and how many lines have it."""
    first: dict[tuple[str, str], Fault] = {}
    counts: dict[tuple[str, str], int] = {}
    for fault in faults:
        key = (fault.column, fault.reason)
        first.setdefault(key, fault)
        counts[key] = counts.get(key, 0) + 1
    return [(fault, counts[key]) for key, fault in first.items()]


def _json(checked: "Checked") -> dict[str, Any]:
    return {
        "file": checked.path.name,
        "valid": checked.valid,
        "resource": checked.resource,
        "rows": checked.rows,
        "faults": len(checked.faults),
        "reasons": [_fault(fault) | {"rows": count} for fault, count in _once(checked.faults)],
        "lines": [_fault(fault) for fault in checked.faults[:_LISTED]],
        "advice": list(checked.advice),
    }


def _fault(fault: "Fault") -> dict[str, Any]:
    return {
        "line": fault.line,
        "column": fault.column,
        "value": fault.value,
        "reason": fault.reason,
        "remedy": fault.remedy,
    }
