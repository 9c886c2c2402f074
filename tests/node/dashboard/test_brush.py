"""Brushing a chart in a real browser: months are dragged over, and the others step back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.node.cli.run import initialised, sales_file
from tests.node.dashboard.browser import Watched, chromium, needs_browser, watched
from tests.node.dashboard.house import Dashboard, dashboard

pytestmark = needs_browser

POINTS = "#months .plot g.mark-symbol path"
BEHIND = 0.25


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("brush")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    with dashboard(node.home) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def strength(tab: Watched) -> dict[str, float]:
    """How strongly the point of each month is drawn, in the order of the months, by what it says."""
    found = tab.page.locator(POINTS).evaluate_all(
        "all => all.map((each) => [each.getAttribute('aria-label'), Number(each.getAttribute('opacity') ?? 1)])"
    )
    return {label: opacity for label, opacity in found if label}


def drag(tab: Watched, first: int, last: int) -> None:
    """From a little before one point to a little after another, in the middle of the chart."""
    points = [tab.page.locator(POINTS).nth(at).bounding_box() for at in (first, last)]
    plot = tab.page.locator("#months .plot svg").bounding_box()
    assert plot is not None
    one, other = points
    assert one is not None
    assert other is not None
    height = plot["y"] + plot["height"] / 2
    mouse = tab.page.mouse
    mouse.move(one["x"] - 8, height)
    mouse.down()
    mouse.move((one["x"] + other["x"]) / 2, height, steps=5)
    mouse.move(other["x"] + other["width"] + 8, height, steps=5)
    mouse.up()


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_months_that_are_brushed_stand_out_until_the_brush_is_taken_away(
    browser: Browser, served: Dashboard, shade: str
) -> None:
    """Under the page's policy, which allows no evaluation of text: of that the browser would complain."""
    with watched(browser, served, language="en-GB", shade="dark" if shade == "dark" else "light") as tab:
        tab.speak("English")
        tab.open("/money")
        tab.page.locator("#months .plot").scroll_into_view_if_needed()
        before = strength(tab)
        assert len(before) == 8
        assert set(before.values()) == {1}
        drag(tab, 2, 4)
        tab.page.wait_for_function(
            "([points, weak]) => document.querySelector(points).getAttribute('opacity') == weak", arg=[POINTS, BEHIND]
        )
        after = strength(tab)
        assert list(after) == list(before)
        assert [at for at, each in enumerate(after.values()) if each == 1] == [2, 3, 4]
        assert {each for at, each in enumerate(after.values()) if at not in (2, 3, 4)} == {BEHIND}
        assert tab.page.locator("#months .plot g[class*=_brush]").first.get_attribute("aria-hidden") == "true"
        assert tab.faults() == []
        tab.page.locator("#months .plot").scroll_into_view_if_needed()
        box = tab.page.locator(POINTS).nth(6).bounding_box()
        assert box is not None
        tab.page.mouse.click(box["x"] + 14, box["y"] - 40)
        tab.page.wait_for_function(
            "([points, weak]) => document.querySelector(points).getAttribute('opacity') != weak", arg=[POINTS, BEHIND]
        )
        assert strength(tab) == before
        assert tab.complaints == []
        assert tab.elsewhere == []
