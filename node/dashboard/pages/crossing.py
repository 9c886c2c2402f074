"""Cross-use: who shares audiences, how many people the members reach, and how many members people use."""

from node.dashboard import names
from node.dashboard.charts.kinds import Bars, Heat, Point, Tile, Tiles
from node.dashboard.figures import unit_of, with_margin
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.pages.audience import _PLACES
from node.dashboard.sector import Published
from node.dashboard.view import View, margin
from privacy.catalogue.institutions import COUNTIES
from privacy.estimate.body import Cell


def crossing(view: View) -> Page:
    """The page."""
    _ = view.language
    title = _("Cross-use")
    crossed = view.crossed
    if crossed is None:
        block = Block(
            "nothing",
            _("No round of cross-use yet"),
            empty=Empty(
                _("How audiences move between institutions is measured once a year, in a round of its own."),
                _(
                    "Each member makes a sketch of its customers, blurred bit by bit, and seals it for the other "
                    "members; NPU cannot read it. Your node asks you when NPU opens such a round:"
                ),
                "kudos-node run --once",
            ),
        )
        return Page("cross-use", title, _("Who shares audiences with whom."), (block,))
    blocks = [
        _reach(view, crossed),
        _multiplicity(view, crossed),
        _pairs(view, crossed, "industry_pair", _("People in common, by industry")),
        _pairs(view, crossed, "county_pair", _("People in common, by the institutions’ county")),
        _pairs(view, crossed, "pair", _("People in common, of institutions that let themselves be named")),
        _penetration(view, crossed),
        _groups(view, crossed),
    ]
    return Page("cross-use", title, _lead(view, crossed), tuple(block for block in blocks if block is not None))


def _lead(view: View, crossed: Published) -> str:
    _ = view.language
    reach = _cell(crossed, "reach", "all", "people")
    if reach is None or reach.value is None:
        return _("Who shares audiences with whom, {months}.", months=_.months(crossed.benchmark.window))
    return _(
        "Together the members reach {people} different people.",
        people=with_margin(_, float(reach.value), margin(reach), "count"),
    )


def _cell(crossed: Published, table: str, category: str, measure: str) -> Cell | None:
    for cell in crossed.benchmark.body.cells:
        if (cell.table, cell.category, cell.measure) == (table, category, measure):
            return cell
    return None


def _cells(crossed: Published, table: str, measure: str | None = None) -> list[Cell]:
    return [
        each
        for each in crossed.benchmark.body.cells
        if each.table == table and (measure is None or each.measure == measure)
    ]


def _text(view: View, cell: Cell) -> str:
    _ = view.language
    if cell.value is None:
        return _("withheld")
    said = with_margin(_, float(cell.value), margin(cell), unit_of(cell.measure))
    return f"({said})" if cell.status == "unreliable" else said


def _value(view: View, cell: Cell | None) -> Value:
    if cell is None:
        return Value("")
    return Value(_text(view, cell), None if cell.value is None else float(cell.value))


def _reach(view: View, crossed: Published) -> Block:
    _ = view.language
    cells = _cells(crossed, "reach")
    said = {"people": _("different people"), "institutions_per_person": _("institutions per person")}
    rows = tuple((Value(said.get(cell.measure, cell.measure)), _value(view, cell)) for cell in cells)
    return Block("reach", _("Reach"), table=Table((_("Figure"), _("All members of the market")), rows))


def _multiplicity(view: View, crossed: Published) -> Block:
    _ = view.language
    title = _("How many institutions people use")
    cells = _cells(crossed, "multiplicity", "share")
    shown = [cell for cell in cells if cell.value is not None]
    if not shown:
        return Block("multiplicity", title, empty=_withheld(view, cells))
    people = _("people")
    points = tuple(
        Point(
            _category(cell.category),
            people,
            max(0.0, float(cell.value or 0)),
            _text(view, cell),
            None if cell.low is None else float(cell.low),
            None if cell.high is None else float(cell.high),
        )
        for cell in shown
    )
    rows = tuple((Value(_category(cell.category)), _value(view, cell)) for cell in cells)
    return Block(
        "multiplicity",
        title,
        chart=Bars(title, "share", (people,), points),
        table=Table((_("Institutions"), _("Share of people")), rows),
    )


def _category(name: str) -> str:
    return name.replace("-", "–")


def _withheld(view: View, cells: list[Cell]) -> Empty:
    _ = view.language
    reasons = dict.fromkeys(names.reason(_, cell.reason) for cell in cells if cell.reason)
    return Empty(
        " ".join(reasons) or _("The round has no such figures."),
        _("With more members, or more customers, the next round may show it."),
    )


def _pairs(view: View, crossed: Published, table: str, title: str) -> Block | None:
    """A heat map of what pairs have in common, below the diagonal."""
    _ = view.language
    cells = _cells(crossed, table)
    if not cells:
        return None
    if all(cell.value is None for cell in cells):
        return Block(table.replace("_", "-"), title, empty=_withheld(view, cells))
    sides = sorted({side for cell in cells for side in cell.category.split("+")})
    label = {side: _side(view, crossed, table, side) for side in sides}
    found = {frozenset(cell.category.split("+")): cell for cell in cells}
    drawn = []
    for at, row in enumerate(sides):
        for column in sides[: at + 1]:
            cell = found.get(frozenset((row, column)))
            if cell is not None:
                value = None if cell.value is None else max(0.0, float(cell.value))
                text = _text(view, cell) if value is not None else "–"
                drawn.append((label[row], label[column], value, text))
    rows = tuple(
        (Value(" – ".join(label[side] for side in cell.category.split("+"))), _value(view, cell)) for cell in cells
    )
    notes = tuple(dict.fromkeys(names.reason(_, cell.reason) for cell in cells if cell.reason))
    names_ = tuple(label.values())
    return Block(
        table.replace("_", "-"),
        title,
        chart=Heat(title, "count", names_, names_, tuple(drawn)),
        table=Table((_("Pair"), _("People in common")), rows),
        notes=notes,
    )


def _side(view: View, crossed: Published, table: str, side: str) -> str:
    _ = view.language
    if table == "industry_pair":
        return names.cohort(_, f"industry:{side}")
    if table == "county_pair":
        return COUNTIES[side].name if side in COUNTIES else side
    return crossed.members.get(side, side)


def _penetration(view: View, crossed: Published) -> Block | None:
    """The share of a county's inhabitants that the members reach."""
    _ = view.language
    cells = {cell.category: cell for cell in _cells(crossed, "penetration", "share")}
    if not cells:
        return None
    title = _("Share of the inhabitants that the members reach")
    if all(cell.value is None for cell in cells.values()):
        return Block("penetration", title, empty=_withheld(view, list(cells.values())))
    tiles, rows = [], []
    for code, (column, row) in _PLACES.items():
        cell, name = cells.get(code), COUNTIES[code].name
        text = _text(view, cell) if cell else _("withheld")
        value = float(cell.value) if cell and cell.value is not None else None
        tiles.append(Tile(name, name, column, row, value, f"{name}: {text}"))
        rows.append((Value(name), _value(view, cell)))
    return Block(
        "penetration",
        title,
        _("The rest are those who use none of the members."),
        Tiles(title, "share", tuple(tiles)),
        Table((_("County"), _("Share of the inhabitants")), tuple(rows)),
    )


def _groups(view: View, crossed: Published) -> Block | None:
    _ = view.language
    cells = _cells(crossed, "group")
    if not cells:
        return None
    title = _("By group of the audience")
    if all(cell.value is None for cell in cells):
        return Block("groups", title, empty=_withheld(view, cells))
    measures = list(dict.fromkeys(cell.measure for cell in cells))
    said = {
        "people": _("different people"),
        "institutions_per_person": _("institutions per person"),
        "share": _("share of people"),
    }
    found = {(cell.category, cell.measure): cell for cell in cells}
    rows = tuple(
        (Value(names.category(_, "group", category)), *(_value(view, found.get((category, each))) for each in measures))
        for category in dict.fromkeys(cell.category for cell in cells)
    )
    return Block("groups", title, table=Table((_("Group"), *(said.get(each, each) for each in measures)), rows))
