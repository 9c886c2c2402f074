"""kudos-node profile set: corrects a profile, or a copy of a shipped one, without an editor."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli import output
from node.errors import UsageError

if TYPE_CHECKING:
    from node.ingest.profile import Profile


@click.command()
@click.argument("name", required=False)
@click.option("--layout", help="Which kind of file, where the profile has several.")
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Read a field from a column; - for none."
)
@click.option("--value", "meanings", multiple=True, metavar="FIELD.WORD=MEANING", help="Such as state.Oppgjort=paid.")
@click.option("--decimal", type=click.Choice([",", ".", "auto"]), help="The sign that begins the decimals of amounts.")
@click.option("--amount-suffix", metavar="TEXT", help="What stands behind every amount.")
@click.option("--amount", type=click.Choice(["line", "unit"]), help="Amounts are the row's, or of one ticket of it.")
@click.option("--money", type=click.Choice(["kroner", "ore"]), help="Amounts are in kroner, or in whole øre.")
@click.option("--dates", multiple=True, metavar="PATTERN", help="One more way to write dates, such as '%d.%m.%y'.")
@click.option("--fees", metavar="COLUMN", help="What the amount contains that is no ticket's price; - for none.")
@click.option("--skip", multiple=True, metavar="COLUMN=VALUE", help="Leave rows out in which a column has this value.")
@click.option("--timezone", metavar="ZONE", help="Of times without one, such as Europe/Oslo.")
@output.common
def command(name: str | None, layout: str | None, **said: Any) -> None:
    """Correct the profile NAME: what an import could not read, said once.

    \b
    Examples:  kudos-node profile set luka --amount-suffix ",-"
               kudos-node profile set luka --value state.Oppgjort=paid --value channel.Luka=box_office
               kudos-node profile set luka --skip Bilag=Dagsum

    A shipped profile is copied into the node's folder first, and the copy is corrected: it keeps its name, so that
    what was imported stays known. NAME may be left out where you have one profile of your own, or be a .toml file.
    """
    import tomlkit

    from node.ingest.profile import parse

    profile, target = _profile(name)
    document = tomlkit.parse(profile.text)
    if profile.basis != "own":
        _own(document, profile)
    done = _changed(document, layout, said)
    if not done:
        raise UsageError("Say what to correct, such as --value state.Oppgjort=paid. See kudos-node profile set --help")
    text = tomlkit.dumps(document)
    parse(text, str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    if output.state.as_json:
        output.emit(
            {"profile": profile.name, "profile_file": str(target), "changes": done, "copied": profile.basis != "own"}
        )
        return
    if profile.basis != "own":
        output.say(f"{profile.title}: copied into {target}; the copy is yours, and found before the shipped one.")
    for change in done:
        output.say(f"{profile.name}: {change}")
    output.say("Import the file again: kudos-node import FILE")


def _profile(name: str | None) -> "tuple[Profile, Path]":
    """The profile to correct, and the file to write."""
    from node.ingest.profile import find, own

    folder = output.state.home.profiles
    if name is None:
        mine = own(folder)
        if len(mine) != 1:
            known = f"yours are {', '.join(mine)}" if mine else "you have none of your own yet"
            raise UsageError(
                f"Which profile? Name it: kudos-node profile set NAME ({known}; kudos-node systems lists all)."
            )
        name = next(iter(mine))
    if name.endswith(".toml"):
        return find(name, folder)[0], Path(name)
    profile = find(name, folder)[0]
    if profile.template is not None:
        raise UsageError(
            f"{name} is a template and has nothing to correct yet. Complete it with an export of yours: "
            f"kudos-node profile new FILE --system {name}"
        )
    return profile, folder / (profile.origin if profile.basis == "own" else f"{name}.toml")


def _own(document: Any, profile: "Profile") -> None:
    """Makes a copy of a shipped profile one's own: a column that its files may lack is written as a list."""
    from node.ingest import standard
    from node.ingest.profile import NEEDED

    document["basis"] = "own"
    document["rests_on"] = f"A copy of the shipped profile ({profile.basis}), corrected by us. {profile.rests_on}"[:600]
    for layout in document["layout"]:
        resource = {"orders": standard.ORDER_LINES}.get(layout["resource"], layout["resource"])
        needed = {name for group in NEEDED[resource] for name in group}
        for field, column in layout["columns"].items():
            if isinstance(column, str) and field not in needed:
                layout["columns"][field] = [str(column)]


def _changed(document: Any, layout: str | None, said: Mapping[str, Any]) -> list[str]:
    """Writes what was said into the document; returns it in words."""
    from node.cli.profile_new import meaning_of

    done = []
    for text in said["meanings"]:
        field, word, meaning = meaning_of(text)
        for each in _layouts(document, layout, having=field):
            each.setdefault("values", {}).setdefault(field, {})[word] = meaning
        done.append(f"{field} {word!r} is {meaning}")
    settings = ("decimal", "amount_suffix", "amount", "money", "fees", "timezone")
    for key in settings:
        if said[key] is not None:
            _set(_one(document, layout), key, said[key])
            done.append(f"{key} is {said[key]!r}")
    for pattern in said["dates"]:
        each = _one(document, layout)
        each["dates"] = [*each.get("dates", []), pattern]
        done.append(f"dates are written {pattern} too")
    for text in said["columns"]:
        field, column = _pair(text, "--column FIELD=COLUMN, such as order_id=Bilag")
        _set(_one(document, layout)["columns"], field, column)
        done.append(f"{field} is read from {column}" if column != "-" else f"{field} is not read")
    for text in said["skip"]:
        column, value = _pair(text, "--skip COLUMN=VALUE, such as Bilag=Dagsum")
        _one(document, layout).setdefault("skip", []).append({"column": column, "values": [value]})
        done.append(f"rows are left out where {column} is {value!r}")
    return done


def _set(table: Any, key: str, value: str) -> None:
    """A key of a table; `-` takes it out. A setting stands before the tables within a layout, as TOML wants it."""
    if value == "-" and key != "amount_suffix":
        table.pop(key, None)
    else:
        table[key] = value


def _layouts(document: Any, layout: str | None, having: str) -> list[Any]:
    """The layouts that were meant: the one named, else all that read a field."""
    if layout is not None or len(document["layout"]) == 1:
        return [_one(document, layout)]
    found = [each for each in document["layout"] if having in each["columns"]]
    if not found:
        raise UsageError(f"No layout of this profile reads {having}. Tell where it stands: --column {having}=COLUMN")
    return found


def _one(document: Any, layout: str | None) -> Any:
    names = [str(each["name"]) for each in document["layout"]]
    if layout is None and len(names) == 1:
        return document["layout"][0]
    if layout not in names:
        raise UsageError(f"Which kind of file? --layout with one of: {', '.join(map(repr, names))}")
    return document["layout"][names.index(layout)]


def _pair(text: str, wanted: str) -> tuple[str, str]:
    left, sign, right = text.partition("=")
    if not sign or not left.strip() or not right.strip():
        raise UsageError(f"{text!r}: write {wanted}.")
    return left.strip(), right.strip()
