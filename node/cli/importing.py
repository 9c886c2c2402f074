"""kudos-node import: reads what a ticketing system exports."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.errors import UsageError

if TYPE_CHECKING:
    from node.ingest.database import Database
    from node.ingest.run import Request

PASSWORD_VARIABLE = "KUDOS_SQL_PASSWORD"  # noqa: S105  the name of a variable, and no password


def _share(_context: click.Context, _parameter: click.Parameter, value: str) -> float:
    match = re.fullmatch(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*%", value.strip())
    share = float(match[1].replace(",", ".")) / 100 if match else -1.0
    if not 0 <= share <= 1:
        raise click.BadParameter("write a share of the rows, such as 1% or 0.2%")
    return share


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
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
@click.option("--dry-run", is_flag=True, help="Read and compare everything, say what would happen, change nothing.")
@click.option(
    "--join-likely",
    is_flag=True,
    help="Note who is likely one person under two addresses, for `kpi --likely` alone (needs kudos[splink]).",
)
@click.option("--watch", type=click.Path(path_type=Path), help="Import every export that appears in this folder.")
@click.option(
    "--settle",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    help="With --watch: seconds that a file must not have changed.",
)
@click.option("--sql", metavar="URL", help="Read your own database, by the query in the profile of --system.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help=f"With --sql: a file with the password (or set {PASSWORD_VARIABLE}).",
)
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
    dry_run: bool,
    join_likely: bool,
    watch: Path | None,
    settle: float,
    sql: str | None,
    password_file: Path | None,
) -> None:
    """Import exports of a ticketing system: CSV, Excel or JSON; files, folders or patterns.

    \b
    Examples:  kudos-node import sales-2025.csv
               kudos-node import exports/ 'older/sales-*.csv'
               kudos-node import customers.json sales.json events.json --system tixly
               kudos-node import export.xlsx --system my-system.toml --dry-run
               kudos-node import --watch exports/
               kudos-node import --sql postgresql://reader@db.example.no/tickets --system my-system.toml

    Importing the same rows again changes nothing; a later state of a row (a return, a cancellation) replaces the
    earlier one. Rows that cannot be read are listed beside the first file with line, column and reason; with more than
    --max-rejects of them nothing is imported. E-mails, phone numbers and names are not stored.

    All files of one import get in together or not at all, and `kudos-node undo` takes the last import back. --watch
    takes each file by itself, once, when it is whole; stop it with Ctrl-C or SIGTERM, and it goes on where it was when
    it is started again. --sql only reads; the password is never a word of the command.

    --join-likely compares telephone numbers, addresses, postcodes and years of birth of the customers of this import,
    in memory, and notes whose profiles are likely one person's. It is a guess: `kudos-node kpi --likely` shows your own
    figures with it, and nothing that is released ever knows of it.
    """
    from node.ingest.gather import gather
    from node.ingest.run import Request

    _check_words(files, source, reject_file, watch, sql, anew=anew, dry_run=dry_run, password_file=password_file)
    output.state.home.settings()
    request = Request(
        gather(files),
        system,
        source,
        max_rejects,
        accept_truncated,
        reject_file,
        anew,
        dry_run,
        None if sql is None else _database(sql, password_file),
        join_likely,
    )
    if watch is not None:
        _watch(request, watch, settle, accept_no_customers=accept_no_customers)
        return
    _import(request, accept_no_customers=accept_no_customers)


def _check_words(
    files: tuple[Path, ...],
    source: str | None,
    reject_file: Path | None,
    watch: Path | None,
    sql: str | None,
    *,
    anew: bool,
    dry_run: bool,
    password_file: Path | None,
) -> None:
    """Raises UsageError for words that do not go together."""
    if source is not None and not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", source):
        raise UsageError("--source is a short name in small letters, digits, - and _, such as tixly-main.")
    if watch is not None and (files or sql or anew or dry_run):
        raise UsageError(
            "--watch takes files as they come: name no file with it, and neither --sql, --anew nor --dry-run."
        )
    if not (files or watch or sql):
        raise UsageError(
            "Name what to import: FILES, a folder or a pattern in quotes; or --watch FOLDER, or --sql URL."
        )
    if password_file is not None and sql is None:
        raise UsageError("--password-file goes with --sql.")
    if reject_file is not None:
        output.refuse_target(reject_file, *files)


def _database(url: str, password_file: Path | None) -> "Database":
    from node.ingest.database import Database

    password = os.environ.get(PASSWORD_VARIABLE)
    if password_file is not None:
        try:
            password = password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise UsageError(
                f"{password_file} cannot be read. --password-file takes a text file of one line."
            ) from None
    return Database.at(url, password)


def _import(request: "Request", *, accept_no_customers: bool) -> None:
    from node.cli import import_check, import_report
    from node.cli.import_progress import Progress
    from node.ingest.run import import_files

    home = output.state.home
    with Progress(request.source, accept_no_customers=accept_no_customers) as progress:
        if not request.anew:
            progress.earlier = import_check.earlier(home, progress.says)
        report = import_files(home, request, progress)
    import_report.show(report, request, progress.known)


def _watch(request: "Request", folder: Path, settle_s: float, *, accept_no_customers: bool) -> None:
    """Looks until stopped. What a file is refused for is said once; what this machine refuses is tried again."""
    from node.cli import import_check
    from node.errors import ImportRefused, NodeError
    from node.ingest.watch import Watch
    from node.stopping import Stop

    watch, stop, said = Watch(output.state.home, folder, settle_s), Stop(), ""
    stop.listen()
    output.say(f"Watching {watch.folder}. Stop with Ctrl-C.")
    while not stop.wait(0):
        for path in watch.whole():
            was_refused = False
            try:
                if import_check.is_known(output.state.home, path, request.source):
                    output.say(f"{path.name}: imported already; nothing to do")
                else:
                    _import(replace(request, files=[path]), accept_no_customers=accept_no_customers)
            except ImportRefused as refused:
                was_refused = True
                again = "It will be tried again when it has changed, or when a profile of your own has."
                output.refuse(refused.reason, f"{refused}\n{again}")
            except NodeError as error:
                if str(error) != said:
                    output.complain(f"{error} Trying again until it works.")
                said = str(error)
                continue
            said = ""
            watch.done(path, refused=was_refused)
            if stop.wait(0):
                break
        stop.wait(min(settle_s / 2, 5.0))
    output.say("Stopped; the next watch goes on from here.")
