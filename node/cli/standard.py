"""kudos-node standard: the transaction standard, field by field."""

import json
from pathlib import Path

import click

from node.cli import output


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write datapackage.json into this folder."
)
@output.common
def command(out: Path | None) -> None:
    """Show the Kudos transaction standard: what every export becomes.

    With --json, or as a file with --out, it is a Frictionless Data Package that public tools validate against.
    """
    from node.ingest import standard

    descriptor = standard.descriptor()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        file = out / "datapackage.json"
        file.write_text(json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        output.say(f"Written: {file}")
    if output.state.as_json:
        output.emit(descriptor)
        return
    if out is None:
        output.say(
            f"Kudos transaction standard {standard.VERSION}: CSV, UTF-8, commas; times ISO 8601; amounts in NOK.\n"
        )
        for name, fields in standard.RESOURCES.items():
            rows = [
                (
                    field.name + (" *" if field.required else ""),
                    field.type,
                    field.description + (f" One of: {', '.join(field.one_of)}." if field.one_of else ""),
                )
                for field in fields
            ]
            output.table([f"{name}.csv", "type", "meaning (* = must be there)"], rows)
            output.say()
