"""kudos-node report: the dashboard's pages as one file."""

from pathlib import Path

import click

from node.cli import output

# As `node.dashboard.pages.index` has them, which takes time to load that --help need not.
PAGES = (
    "overview",
    "money",
    "loyalty",
    "value",
    "audience",
    "segments",
    "tickets",
    "year",
    "cross-use",
    "development",
    "events",
    "insights",
    "self-assessment",
    "quality",
    "privacy",
)


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write: .html for a browser, .pdf for paper.",
)
@click.option("--language", type=click.Choice(["nb", "en"]), default="nb", show_default=True, help="Of the report.")
@click.option("--round", "round_name", default="", metavar="ROUND", help="Beside this benchmark (default: the newest).")
@click.option("--cohort", default="", help='Beside this cohort, such as "industry:museum" (default: your narrowest).')
@click.option("--page", "pages", type=click.Choice(PAGES), multiple=True, help="This page alone; may be repeated.")
@output.viewer
@output.common
def command(out: Path, language: str, round_name: str, cohort: str, pages: tuple[str, ...], viewer: str | None) -> None:
    """Write the dashboard's pages as one file to print or to hand to a board.

    The file has your own exact figures in it: it is yours to give to whom you trust.

    \b
    Examples:  kudos-node report --out styret.pdf
               kudos-node report --out board.html --language en --page overview --page loyalty
    """
    from node.dashboard import report
    from node.dashboard.asked import Asked
    from node.dashboard.house import NEEDS, House
    from node.dashboard.language import language as language_of
    from node.home import write_private

    form = out.suffix.lower()
    if form not in (".html", ".pdf"):
        raise click.UsageError(f"{out} is to end with .html or .pdf, which says what is written.")
    output.refuse_target(out)
    house = House(output.state.home, *output.viewing(viewer))
    known = [each.name for each in house.sector().tables]
    if round_name and round_name not in known:
        raise click.UsageError(f"There is no benchmark of round {round_name!r} here. There is: {', '.join(known)}")
    view = house.view(Asked(round_name, cohort), language_of(language), NEEDS)
    if cohort and (view.against is None or view.against.cohort != cohort):
        raise click.UsageError(f"There is no cohort {cohort!r} in that benchmark. See: kudos-node benchmark")
    found = report.pages_of(view, pages)
    written = report.as_pdf(view, found) if form == ".pdf" else report.as_html(view, found).encode()
    write_private(out, written)
    if output.state.as_json:
        output.emit({"file": str(out), "pages": [page.key for page in found]})
        return
    output.say(f"Written: {out} ({output.things(len(found), 'page')} of figures). Only you can read it.")
