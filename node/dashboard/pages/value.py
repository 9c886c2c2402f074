"""Flows, value tiers, migration, lifetime value, and the forecast."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from node.dashboard import names
from node.dashboard.charts.kinds import Bars, Flows, Heat, Point, Ribbon, Stop, Unit
from node.dashboard.figures import written
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.pages.parts import shares
from node.dashboard.pages.tiers import tiers_of_cohort
from node.dashboard.view import View, why_no_own
from node.kpis.forecast import FACTORS, Year
from node.kpis.portfolio import ENTERING, LOST
from privacy.catalogue.dimensions import TIERS


def value(view: View) -> Page:
    """The page."""
    _ = view.language
    blocks: tuple[Block, ...] = (
        _moves(view),
        _tiers(view),
        *tiers_of_cohort(view),
        _worth(view),
        _forecast(view),
        _rfm(view),
    )
    if view.published("value_band", "customers"):
        title = _("What customers spend in twelve months")
        blocks = (*blocks, shares(view, "value_band", "customers", key="bands", title=title))
    return Page("value", _("Value and forecast"), _headline(view), blocks)


def _headline(view: View) -> str:
    _ = view.language
    if view.own is None:
        return _("What customers are worth over the years: known to each institution about its own.")
    worth = view.own.now["portfolio_value_ore"]
    if worth is None:
        return _("Not enough years are imported to say what your customers are worth.")
    return _("Over the years that they stay, today’s customers are worth about {amount}.", amount=_.about(worth))


def _moves(view: View) -> Block:
    """Who moved between tiers, came and was lost, as a flow chart."""
    _ = view.language
    title = _("Where customers came from, and where they went")
    if view.own is None:
        return Block("moves", title, empty=why_no_own(view))
    moved: dict[str, dict[str, int]] | None = view.own.now["migration"]
    if not moved or not any(number for row in moved.values() for number in row.values()):
        return Block(
            "moves",
            title,
            empty=Empty(
                _("Nobody bought in the twelve months before, as far as your imports go back."),
                _("Import the year before too, and you see who stayed, rose, fell and was lost."),
                "kudos-node import salg.csv",
            ),
        )
    origins, goals = (*TIERS, *reversed(ENTERING)), (*TIERS, LOST)
    # The ends are told apart by their names: those on the right are of this year.
    name = {each: names.category(_, "tier", each).partition(" (")[0].capitalize() for each in (*origins, *goals)}
    from_ = {each: sum(moved[each].values()) for each in origins}
    to = {each: sum(moved[origin].get(each, 0) for origin in origins) for each in goals}
    stops = [Stop(name[each], "left", from_[each], f"{name[each]}: {_.number(from_[each])}") for each in origins]
    stops += [Stop(name[each], "right", to[each], f"{name[each]}: {_.number(to[each])}") for each in goals]
    ribbons = [
        Ribbon(name[origin], name[goal], number, f"{name[origin]} → {name[goal]}: {_.number(number)}")
        for origin in origins
        for goal in goals
        if (number := moved[origin].get(goal, 0)) > 0
    ]
    heads = (_("The year before"), _("These months"))
    rows = tuple(
        (
            Value(name[origin]),
            *(Value(_.number(moved[origin].get(goal, 0)), moved[origin].get(goal, 0)) for goal in goals),
        )
        for origin in origins
    )
    risen = sum(moved[o][g] for o in TIERS for g in TIERS if TIERS.index(g) < TIERS.index(o))
    fallen = sum(moved[o][g] for o in TIERS for g in TIERS if TIERS.index(g) > TIERS.index(o))
    said = _(
        "{risen} customers rose to a better tier, {fallen} fell, {lost} were lost, {new} are new.",
        risen=_.number(risen),
        fallen=_.number(fallen),
        lost=_.number(to[LOST]),
        new=_.number(from_["new"]),
    )
    chart = Flows(title, heads, tuple(stop for stop in stops if stop.size), tuple(ribbons))
    return Block("moves", title, said, chart, Table((_("From … to"), *(name[goal] for goal in goals)), rows))


def _tiers(view: View) -> Block:
    _ = view.language
    title = _("Value tiers")
    if view.own is None:
        return Block("tiers", title, empty=why_no_own(view))
    tiers: dict[str, dict[str, Any]] = view.own.now["tiers"]
    whole = sum(each["revenue_ore"] for each in tiers.values()) or 1
    rows = []
    for key in TIERS:
        each = tiers[key]
        rows.append(
            (
                Value(names.category(_, "tier", key)),
                Value(_.number(each["customers"]), each["customers"]),
                Value(_.percent(each["revenue_ore"] / whole, 1), each["revenue_ore"] / whole),
                Value(_.kroner(each["revenue_per_customer_ore"]), each["revenue_per_customer_ore"]),
                Value(_.percent(each["retention"], 1), each["retention"]),
                Value(_.number(each["duration_years"], 1), each["duration_years"]),
                Value(_.kroner(each["clv_ore"]), each["clv_ore"]),
                Value(_.kroner(each["clv_total_ore"]), each["clv_total_ore"]),
            )
        )
    heads = (
        _("Tier"),
        _("Customers"),
        _("Share of revenue"),
        _("Revenue per customer"),
        _("Returning"),
        _("Years as a customer"),
        _("Lifetime value each"),
        _("Lifetime value together"),
    )
    best = tiers["super"]["revenue_ore"] / whole
    said = _("Your best 5 % of customers bring {share} of the revenue of known customers.", share=_.percent(best))
    return Block("tiers", title, said, table=Table(heads, tuple(rows)))


def _worth(view: View) -> Block:
    """Lifetime value by tier, these months beside the year before."""
    _ = view.language
    title = _("What the tiers are worth")
    if view.own is None:
        return Block("worth", title, empty=why_no_own(view))
    series = (_("These months"), _("A year before"))
    points = [
        Point(names.category(_, "tier", key), said, float(worth), _.kroner(worth))
        for said, figures in zip(series, (view.own.now, view.own.before), strict=True)
        for key in TIERS
        if (worth := figures["tiers"][key]["clv_total_ore"]) is not None
    ]
    if not points:
        return Block(
            "worth",
            title,
            empty=Empty(
                _("A tier's lifetime value needs the year before: how many of its customers stayed."),
                _("Import older exports."),
                "kudos-node import salg.csv",
            ),
        )
    known = tuple(name for name in series if any(point.series == name for point in points))
    rows = tuple((Value(point.category), Value(point.series), Value(point.text, point.value)) for point in points)
    table = Table((_("Tier"), _("Months"), _("Lifetime value together")), rows)
    return Block("worth", title, chart=Bars(title, "kr", known, tuple(points)), table=table)


def _forecast(view: View) -> Block:
    """Next year if all goes on, and if something changes: the sliders' settings."""
    _ = view.language
    title = _("Forecast")
    if view.own is None:
        return Block("forecast", title, empty=why_no_own(view))
    year = _outcome(view)
    if year is None:
        return Block(
            "forecast",
            title,
            empty=Empty(
                _("Nobody bought in the twelve months before, so there is nothing to go on from."),
                _("Import the year before too."),
                "kudos-node import salg.csv",
            ),
        )
    following = year.next_year()
    factors = {name: Fraction(view.factors.get(name, 100), 100) for name in FACTORS}
    changed = following.with_factors({name: factor for name, factor in factors.items() if factor != 1})
    years = {_("These months"): year, _("Next year"): following, _("With the changes"): changed}
    points = tuple(
        Point(label, _("Revenue of known customers"), float(each.revenue), _.kroner(float(each.revenue)))
        for label, each in years.items()
    )
    rows = [
        (Value(name), *(Value(written(_, number(each), unit), number(each)) for each in years.values()))
        for name, unit, number in _lines(view)
    ]
    gain = float(changed.revenue - following.revenue)
    said = _("If all goes on as it did, next year brings {amount}.", amount=_.kroner(float(following.revenue)))
    if gain:
        more = _("With your changes it is {amount} more.") if gain > 0 else _("With your changes it is {amount} less.")
        said = f"{said} {more.format(amount=_.kroner(abs(gain)))}"
    chart = Bars(title, "kr", (_("Revenue of known customers"),), points)
    return Block("forecast", title, said, chart, Table(("", *years), tuple(rows)), part="forecast")


def _lines(view: View) -> tuple[tuple[str, Unit, Callable[[Year], float]], ...]:
    """What the forecast's table tells of a year; amounts in øre."""
    _ = view.language
    return (
        (_("Customers at the beginning"), "count", lambda year: float(year.opening)),
        (_("Stay"), "count", lambda year: float(year.continuing)),
        (_("Come back"), "count", lambda year: float(year.recovered)),
        (_("New"), "count", lambda year: float(year.new)),
        (_("Customers of the year"), "count", lambda year: float(year.closing)),
        (_("Orders per customer"), "number", lambda year: float(year.frequency)),
        (_("Average purchase"), "kr", lambda year: float(year.average_purchase)),
        (_("Revenue of known customers"), "kr", lambda year: float(year.revenue)),
    )


def _outcome(view: View) -> Year | None:
    """What the window came to; None where nobody was there to stay or be lost."""
    assert view.own is not None  # noqa: S101  asked before
    now = view.own.now
    flows = now["flows"]
    if flows["lost"] is None or flows["continuing"] + flows["lost"] == 0:
        return None
    opening, known = flows["continuing"] + flows["lost"], now["orders"] - now["anonymous_orders"]
    base = max(view.own.former, flows["recovered"])
    return Year(
        opening=Fraction(opening),
        retention=Fraction(flows["continuing"], opening),
        recruitment=Fraction(flows["new"], opening),
        recovery=Fraction(flows["recovered"], max(1, base)),
        recovery_base=Fraction(base),
        frequency=Fraction(known, max(1, now["customers"])),
        average_purchase=Fraction(now["identified_revenue_ore"], max(1, known)),
    )


def _rfm(view: View) -> Block:
    """Recency and frequency of customers, on scales of five."""
    _ = view.language
    title = _("How recently and how often")
    if view.own is None or not view.own.rfm:
        return Block("rfm", title, empty=why_no_own(view) or Empty(_("No known customer bought in these months."), ""))
    scale = range(5, 0, -1)
    number = {(r, f): 0 for r in scale for f in scale}
    for each in view.own.rfm:
        number[each["recency"], each["frequency"]] += each["customers"]
    labels = {5: _("5 (best)"), 1: _("1 (least)")}
    rows = tuple(_("recent {score}", score=labels.get(r, r)) for r in scale)
    columns = tuple(_("often {score}", score=labels.get(f, f)) for f in scale)
    cells = tuple(
        (rows[i], columns[j], float(number[r, f]), _.number(number[r, f]))
        for i, r in enumerate(scale)
        for j, f in enumerate(scale)
    )
    body = tuple(
        (Value(rows[i]), *(Value(_.number(number[r, f]), number[r, f]) for f in scale)) for i, r in enumerate(scale)
    )
    note = _("Who bought recently and often is at the upper left; who has not been back for long, at the bottom.")
    return Block("rfm", title, note, Heat(title, "count", rows, columns, cells), Table(("", *columns), body))
