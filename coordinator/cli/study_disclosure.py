"""kudos-coordinator study disclosure: a study for the public registry of deployments of differential privacy."""

from datetime import date
from pathlib import Path

import click

from coordinator.cli import output


@click.command("disclosure")
@click.argument("study")
@click.option("--region", default="Norway", show_default=True, help="What region the data are of.")
@click.option("--published", type=output.Day(), required=True, help="The day of the first publication.")
@click.option("--author", "authors", multiple=True, required=True, help="Who writes the record down; may be repeated.")
@click.option("--source", default="", help="Where to read more, such as a link.")
@click.option("--output", "-o", "file", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@output.common
def command(study: str, region: str, published: date, authors: tuple[str, ...], source: str, file: Path | None) -> None:
    """Write the privacy disclosure of STUDY in the form of the OpenDP deployments registry (YAML).

    \b
    Example:  kudos-coordinator study disclosure benchmark-year --published 2026-03-02 --author "Kari Nordmann"

    The curator is this coordinator. It is a draft: read it before you hand it in.
    """
    import yaml

    from coordinator.rounds.studies import read
    from privacy.studies.disclosure import Publisher, record

    with output.office() as office:
        curator = office.settings.name
    made = record(read(study).study, Publisher(curator, region, published, authors, source))
    if output.state.as_json:
        output.emit(made)
        return
    text = yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=10_000)
    if file is None:
        click.echo(text, nl=False)
        return
    file.write_text(text, encoding="utf-8")
    output.say(f"{file}: a draft of {made['url_slug']}. Read it before you hand it in.")
