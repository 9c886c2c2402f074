"""The cohort over the rounds, each change with its noise, and the own place among its members."""

from node.benchmark.position import Place, Position, positions
from node.dashboard import names
from node.dashboard.charts.kinds import Lines, Point, Unit
from node.dashboard.figures import KEY_FIGURES, N_, unit_of, with_margin, written
from node.dashboard.history import History
from node.dashboard.language import NOTHING
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.pages.parts import theirs
from node.dashboard.view import View, margin, why_no_cohort
from privacy.estimate.change import Change
from privacy.estimate.derived import QUARTILES
from privacy.estimate.series import Line

_PLACES = {
    Place.LOWEST: N_("among the lowest quarter"),
    Place.LOWER: N_("between the lower quartile and the middle"),
    Place.UPPER: N_("between the middle and the upper quartile"),
    Place.HIGHEST: N_("among the highest quarter"),
}


def development(view: View) -> Page:
    """The page."""
    _ = view.language
    title, lead = _("Development and position"), _("How figures change from round to round, and where you stand.")
    if view.against is None:
        return Page("development", title, lead, (Block("no-cohort", title, empty=why_no_cohort(view)),))
    courses = [_course(view, view.history, line) for line in view.history.lines] if view.history else [_one_round(view)]
    return Page("development", title, lead, (_position(view), *courses))


def _one_round(view: View) -> Block:
    _ = view.language
    return Block(
        "course",
        _("From round to round"),
        empty=Empty(
            _("Only one round of this study is published, so nothing has changed yet."),
            _("After the next one you see what changed, and whether it is more than noise."),
        ),
    )


def _course(view: View, history: History, line: Line) -> Block:
    """A key figure over the rounds: the cohort's with its band, and the own one."""
    _ = view.language
    _cohort, table, category, measure = line.key
    unit, label = unit_of(measure), _(KEY_FIGURES[measure].label)
    points, rows = [], []
    changes: tuple[Change | str | None, ...] = (None, *line.changes)
    for window, point, changed in zip(history.windows, line.points, changes, strict=True):
        when = _.month(window.last)
        own = history.own.get(window, {}).get((table, category, measure))
        if own is not None:
            points.append(Point(when, view.you, own, written(_, own, unit)))
        cell = point.cell
        if cell is not None and cell.value is not None and cell.status == "published":
            side, value = margin(cell), float(cell.value)
            low, high = (None, None) if side is None else (float(cell.low or 0), float(cell.high or 0))
            points.append(Point(when, view.cohort_name, value, with_margin(_, value, side, unit), low, high))
        shown = cell is not None and cell.value is not None
        said = theirs(view, cell) if shown else Value(names.reason(_, point.reason))
        rows.append((Value(_.months(window)), Value(written(_, own, unit), own), said, _changed(view, changed, unit)))
    heads: tuple[str, ...] = (_("Months"), view.you, view.cohort_name, _("Change of the cohort"))
    body: list[tuple[Value, ...]] = [(row[0], *row[2:]) for row in rows] if view.viewer else [*rows]
    if view.viewer:
        heads = (heads[0], *heads[2:])
    points.sort(key=lambda point: point.series != view.you)
    series = tuple(dict.fromkeys(point.series for point in points))
    along = tuple(_.month(window.last) for window in history.windows)
    chart = Lines(_("{figure} from round to round", figure=label), unit, series, tuple(points), categories=along)
    return Block(
        f"course-{measure.replace('_', '-')}",
        label,
        _finding(view, line.changes[-1]),
        chart if points else None,
        Table(heads, tuple(body)),
        _notes(view, history),
    )


def _changed(view: View, changed: Change | str | None, unit: Unit) -> Value:
    _ = view.language
    if changed is None:
        return Value(NOTHING)
    if isinstance(changed, str):
        return Value(names.reason(_, changed))
    found = changed.absolute
    text = with_margin(_, found.value, max(found.high - found.value, found.value - found.low), unit)
    if changed.within_noise:
        return Value(_("{change}: within noise", change=text), found.value, "level")
    return Value(text, found.value, "above" if found.value > 0 else "below")


def _finding(view: View, changed: Change | str) -> str:
    _ = view.language
    if isinstance(changed, str):
        return names.reason(_, changed)
    if changed.within_noise:
        return _("The cohort’s change since the round before is within noise: it may be none.")
    if changed.absolute.value > 0:
        return _("The cohort’s figure rose since the round before, by more than noise.")
    return _("The cohort’s figure fell since the round before, by more than noise.")


def _notes(view: View, history: History) -> tuple[str, ...]:
    _ = view.language
    step = history.steps[-1]
    notes = []
    if view.against is not None and view.against.puts_back:
        notes.append(
            _("From round to round the cohort’s figures are within the study’s bounds, which are the same each time.")
        )
    if not step.same_members:
        notes.append(
            _(
                "Since the round before {joined} institutions joined and {left} left: a part of the change is theirs.",
                joined=step.joined,
                left=step.left,
            )
        )
    if step.overlaps:
        notes.append(_("The two rounds share months, so a part of both is the same."))
    return tuple(notes)


def _position(view: View) -> Block:
    """The quartiles over the members, and between which of them the own figures lie."""
    _ = view.language
    title = _("Where you stand among the members") if not view.viewer else _("How the members differ")
    assert view.against is not None  # noqa: S101  asked before
    placed = {
        each.kpi: each for each in positions(view.against.published.benchmark, view.cells, (view.against.cohort,))
    }
    rows = [_row(view, kpi, placed.get(kpi)) for kpi in KEY_FIGURES if view.against.cell("totals", "all", f"{kpi}_q1")]
    shown = tuple(row for row in rows if row is not None)
    if not shown:
        return Block(
            "position",
            title,
            empty=Empty(
                _("This benchmark publishes no quartiles of this cohort."),
                _("They take twelve members or more: with fewer, a quartile would be the figure of one of them."),
            ),
        )
    heads = [_("Figure"), view.you, _("Lower quartile"), _("Middle"), _("Upper quartile"), _("You are")]
    if view.viewer:
        heads = [heads[0], *heads[2:5]]
    said = [
        _("{figure}: you are {place}.", figure=_(KEY_FIGURES[kpi].label), place=_(_PLACES[each.place]))
        for kpi, each in placed.items()
        if each.certain and kpi in KEY_FIGURES and each.place in (Place.LOWEST, Place.HIGHEST)
    ]
    notes = (
        _("Each member counts once. ≈ means: as near to a quartile as noise, so that you may be on its other side."),
    )
    return Block("position", title, " ".join(said[:2]), table=Table(tuple(heads), shown), notes=notes)


def _row(view: View, kpi: str, placed: Position | None) -> tuple[Value, ...] | None:
    _ = view.language
    assert view.against is not None  # noqa: S101  asked before
    cells = [view.against.cell("totals", "all", f"{kpi}_{name}") for name in QUARTILES]
    if any(cell is None or cell.value is None for cell in cells):
        return None
    unit = unit_of(kpi)
    quartiles = tuple(
        Value(with_margin(_, float(cell.value), margin(cell), unit), float(cell.value))
        for cell in cells
        if cell is not None and cell.value is not None
    )
    label = Value(_(KEY_FIGURES[kpi].label))
    if view.viewer:
        return (label, *quartiles)
    own = view.own_cell("totals", "all", kpi)
    where = NOTHING if placed is None else _(_PLACES[placed.place]) + ("" if placed.certain else " ≈")
    return (label, Value(written(_, own, unit), own), *quartiles, Value(where))
