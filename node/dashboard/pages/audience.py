"""Audience and place, and culture segments."""

from node.dashboard import names
from node.dashboard.charts.kinds import Heat, Tile, Tiles
from node.dashboard.figures import with_margin
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.pages.parts import by_category, nothing, parts_of, shares, why
from node.dashboard.view import View, margin, why_no_own
from privacy.catalogue.institutions import COUNTIES

_PLACES = {
    "56": (5, 0),
    "55": (4, 0),
    "18": (3, 1),
    "50": (3, 2),
    "15": (2, 3),
    "34": (3, 3),
    "46": (1, 4),
    "33": (2, 4),
    "03": (3, 4),
    "32": (4, 4),
    "11": (1, 5),
    "40": (2, 5),
    "39": (3, 5),
    "31": (4, 5),
    "42": (2, 6),
}
"""Column and row of each county, about where it lies in Norway, north upwards."""


def audience(view: View) -> Page:
    """The page."""
    _ = view.language
    blocks = (
        shares(view, "age_band", "customers", key="age", title=_("Age")),
        shares(view, "gender", "customers", key="gender", title=_("Gender")),
        county_map(view),
        shares(view, "county", "customers", key="county", title=_("County")),
        by_category(view, "county", "revenue_per_customer_ore", key="worth", title=_("Revenue per customer by county")),
        crossed(view, "age_band × gender", "gender-age", _("Age and gender of your customers")),
        *crossed_of_cohort(view, "age_band-gender", "gender-age-cohort"),
        *crossed_of_cohort(view, "age_band-county", "county-age-cohort"),
        shares(view, "genre", "customers", key="genre", title=_("Genres")),
        *own_genres(view),
        *crossed_of_cohort(view, "genre-age_band", "genre-age-cohort"),
    )
    return Page("audience", _("Audience and place"), _("Who comes, and from where."), blocks)


def segments(view: View) -> Page:
    """Culture segments."""
    _ = view.language
    blocks = (
        shares(view, "segment", "customers", key="share", title=_("Culture segments of your customers")),
        by_category(view, "segment", "purchase_frequency", key="often", title=_("Orders per customer by segment")),
        by_category(
            view, "segment", "revenue_per_customer_ore", key="worth", title=_("Revenue per customer by segment")
        ),
        crossed(view, "segment × frequency_band", "crossed", _("Segment and frequency")),
        *crossed_of_cohort(view, "segment-frequency_band", "crossed-cohort"),
    )
    lead = _("What people look for in culture, where a survey or a tagging tool has asked them.")
    return Page("segments", _("Culture segments"), lead, blocks)


def county_map(view: View) -> Block:
    """The counties as tiles, shaded by the share of the own customers, or of the cohort's for a viewer."""
    _ = view.language
    title = _("Where customers live")
    found = {each.category: each for each in parts_of(view, "county", "customers")}
    tiles, rows = [], []
    for code, (column, row) in _PLACES.items():
        each = found.get(code)
        county = COUNTIES[code]
        if each is None:
            continue
        number = each.own if view.own is not None else None
        share = each.own_share if view.own is not None else each.theirs
        if view.own is not None and number is not None and share is None:
            whole = sum(max(0.0, other.own or 0.0) for other in found.values())
            share = number / whole if whole else None
        per = 1000 * number / county.inhabitants if number is not None else None
        said = [_.percent(share, 1) if share is not None else _("withheld")]
        if per is not None:
            said.append(_("{number} per 1000 inhabitants", number=_.number(per, 1)))
        tiles.append(Tile(county.name, _short(county.name), column, row, share, f"{county.name}: {', '.join(said)}"))
        if number is not None:
            rows.append(
                (
                    Value(county.name),
                    Value(_.number(number), number),
                    Value(_.number(county.inhabitants), county.inhabitants),
                    Value(_.number(per, 2), per),
                )
            )
    if not any(tile.value for tile in tiles):
        return Block("map", title, empty=why_no_own(view))
    heads = (_("County"), _("Customers"), _("Inhabitants"), _("Customers per 1000 inhabitants"))
    return Block(
        "map",
        title,
        _("Each county is a tile, darker for a larger share of the customers."),
        Tiles(_("Customers by county, as a map of tiles"), "share", tuple(tiles)),
        Table(heads, tuple(rows)) if rows else None,
    )


def crossed(view: View, name: str, key: str, title: str) -> Block:
    """Customers by two tables at a time: the own ones."""
    _ = view.language
    one, other = name.split(" × ")
    rows = view.own.tables.get(name, ()) if view.own else ()
    if view.own is None:
        return Block(key, title, empty=why_no_own(view))
    cells = {(str(row[one]), str(row[other])): int(row["customers"]) for row in rows}
    lines = [a for a in dict.fromkeys(a for a, _b in cells) if any(n for (c, _d), n in cells.items() if c == a)]
    columns = [b for b in dict.fromkeys(b for _a, b in cells) if any(n for (_c, d), n in cells.items() if d == b)]
    if not any(each != "unknown" for each in lines):
        return Block(key, title, empty=nothing(view, one))
    named = (
        {each: names.category(_, one, each) for each in lines},
        {each: names.category(_, other, each) for each in columns},
    )
    drawn = tuple((named[0][a], named[1][b], float(cells[a, b]), _.number(cells[a, b])) for a in lines for b in columns)
    heat = Heat(title, "count", tuple(named[0].values()), tuple(named[1].values()), drawn)
    heads = (names.table(_, name), *named[1].values())
    body = tuple((Value(named[0][a]), *(Value(_.number(cells[a, b]), cells[a, b]) for b in columns)) for a in lines)
    return Block(key, title, chart=heat, table=Table(heads, body), notes=(_("Your own customers alone, exactly."),))


def crossed_of_cohort(view: View, name: str, key: str) -> tuple[Block, ...]:
    """The cohort's customers by two tables at a time, per member; nothing where its benchmark has no such table."""
    _ = view.language
    if view.against is None or not view.against.categories(name):
        return ()
    one, other = name.split("-")
    what = f"{names.table(_, one)} × {names.table(_, other).lower()}"
    title = _("{what}: {cohort}", what=what, cohort=view.the_cohort)
    cells = {
        tuple(each.split(":")): view.against.cell(name, each, "customers") for each in view.against.categories(name)
    }
    lines, columns = (list(dict.fromkeys(each[at] for each in cells)) for at in (0, 1))
    drawn, rows = [], []
    for line in lines:
        row = [Value(names.category(_, one, line))]
        for column in columns:
            cell = cells.get((line, column))
            value, text = None, why(view, cell)
            if cell is not None and cell.value is not None:
                value = max(0.0, float(cell.value) / cell.members)
                side = margin(cell)
                text = with_margin(_, value, None if side is None else side / cell.members, "count")
                text = f"({text})" if cell.status == "unreliable" else text
            drawn.append((names.category(_, one, line), names.category(_, other, column), value, text or "–"))
            row.append(Value(text, value))
        rows.append(tuple(row))
    if all(value is None for _line, _column, value, _text in drawn):
        reasons = dict.fromkeys(names.reason(_, cell.reason) for cell in cells.values() if cell and cell.reason)
        after = _("With more members, or more customers, the next round may show it.")
        return (Block(key, title, empty=Empty(" ".join(reasons), after)),)
    heads = tuple(names.category(_, other, each) for each in columns)
    chart = Heat(title, "count", tuple(names.category(_, one, each) for each in lines), heads, tuple(drawn))
    table = Table((names.table(_, one), *heads), tuple(rows))
    return (
        Block(
            key,
            title,
            chart=chart,
            table=table,
            notes=(_("Customers per member; figures in brackets are unreliable."),),
        ),
    )


def own_genres(view: View) -> tuple[Block, ...]:
    """The institution's own words for genres, where the benchmark's harmonised ones stand above."""
    _ = view.language
    if view.own is None or view.against is None or not view.against.categories("genre"):
        return ()
    found = [row for row in view.own.tables.get("genre", ()) if row["customers"] or row["tickets"]]
    if not found:
        return ()
    rows = tuple(
        (
            Value(_("unknown") if row["genre"] == "unknown" else str(row["genre"])),
            Value(_.number(row["customers"]), row["customers"]),
            Value(_.number(row["tickets"]), row["tickets"]),
        )
        for row in found
    )
    return (
        Block(
            "own-genres", _("Your own names of genres"), table=Table((_("Genre"), _("Customers"), _("Tickets")), rows)
        ),
    )


def _short(name: str) -> str:
    return {"Møre og Romsdal": "Møre og R."}.get(name, name)
