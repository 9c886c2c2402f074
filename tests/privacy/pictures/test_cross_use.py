"""The picture of a round of cross-use shows what is published, and nothing of what is withheld."""

from xml.etree.ElementTree import Element, fromstring

import pytest

from privacy.estimate.body import Body, Cell, CohortLine
from privacy.pictures.cross_use import Language, drawn
from privacy.pictures.flow import COLOURS
from privacy.pictures.svg import PALETTE

SVG = "{http://www.w3.org/2000/svg}"


def cell(
    table: str, category: str, value: int | str | None, measure: str = "people", reason: str | None = None
) -> Cell:
    error = None if value is None else "12.50"
    status = "suppressed" if value is None else "published"
    return Cell("network", table, category, measure, value, error, value, value, 12, status, reason)  # type: ignore[arg-type]


def body(*cells: Cell) -> Body:
    return Body((CohortLine("network", 12, "published", None),), cells)


WHOLE = body(
    cell("industry_pair", "museum+museum", 4321),
    cell("industry_pair", "museum+performing-arts", 12345),
    cell("industry_pair", "performing-arts+performing-arts", None, reason="DOMINATED"),
    cell("county_pair", "03+46", 777),
    cell("county_pair", "03+03", 10),
    cell("county_pair", "46+46", 20),
    cell("pair", "fjordteatret+glassverket", 99),
    cell("reach", "all", 150000),
    cell("multiplicity", "1", "0.8123", "share"),
    cell("multiplicity", "2", "0.1500", "share"),
    cell("multiplicity", "3-5", "0.0377", "share"),
    cell("multiplicity", "6+", None, "share", "MOSTLY_NOISE"),
)
NAMES = {"fjordteatret": "Fjordteatret", "glassverket": "Glassverket <museum> & sønner"}


def read(svg: str) -> Element:
    return fromstring(svg)  # noqa: S314  our own, and that it reads is what is tested


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in read(svg).iter(f"{SVG}text")]


def hints(svg: str) -> list[str]:
    return [each.text or "" for each in read(svg).iter(f"{SVG}title")]


def test_every_published_figure_is_there_and_what_is_withheld_is_said() -> None:
    svg = drawn(WHOLE, NAMES)
    said = texts(svg)
    for figure in ("4\u202f321", "12\u202f345", "777", "99", "±25", "Museums", "Oslo", "Vestland", "Fjordteatret"):
        assert figure in said
    assert any("DOMINATED" in hint for hint in hints(svg))
    assert "withheld: 6+" in said
    assert "150\u202f000 ±25 different people reached" in said


def test_a_name_from_elsewhere_stays_a_text() -> None:
    svg = drawn(WHOLE, NAMES)
    assert "<museum>" not in svg
    assert any("Glassverket" in text for text in texts(svg))


@pytest.mark.parametrize(("language", "word"), [("en", "The same as flows"), ("nb", "Det samme som strømmer")])
def test_it_speaks_both_languages(language: Language, word: str) -> None:
    flows = body(*(cell("industry_pair", f"{each}+orchestra", 9) for each in ("festival", "museum")))
    assert word in texts(drawn(flows, {}, language))


def test_a_ribbon_for_each_pair_of_different_groups_and_none_for_what_is_withheld() -> None:
    ribbons = [each for each in read(drawn(WHOLE, NAMES)).iter(f"{SVG}path") if each.get("fill-opacity") == "0.55"]
    assert not ribbons  # one alone fills the circle and says nothing
    many = body(
        *(cell("industry_pair", pair, 9) for pair in ("festival+museum", "museum+orchestra", "orchestra+orchestra")),
        cell("industry_pair", "festival+orchestra", None, reason="DOMINATED"),
    )
    paths = read(drawn(many, {})).iter(f"{SVG}path")
    assert len([each for each in paths if each.get("fill-opacity") == "0.55"]) == 2
    only = body(
        cell("industry_pair", "museum+museum", 5), cell("industry_pair", "museum+orchestra", None, reason="DOMINATED")
    )
    assert not list(read(drawn(only, {})).iter(f"{SVG}path"))


def test_more_is_darker() -> None:
    pairs = (("festival", 1), ("museum", 50), ("orchestra", 100))
    svg = read(drawn(body(*(cell("industry_pair", f"{each}+{each}", value) for each, value in pairs)), {}))
    fills = [box.get("fill") for box in svg.iter(f"{SVG}rect") if box.get("fill")]
    assert fills == [PALETTE[0], PALETTE[3], PALETTE[5]]


def test_nothing_published_is_a_picture_too() -> None:
    assert read(drawn(body(), {})).tag == f"{SVG}svg"
    negative = body(cell("industry_pair", "museum+orchestra", -3), cell("multiplicity", "1", "-0.0100", "share"))
    assert read(drawn(negative, {})).tag == f"{SVG}svg"


def test_nothing_in_it_is_fetched_or_runs() -> None:
    svg = drawn(WHOLE, NAMES)
    assert "<script" not in svg
    assert "href" not in svg
    assert svg.count("http") == svg.count("http://www.w3.org/2000/svg") == 1
    assert len(set(COLOURS)) == len(COLOURS)
