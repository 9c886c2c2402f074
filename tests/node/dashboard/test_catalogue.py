"""Pages over a benchmark with every table of the catalogue: each category has its words, and nothing breaks a page."""

from dataclasses import replace

import pytest

from node.dashboard import names
from node.dashboard.access import Door
from node.dashboard.asked import asked
from node.dashboard.language import CODES, Language
from node.dashboard.model import Page
from node.dashboard.own import Exact, Own
from node.dashboard.pages.index import PAGES
from node.dashboard.rendering import page_html
from node.dashboard.sector import Against, Published
from node.dashboard.view import View
from node.home import Home
from privacy.catalogue.dimensions import DIMENSIONS, TIERS
from privacy.catalogue.tables import TABLES
from privacy.estimate.body import SUM_NAMES, Cell
from tests.node.cli.run import initialised, sales_file
from tests.node.dashboard.test_pages import WINDOW, own, view
from tests.privacy.estimate.rounds_of import a_round, figure, withheld

RATIOS = ("revenue_per_customer_ore", "purchase_frequency", "revenue_per_ticket_ore", "average_ticket_price_ore")


def everything(*, hidden: bool = False) -> Published:
    """Every measure of every category of every table, shown or withheld; and what stands at tiers and at the whole."""

    def of(measure: str, value: float, table: str, category: str) -> Cell:
        if hidden:
            return withheld(measure, table=table, category=category)
        return figure(measure, value, value / 50, table=table, category=category)

    cells = [
        of(measure, 600 + 7 * at, name, category)
        for name, table in TABLES.items()
        for at, category in enumerate(table.dimension.categories)
        for measure in SUM_NAMES.values()
    ]
    for name, table in TABLES.items():
        cells += [of(ratio, 2.5, name, category) for category in table.dimension.categories for ratio in RATIOS]
    for tier in TIERS:
        cells += [of(kpi, 0.25, "value_tier", tier) for kpi in ("customer_share", "revenue_share", "clv_ore")]
        cells += [of(kpi, 0.5, "migration", tier) for kpi in ("retention", "duration_years")]
    cells += [of("retention", 0.5, "age_band", category) for category in DIMENSIONS["age_band"].categories]
    cells += [of(f"{name}_cut", 0.1, "totals", "all") for name in ("orders", "tickets", "revenue")]
    cells += [of("portfolio_value_ore", 1e9, "totals", "all"), of("revenue_beyond_wide", 0.02, "totals", "all")]
    return Published(a_round(2025, cells))


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Own:
    """The own figures of a few sales, as the dashboard computes them."""
    folder = tmp_path_factory.mktemp("mine")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    return Exact(Home(node.home)).figures(WINDOW)


def made(seen: View, key: str) -> Page:
    page = PAGES[key].make(seen)
    assert page.title in page_html(seen, page, asked({}), Door.new())
    return page


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("hidden", [False, True])
def test_every_page_of_everything_can_be_made(mine: Own, code: str, hidden: bool) -> None:
    of = everything(hidden=hidden)
    seen = replace(view(of, mine), language=Language("nb" if code == "nb" else "en"))
    for each in (seen, replace(seen, own=None, viewer=True), replace(seen, own=None)):
        for key in PAGES:
            made(each, key)


def test_a_viewer_sees_tiers_migration_and_two_way_tables_of_the_cohort() -> None:
    seen = replace(view(everything(), None), viewer=True)
    value = made(seen, "value")
    tiers, moves = value.block("cohort-tiers"), value.block("cohort-moves")
    assert tiers is not None
    assert tiers.table is not None
    assert len(tiers.table.rows) == len(TIERS)
    assert moves is not None
    assert moves.chart is not None
    assert moves.table is not None
    assert len(moves.table.rows) == len(TIERS) + 2
    assert made(seen, "audience").block("gender-age-cohort") is not None
    assert made(seen, "segments").block("crossed-cohort") is not None
    assert made(seen, "loyalty").block("flow-age-cohort") is not None
    assert made(seen, "tickets").block("type-month-cohort") is not None
    cut = made(seen, "quality").block("cut")
    assert cut is not None
    assert cut.table is not None
    assert len(cut.table.rows) == 4


def test_own_figures_stand_beside_tiers_by_the_same_limits(mine: Own) -> None:
    cells = {("value_tier", tier, "revenue_share"): 0.2 for tier in TIERS}
    seen = replace(view(everything(), mine), cells=cells)
    block = made(seen, "value").block("cohort-tiers")
    assert block is not None
    assert block.table is not None
    assert [row[2].text for row in block.table.rows if row[0].text.endswith(": you")] == ["20.0%"] * len(TIERS)


def test_harmonised_genres_take_the_place_of_own_words_beside_a_cohort() -> None:
    words = own(genre=[{"genre": "Ærlig drama", "customers": 3, "orders": 3, "tickets": 3, "revenue_ore": 1}])
    seen = replace(view(everything(), words), against=Against(everything(), "network"))
    assert seen.categories("genre") == DIMENSIONS["genre"].categories
    block = made(seen, "audience").block("own-genres")
    assert block is not None
    assert block.table is not None
    assert block.table.rows[0][0].text == "Ærlig drama"


@pytest.mark.parametrize("code", CODES)
def test_every_category_of_the_catalogue_has_words(code: str) -> None:
    """Each its own, and none as programs write it."""
    language = Language("nb" if code == "nb" else "en")
    for name, dimension in DIMENSIONS.items():
        if dimension.parts:
            continue
        assert name == "all" or names.table(language, name) != name.replace("_", " ") or name in names.TABLES, name
        said = [names.category(language, name, category) for category in dimension.categories]
        assert len(set(said)) == len(said), name
        assert not any("_" in words for words in said), name
