"""The first screen: one sentence, the tiles that the user has chosen, one chart with a band."""

from dataclasses import dataclass

from node.dashboard import names
from node.dashboard.charts.kinds import Lines, Point
from node.dashboard.figures import (
    KEY_FIGURES,
    SUMS,
    KeyFigure,
    difference,
    unit_of,
    with_margin,
    written,
)
from node.dashboard.model import Block, Mark, Page, Table, Value
from node.dashboard.pages.parts import compared, shares, theirs
from node.dashboard.view import View, margin, mark_of, why_no_cohort, why_no_own
from privacy.estimate.body import Cell

_SPARK_WIDTH, _SPARK_HEIGHT = 120, 28
_TELLING = (
    "retention",
    "revenue_per_customer_ore",
    "average_ticket_price_ore",
    "first_timer_share",
    "purchase_frequency",
)
"""Of these the first that differs from the cohort by more than noise is the sentence on top."""


@dataclass(frozen=True)
class Tile:
    """A key figure at a glance. Texts are empty where there is nothing of theirs; `spark` is the points of a line."""

    figure: KeyFigure
    label: str
    own: str
    theirs: str
    difference: str
    mark: Mark
    compared: str
    trend: str
    trend_up: bool | None
    why: str
    spark: str = ""


def overview(view: View) -> Page:
    """The page without its tiles, which its template has."""
    _ = view.language
    where = "" if view.who is None else f"{names.table(_, view.who[0])}: {names.category(_, *view.who)}"
    blocks = [_course(view)]
    if view.own is None and view.against is None:
        blocks = [Block("nothing", _("Nothing to show yet"), empty=why_no_own(view))]
        blocks.append(Block("no-cohort", _("Nobody to compare with yet"), empty=why_no_cohort(view)))
    elif (missing := why_no_cohort(view)) is not None:
        blocks.append(Block("no-cohort", _("Nobody to compare with yet"), empty=missing))
    elif view.own is None and not view.viewer:
        blocks.append(Block("no-own", _("Your own figures are missing"), empty=why_no_own(view)))
    return Page("overview", _("Overview"), where or headline(view), tuple(blocks))


def headline(view: View) -> str:
    """What stands out, in one sentence; for a viewer, what is shown."""
    _ = view.language
    if view.against is None:
        return _("Your own figures, exactly. They stay on this machine.") if view.own else _("Welcome to Kudos.")
    if view.own is None:
        return _(
            "{cohort}: {members} institutions. No figure here is of a single one.",
            cohort=view.cohort_name,
            members=view.against.members,
        )
    for measure in _TELLING:
        beside = view.beside("totals", "all", measure)
        mark = mark_of(beside)
        if beside is None or beside.own is None or mark not in ("above", "below"):
            continue
        unit = unit_of(measure)
        values = {
            "figure": _(KEY_FIGURES[measure].label),
            "own": written(_, beside.own, unit),
            "theirs": with_margin(_, float(beside.cell.value or 0), margin(beside.cell), unit),
            "cohort": view.the_cohort,
        }
        if measure == "retention":
            if mark == "above":
                return _("You kept more of last year’s audience than {cohort}: {own} against {theirs}.", **values)
            return _("You kept less of last year’s audience than {cohort}: {own} against {theirs}.", **values)
        if mark == "above":
            return _("{figure} is higher with you than for {cohort}: {own} against {theirs}.", **values)
        return _("{figure} is lower with you than for {cohort}: {own} against {theirs}.", **values)
    return _("You are like {cohort}: no difference is larger than the noise.", cohort=view.the_cohort)


def tiles(view: View) -> tuple[Tile, ...]:
    """The chosen tiles, in their order; of a group of the audience those that it has."""
    table, category = view.who or ("totals", "all")
    return tuple(_tile(view, KEY_FIGURES[key], table, category) for key in view.preferences.tiles)


def _tile(view: View, figure: KeyFigure, table: str, category: str) -> Tile:
    _ = view.language
    unit = unit_of(figure.key)
    beside = view.beside(table, category, figure.key)
    own = view.own_cell(table, category, figure.key)
    shown, why = _theirs(view, beside.cell if beside else None)
    mark = mark_of(beside)
    apart = ""
    if mark and own is not None and beside is not None and beside.cell.value is not None:
        apart = difference(_, own, float(beside.cell.value), unit)
    trend, up = _trend(view, figure.key, own) if view.who is None else ("", None)
    return Tile(
        figure=figure,
        label=_(figure.label),
        own=written(_, own, unit),
        theirs=shown,
        difference=apart,
        mark=mark,
        compared=compared(view, mark) if mark else "",
        trend=trend,
        trend_up=up,
        why=why,
        spark=_spark(view, figure.key) if view.who is None else "",
    )


def _theirs(view: View, cell: Cell | None) -> tuple[str, str]:
    """The cohort's figure with its uncertainty, per member for sums; or why there is none."""
    _ = view.language
    if view.against is None:
        return "", ""
    if cell is None:
        return "", _("The benchmark does not have this figure.")
    if cell.value is None:
        return "", names.reason(_, cell.reason)
    return theirs(view, cell).text, _unreliable(view, cell)


def _unreliable(view: View, cell: Cell) -> str:
    _ = view.language
    return _("Unreliable: the uncertainty is large beside the figure.") if cell.status == "unreliable" else ""


def _trend(view: View, measure: str, own: float | None) -> tuple[str, bool | None]:
    """The own figure against a year before, and where there is an earlier benchmark, the cohort's too."""
    _ = view.language
    unit = unit_of(measure)
    if own is not None and view.own is not None:
        before = view.own.before.get(measure)
        if before:
            up = None if own == before else own > before
            return _("{change} on the year before", change=difference(_, own, float(before), unit)), up
    now = view.against.cell("totals", "all", measure) if view.against else None
    then = view.earlier.cell("totals", "all", measure) if view.earlier else None
    if now is not None and then is not None and now.value is not None and then.value is not None:
        change = difference(_, float(now.value), float(then.value), unit)
        return _("{change} on the year before", change=change), float(now.value) > float(then.value)
    return "", None


def _spark(view: View, measure: str) -> str:
    """The own figure of the last years, or months where it has a meaning in a month, as points of a line."""
    if view.own is None:
        return ""
    yearly = measure not in (*SUMS, "average_ticket_price_ore")
    values = [point.get(measure) for point in (view.own.years if yearly else view.own.months[-24:])]
    known = [float(value) for value in values if value is not None]
    if len(known) < 2 or max(known) == min(known):
        return ""
    low, span = min(known), max(known) - min(known)
    step = (_SPARK_WIDTH - 4) / (len(known) - 1)
    return " ".join(
        f"{2 + at * step:.1f},{_SPARK_HEIGHT - 3 - (value - low) / span * (_SPARK_HEIGHT - 6):.1f}"
        for at, value in enumerate(known)
    )


def _course(view: View) -> Block:
    """The year's course: the share of orders month by month, own beside the cohort's with its band."""
    _ = view.language
    title = _("The year’s course")
    if view.against is not None and view.against.categories("month"):
        return shares(view, "month", "orders", key="course", title=title, along=True)
    if view.own is None:
        return Block("course", title, empty=why_no_own(view))
    points = tuple(
        Point(_month(view, str(each["period"])), view.you, float(each["orders"]), _.number(each["orders"]))
        for each in view.own.months
    )
    rows = tuple((Value(point.category), Value(point.text, point.value)) for point in points)
    said = _("Orders month by month")
    chart = Lines(said, "count", (view.you,), points)
    return Block("course", title, f"{said}.", chart, Table((_("Month"), _("Orders")), rows))


def _month(view: View, period: str) -> str:
    year, month = period.split("-")
    return f"{view.language.month_name(int(month))} {year}"
