"""The picture of a published round of cross-use: what pairs of groups share, flows, how many use how many.

Made of the published figures alone: what is withheld is shown as withheld. In English or bokmål.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from privacy.catalogue.institutions import COUNTIES
from privacy.estimate.body import Body, Cell
from privacy.pictures import flow, heatmap
from privacy.pictures.heatmap import Shared
from privacy.pictures.svg import PALETTE, Picture, on

Language = Literal["en", "nb"]

_MARGIN, _BETWEEN, _BAR = 30, 36, 160
_HEADING, _FLOW, _RADIUS = 560, 480, 140
_FEWEST_FLOWS = 2
"""Ribbons; a single one fills the circle and says nothing."""
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Cross-use",
        "industry_pair": "People in common, by industry",
        "county_pair": "People in common, by the institutions' county",
        "pair": "People in common, of institutions that may be named",
        "flow": "The same as flows",
        "multiplicity": "How many institutions people use",
        "reach": "different people reached",
        "withheld": "withheld",
        "point": ".",
        "note": "± is two standard errors: the truth lies within 19 times in 20. A dash is withheld.",
        "description": "Heat maps of how many people pairs of groups have in common, flows, and multiplicity.",
    },
    "nb": {
        "title": "Kryssbruk",
        "industry_pair": "Felles publikum, etter bransje",
        "county_pair": "Felles publikum, etter institusjonenes fylke",
        "pair": "Felles publikum, for institusjoner som kan nevnes ved navn",
        "flow": "Det samme som strømmer",
        "multiplicity": "Hvor mange institusjoner folk bruker",
        "reach": "ulike mennesker nådd",
        "withheld": "holdt tilbake",
        "point": ",",
        "note": "± er to standardfeil: sannheten ligger innenfor 19 av 20 ganger. En strek er holdt tilbake.",
        "description": "Varmekart over hvor mange mennesker par av grupper har felles, strømmer, og flerbruk.",
    },
}
_INDUSTRIES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "performing-arts": "Performing arts",
        "museum": "Museums",
        "visual-art": "Visual art",
        "orchestra": "Orchestras",
        "concert-hall": "Concert halls",
        "festival": "Festivals",
        "opera-and-ballet": "Opera and ballet",
        "culture-house": "Culture houses",
        "heritage": "Heritage",
        "other": "Other",
    },
    "nb": {
        "performing-arts": "Scenekunst",
        "museum": "Museer",
        "visual-art": "Visuell kunst",
        "orchestra": "Orkestre",
        "concert-hall": "Konserthus",
        "festival": "Festivaler",
        "opera-and-ballet": "Opera og ballett",
        "culture-house": "Kulturhus",
        "heritage": "Kulturarv",
        "other": "Annet",
    },
}
PAIR_TABLES = ("industry_pair", "county_pair", "pair")


def drawn(body: Body, members: Mapping[str, str], language: Language = "en") -> str:
    """The picture as the text of an SVG. `members` has the names of members by id, for pairs that are named."""
    words = _WORDS[language]
    panels = [panel for table in PAIR_TABLES if (panel := _panel(body, table, members, language)) is not None]
    across = max([_HEADING, *(heatmap.size_of(panel.labels)[0] for panel in panels)])
    flows = any(panel.flows for panel in panels)
    width = 2 * _MARGIN + across + (_FLOW if flows else 0)
    height = _MARGIN + sum(panel.height + _BETWEEN for panel in panels) + _BAR
    picture = Picture(width, height, words["title"], words["description"])
    y = _MARGIN
    for panel in panels:
        heatmap.draw(picture, _MARGIN, y, words[panel.table], panel.labels, panel.pairs)
        if panel.flows:
            left = _MARGIN + across
            picture.text(left + _FLOW / 2, y + 14, words["flow"], "title", "middle")
            flow.draw(picture, (left + _FLOW / 2, y + 54 + _RADIUS), _RADIUS, panel.labels, panel.flows)
        y += panel.height + _BETWEEN
    _multiplicity(picture, _MARGIN, y, body, words, width - 2 * _MARGIN)
    picture.text(_MARGIN, height - 12, words["note"], "small quiet")
    return picture.written()


@dataclass(frozen=True)
class _Panel:
    """A table of pairs: its groups' names, what pairs share, and the flows, where there are enough to look at."""

    table: str
    labels: Sequence[str]
    pairs: Mapping[tuple[int, int], Shared]
    flows: Mapping[tuple[int, int], float]

    @property
    def height(self) -> int:
        own = heatmap.size_of(self.labels)[1]
        return max(own, 2 * _RADIUS + 90) if self.flows else own


def _panel(body: Body, table: str, members: Mapping[str, str], language: Language) -> _Panel | None:
    groups, cells = _pairs(body, table)
    if not groups:
        return None
    pairs = {where: _shared(cell, _WORDS[language]) for where, cell in cells.items()}
    between = {
        where: pair.value
        for where, pair in pairs.items()
        if pair.value is not None and pair.value > 0 and where[0] != where[1]
    }
    labels = [_label(table, group, members, language) for group in groups]
    return _Panel(table, labels, pairs, between if len(between) >= _FEWEST_FLOWS else {})


def _pairs(body: Body, table: str) -> tuple[Sequence[str], dict[tuple[int, int], Cell]]:
    """The groups of a table of pairs in their order, and its cells by two positions, the later group first."""
    cells = [cell for cell in body.cells if cell.table == table]
    groups = sorted({group for cell in cells for group in cell.category.split("+")})
    at = {group: index for index, group in enumerate(groups)}
    found: dict[tuple[int, int], Cell] = {}
    for cell in cells:
        one, other = (at[group] for group in cell.category.split("+"))
        found[max(one, other), min(one, other)] = cell
    return groups, found


def _shared(cell: Cell, words: Mapping[str, str]) -> Shared:
    if cell.value is None or cell.standard_error is None:
        return Shared(None, None, f"{words['withheld']} ({cell.reason})")
    return Shared(float(cell.value), float(cell.standard_error), "")


def _label(table: str, group: str, members: Mapping[str, str], language: Language) -> str:
    if table == "industry_pair":
        return _INDUSTRIES[language].get(group, group)
    if table == "county_pair":
        return COUNTIES[group].name if group in COUNTIES else group
    return members.get(group, group)


def _multiplicity(picture: Picture, x: float, y: float, body: Body, words: Mapping[str, str], width: float) -> None:
    """A bar of all people, divided by how many institutions they use, and the reach below its heading."""
    picture.text(x, y + 14, words["multiplicity"], "title")
    reach = next((cell for cell in body.cells if (cell.table, cell.category) == ("reach", "all")), None)
    if reach is not None and reach.value is not None and reach.standard_error is not None:
        said = f"{_count(float(reach.value))} ±{_count(2 * float(reach.standard_error))} {words['reach']}"
        picture.text(x, y + 36, said)
    at, withheld = x, []
    shares = [cell for cell in body.cells if cell.table == "multiplicity" and cell.measure == "share"]
    for index, cell in enumerate(shares):
        if cell.value is None:
            withheld.append(cell.category)
            continue
        share = max(0.0, min(1.0, float(cell.value)))
        step = min(len(PALETTE) - 1, index + 1)
        picture.box(at, y + 48, width * share, 46, PALETTE[step], f"{cell.category}: {_percent(share, words)}")
        if share > 0.05:
            picture.text(at + width * share / 2, y + 68, cell.category, anchor="middle", fill=on(step))
            picture.text(at + width * share / 2, y + 85, _percent(share, words), "small", "middle", fill=on(step))
        at += width * share
    if withheld:
        picture.text(x, y + 114, f"{words['withheld']}: {', '.join(withheld)}", "small quiet")


def _percent(share: float, words: Mapping[str, str]) -> str:
    return f"{100 * share:.1f} %".replace(".", words["point"])


def _count(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u202f")
