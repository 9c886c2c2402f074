"""Data quality: how much of the sales tells of audiences, and what the imports left out."""

from node.dashboard import names
from node.dashboard.charts.kinds import Bars, Point
from node.dashboard.language import Language
from node.dashboard.model import Block, Page, Table, Value
from node.dashboard.pages.parts import figures_table, theirs
from node.dashboard.view import View, why_no_own
from node.quality.texts import finding

_KNOWN = ("age_band", "gender", "county", "segment")


def quality(view: View) -> Page:
    """The page."""
    _ = view.language
    blocks = (
        figures_table(view, ("identified_share",), key="figures", title=_("Sales with a known customer")),
        *_findings(view),
        _attributes(view),
        *_cut(view),
        _imports(view),
    )
    return Page("quality", _("Data quality"), _("What your figures rest on."), blocks)


def _findings(view: View) -> tuple[Block, ...]:
    """What stands out in the store, and what to do about it: as `kudos-node quality` says it."""
    _ = view.language
    if view.own is None or not view.own.findings:
        return ()
    level = {"mend": _("to mend"), "look": _("to look at"), "good": _("good to know")}
    rows = []
    for each in sorted(view.own.findings, key=lambda each: list(level).index(each["level"])):
        what, then = finding(each["code"], _.code, each["values"], written=lambda number: _written(_, number))
        rows.append((Value(what), Value(level[each["level"]]), Value(then)))
    heads = (_("What stands out"), _("How urgent"), _("What to do"))
    return (Block("findings", _("What stands out in your data"), table=Table(heads, tuple(rows))),)


def _written(_: Language, number: float) -> str:
    """Whole numbers and shares as the rest of the page has them; a share has a decimal where it is small."""
    if isinstance(number, int):
        return _.number(number)
    return _.percent(number, 0 if number >= 0.1 or number == 0 else 1)


def _cut(view: View) -> tuple[Block, ...]:
    """What the study's bounds cut off the cohort's figures, where its benchmark tells of it."""
    _ = view.language
    labels = {
        "orders_cut": _("Orders beyond the narrow bounds"),
        "tickets_cut": _("Tickets beyond the narrow bounds"),
        "revenue_cut": _("Revenue beyond the narrow bounds"),
        "revenue_beyond_wide": _("Revenue beyond the wide bound, estimated"),
    }
    if view.against is None:
        return ()
    cells = {name: view.against.cell("totals", "all", name) for name in labels}
    rows = tuple((Value(labels[name]), theirs(view, cell)) for name, cell in cells.items() if cell is not None)
    if not rows:
        return ()
    said = _(
        "What a single customer can add to a figure is bounded, so that noise can hide it. What lies beyond is missing "
        "in the cohort’s figures, by this share of all."
    )
    heads = (_("Beyond the bounds"), view.cohort_name)
    notes = (view.bounds,) if view.bounds else ()
    return (Block("cut", _("What bounds cut off"), said, table=Table(heads, rows), notes=notes),)


def _attributes(view: View) -> Block:
    """For how many of the customers an attribute is known."""
    _ = view.language
    title = _("What is known of your customers")
    if view.own is None:
        return Block("known", title, empty=why_no_own(view))
    points, rows = [], []
    for table in _KNOWN:
        number = {str(row[table]): int(row["customers"]) for row in view.own.tables.get(table, ())}
        whole = sum(number.values())
        if not whole:
            continue
        known = 1 - number.get("unknown", 0) / whole
        label = names.table(_, table)
        points.append(Point(label, view.you, known, _.percent(known, 1)))
        rows.append(
            (
                Value(label),
                Value(_.percent(known, 1), known),
                Value(_.number(number.get("unknown", 0)), number.get("unknown", 0)),
            )
        )
    # Nobody is asked for a segment at the purchase.
    asked = [point for point in points if point.category != names.table(_, "segment")]
    weakest = min(asked, key=lambda point: point.value, default=None)
    said = ""
    if weakest is not None and weakest.value < 0.5:
        said = _(
            "{what} is known of {share} of your customers. Asking for it at the purchase would tell you more of them.",
            what=weakest.category,
            share=weakest.text,
        )
    chart = Bars(title, "share", (view.you,), tuple(points)) if points else None
    heads = (_("Attribute"), _("Known"), _("Customers of whom it is unknown"))
    return Block("known", title, said, chart, Table(heads, tuple(rows)) if rows else None)


def _imports(view: View) -> Block:
    _ = view.language
    title = _("What was imported")
    if view.own is None:
        return Block("imports", title, empty=why_no_own(view))
    rows = tuple(
        (
            Value(each.file_name),
            Value(_.moment_of_day(each.at)),
            Value(each.system),
            Value(_.number(each.rows), each.rows),
            Value(_.number(each.new), each.new),
            Value(_.number(each.known), each.known),
            Value(_.number(each.rejected), each.rejected),
            Value(_.number(each.skipped), each.skipped),
        )
        for each in view.own.imports
    )
    heads = (
        _("File"),
        _("Imported"),
        _("System"),
        _("Rows"),
        _("New lines"),
        _("Lines known from before"),
        _("Not readable"),
        _("Left out"),
    )
    refused = sum(each.rejected for each in view.own.imports)
    said = (
        _("Every row could be read.")
        if not refused
        else _(
            "{number} rows could not be read; the import wrote them to a file beside the export.",
            number=_.number(refused),
        )
    )
    return Block("imports", title, said, table=Table(heads, rows))
