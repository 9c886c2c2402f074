"""What an import brought, for people and for programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.cli import import_check, output
from node.cli.output import count, things

if TYPE_CHECKING:
    from node.cli.import_check import Before
    from node.ingest.run import FileReport, Report, Request

_MOST_REASONS = 20


def show(report: "Report", request: "Request", earlier: "dict[str, Before]") -> None:
    """Prints the report. `earlier` has by its path the earlier import of a file that was in the store already."""
    known = {item.path: _known(item, earlier) for item in report.files}
    if output.state.as_json:
        output.emit(_json(report, request, known))
    else:
        _print(report, request, known)
        old = None if report.reject_file or request.dry_run or not request.files else import_check.old_rejects(request)
        if old:
            output.say(old)
    for item in report.files:
        before = earlier.get(item.path)
        if item.lines_updated and before is not None and not before.newest:  # else a profile has changed, and no sale
            output.complain(import_check.went_back(item, before))
        if item.grown:
            output.complain(import_check.grown(item, dry_run=request.dry_run))
        if item.no_emails > item.emails / 2:
            output.complain(import_check.no_emails(item))
    for one, other, share in report.standing.twice:
        output.complain(_twice(report, request, f"{output.percent(share)} of the sales of {one} or of {other}"))
    if not (report.can_be_undone or request.dry_run):
        output.complain(
            "There was no room on the disk for a copy of the store, so this import cannot be undone. Make room there."
        )


def _twice(report: "Report", request: "Request", sales: str) -> str:
    """What is said of sales that stand under two names, and the way out: first the one that costs least."""
    if request.dry_run:
        return (
            f"{sales} would stand under both names and would count twice. If these are one and the same shop, import "
            "under the name that it has already (--source)."
        )
    undo = (
        "and this import brought them, take it back with kudos-node undo, and import under the name that the shop has "
        "already (--source). If they have stood there for longer, "
        if report.can_be_undone
        else ""
    )
    return (
        f"{sales} stand under both names and count twice. If these are one and the same shop, {undo}import all your "
        "files anew in one command: kudos-node import --anew FILES --source NAME. The budget's ledger is another file "
        "and stays."
    )


def _known(item: "FileReport", earlier: "dict[str, Before]") -> "Before | None":
    """The earlier import of a file that brought nothing new."""
    if item.lines_new or item.lines_updated or not item.lines_unchanged:
        return None
    return earlier.get(item.path)


def _json(report: "Report", request: "Request", known: "dict[str, Before | None]") -> dict[str, Any]:
    content = report.as_json()
    for item in content["files"]:
        before = known[item["path"]]
        item |= {"imported_before": None if before is None else before.day.isoformat()}
    now = report.standing
    return content | {
        "sold_orders": now.orders,
        "identified_sold_orders": now.identified,
        "dry_run": request.dry_run,
    }


def _print(report: "Report", request: "Request", known: "dict[str, Before | None]") -> None:
    for item in report.files:
        before = known[item.path]
        if before is not None and not item.rejected:
            said = import_check.again(before, item.skipped)
            output.say(f"{Path(item.path).name}: {count(item.rows)} rows · {said}")
            continue
        output.say(f"{Path(item.path).name}: {count(item.rows)} rows · " + " · ".join(_parts(item, report)))
    now = report.standing
    share = output.percent(now.identified / now.orders) if now.orders else "–"
    output.say(
        f"{things(report.customers, 'customer')} recognised ({share} of the orders that sold tickets) · "
        f"profiles joined: {count(report.joined)}"
    )
    if report.likely is not None:
        output.say(
            f"{things(report.likely, 'customer')} likely another one under a second address: kudos-node kpi --likely "
            "shows your own figures so. No release knows of it."
        )
    if report.unmatched_returns:
        output.say(
            f"{count(report.unmatched_returns)} returned tickets without the sale that they take back: your own "
            "figures count them, a release does not. Importing the older sales settles it."
        )
    if request.dry_run:
        _say_rejects(report)
    rows = sum(item.rows for item in report.files)
    speed = f" ({count(round(rows / report.seconds))} rows/s)" if report.seconds > 0 else ""
    output.say(f"{count(rows)} rows in {report.seconds:.1f} s{speed}. What your data are like: kudos-node quality")
    if request.dry_run:
        output.say("That was a dry run: nothing was changed. Without --dry-run it would be as above.")
        return
    output.say("E-mails and phone numbers became keyed hashes and were not stored; columns of names were not read.")
    if not report.orders:
        output.say("There are no sales yet: import the file of orders or tickets too.")


def _say_rejects(report: "Report") -> None:
    """Where the first rows stand that could not be read, and why: a dry run writes no list of them."""
    from node.ingest import rejects

    shown = rejects.first(report.rejected)
    for each in shown:
        column = f', column "{each["column"]}"' if each["column"] else ""
        value = f'"{each["shape_of_value"]}" ' if each["shape_of_value"] else ""
        output.say(f"  {each['file']}, line {each['line']}{column}: {value}{each['reason']}")
    if sum(len(part.rejects) for part in report.rejected) > len(shown):
        for each in rejects.reasons(report.rejected)[:_MOST_REASONS]:
            column = f'column "{each["column"]}": ' if each["column"] else ""
            output.say(f"  {things(each['rows'], 'row')} in all: {column}{each['reason']}")


def _parts(item: "FileReport", report: "Report") -> list[str]:
    where = f" → {report.reject_file}" if report.reject_file else ""
    parts = ["read" if item.layout.startswith(("customers", "events")) else f"{count(item.lines_new)} lines new"]
    parts += [f"{count(item.lines_updated)} changed"] if item.lines_updated else []
    parts += [f"{count(item.lines_unchanged)} known already"] if item.lines_unchanged else []
    parts += [f"{count(item.skipped)} left out (reservations and the like)"] if item.skipped else []
    parts += [f"{count(item.rejected)} not readable{where}"] if item.rejected else []
    return parts
