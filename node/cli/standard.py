"""kudos-node standard: the transaction standard, field by field, and a sample of it."""

import json
from pathlib import Path
from typing import Any

import click

from node.cli import output


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write datapackage.json into this folder, and a sample with it into the folder sample within.",
)
@click.option("--bokmal", is_flag=True, help="Say what the fields mean in bokmål.")
@output.common
def command(out: Path | None, bokmal: bool) -> None:
    """Show the Kudos transaction standard: what every export becomes.

    With --json, or as a file with --out, it is a Frictionless Data Package that public tools validate against. Check
    files of your own with `kudos-node validate`.
    """
    from node.ingest import datapackage

    descriptor = datapackage.descriptor()
    if out is not None:
        _write(out, descriptor)
        output.say(f"Written: {out / _NAME}, and a sample in {out / 'sample'}")
        output.say(
            f"Try a public validator on the sample:  frictionless validate {out / 'sample' / _NAME}\n"
            f"The first is for files of your own: put order_lines.csv, customers.csv and events.csv beside it."
        )
    if output.state.as_json:
        output.emit(descriptor)
    elif out is None:
        _show(bokmal=bokmal)


_NAME = "datapackage.json"


def _write(out: Path, descriptor: dict[str, Any]) -> None:
    """Writes the descriptor, and once more beside the sample, so that a public tool finds the sample's files by it."""
    from node.ingest import datapackage

    text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    (out / "sample").mkdir(parents=True, exist_ok=True)
    for file in (out / _NAME, out / "sample" / _NAME):
        file.write_text(text, encoding="utf-8")
    for name, content in datapackage.sample().items():
        (out / "sample" / name).write_bytes(content)


def _show(*, bokmal: bool) -> None:
    from node.ingest import standard

    output.say(f"Kudos transaction standard {standard.VERSION}: CSV, UTF-8, commas; times ISO 8601; amounts in NOK.\n")
    for name, fields in standard.RESOURCES.items():
        rows = [
            (
                field.name + (" *" if field.required else ""),
                field.type,
                (field.bokmal if bokmal else field.description)
                + (f" {'Ett av' if bokmal else 'One of'}: {', '.join(field.one_of)}." if field.one_of else ""),
            )
            for field in fields
        ]
        heads = ("type", "betydning (* = må være med)") if bokmal else ("type", "meaning (* = must be there)")
        output.table([f"{name}.csv", *heads], rows)
        output.say()
