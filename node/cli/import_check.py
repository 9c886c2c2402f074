"""What an import is compared with: files that came before, customers that are known, sales that stand there twice."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from node.cli.output import count, things
from node.errors import ImportRefused
from node.store import history
from node.store.history import Before as Before
from node.store.history import Earlier as Earlier

if TYPE_CHECKING:
    from node.home import Home
    from node.ingest.run import FileReport, Request
    from node.ingest.source import Source

_WHO = ("customer_key", "email", "phone")


def earlier(home: "Home", say: Callable[[str], None]) -> Earlier:
    """What the store of a node holds; nothing where there is none yet. `say` is told when waiting begins."""
    from node.store.database import opened

    if not home.store_file.exists():
        return Earlier()
    with opened(home, say=say) as connection:
        return history.earlier(connection)


def is_known(home: "Home", path: Path, source: str | None) -> bool:
    """Whether a file is in the store as it is, and has not been replaced by a later one: reading it changes nothing."""
    from node.ingest.source import digest_of

    files = earlier(home, lambda _: None).files.get(digest_of(path), ())
    return any(before.newest and source in (None, before.source) for before in files)


def lacks_customers(source: "Source") -> list[str]:
    """The columns that would say who bought, where a layout has such columns and a file none of them."""
    found = source.found
    missing = [text for text in found.absent if text.startswith(_WHO)]
    return missing if missing and len(missing) == len([name for name in _WHO if name in found.layout.columns]) else []


def columns_of_sales(source: "Source") -> list[str]:
    """The columns for an order's number and an amount, where a file that was read as one of customers has both."""
    from node.ingest import standard
    from node.ingest.propose import headers

    if source.found.layout.resource != standard.CUSTOMERS:
        return []
    found = [
        next((header for header in source.unread if headers.score("order_lines", field, header) == 1), None)
        for field in ("order_id", "amount")
    ]
    return [header for header in found if header is not None] if all(found) else []


def no_sales(source: "Source", columns: Sequence[str]) -> str:
    """What is said of a file of sales that only a layout of customers fits."""
    one, other = columns
    return (
        f"{source.path.name} was read as a list of customers, and no sale of it, though it has the columns {one!r} and "
        f"{other!r}. If it is a file of sales, say how they are written, and import it again: kudos-node profile new "
        f"{source.path.name} --name {source.found.profile.name}"
    )


def refuse_twice(path_name: str, name: str, before: Before) -> None:
    """Raises ImportRefused: the same file is in the store under another source, and would count twice."""
    raise ImportRefused(
        f"{path_name} is in the store already: the same file was imported on {_day(before.day)} as the source "
        f"{before.source}, and as {name} its {count(before.lines)} sales would count twice. Nothing was imported. "
        f"To import it again as what it is: --source {before.source}. If {before.source} was the wrong name: "
        "kudos-node undo, if that was the last import; else import all your files anew in one command, with "
        f"kudos-node import --anew FILES --source {name}. The budget's ledger is another file and stays."
    )


def refuse_forgetting(path_name: str, name: str, missing: list[str]) -> None:
    """Raises ImportRefused: a file without customers would take them from sales that are known."""
    raise ImportRefused(
        f"{path_name} has no column that says who bought ({'; '.join(missing)}), and earlier files of {name} had: "
        "sales that are known already would lose their customers. Nothing was imported. Export it again with that "
        "column. If none of its sales came with customers before, or they shall be forgotten: --accept-no-customers"
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def went_back(item: "FileReport", before: Before) -> str:
    """What is said of a file that was there before newer ones, and now has the last word once more."""
    return (
        f"{Path(item.path).name} was imported already on {_day(before.day)}, and files that came later had changed "
        f"{things(item.lines_updated, 'line')} of it: these are again as in this older file, with no return that came "
        "since. The file that is imported last counts. If that was not meant: kudos-node undo, or import the newer "
        "file once more."
    )


def grown(item: "FileReport", *, dry_run: bool) -> str:
    """What is said where sales may stand beside what they were before they changed."""
    way_out = "" if dry_run else "kudos-node undo, and then "
    return (
        f"{Path(item.path).name}: {things(item.grown, 'known order')} got sales, and had others that are not in this "
        "file. It has no column for a line's number, so that a sale whose price has changed counts beside what it was. "
        f"If these are changes, and not tickets that were added: {way_out}one export of everything, with kudos-node "
        "import --anew FILES. Better still is an export with the lines' numbers."
    )


def no_emails(item: "FileReport") -> str:
    """What is said where most of what stands in the column for e-mails is no address."""
    return (
        f"{Path(item.path).name}: of {things(item.emails, 'cell')} looked at in the column for e-mails "
        f"{count(item.no_emails)} {'is' if item.no_emails == 1 else 'are'} no address, and nobody is known by them. "
        "Look whether the addresses stand in another column: kudos-node profile set NAME --column email=COLUMN says in "
        "which. Then import the file again."
    )


def again(before: Before, left_out: int) -> str:
    """What is said of a file that was there and brought nothing."""
    said = f"imported already on {_day(before.day)}; nothing changed"
    if left_out == before.left_out:
        return said + (f" ({count(left_out)} left out, as then)" if left_out else "")
    return f"{said} ({count(left_out)} left out; {count(before.left_out)} then)"


def old_rejects(request: "Request") -> str | None:
    """What to say, after an import that has read every row, of a list of unreadable ones that lies beside its file."""
    from node.ingest.rejects import reject_file as beside

    listed = request.reject_file or beside(request.files[0])
    return f"{listed} is of an earlier import: every row was readable now." if listed.exists() else None
