"""Blocks that several pages have: a table's shares, and a key figure category by category, own beside the cohort's."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.dashboard import names
from node.dashboard.charts.kinds import Bars, Chart, Lines, Point
from node.dashboard.figures import KEY_FIGURES, OF_CATEGORIES, SUMS, unit_of, with_margin, written
from node.dashboard.language import NOTHING
from node.dashboard.model import Block, Empty, Mark, Table, Value
from node.dashboard.view import View, margin, mark_of, why_no_cohort, why_no_own
from privacy.estimate.body import Cell
from privacy.estimate.figure import Figure, independent_sum
from privacy.estimate.ratios import share

MARKS = {"above": "▲", "below": "▼", "level": "≈", "": ""}


_FEWEST = 2
"""Categories that must be shown for one to be a part of something."""


@dataclass(frozen=True)
class Part:
    """A category's part of a whole: of the cohort with its interval, and of the own figures."""

    category: str
    own: float | None
    own_share: float | None
    theirs: float | None
    low: float | None
    high: float | None
    cell: Cell | None

    @property
    def mark(self) -> Mark:
        """How the own part stands to the cohort's."""
        if self.own_share is None or self.low is None or self.high is None:
            return ""
        if self.own_share > self.high:
            return "above"
        return "below" if self.own_share < self.low else "level"

    @property
    def margin(self) -> float | None:
        """The longer side of the interval."""
        if self.theirs is None or self.low is None or self.high is None:
            return None
        return max(self.high - self.theirs, self.theirs - self.low)


def parts_of(view: View, table: str, measure: str, leave_out: Sequence[str] = ()) -> list[Part]:
    """Every category's part. Both sides divide by the categories that the cohort shows, so that they compare.

    The noises of a table's cells are independent (docs/benchmark.md), so each part is one of the others' rest.
    """
    categories = [each for each in view.categories(table) if each not in leave_out]
    cells = {each: view.against.within_bounds(table, each, measure) if view.against else None for each in categories}
    figures = {
        each: Figure(float(cell.value), float(cell.standard_error) ** 2)
        for each, cell in cells.items()
        if cell is not None and cell.value is not None and cell.standard_error is not None
    }
    own = {each: view.own_cell(table, each, measure) for each in categories}
    compared = list(figures) if len(figures) >= _FEWEST else categories
    whole = sum(max(0.0, own[each] or 0.0) for each in compared)
    found = []
    for each in categories:
        rest = [figure for other, figure in figures.items() if other != each]
        ratio = share(figures[each], independent_sum(*rest)) if each in figures and rest else None
        low, high = ratio.interval if ratio and ratio.interval else (None, None)
        mine = own[each]
        part = mine / whole if mine is not None and whole > 0 and each in compared else None
        found.append(Part(each, mine, part, ratio.value if ratio else None, low, high, cells[each]))
    return found


def shares(
    view: View, table: str, measure: str, *, key: str, title: str, leave_out: Sequence[str] = (), along: bool = False
) -> Block:
    """How a whole is divided by a table: a chart of parts, and its table."""
    _ = view.language
    below = [each for each in view.categories(table) if (view.own_cell(table, each, measure) or 0.0) < 0]
    found = parts_of(view, table, measure, (*leave_out, *below))
    if not any((each.own and each.category != "unknown") or each.theirs is not None for each in found):
        return Block(key, title, empty=nothing(view, table))
    points = _points(view, table, found)
    series = tuple(dict.fromkeys(point.series for point in points))
    name = _("{title}: share of {what}", title=title, what=_measure(view, measure))
    if along:
        every = tuple(names.category(_, table, each.category) for each in found)
        chart: Chart = Lines(name, "share", series, points, categories=every)
    else:
        chart = Bars(name, "share", series, points)
    notes = _notes(view, table, found)
    if below := [each for each in below if each not in leave_out]:
        left = (f"{names.category(_, table, each)} ({_.number(view.own_cell(table, each, measure))})" for each in below)
        said = _("Left out of the shares, for more was taken back than sold: {categories}.", categories=", ".join(left))
        notes = (*notes, said)
    return Block(key, title, _said(view, table, found), chart, _table(view, table, measure, found), notes)


def _points(view: View, table: str, found: Sequence[Part]) -> tuple[Point, ...]:
    _ = view.language
    points = []
    for each in found:
        label = names.category(_, table, each.category)
        if each.own_share is not None and view.own is not None:
            points.append(Point(label, view.you, each.own_share, _.percent(each.own_share, 1)))
        if each.theirs is not None and each.low is not None:
            text = with_margin(_, each.theirs, each.margin, "share")
            points.append(Point(label, view.cohort_name, max(0.0, each.theirs), text, each.low, each.high))
    return tuple(sorted(points, key=lambda point: point.series != view.you))


def _table(view: View, table: str, measure: str, found: Sequence[Part]) -> Table:
    _ = view.language
    heads = [names.table(_, table)]
    if view.own is not None:
        heads += [_("Your {what}", what=_measure(view, measure)), _("Your share")]
    both = any(each.cell is not None for each in found)
    if both:
        heads += [_("Share: {cohort}", cohort=view.cohort_name), _("Compared")]
    rows = []
    for each in found:
        row = [Value(names.category(_, table, each.category))]
        if view.own is not None:
            row.append(Value(written(_, each.own, unit_of(measure)), each.own))
            row.append(Value(_.percent(each.own_share, 1), each.own_share))
        if both:
            row += [_theirs(view, each), _compared(view, each.mark)]
        rows.append(tuple(row))
    return Table(tuple(heads), tuple(rows))


def _theirs(view: View, each: Part) -> Value:
    if each.theirs is not None and each.low is None:
        _ = view.language
        return Value(_("too uncertain"))
    if each.theirs is not None:
        return Value(with_margin(view.language, each.theirs, each.margin, "share"), each.theirs)
    return Value(why(view, each.cell) or NOTHING)


def _compared(view: View, mark: Mark) -> Value:
    return Value(compared(view, mark), None, mark)


def compared(view: View, mark: Mark) -> str:
    """A mark in words."""
    _ = view.language
    return {
        "above": _("▲ above"),
        "below": _("▼ below"),
        "level": _("≈ within noise"),
        "": NOTHING,
    }[mark]


def why(view: View, cell: Cell | None) -> str:
    """Why a figure is not shown, in a few words."""
    _ = view.language
    if cell is None:
        return _("not in the benchmark")
    if cell.status == "suppressed":
        return _("withheld")
    return _("too uncertain") if cell.value is None else ""


def _notes(view: View, table: str, found: Sequence[Part]) -> tuple[str, ...]:
    _ = view.language
    notes = []
    reasons: dict[str | None, list[str]] = {}
    for each in found:
        if each.cell is not None and each.cell.status == "suppressed":
            reasons.setdefault(each.cell.reason, []).append(names.category(_, table, each.category))
    shown = any(each.theirs is not None for each in found)
    if reasons and shown:
        notes.append(_("Shares are of the categories that are shown, on both sides."))
    notes += [f"{', '.join(those)}: {names.reason(_, code)}" for code, those in reasons.items()]
    if not shown and view.against is not None and not reasons:
        notes.append(_("The benchmark has no table of this kind yet; you see your own figures alone."))
    if any(each.cell and each.cell.status == "unreliable" for each in found):
        notes.append(_("Some figures of the cohort are unreliable: their uncertainty is large beside them."))
    return tuple(notes)


def _said(view: View, table: str, found: Sequence[Part]) -> str:
    """The category that stands out most, in a sentence."""
    _ = view.language
    apart = [
        (abs(each.own_share - each.theirs) / max(each.margin or 0.0, 1e-9), each)
        for each in found
        if each.mark in ("above", "below")
        and each.own_share is not None
        and each.theirs is not None
        and each.category != "unknown"
    ]
    if not apart:
        if any(each.mark == "level" for each in found):
            return _("You are like {cohort}: no difference is larger than the noise.", cohort=view.the_cohort)
        return ""
    strongest = max(apart, key=lambda pair: pair[0])[1]
    values = {
        "category": names.category(_, table, strongest.category),
        "own": _.percent(strongest.own_share, 1),
        "theirs": with_margin(_, strongest.theirs, strongest.margin, "share"),
    }
    if table == "month" and strongest.category.isdigit():
        values["category"] = _.month_in_full(int(strongest.category))
        if strongest.mark == "above":
            return _("You have a larger share in {category}: {own} against {theirs}.", **values)
        return _("You have a smaller share in {category}: {own} against {theirs}.", **values)
    if strongest.mark == "above":
        return _("You have a larger share of “{category}”: {own} against {theirs}.", **values)
    return _("You have a smaller share of “{category}”: {own} against {theirs}.", **values)


def nothing(view: View, table: str) -> Empty:
    """Why a table has nothing to show, and what brings it."""
    _ = view.language
    if view.own is not None or (view.viewer and view.against is not None):
        if table == "genre":
            return Empty(
                _("No genre is known of your performances."),
                _("Your ticketing system's export can name it, or a list of performances that you import beside it."),
            )
        if table == "segment":
            return Empty(
                _("No customer of yours has a culture segment."),
                _("Segments come from a survey or a tagging tool: import profiles that carry a segment column."),
            )
        if any(view.own_cell(table, "unknown", measure) for measure in ("customers", "tickets")):
            return Empty(
                _("{what} is not known of any customer.", what=names.table(_, table)),
                _("Where the ticketing system asks for it, and its export has it, you see it here."),
            )
        return Empty(
            _("There is nothing to show of this in these months."),
            _("Choose other months above, or import sales that have it."),
        )
    return why_no_own(view) or why_no_cohort(view) or Empty(_("There is nothing to show of this."), "")


def _measure(view: View, measure: str) -> str:
    _ = view.language
    return {
        "customers": _("customers"),
        "orders": _("orders"),
        "tickets": _("tickets"),
        "revenue_ore": _("revenue"),
    }.get(measure, measure)


def by_category(view: View, table: str, measure: str, *, key: str, title: str) -> Block:
    """A key figure of every category: own beside the cohort's with its interval."""
    _ = view.language
    unit = unit_of(measure)
    points, rows = [], []
    for each in view.categories(table):
        label = names.category(_, table, each)
        beside = view.beside(table, each, measure)
        own = view.own_cell(table, each, measure)
        cell = beside.cell if beside else None
        row = [Value(label)]
        if view.own is not None:
            row.append(Value(written(_, own, unit), own))
            if own is not None:
                points.append(Point(label, view.you, own, written(_, own, unit)))
        if view.against is not None:
            if cell is not None and cell.value is not None:
                side, value = margin(cell), float(cell.value)
                low, high = (None, None) if side is None else (float(cell.low or 0), float(cell.high or 0))
                row.append(Value(with_margin(_, value, side, unit), value))
                if cell.status == "published":
                    text = with_margin(_, value, side, unit)
                    points.append(Point(label, view.cohort_name, value, text, low, high))
            else:
                row.append(Value(why(view, cell)))
            row.append(_compared(view, mark_of(beside)))
        if own is not None or (cell is not None and cell.value is not None):
            rows.append(tuple(row))
    if not points:
        return Block(key, title, empty=nothing(view, table))
    heads = [names.table(_, table)]
    heads += [view.you] if view.own is not None else []
    heads += [view.cohort_name, _("Compared")] if view.against is not None else []
    points.sort(key=lambda point: point.series != view.you)
    series = tuple(dict.fromkeys(point.series for point in points))
    return Block(
        key,
        title,
        _(KEY_FIGURES[measure].explained) if measure in KEY_FIGURES else _(OF_CATEGORIES.get(measure, "")),
        Bars(title, unit, series, tuple(points)),
        Table(tuple(heads), tuple(rows)),
    )


def figures_table(view: View, wanted: Sequence[str], *, key: str, title: str) -> Block:
    """Key figures of the whole: own, a year before, the cohort's, and how they compare."""
    _ = view.language
    if view.own is None and view.against is None:
        return Block(key, title, empty=why_no_own(view) or why_no_cohort(view))
    heads = [_("Figure")]
    heads += [view.you, _("A year before")] if view.own is not None else []
    heads += [view.cohort_name, _("Compared")] if view.against is not None else []
    rows = []
    for measure in wanted:
        unit = unit_of(measure)
        row = [Value(_(KEY_FIGURES[measure].label))]
        if view.own is not None:
            own, before = view.own_cell("totals", "all", measure), view.own.before.get(measure)
            row += [Value(written(_, own, unit), own), Value(written(_, before, unit), before)]
        if view.against is not None:
            beside = view.beside("totals", "all", measure)
            cell = beside.cell if beside else None
            row += [theirs(view, cell), _compared(view, mark_of(beside))]
        rows.append(tuple(row))
    notes = (view.bounds,) if view.bounds else ()
    return Block(key, title, table=Table(tuple(heads), tuple(rows)), notes=notes)


def theirs(view: View, cell: Cell | None) -> Value:
    """A cohort's figure with its uncertainty, per member where it adds up; or why there is none."""
    _ = view.language
    if cell is None or cell.value is None:
        return Value(why(view, cell))
    unit, side, value = unit_of(cell.measure), margin(cell), float(cell.value)
    if cell.measure not in SUMS:
        return Value(with_margin(_, value, side, unit), value)
    side, value = (None if side is None else side / cell.members), value / cell.members
    return Value(_("{figure} per member", figure=with_margin(_, value, side, unit)), value)
