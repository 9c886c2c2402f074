"""kudos-node import: reads what a ticketing system exports."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli import import_check, output
from node.errors import UsageError

if TYPE_CHECKING:
    from node.cli.import_check import Before, Standing
    from node.ingest.run import FileReport, Report
    from node.ingest.source import Source


def _share(_context: click.Context, _parameter: click.Parameter, value: str) -> float:
    match = re.fullmatch(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*%", value.strip())
    share = float(match[1].replace(",", ".")) / 100 if match else -1.0
    if not 0 <= share <= 1:
        raise click.BadParameter("write a share of the rows, such as 1% or 0.2%")
    return share


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--system",
    default="auto",
    show_default=True,
    help="The ticketing system, or a profile of your own (.toml).",
)
@click.option("--source", help="A name for this instance, where you have two of one system.")
@click.option(
    "--max-rejects",
    default="1%",
    show_default=True,
    callback=_share,
    help="The share of unreadable rows to leave out.",
)
@click.option("--accept-truncated", is_flag=True, help="Import a file that ends in the middle of a row.")
@click.option(
    "--accept-no-customers",
    is_flag=True,
    help="Import a file without customers though earlier ones had them: known sales in it lose theirs.",
)
@click.option("--anew", is_flag=True, help="Take out all that was imported before, as after a change of identity key.")
@click.option("--reject-file", type=click.Path(path_type=Path), help="Where to list rows that could not be read.")
@output.common
def command(
    files: tuple[Path, ...],
    system: str,
    source: str | None,
    max_rejects: float,
    accept_truncated: bool,
    accept_no_customers: bool,
    anew: bool,
    reject_file: Path | None,
) -> None:
    """Import exports of a ticketing system: CSV, Excel or JSON, one file or several.

    \b
    Examples:  kudos-node import sales-2025.csv
               kudos-node import customers.json sales.json events.json --system tixly
               kudos-node import export.xlsx --system my-system.toml

    Importing the same rows again changes nothing; a later state of a row (a return, a cancellation) replaces the
    earlier one. Rows that cannot be read are listed beside the first file with line, column and reason; with more than
    --max-rejects of them nothing is imported. E-mails, phone numbers and names are not stored.
    """
    from node.ingest.run import Request, import_files

    if source is not None and not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", source):
        raise UsageError("--source is a short name in small letters, digits, - and _, such as tixly-main.")
    if reject_file is not None:
        output.refuse_target(reject_file, *files)
    request = Request(files, system, source, max_rejects, accept_truncated, reject_file, anew)
    home = output.state.home
    home.settings()
    with _Progress(source, accept_no_customers=accept_no_customers) as progress:
        if not anew:
            progress.earlier = import_check.earlier(home, progress.says)
        report = import_files(home, request, progress)
        now = import_check.standing(home, progress.says)
    known = {item.path: _known(item, progress) for item in report.files}
    if output.state.as_json:
        output.emit(_json(report, now, known))
    else:
        _print(report, now, known)
        old = None if report.reject_file else import_check.old_rejects(files, reject_file)
        if old:
            output.say(old)
    for one, other, share in now.twice:
        output.complain(
            f"{output.percent(share)} of the sales of {one} or of {other} stand under both names and count twice. If "
            "these are one and the same shop, move store.duckdb out of the node's folder and import all your files "
            "anew under one --source; the budget's ledger is another file and stays."
        )


def _known(item: "FileReport", progress: "_Progress") -> "Before | None":
    """The earlier import of a file that brought nothing new."""
    if item.lines_new or item.lines_updated or not item.lines_unchanged:
        return None
    return progress.known.get(item.path)


def _json(report: "Report", now: "Standing", known: "dict[str, Before | None]") -> dict[str, Any]:
    content = report.as_json()
    for item in content["files"]:
        before = known[item["path"]]
        item |= {"imported_before": None if before is None else before.day.isoformat()}
    return content | {"sold_orders": now.orders, "identified_sold_orders": now.identified}


def _print(report: "Report", now: "Standing", known: "dict[str, Before | None]") -> None:
    from node.cli.output import count, things

    for item in report.files:
        before = known[item.path]
        if before is not None and not item.rejected:
            said = import_check.again(before, item.skipped)
            output.say(f"{Path(item.path).name}: {count(item.rows)} rows · {said}")
            continue
        parts = [f"{count(item.lines_new)} lines new"]
        parts += [f"{count(item.lines_updated)} changed"] if item.lines_updated else []
        parts += [f"{count(item.lines_unchanged)} known already"] if item.lines_unchanged else []
        parts += [f"{count(item.skipped)} left out (reservations and the like)"] if item.skipped else []
        parts += [f"{count(item.rejected)} not readable → {report.reject_file}"] if item.rejected else []
        if item.layout.startswith(("customers", "events")):
            parts = ["read", *parts[1:]]
        output.say(f"{Path(item.path).name}: {count(item.rows)} rows · " + " · ".join(parts))
    share = output.percent(now.identified / now.orders) if now.orders else "–"
    output.say(
        f"{things(report.customers, 'customer')} recognised ({share} of the orders that sold tickets) · "
        f"profiles joined: {count(report.joined)}"
    )
    if report.unmatched_returns:
        output.say(
            f"{count(report.unmatched_returns)} returned tickets without the sale that they take back: your own "
            "figures count them, a release does not. Importing the older sales settles it."
        )
    output.say("E-mails and phone numbers became keyed hashes and were not stored; columns of names were not read.")
    if not report.orders:
        output.say("There are no sales yet: import the file of orders or tickets too.")


class _Progress:
    """A bar per file on a terminal; a line per file elsewhere; nothing but errors where JSON was asked for."""

    def __init__(self, source: str | None, *, accept_no_customers: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._quiet = output.state.as_json or not sys.stderr.isatty()
        self._bar = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]} rows · {task.fields[speed]} rows/s"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=self._quiet,
            transient=True,
        )
        self._task: Any = None
        self._rows = 0
        self._source = source
        self._begun: Path | None = None
        self._accept_no_customers = accept_no_customers
        self.earlier = import_check.Earlier()
        self.known: dict[str, import_check.Before] = {}

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begins(self, source: "Source") -> None:
        """Says what the file was recognised as. Raises ImportRefused for what would count twice or be forgotten.

        Nothing of an import is kept before all of it is, so that a refusal here leaves the store as it was.
        """
        profile = source.found.profile
        name = self._source or profile.name
        if self._begun != source.path:
            layout = source.found.layout.name
            output.say(f"{source.path.name}   {profile.title} ({profile.basis} profile), {layout}; {source.written}")
            self._compare(source, name)
        self._begun = source.path
        self._rows = 0
        self._task = self._bar.add_task("reading", total=source.size, rows="0", speed="–")

    def _compare(self, source: "Source", name: str) -> None:
        digest = source.sha256()
        other = self.earlier.other(digest, name)
        if other is not None:
            import_check.refuse_twice(source.path.name, name, other)
        same = self.earlier.same(digest, name)
        if same is not None:
            self.known[str(source.path)] = same
        missing = import_check.lacks_customers(source)
        if not missing:
            return
        again = same is not None and same.newest
        if name in self.earlier.with_customers and not again and not self._accept_no_customers:
            import_check.refuse_forgetting(source.path.name, name, missing)
        output.complain(
            f"{source.path.name}: no column says who bought: {'; '.join(missing)}. Its sales are anonymous. If one "
            "of its columns has the address, copy the profile and write that column's name."
        )

    def read(self, size: int, rows: int) -> None:
        """Moves the bar."""
        if self._task is None:
            return
        self._rows += rows
        task = self._bar.tasks[self._task]
        speed = output.count(int(self._rows / task.elapsed)) if task.elapsed else "–"
        self._bar.update(self._task, advance=size, rows=output.count(self._rows), speed=speed)

    def says(self, text: str) -> None:
        """A word in between: on a terminal always, elsewhere only why nothing seems to happen."""
        if not self._quiet:
            self._bar.console.print(f"  {text}", highlight=False)
        elif "waiting" in text:
            output.complain(text)
