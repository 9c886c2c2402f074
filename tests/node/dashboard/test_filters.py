"""Each filter in a real browser: the own figure and the cohort's on the tiles are those of what was chosen."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator

from tests.node.dashboard.browser import Watched, chromium, needs_browser, watched
from tests.node.dashboard.house import Dashboard, dashboard
from tests.node.dashboard.member import Sale, made, members, of_year, round_of, theirs

pytestmark = needs_browser

NETWORK, BIG, SMALL = "network", "size:large", "size:small"
TOTALS = ("totals", "all")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(made(tmp_path_factory.mktemp("member")).path) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Browser, served: Dashboard) -> Iterator[Watched]:
    with watched(browser, served, language="en-GB") as found:
        found.speak("English")
        found.open(f"/?months={round_of(2025)}&cohort={NETWORK}")
        yield found
        assert found.complaints == []
        assert found.elsewhere == []


def choose(tab: Watched, name: str, value: str) -> None:
    """As a reader does: another option of a filter, which asks for the page anew."""
    select = tab.page.locator(f"select[name={name}]")
    assert select.input_value() != value
    with tab.page.expect_navigation():
        select.select_option(value)
    tab.drawn()
    assert tab.page.locator(f"select[name={name}]").input_value() == value


def number(text: str) -> int | None:
    """A figure without its uncertainty, its unit and the marks between its thousands; None where there is none."""
    digits = re.sub(r"\D", "", text.partition("±")[0])
    return int(digits) if digits else None


def own(tab: Watched, figure: str) -> int | None:
    """The own figure of a tile."""
    return number(_tile(tab, figure).locator(".own").inner_text())


def beside(tab: Watched, figure: str) -> int | None:
    """The cohort's figure of a tile, per member."""
    shown = _tile(tab, figure).locator(".theirs")
    if shown.count() == 0:
        return None
    return number(shown.evaluate("each => each.lastChild.textContent"))


def _tile(tab: Watched, figure: str) -> Locator:
    return tab.page.locator(".tile").filter(has=tab.page.get_by_role("link", name=figure, exact=True))


def of_cohort(year: int, cohort: str, measure: str, table: str = "totals", category: str = "all") -> int:
    """What is published, per member."""
    cell = theirs(year, cohort, table, category, measure)
    found = cell.value if cell.uncut is None else cell.uncut
    assert found is not None
    return round(int(found) / cell.members)


def test_the_months_are_those_of_both_figures(tab: Watched) -> None:
    seen = set()
    for year in (2024, 2025):
        if tab.page.locator("select[name=months]").input_value() != round_of(year):
            choose(tab, "months", round_of(year))
        assert own(tab, "Customers") == len(of_year(year))
        assert own(tab, "Tickets") == sum(each.quantity for each in of_year(year))
        assert beside(tab, "Customers") == of_cohort(year, NETWORK, "customers")
        seen.add((own(tab, "Customers"), beside(tab, "Customers")))
    assert len(seen) == 2
    choose(tab, "months", "own")
    assert own(tab, "Customers") == len(of_year(2025))
    assert beside(tab, "Customers") is None
    tab.open("/?months=days&first=2025-04-01&last=2025-06-30")
    assert own(tab, "Customers") == len(of_year(2025, lambda each: 4 <= each.day.month <= 6))


def test_a_cohort_by_industry_county_size_or_the_network_has_its_own_figure(tab: Watched) -> None:
    """Among those that are offered is one of each, and the reader's own figure stays."""
    shown = {NETWORK: beside(tab, "Customers")}
    for cohort in ("industry:museum", "industry:performing-arts", "county:46", SMALL, BIG):
        choose(tab, "cohort", cohort)
        shown[cohort] = beside(tab, "Customers")
        assert own(tab, "Customers") == len(of_year(2025))
    assert shown == {cohort: of_cohort(2025, cohort, "customers") for cohort in shown}
    assert len({shown[cohort] for cohort in (NETWORK, "industry:museum", "county:46", SMALL, BIG)}) == 5


@pytest.mark.parametrize(
    ("language", "said"), [("English", "Institutions that are small"), ("Norsk", "Institusjoner som er små")]
)
def test_a_cohort_by_size_is_named_with_its_members(tab: Watched, language: str, said: str) -> None:
    tab.speak(language)
    option = tab.page.locator(f"select[name=cohort] option[value='{SMALL}']")
    small = sum(each.size_class == "small" for each in members())
    assert option.inner_text().startswith(said)
    assert str(small) in option.inner_text()
    choose(tab, "cohort", SMALL)
    assert said in tab.page.locator("main .key").inner_text()
    assert beside(tab, "Kunder" if language == "Norsk" else "Customers") == of_cohort(2025, SMALL, "customers")


GROUPS: dict[str, Callable[[Sale], bool]] = {
    "age_band/35-44": lambda each: each.birth_year == 1990,
    "age_band/55-66": lambda each: each.birth_year == 1960,
    "gender/female": lambda each: each.gender == "female",
    "gender/male": lambda each: each.gender == "male",
    "county/03": lambda each: each.postcode == "0150",
    "county/46": lambda each: each.postcode == "5003",
    "segment/essence": lambda each: each.segment == "Essence",
    "segment/release": lambda each: each.segment == "Release",
}


@pytest.mark.parametrize("who", GROUPS)
def test_a_part_of_the_audience_has_its_own_figures(tab: Watched, who: str) -> None:
    everybody = own(tab, "Customers"), beside(tab, "Customers")
    choose(tab, "who", who)
    table, _, category = who.partition("/")
    mine = of_year(2025, GROUPS[who])
    assert own(tab, "Customers") == len(mine)
    assert own(tab, "Tickets") == sum(each.quantity for each in mine)
    assert own(tab, "Revenue") == sum(each.kroner for each in mine)
    assert beside(tab, "Customers") == of_cohort(2025, NETWORK, "customers", table, category)
    assert {own(tab, "Customers"), beside(tab, "Customers")}.isdisjoint(everybody)
    choose(tab, "who", "")
    assert (own(tab, "Customers"), beside(tab, "Customers")) == everybody


GENRES = {"theatre": "Teater", "opera": "Opera"}


@pytest.mark.parametrize("genre", GENRES)
def test_a_genre_has_its_own_figures_beside_the_cohorts(tab: Watched, genre: str) -> None:
    """The benchmark tells tickets and revenue of a genre, and no customers."""
    choose(tab, "who", f"genre/{genre}")
    mine = of_year(2025, lambda each: each.genre == GENRES[genre])
    assert own(tab, "Tickets") == sum(each.quantity for each in mine)
    assert own(tab, "Revenue") == sum(each.kroner for each in mine)
    assert beside(tab, "Tickets") == of_cohort(2025, NETWORK, "tickets", "genre", genre)
    assert beside(tab, "Customers") is None


def test_alone_a_genre_is_the_institutions_own_word(tab: Watched) -> None:
    choose(tab, "months", "own")
    for word in GENRES.values():
        choose(tab, "who", f"genre/{word}")
        mine = of_year(2025, lambda each, word=word: each.genre == word)  # type: ignore[misc]
        assert own(tab, "Customers") == len(mine)
        assert own(tab, "Tickets") == sum(each.quantity for each in mine)


def test_filters_are_chosen_together_and_go_along_to_other_pages(tab: Watched) -> None:
    choose(tab, "months", round_of(2024))
    choose(tab, "cohort", SMALL)
    choose(tab, "who", "gender/female")
    assert own(tab, "Customers") == len(of_year(2024, GROUPS["gender/female"]))
    assert beside(tab, "Customers") == of_cohort(2024, SMALL, "customers", "gender", "female")
    with tab.page.expect_navigation():
        tab.page.locator("nav").get_by_role("link", name="Price and revenue").click()
    tab.drawn()
    assert tab.page.locator("select[name=months]").input_value() == round_of(2024)
    assert tab.page.locator("select[name=cohort]").input_value() == SMALL
    row = tab.page.locator("#figures tbody tr").filter(has_text="Orders").first
    assert number(row.locator("td").first.inner_text()) == len(of_year(2024))
