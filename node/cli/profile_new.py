"""kudos-node profile new: a profile for an export that nobody knows, proposed column by column."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli import output, profile_adding, profile_asking
from node.errors import ProfileIncomplete, UsageError

if TYPE_CHECKING:
    from node.ingest.profile import Profile, Template
    from node.ingest.propose.draft import Answers, Draft
    from node.ingest.propose.look import Look
    from node.ingest.propose.preview import Preview
    from node.ingest.readers.table import Table


_LETTERS = str.maketrans("æøåäöü", "aoaaou")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="The profile's short name, for ever: small letters, digits, - and _.")
@click.option("--title", help="What people call the system.")
@click.option(
    "--system", help="The template to complete, such as hoopla: its name is kept, and its words are looked for."
)
@click.option("--accept", is_flag=True, help="Take the proposal and write it, without asking.")
@click.option("--set", "columns", multiple=True, metavar="COLUMN=FIELD", help="This column is that field; - for none.")
@click.option("--value", "meanings", multiple=True, metavar="FIELD.WORD=MEANING", help="Such as state.Oppgjort=paid.")
@click.option("--resource", type=click.Choice(["order_lines", "orders", "customers", "events"]), help="What a row is.")
@click.option("--decimal", type=click.Choice([",", "."]), help="The sign that begins the decimals of amounts.")
@click.option("--day-first/--month-first", default=None, help="The order in dates such as 03/04/2025.")
@click.option("--dates", multiple=True, metavar="PATTERN", help="How dates are written, such as '%d.%m.%y %H.%M'.")
@click.option("--amount", type=click.Choice(["line", "unit"]), help="Amounts are the row's, or of one ticket of it.")
@click.option("--fees", metavar="COLUMN", help="What the amount contains that is no ticket's price; - for none.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it (default: the node's profiles).")
@click.option("--replace", "replaces", is_flag=True, help="Write over a profile that is there.")
@output.common
def command(file: Path, **said: Any) -> None:
    """Look at an export and propose how to read it: which column is what, and why.

    \b
    On a terminal you are asked what the file does not tell:
        kudos-node profile new sales-2025.csv
    Without one:
        kudos-node profile new sales-2025.csv --json
        kudos-node profile new sales-2025.csv --accept --set Bilag=order_id --value state.Oppgjort=paid

    Ten rows are shown as they would be imported, and nothing is imported. Names, addresses and codes are not read;
    what may say who somebody is, is shown masked. CSV, Excel (.xlsx, .xls, .ods) and JSON.
    """
    from node.ingest.propose.draft import draft
    from node.ingest.propose.look import looks
    from node.ingest.propose.opening import opened

    base = _template(said["system"])
    template = _hints(base)
    table = opened(file, template)
    columns = looks(table)
    answers = _answers(said)
    made = _draft(draft, table, columns, answers, template)
    asked = sys.stdin.isatty() and not output.state.as_json and not said["accept"]
    if not output.state.as_json:
        profile_asking.show(table, made)
    if asked:
        made = profile_asking.settled(made, answers, lambda more: _draft(draft, table, columns, more, template))
    name = _name(said["name"], base, file)
    title = said["title"] or (base.title if base is not None else name.capitalize())
    text, preview = _tried(table, made, name, title)
    target = _target(said["out"], name)
    if not output.state.as_json:
        profile_asking.show_rest(made, preview)
    useless = preview is not None and preview.tried > 0 and preview.taken == 0
    writes = said["accept"] or asked
    is_named = said["name"] is not None or base is not None
    added = None
    if writes and not made.missing and not said["replaces"]:
        added = profile_adding.added(target, name, file, made, is_named=is_named)
    if asked and preview is not None:
        warning = "No row can be read with it. " if useless else ""
        where = f"Write it to {target}" if added is None else profile_adding.question(added, target)
        click.confirm(f"{warning}{where}?", default=not useless, abort=True)
    if writes:
        if preview is not None and useless and not asked:
            _refuse_useless(preview, made)
        text = text if added is None else added.text
        _write(target, text, made)
    if output.state.as_json:
        output.emit(_json(table, made, text, preview, target if writes else None))
    elif writes:
        wrote = f"Written: {target}" if added is None else profile_adding.done(added, target)
        profile_asking.say_how_to_go_on(file, target, name, wrote, is_own=said["out"] is None and _is_node())
    else:
        raise ProfileIncomplete(
            "Nothing was written: there is no terminal to ask at. Write it as proposed with --accept, or correct it "
            "with --set COLUMN=FIELD first."
        )


@dataclass(frozen=True)
class Tried:
    """What a profile made of an export's first rows."""

    name: str
    preview: "Preview"

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return _preview_json(self.preview)

    def say(self) -> None:
        """For people."""
        profile_asking.show_preview(self.preview)


def zone() -> str:
    """The institution's time zone; Norway's where there is no node yet."""
    return output.state.home.settings().timezone if _is_node() else "Europe/Oslo"


def _is_node() -> bool:
    return output.state.home.settings_file.exists()


def _template(name: str | None) -> "Profile | None":
    from node.ingest.profile import find

    if name is None:
        return None
    if name == "auto":
        raise UsageError("--system names the system to complete, such as hoopla: see kudos-node systems.")
    return find(name, output.state.home.profiles)[0]


def _hints(base: "Profile | None") -> "Template | None":
    """What is known of a system before its first export; of one that was completed too, for another kind of file."""
    from node.ingest.profile import shipped

    if base is None or base.template is not None or base.name not in shipped():
        return None if base is None else base.template
    return shipped()[base.name].template


def _answers(said: Mapping[str, Any]) -> "Answers":
    from node.ingest.propose.draft import Answers

    meanings: dict[str, dict[str, str]] = {}
    for text in said["meanings"]:
        field, word, meaning = meaning_of(text)
        meanings.setdefault(field, {})[word] = meaning
    order = {True: "day", False: "month", None: None}[said["day_first"]]
    return Answers(
        said["resource"],
        dict(_pair(text) for text in said["columns"]),
        meanings,
        said["decimal"],
        order,
        tuple(said["dates"]),
        said["amount"],
        said["fees"],
    )


def _pair(text: str) -> tuple[str, str]:
    column, sign, field = text.rpartition("=")
    if not sign or not column.strip() or not field.strip():
        raise UsageError(f"--set {text!r}: write COLUMN=FIELD, such as Bilag=order_id, or Selger=- for none.")
    return column.strip(), field.strip()


def meaning_of(text: str) -> tuple[str, str, str]:
    """The field, the word and its meaning of `FIELD.WORD=MEANING`. Raises UsageError."""
    found = re.fullmatch(r"([a-z_]+)\.(.+)=([a-z_]+)", text.strip())
    if found is None:
        raise UsageError(f"--value {text!r}: write FIELD.WORD=MEANING, such as state.Oppgjort=paid.")
    return found[1], found[2], found[3]


def _draft(draft: Any, table: "Table", columns: "Sequence[Look]", answers: "Answers", template: Any) -> "Draft":
    from node.ingest.propose.draft import Refused

    try:
        made: Draft = draft(table, columns, answers, template)
    except Refused as error:
        raise UsageError(str(error)) from error
    return made


def _name(said: str | None, base: "Profile | None", file: Path) -> str:
    """The profile's name: the one that was said, the template's, or what the file is called without its dates."""
    from node.ingest.profile import shipped

    if said is not None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", said):
            raise UsageError("--name is a short name in small letters, digits, - and _, such as billettluka.")
        return said
    if base is not None:
        return base.name
    plain = file.stem.casefold().translate(_LETTERS)
    name = re.sub(r"[^a-z]+", "-", plain).strip("-")[:40] or "own-system"
    return f"own-{name}"[:40] if name in shipped() or name == "auto" else name


def _tried(table: "Table", made: "Draft", name: str, title: str) -> "tuple[str, Preview | None]":
    """The profile's text, and what it makes of the first rows; no preview where something is missing."""
    from node.ingest.profile import parse
    from node.ingest.propose.preview import preview
    from node.ingest.propose.written import profile_text

    rests_on = (
        f"Proposed on {date.today():%Y-%m-%d} from the header and the first rows of an export of ours, "  # noqa: DTZ011
        "and looked at by us."
    )
    text = profile_text(name, title, rests_on, made)
    if made.matched.lacking:
        return text, None
    return text, preview(table, parse(text, f"{name}.toml"), zone())


def _target(out: Path | None, name: str) -> Path:
    from node.ingest.propose.adding import file_of

    if out is not None:
        return out
    return file_of(name, output.state.home.profiles) if _is_node() else Path(f"{name}.toml")


def _write(target: Path, text: str, made: "Draft") -> None:
    if made.missing:
        wanted = "; ".join(f"{question.text} ({question.option})" for question in made.missing)
        raise ProfileIncomplete(f"Nothing was written, for the file does not tell: {wanted}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode())


def _refuse_useless(preview: "Preview", made: "Draft") -> None:
    """Refuses to write what reads no row, unless something is missing: then that is what is to be said."""
    if made.missing:
        return
    why = "; ".join(profile_asking.reasons(preview, most=3)) or "all of them are left out"
    raise ProfileIncomplete(
        f"Nothing was written, for no row can be read with it ({output.things(preview.tried, 'row')} tried): {why}. "
        "Say what the file does not tell, and try again: --dates PATTERN for dates, --decimal for amounts, "
        "--value FIELD.WORD=MEANING for words, --set COLUMN=FIELD for columns."
    )


def _json(table: "Table", made: "Draft", text: str, preview: "Preview | None", written: Path | None) -> dict[str, Any]:
    return {
        "file": table.path.name,
        "written": table.written,
        "resource": made.matched.resource,
        "columns": [
            {
                "column": column.header,
                "field": column.field,
                "reason": column.reason,
                "sure": column.sure,
                "samples": profile_asking.samples(column),
            }
            for column in made.matched.columns
        ],
        "questions": [
            {
                "about": question.about,
                "text": question.text,
                "choices": dict(question.choices),
                "option": question.option,
                "needed": question.needed,
            }
            for question in made.questions
        ],
        "remarks": list(made.remarks),
        "preview": None if preview is None else _preview_json(preview),
        "toml": text,
        "profile_file": None if written is None else str(written),
    }


def _preview_json(preview: "Preview") -> dict[str, Any]:
    return {
        "rows": [dict(zip(preview.columns, row, strict=True)) for row in preview.rows],
        "tried": preview.tried,
        "taken": preview.taken,
        "left_out": preview.left_out,
        "rejected": len(preview.rejects),
        "reasons": [
            {"line": first.line, "column": first.column, "reason": first.reason, "value": first.value, "rows": count}
            for first, count in preview.commonest()
        ],
    }
