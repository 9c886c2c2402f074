"""kudos-node kpi: the institution's own figures, exactly."""

from datetime import date
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.output import count, kroner, percent
from node.cli.twelve_months import day, title
from node.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from node.home import Home
    from node.kpis.figures import Figures


@click.command()
@click.option(
    "--as-of",
    type=output.Day(),
    help="The last day of the twelve months (default: the end of the newest whole month).",
)
@click.option("--likely", is_flag=True, help="Count who is likely one person as one (see `import --join-likely`).")
@output.common
def command(as_of: date | None, likely: bool) -> None:
    """Show your own key figures of twelve months, exactly, beside those of the year before.

    By itself it looks at the newest whole month that you have sales of, and the eleven before it; `review` and
    `release` go by the calendar, to the last month that is over. The first line says which months are shown.

    Customers, flows and frequency count customers that are known; tickets and revenue are net of returns.
    """
    from node.kpis.figures import figures
    from node.store.database import opened
    from node.store.frames import Keeper, table
    from node.store.span import newest_month_end, today
    from privacy.bounds.windows import year_before

    home = output.state.home
    settings = home.settings()
    with opened(home, say=output.complain) as connection:
        last = as_of or newest_month_end(connection, today(settings.timezone))
        keep = Keeper(connection)
        prefix = _likely(connection, home) if likely else ""
        sales, customers = table(connection, f"{prefix}sales"), table(connection, f"{prefix}customers")
        now = figures(sales, customers, last, keep)
        before = figures(sales, customers, year_before(now.window).last, keep)
    if output.state.as_json:
        output.emit(_json(now))
    else:
        _print(title(settings.name, now.window, "" if as_of else "your newest whole months of sales"), now, before)


def _likely(connection: "DuckDBPyConnection", home: "Home") -> str:
    """Has likely persons count as one; the beginning of the names of the tables to read. Raises UsageError."""
    from node.likely.kept import joined_sales

    if not joined_sales(connection, home, home.identity_chain().commitment()):
        raise UsageError(
            "Nobody is known to be likely another customer. Import your exports with --join-likely first; after "
            "`forget`, `retain` or a new identity key that is needed again."
        )
    return "likely_"


def _json(now: "Figures") -> dict[str, object]:
    return {
        "window": {"first": now.window.first.isoformat(), "last": now.window.last.isoformat()},
        "customers": now.customers,
        "orders": now.orders,
        "tickets": now.tickets,
        "revenue_ore": now.revenue_ore,
        "anonymous_orders": now.anonymous_orders,
        "flows": now.flows,
        "retention": now.retention,
        "duration_years": now.duration_years,
        "frequency_bands": now.frequency_bands,
        "first_timer_share": now.first_timer_share,
        "purchase_frequency": now.purchase_frequency,
        "average_purchase_ore": now.average_purchase_ore,
        "revenue_per_customer_ore": now.revenue_per_customer_ore,
        "average_ticket_price_ore": now.average_ticket_price_ore,
        "tickets_per_order": now.tickets_per_order,
        "complimentary_tickets": now.complimentary_tickets,
        "complimentary_share": now.complimentary_share,
        "identified_share": now.identified_share,
    }


def _print(first_line: str, now: "Figures", before: "Figures") -> None:
    if not now.orders and not before.orders:
        output.say(
            f"There are no sales from {day(before.window.first)} to {day(now.window.last)}. Import an export "
            "(kudos-node import FILE…), or look at another time with --as-of."
        )
        return
    output.say(first_line)
    rows = [
        _number("customers", now.customers, before.customers),
        _share("returning (retention)", now.retention, before.retention),
        _share("first-timers", now.first_timer_share, before.first_timer_share),
        _plain("years as a customer", now.duration_years, before.duration_years, 1),
        _plain("orders per customer", now.purchase_frequency, before.purchase_frequency, 2),
        _number("orders", now.orders, before.orders),
        _share("  with a known customer", now.identified_share, before.identified_share),
        _number("tickets", now.tickets, before.tickets),
        _plain("  per order", now.tickets_per_order, before.tickets_per_order, 2),
        _share("  complimentary", now.complimentary_share, before.complimentary_share),
        _money("revenue", now.revenue_ore, before.revenue_ore),
        _money("  per customer", now.revenue_per_customer_ore, before.revenue_per_customer_ore),
        _money("  per order", now.average_purchase_ore, before.average_purchase_ore),
        _money("  per paying ticket", now.average_ticket_price_ore, before.average_ticket_price_ore),
    ]
    output.table(["", "these months>", ">", "a year before>"], rows)
    output.say()
    output.table(
        ["customers by flow>", "new>", "continuing>", "recovered>", "lost>"],
        [("", *(count(now.flows[flow]) for flow in ("new", "continuing", "recovered", "lost")))],
    )
    output.table(
        ["customers by orders>", "1>", "2–4>", "5–7>", "8+>"],
        [
            ("", *(count(now.frequency_bands[band]) for band in ("1", "2-4", "5-7", "8+"))),
            (
                "",
                *(percent(_part(now.frequency_bands[band], now.customers)) for band in ("1", "2-4", "5-7", "8+")),
            ),
        ],
    )


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _number(name: str, now: int, before: int) -> tuple[str, str, str, str]:
    return name, count(now), _change(now, before), count(before)


def _money(name: str, now: float | None, before: float | None) -> tuple[str, str, str, str]:
    return name, _kroner(now), _change(now, before), _kroner(before)


def _kroner(ore: float | None) -> str:
    return "–" if ore is None else kroner(ore)


def _change(now: float | None, before: float | None) -> str:
    if not before or now is None:
        return ""
    change = 100 * (now - before) / before
    return "=" if abs(change) < 0.5 else f"{'▲' if change > 0 else '▼'} {abs(change):.0f} %"


def _share(name: str, now: float | None, before: float | None) -> tuple[str, str, str, str]:
    change = ""
    if now is not None and before is not None:
        points = 100 * (now - before)
        change = "=" if abs(points) < 0.5 else f"{'▲' if points > 0 else '▼'} {abs(points):.1f} points"
    return name, percent(now, 1), change, percent(before, 1)


def _plain(name: str, now: float | None, before: float | None, decimals: int) -> tuple[str, str, str, str]:
    shown = ["–" if value is None else f"{value:.{decimals}f}" for value in (now, before)]
    return name, shown[0], _change(now, before), shown[1]
