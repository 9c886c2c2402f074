"""Frequency and loyalty."""

from datetime import date

from node.dashboard.charts.kinds import Lines, Point
from node.dashboard.figures import with_margin
from node.dashboard.model import Block, Page, Table, Value
from node.dashboard.pages.audience import crossed_of_cohort
from node.dashboard.pages.parts import by_category, figures_table, shares
from node.dashboard.view import View, margin, why_no_own

_WANTED = ("retention", "first_timer_share", "purchase_frequency", "duration_years", "customers")


def loyalty(view: View) -> Page:
    """The page."""
    _ = view.language
    blocks = (
        figures_table(view, _WANTED, key="figures", title=_("At a glance")),
        _years(view),
        shares(view, "frequency_band", "customers", key="frequency", title=_("How often customers buy")),
        shares(
            view, "flow", "customers", key="flow", title=_("Where this year’s customers come from"), leave_out=("lost",)
        ),
        _again(view),
        *crossed_of_cohort(view, "flow-age_band", "flow-age-cohort"),
        *_by_age(view),
        by_category(view, "age_band", "purchase_frequency", key="age", title=_("Orders per customer by age")),
    )
    return Page("loyalty", _("Frequency and loyalty"), _("Who comes back, and how often."), blocks)


def _years(view: View) -> Block:
    """Retention year by year, with the cohort's of the benchmarks that there are."""
    _ = view.language
    title = _("Returning, year by year")
    points = []
    if view.own is not None:
        for each in view.own.years:
            if each["retention"] is not None:
                label = _.month(date.fromisoformat(str(each["period"])))
                points.append(Point(label, view.you, each["retention"], _.percent(each["retention"], 1)))
    for against in (view.earlier, view.against):
        cell = against.cell("totals", "all", "retention") if against else None
        if against is not None and cell is not None and cell.value is not None:
            value, side = float(cell.value), margin(cell)
            low, high = (None, None) if side is None else (float(cell.low or 0), float(cell.high or 0))
            label = _.month(against.published.benchmark.window.last)
            points.append(Point(label, view.cohort_name, value, with_margin(_, value, side, "share"), low, high))
    if not points:
        return Block("years", title, empty=why_no_own(view))
    series = tuple(dict.fromkeys(point.series for point in points))
    rows = tuple((Value(p.category), Value(p.series), Value(p.text, p.value)) for p in points)
    heads = (_("Twelve months to"), "", _("Returning"))
    note = _("A year needs the sales of the year before: import older exports to see more years.")
    return Block("years", title, "", Lines(title, "share", series, tuple(points)), Table(heads, rows), (note,))


def _by_age(view: View) -> tuple[Block, ...]:
    """Retention by age, where the benchmark crosses the two."""
    _ = view.language
    if not view.published("age_band", "retention"):
        return ()
    return (by_category(view, "age_band", "retention", key="age-retention", title=_("Returning, by age")),)


def _again(view: View) -> Block:
    _ = view.language
    title = _("Do first-timers come again?")
    if view.own is None:
        return Block("again", title, empty=why_no_own(view))
    now = view.own.now
    if now["rebooking_share"] is None:
        return Block(
            "again", title, _("Nobody was new in the year before these months, as far as your imports go back.")
        )
    said = _(
        "Of {newcomers} who were new in the year before, {rebooked} bought again within twelve months: {share}.",
        newcomers=_.number(now["newcomers"]),
        rebooked=_.number(now["rebooked"]),
        share=_.percent(now["rebooking_share"], 1),
    )
    return Block("again", title, said)
