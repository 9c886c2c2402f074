"""The cohort's value tiers and who moved between them, by the limits that members' releases have told."""

from node.dashboard import names
from node.dashboard.charts.kinds import Flows, Ribbon, Stop
from node.dashboard.figures import unit_of, with_margin, written
from node.dashboard.language import NOTHING
from node.dashboard.model import Block, Empty, Table, Value
from node.dashboard.pages.parts import by_category, why
from node.dashboard.view import View, margin
from node.kpis.portfolio import ENTERING, LOST
from privacy.catalogue.dimensions import TIERS

_FIGURES = (
    ("value_tier", "customer_share"),
    ("value_tier", "revenue_share"),
    ("value_tier", "revenue_per_customer_ore"),
    ("migration", "retention"),
    ("migration", "duration_years"),
    ("value_tier", "clv_ore"),
)


def tiers_of_cohort(view: View) -> tuple[Block, ...]:
    """Blocks about the cohort's tiers; none where its benchmark has no such table."""
    if view.against is None or not view.against.categories("value_tier"):
        return ()
    _ = view.language
    worth = by_category(view, "value_tier", "clv_ore", key="tier-worth", title=_("Lifetime value each, by tier"))
    return (_table(view), worth, *_moves(view))


def _table(view: View) -> Block:
    _ = view.language
    assert view.against is not None  # noqa: S101  asked before
    heads = (
        _("Tier"),
        _("Share of customers"),
        _("Share of revenue"),
        _("Revenue per customer"),
        _("Returning"),
        _("Years as a customer"),
        _("Lifetime value each"),
    )
    rows = []
    for tier in TIERS:
        row = [Value(f"{names.category(_, 'tier', tier)}: {view.cohort_name}")]
        own = [Value(f"{names.category(_, 'tier', tier)}: {view.you.lower()}")]
        for table, measure in _FIGURES:
            unit, cell = unit_of(measure), view.against.cell(table, tier, measure)
            if cell is None or cell.value is None:
                row.append(Value(why(view, cell) or NOTHING))
            else:
                text = with_margin(_, float(cell.value), margin(cell), unit)
                row.append(Value(f"({text})" if cell.status == "unreliable" else text, float(cell.value)))
            mine = view.own_cell(table, tier, measure)
            own.append(Value(written(_, mine, unit), mine))
        rows.append(tuple(row))
        if view.own is not None:
            rows.append(tuple(own))
    note = _(
        "Each member’s tiers are divided by the limits that its own release has told, blurred by noise: they are not "
        "exactly the best 5, next 15, next 50 and last 30 % of its customers. Yours are here by the same limits."
    )
    whole = view.against.cell("totals", "all", "portfolio_value_ore")
    said = ""
    if whole is not None and whole.value is not None:
        side = margin(whole)
        said = _(
            "Over the years that they stay, today’s customers are worth {amount} per member.",
            amount=with_margin(
                _, float(whole.value) / whole.members, None if side is None else side / whole.members, "kr"
            ),
        )
    return Block("cohort-tiers", _("Value tiers of the cohort"), said, table=Table(heads, tuple(rows)), notes=(note,))


def _moves(view: View) -> tuple[Block, ...]:
    """Who moved between the cohort's tiers, per member, as a flow chart."""
    _ = view.language
    assert view.against is not None  # noqa: S101  asked before
    pairs = [each for each in view.against.categories("migration") if ":" in each]
    if not pairs:
        return ()
    title = _("Where the cohort’s customers came from, and where they went")
    cells = {each: view.against.cell("migration", each, "customers") for each in pairs}
    shown = {each: cell for each, cell in cells.items() if cell is not None and cell.value is not None}
    if not shown:
        reasons = dict.fromkeys(names.reason(_, cell.reason) for cell in cells.values() if cell and cell.reason)
        after = _("With more members, or more customers, the next round may show it.")
        return (Block("cohort-moves", title, empty=Empty(" ".join(reasons), after)),)
    size = {each: max(0.0, float(cell.value or 0) / cell.members) for each, cell in shown.items()}
    text = {}
    for each, cell in shown.items():
        side = margin(cell)
        text[each] = with_margin(
            _, float(cell.value or 0) / cell.members, None if side is None else side / cell.members, "count"
        )
    origins, goals = (*TIERS, *reversed(ENTERING)), (*TIERS, LOST)
    name = {each: names.category(_, "tier", each).partition(" (")[0].capitalize() for each in (*origins, *goals)}
    from_ = {each: sum(size.get(f"{each}:{goal}", 0.0) for goal in goals) for each in origins}
    to = {each: sum(size.get(f"{origin}:{each}", 0.0) for origin in origins) for each in goals}
    stops = [Stop(name[each], "left", n, f"{name[each]}: {_.number(n)}") for each, n in from_.items() if n]
    stops += [Stop(name[each], "right", n, f"{name[each]}: {_.number(n)}") for each, n in to.items() if n]
    ribbons = tuple(
        Ribbon(name[origin], name[goal], size[key], f"{name[origin]} → {name[goal]}: {text[key]}")
        for origin in origins
        for goal in goals
        if size.get(key := f"{origin}:{goal}", 0.0) > 0
    )
    rows = tuple(
        (
            Value(name[origin]),
            *(
                Value(text[key], size[key])
                if (key := f"{origin}:{goal}") in text
                else Value(why(view, cells.get(key)))
                if key in cells
                else Value(NOTHING)
                for goal in goals
            ),
        )
        for origin in origins
    )
    chart = Flows(title, (_("The year before"), _("These months")), tuple(stops), ribbons)
    table = Table((_("From … to"), *(name[goal] for goal in goals)), rows)
    return (Block("cohort-moves", title, _("Customers per member."), chart, table),)
