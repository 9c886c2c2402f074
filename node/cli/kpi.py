"""kudos-node kpi: the institution's own figures, exactly."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.twelve_months import NEWEST, day, not_over, why_newest
from node.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from node.home import Home
    from node.kpis.report import Report, Section
    from node.kpis.windows import Period
    from privacy.bounds.windows import Window

# As `node.kpis` has them, which takes time to load that --help need not.
SECTIONS = ("portfolio", "migration", "rfm", "customers", "orders", "tickets", "performances", "crossed")
PERIODS = ("month", "quarter", "season", "year")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option(
    "--as-of",
    type=output.Day(),
    help="The last day of the twelve months (default: the end of the newest whole month).",
)
@click.option("--from", "first", type=output.Day(), help="Any other window: its first day.")
@click.option("--to", "last", type=output.Day(), help="Its last day (default: the end of the newest whole month).")
@click.option("--by", type=click.Choice(PERIODS), help="A series of whole periods; a season is August to July.")
@click.option(
    "--section",
    "sections",
    type=click.Choice((*SECTIONS, "all")),
    multiple=True,
    metavar="SECTION",
    help="Show SECTION instead of the first screen; may be repeated.",
)
@click.option("--likely", is_flag=True, help="Count who is likely one person as one (see `import --join-likely`).")
@click.option("--csv", "csv_file", type=_FILE, help="Write every figure to a file for spreadsheets, one a row.")
@click.option("--parquet", "parquet_file", type=_FILE, help="The same for data frames.")
@output.common
def command(
    as_of: date | None,
    first: date | None,
    last: date | None,
    by: str | None,
    sections: tuple[str, ...],
    csv_file: Path | None,
    parquet_file: Path | None,
    likely: bool,
) -> None:
    """Show your own key figures of twelve months, exactly, beside those of the year before.

    By itself it looks at the newest whole month that you have sales of, and the eleven before it: one that is over, of
    which an import came later, and whose sales do not end sooner than yours otherwise do. The first lines say which
    months are shown and why. `review` and `release` go by the calendar, to the last month that is over.

    Customers, flows and frequency count customers that are known; tickets and revenue are net of returns.

    \b
    Sections:  portfolio     value tiers: retention, lifetime value, what your customers are worth
               migration     who moved between tiers, came and was lost
               rfm           how recently, how often and for how much customers bought
               customers     by age, gender, county, culture segment, frequency, and flow
               orders        by month, weekday, channel, basket size, and lead time
               tickets       by ticket type and price
               performances  occupancy; by genre, weekday, and time of day
               crossed       two at a time, such as age and county
               all           all of these

    \b
    Examples:  kudos-node kpi --section portfolio
               kudos-node kpi --by season
               kudos-node kpi --from 2025-09-01 --to 2025-09-30 --section tickets
               kudos-node kpi --csv figures.csv

    A window of other than twelve months has no retention and no lifetime value: nobody is lost in a month. What each
    figure means: docs/kpis.md
    """
    from node.cli import kpi_screen
    from node.kpis.as_json import report_json
    from node.kpis.report import Asked, report_of
    from node.kpis.windows import Period
    from node.store.database import opened
    from node.store.span import newest_month, today

    for file in (csv_file, parquet_file):
        if file is not None:
            output.refuse_target(file)
    check_days(as_of, first, last)
    home = output.state.home
    settings = home.settings()
    period = Period(by) if by else None
    wanted = _sections(sections, everything=csv_file is not None or parquet_file is not None)
    with opened(home, say=output.complain) as connection:
        if likely:
            _join_likely(connection, home)
        now = today(settings.timezone)
        newest = newest_month(connection, now)
        window = _window(first, as_of or last or newest.end)
        span = _span(connection, period, window, bounded=first is not None) if period else None
        report = report_of(connection, settings.timezone, Asked(window, wanted, period, span, likely))
    if note := not_over(window.last, now):
        output.complain(note)
    if output.state.as_json:
        output.emit(report_json(report) | {"likely": likely})
    else:
        reasons = [
            *(() if as_of or first or last else (NEWEST,)),
            *(("who is likely one person counts as one",) if likely else ()),
        ]
        why = ", ".join(reasons)
        note = "" if as_of or last else why_newest(newest, "kudos-node kpi")
        kpi_screen.show(settings.name, why, note, report, wanted if sections else [], period)
    _write(report, csv_file, parquet_file)


def check_days(as_of: date | None, first: date | None = None, last: date | None = None) -> None:
    """Raises UsageError for days that make no window."""
    from node.kpis.windows import EARLIEST, LATEST

    if as_of and (first or last):
        raise click.UsageError("--as-of is the last day of twelve months. For another window: --from and --to alone.")
    for each in (as_of, first, last):
        if each and not EARLIEST <= each <= LATEST:
            raise click.UsageError(f"{each} is outside the years {EARLIEST.year} to {LATEST.year}. Name another day.")


def _join_likely(connection: "DuckDBPyConnection", home: "Home") -> None:
    """Has likely persons count as one on a connection. Raises UsageError."""
    from node.likely.kept import joined_sales

    if not joined_sales(connection, home, home.identity_chain().commitment()):
        raise UsageError(
            "Nobody is known to be likely another customer. Import your exports with --join-likely first; after "
            "`forget`, `retain` or a new identity key that is needed again."
        )


def _window(first: date | None, last: date) -> "Window":
    from privacy.bounds.windows import Window, twelve_months_to

    if first is None:
        return twelve_months_to(last)
    if first > last:
        raise click.UsageError(
            f"The window would begin on {day(first)} and end before it, on {day(last)}. Name a later day: --to"
        )
    return Window(first, last)


def _span(connection: "DuckDBPyConnection", by: "Period", window: "Window", *, bounded: bool) -> "Window":
    """The days of a series: those named, or from the period of the oldest sale to the window's end."""
    from node.kpis.windows import begin
    from node.store.span import oldest_day
    from privacy.bounds.windows import Window

    if bounded:
        return window
    oldest = oldest_day(connection)
    return Window(begin(by, min(oldest or window.first, window.last)), window.last)


def _sections(named: tuple[str, ...], *, everything: bool) -> "list[Section]":
    from node.kpis.report import Section

    chosen = SECTIONS if "all" in named or (everything and not named) else named
    return [section for section in Section if section in chosen]


def _write(report: "Report", csv_file: Path | None, parquet_file: Path | None) -> None:
    if csv_file is None and parquet_file is None:
        return
    from node.home import write_private
    from node.kpis.as_rows import as_csv, as_parquet, rows_of

    rows = rows_of(report)
    for file, written in ((csv_file, as_csv), (parquet_file, as_parquet)):
        if file is not None:
            write_private(file, written(rows))
            output.say(f"Written: {file} ({output.things(len(rows), 'figure')})")
