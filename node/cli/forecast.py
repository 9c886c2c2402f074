"""kudos-node forecast: the customer-development budget."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from node.cli import output
from node.cli.output import count, percent
from node.cli.twelve_months import NEWEST, not_over, title, why_newest

if TYPE_CHECKING:
    from node.kpis.forecast import Year


class Factor(click.ParamType[Fraction]):
    """A factor: 1.1, 1,1, or +10%. Read exactly, never as a binary fraction."""

    name = "FACTOR"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """The factor that a text writes."""
        if isinstance(value, Fraction):
            return value
        text = str(value).replace(" ", "").replace(",", ".")
        change, signed = text.endswith("%"), text.startswith(("+", "-"))
        try:
            number = Fraction(text.removesuffix("%"))
        except (ValueError, ZeroDivisionError):
            number = Fraction(-1000)
        factor = 1 + number / 100 if change else number
        if change != signed or not 0 <= factor <= 100 or "/" in text or "e" in text.lower():  # 50% may mean two things
            self.fail(f"{value} is no factor. Write 1.1 or +10% for a tenth more, 0.95 or -5% for less.", param, ctx)
        return factor


def _factor(name: str, what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(f"--{name.replace('_', '-')}", name, type=Factor(), help=what)


@click.command()
@click.option(
    "--as-of", type=output.Day(), help="The last day of the outcome's twelve months (default: as `kpi` chooses it)."
)
@_factor("frequency", "Orders per customer, times FACTOR.")
@_factor("average_purchase", "Revenue per order, times FACTOR.")
@_factor("recruitment", "New customers, times FACTOR.")
@_factor("retention", "Share of customers that stay, times FACTOR; at most all of them.")
@_factor("recovery", "Share of former customers that come back, times FACTOR.")
@click.option(
    "--recovery-base",
    type=click.IntRange(min=1),
    help="How many former customers the recovered ones are a part of (default: who bought in the 36 months before, "
    "but not in the last twelve of these).",
)
@output.common
def command(as_of: date | None, recovery_base: int | None, **factors: Fraction | None) -> None:
    """Show next year's customers and revenue, if all goes on as it did and if you change something.

    The outcome is that of twelve months, of customers that are known. Next year keeps its five rates: retention,
    recruitment (new customers per customer that was there), recovery, orders per customer, and revenue per order; so
    the number of customers grows as it did. The last column multiplies the rates that you name, all else alike.

    \b
    Examples:  kudos-node forecast
               kudos-node forecast --retention +10%
               kudos-node forecast --frequency 1.2 --average-purchase 1.05

    The lifetime value here is pooled: of all customers as if they were alike. It is another figure than the customer
    portfolio's value, which is added up tier by tier: kudos-node kpi --section portfolio
    """
    from node.cli.kpi import check_days
    from node.kpis.figures import figures_of
    from node.kpis.forecast import former_customers, outcome
    from node.kpis.orders import orders_of, people_of
    from node.kpis.windows import before
    from node.store.database import opened
    from node.store.frames import Keeper, table
    from node.store.span import newest_month, today
    from privacy.bounds.windows import twelve_months_to

    check_days(as_of)
    home = output.state.home
    settings = home.settings()
    with opened(home, say=output.complain) as connection:
        keep = Keeper(connection)
        now = today(settings.timezone)
        newest = newest_month(connection, now)
        window = twelve_months_to(as_of or newest.end)
        orders = orders_of(table(connection, "sales"), table(connection, "customers"), keep)
        found = figures_of(orders, people_of(orders, window, before(window), keep), window)
        base = former_customers(orders, window) if recovery_base is None else recovery_base
    named = {name: factor for name, factor in factors.items() if factor is not None}
    year = outcome(found, base)
    years = {"outcome": year, "next_year": year.next_year(), "simulated": year.next_year().with_factors(named)}
    if note := not_over(window.last, now):
        output.complain(note)
    if output.state.as_json:
        days = {"first": window.first.isoformat(), "last": window.last.isoformat()}
        shown = {name: float(factor) for name, factor in named.items()}
        output.emit({"window": days, "factors": shown} | {name: _json(each) for name, each in years.items()})
        return
    output.say(title(settings.name, window, "" if as_of else NEWEST))
    if not as_of and (note := why_newest(newest, "kudos-node forecast")):
        output.prose(f"  {note}")
    if named:
        times = (f"{name.replace('_', ' ')} × {float(factor):g}" for name, factor in named.items())
        output.prose(f"Simulated: next year with {', '.join(times)}.")
    _print(list(years.values()), simulated=bool(named))


def _json(year: "Year") -> dict[str, int | float | None]:
    from node.kpis.ratios import half_up, number, ore

    people = ("opening", "continuing", "recovered", "new", "lost", "closing", "orders", "recovery_base")
    rates = ("retention", "recruitment", "recovery", "frequency", "duration", "net_duration")
    amounts = ("average_purchase", "revenue_per_customer", "revenue", "clv", "value")
    names = {"frequency": "purchase_frequency", "duration": "duration_years", "net_duration": "net_duration_years"}
    return (
        {name: half_up(getattr(year, name)) for name in people}
        | {names.get(name, name): number(getattr(year, name)) for name in rates}
        | {f"{name}_ore": ore(getattr(year, name)) for name in amounts}
    )


def _print(years: "list[Year]", *, simulated: bool) -> None:
    shown = years if simulated else years[:2]
    rows = [(name, *(written(year) for year in shown)) for name, written in _ROWS.items()]
    output.table(["", "outcome>", "next year>", *(["simulated>"] if simulated else [])], rows)
    output.say()
    output.prose(
        "Pooled: one revenue per customer and one retention for all. What the portfolio is worth, tier by tier, is "
        "another figure: kudos-node kpi --section portfolio"
    )
    if not simulated:
        output.prose(
            "What a change would do: --retention +10%, --recruitment, --recovery, --frequency, --average-purchase"
        )


def _people(value: Fraction) -> str:
    from node.kpis.ratios import half_up

    return count(half_up(value))


def _kroner(value: Fraction | None) -> str:
    return "–" if value is None else f"{_people(value / 100)} kr"


def _years(value: Fraction | None) -> str:
    return "–" if value is None else f"{float(value):.2f}"


_ROWS: "dict[str, Callable[[Year], str]]" = {
    "customers at the beginning": lambda year: _people(year.opening),
    "  stay": lambda year: _people(year.continuing),
    "  are lost": lambda year: _people(year.lost),
    "come back": lambda year: _people(year.recovered),
    "are new": lambda year: _people(year.new),
    "customers of the year": lambda year: _people(year.closing),
    "returning (retention)": lambda year: percent(float(year.retention), 2),
    "recovery": lambda year: percent(float(year.recovery), 2),
    "  of former customers": lambda year: _people(year.recovery_base),
    "years as a customer": lambda year: _years(year.duration),
    "  with who comes back": lambda year: _years(year.net_duration),
    "orders per customer": lambda year: f"{float(year.frequency):.2f}",
    "revenue per order": lambda year: _kroner(year.average_purchase),
    "revenue per customer": lambda year: _kroner(year.revenue_per_customer),
    "revenue": lambda year: _kroner(year.revenue),
    "pooled lifetime value (CLV)": lambda year: _kroner(year.clv),
    "  times all customers": lambda year: _kroner(year.value),
}
