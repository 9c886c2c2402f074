"""What `kudos-node kpi` shows: a first screen of key figures, and sections for who asks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.cli import kpi_sections, output
from node.cli.output import count, kroner, percent
from node.cli.twelve_months import day, title

if TYPE_CHECKING:
    from fractions import Fraction

    from node.kpis.report import Report, Section
    from node.kpis.series import Point
    from node.kpis.windows import Period

_FLOWS = ("new", "continuing", "recovered", "lost")
_BANDS = {"1": "1", "2-4": "2–4", "5-7": "5–7", "8+": "8+"}


def show(name: str, why: str, note: str, report: "Report", sections: "Sequence[Section]", by: "Period | None") -> None:
    """Prints a report: the sections that were named, a series, or else the first screen.

    why, note: why it is of these months, in the first line and in a line of its own.
    """
    now, before = report.now, report.before
    if not now.orders and not before.orders and not report.series:
        output.say(
            f"There are no sales from {day(before.window.first)} to {day(now.window.last)}. Import an export "
            "(kudos-node import FILE…), or look at another time with --as-of."
        )
        return
    output.say(title(name, now.window, why))
    if note:
        output.prose(f"  {note}")
    if now.orders and now.orders == now.anonymous_orders:
        output.prose(
            "  Every sale of these months is anonymous: what counts customers is 0, and what is told of them a dash. "
            "Exports that say who bought (an e-mail, a phone or a customer number) have it; see kudos-node quality"
        )
    if by is not None:
        _series(report.series, by)
    for section in sections:
        kpi_sections.show(section, report)
    if by is None and not sections:
        _first_screen(report)


def _first_screen(report: "Report") -> None:
    now, before = report.now, report.before
    rows = [
        _number("customers", now.customers, before.customers),
        _share("returning (retention)", now.retention, before.retention),
        _share("first-timers", now.first_timer_share, before.first_timer_share),
        _share("  came again in a year", now.rebooking_share, before.rebooking_share),
        _plain("years as a customer", now.duration_years, before.duration_years, 1),
        _plain("orders per customer", now.purchase_frequency, before.purchase_frequency, 2),
        _money("portfolio value (tiers)", _float(report.portfolio.value), _float(report.portfolio_before.value)),
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
    flows = [now.flows.get(flow) for flow in _FLOWS]
    output.table(
        ["customers by flow>", *(f"{flow}>" for flow in _FLOWS)],
        [("", *("–" if number is None else count(number) for number in flows))],
    )
    bands = [now.frequency_bands[band] for band in _BANDS]
    shares = [percent(number / now.customers if now.customers else None) for number in bands]
    output.table(
        ["customers by orders>", *(f"{shown}>" for shown in _BANDS.values())],
        [("", *map(count, bands)), ("", *shares)],
    )
    output.say()
    output.prose(
        "More: --section portfolio, customers, tickets … (--help lists all); --by month, quarter, season, year."
    )


def _series(series: "Sequence[Point]", by: "Period") -> None:
    if not series:
        output.say(f"No whole {by} lies within these days. Name more of them: --from and --to")
        return
    yearly = by.months == 12
    columns = [by.value, "customers>", "first-timers>", *(["returning>"] if yearly else []), "orders>", "tickets>"]
    rows = []
    for point in series:
        each = point.figures
        returning = [percent(each.retention, 1)] if yearly else []
        shown = [count(each.customers), percent(each.first_timer_share, 1), *returning]
        rows.append((point.label, *shown, count(each.orders), count(each.tickets), kroner(each.revenue_ore)))
    output.table([*columns, "revenue>"], rows)


def _float(value: "Fraction | None") -> float | None:
    return None if value is None else float(value)


def _number(name: str, now: int, before: int) -> tuple[str, str, str, str]:
    return name, count(now), _change(now, before), count(before)


def _money(name: str, now: float | None, before: float | None) -> tuple[str, str, str, str]:
    return name, _kroner(now), _change(now, before), _kroner(before)


def _kroner(ore: float | None) -> str:
    return "–" if ore is None else kroner(ore)


def _change(now: float | None, before: float | None) -> str:
    if not before or before < 0 or now is None:
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
