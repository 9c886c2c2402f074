"""kudos-node profile: how an export is written, proposed, shown, checked and corrected."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli import output, profile_new, profile_set
from node.cli.systems import BASIS
from node.errors import NotValid

if TYPE_CHECKING:
    from node.ingest.profile import Layout, Profile


@click.group()
@output.home_option
def command() -> None:
    """Describe an export that no profile knows, and look at, check and correct profiles.

    \b
    Begin:   kudos-node profile new sales.csv
             kudos-node import sales.csv
    Look:    kudos-node profile show tixly
    Correct: kudos-node profile set sales --value state.Oppgjort=paid
    """


command.add_command(profile_new.command, "new")
command.add_command(profile_set.command, "set")


@command.command()
@click.argument("name")
@click.option("--toml", is_flag=True, help="Print the profile's file as it is, to copy from.")
@output.common
def show(name: str, toml: bool) -> None:
    """Show what a profile reads, and on what it rests: NAME of `kudos-node systems`, or a .toml file."""
    profile = _found(name)
    if output.state.as_json:
        output.emit(_json(profile))
        return
    if toml:
        output.say(profile.text.rstrip())
        return
    output.say(f"{profile.title}   {BASIS[profile.basis]}")
    output.prose(profile.rests_on)
    if profile.template is not None:
        output.say()
        output.prose(f"What to export: {profile.template.export}")
        output.say(f"Then:  kudos-node profile new FILE --system {profile.name}")
    for layout in profile.layouts:
        output.say(f"\n{layout.name}: {layout.resource}, known by {', '.join(layout.recognise)}")
        output.table(["field", "read from", "words that it knows"], _rows(layout))
        for said in _rules(layout):
            output.say(f"  {said}")


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("export", required=False, type=click.Path(path_type=Path))
@output.common
def check(file: Path, export: Path | None) -> None:
    """Check a profile's FILE, and try it on an EXPORT without importing anything.

    \b
    Examples:  kudos-node profile check my-system.toml
               kudos-node profile check my-system.toml sales-2025.csv
    """
    from node.ingest.profile import find

    profile = find(str(file) if str(file).endswith(".toml") else f"./{file}", output.state.home.profiles)[0]
    remarks = [remark for layout in profile.layouts for remark in _remarks(layout)]
    tried = _tried(profile, export) if export is not None else None
    if output.state.as_json:
        output.emit(
            _json(profile) | {"valid": True, "remarks": remarks, "tried": None if tried is None else tried.as_json()}
        )
    else:
        output.say(
            f"{file.name}: {profile.title} ({profile.basis}), {', '.join(each.name for each in profile.layouts)}"
        )
        for remark in remarks:
            output.say(f"  {remark}")
        if tried is None:
            output.say(f"It can be read. Try it on an export: kudos-node profile check {file} EXPORT")
        else:
            tried.say()
    if tried is not None and tried.preview.rejects:
        if output.state.as_json:
            click.get_current_context().exit(1)
        raise NotValid(
            f"{len(tried.preview.rejects)} of {tried.preview.tried} rows of {tried.name} cannot be read with it. "
            "Correct what is said above, and check again."
        )


def _tried(profile: "Profile", export: Path) -> profile_new.Tried:
    from node.ingest import recognise
    from node.ingest.propose.preview import preview
    from node.ingest.readers.table import open_table

    within = [layout.rows for layout in profile.layouts if layout.rows]
    delimiters = [layout.delimiter for layout in profile.layouts if layout.delimiter]

    def fits(headers: Sequence[str]) -> bool:
        return recognise.fits(headers, [profile])

    table = open_table(export, fits, delimiters, within, below=fits)
    return profile_new.Tried(export.name, preview(table, profile, profile_new.zone()))


def _found(name: str) -> "Profile":
    from node.ingest.profile import find

    return find(name, output.state.home.profiles)[0]


def _rows(layout: "Layout") -> list[tuple[str, str, str]]:
    rows = [(field, " or ".join(map(str, layout.columns_of(field))), _words(layout, field)) for field in layout.columns]
    return rows + [(field, f"always {value}", "") for field, value in layout.constants.items()]


def _words(layout: "Layout", field: str) -> str:
    return ", ".join(f"{word} = {meaning}" for word, meaning in layout.values.get(field, {}).items())


def _rules(layout: "Layout") -> list[str]:
    said = [
        f"Rows are left out where {' or '.join(_listed(each.column))} is {', '.join(each.values)}."
        for each in layout.skip
    ]
    said += [f"{' or '.join(_listed(layout.fees))} is taken off the amount."] if layout.fees else []
    said += ["Amounts are of one ticket, and taken times the quantity."] if layout.amount == "unit" else []
    said += ["Amounts are in øre."] if layout.money == "ore" else []
    said += ["Every row takes something back."] if layout.returns else []
    said += [f"Rows lie in {layout.rows} of a JSON record."] if layout.rows else []
    return said


def _listed(column: str | list[str]) -> list[str]:
    return [column] if isinstance(column, str) else column


def _remarks(layout: "Layout") -> list[str]:
    """What a layout does without, and what follows."""
    if layout.resource not in ("order_lines", "orders"):
        return []
    has = {*layout.columns, *layout.constants}
    wanted = {
        ("email", "phone", "customer_key"): "no customer will be recognised",
        ("state",): "every row counts as sold, reservations too",
        ("ticket_type", "ticket_category"): "every ticket is of the type `other`",
        ("event_id",): "sales are of no event",
        ("postcode", "country"): "where customers live is unknown, unless a file of customers tells",
    }
    return [f"{layout.name}: no {' or '.join(group)}: {so}." for group, so in wanted.items() if not has & set(group)]


def _json(profile: "Profile") -> dict[str, Any]:
    return {
        "name": profile.name,
        "title": profile.title,
        "basis": profile.basis,
        "rests_on": profile.rests_on,
        "template": None if profile.template is None else profile.template.model_dump(),
        "layouts": [layout.model_dump(exclude_none=True) for layout in profile.layouts],
    }
