"""The dashboard in a real browser, over a federation that has published two rounds: a minute or two in all."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from node.dashboard.names import REASONS
from node.dashboard.pages.index import PAGES
from protos.kudos.v1.envelope_pb2 import Envelope
from tests.federation.history import SECOND
from tests.federation.house import MEMBERS, Federation, Serving
from tests.node.cli.run import Node, initialised
from tests.node.dashboard.browser import Watched, chromium, needs_browser, watched
from tests.node.dashboard.house import Dashboard, dashboard

pytestmark = needs_browser

ME = MEMBERS[1]
PATHS = ["/" if key == "overview" else f"/{key}" for key in PAGES]


@pytest.fixture(scope="module")
def federation(past: Federation, tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """A copy of the federation that has published two rounds of tables."""
    return past.copied(tmp_path_factory.mktemp("dashboard") / "past")


@pytest.fixture(scope="module")
def served(federation: Federation) -> Iterator[Dashboard]:
    with dashboard(federation.home(ME).path) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(params=["nb-NO", "en-GB"])
def tab(request: pytest.FixtureRequest, browser: Browser, served: Dashboard) -> Iterator[Watched]:
    with watched(browser, served, language=request.param) as found:
        found.speak("English" if request.param == "en-GB" else "Norsk")
        yield found


def test_every_page_is_whole_quiet_and_accessible(tab: Watched) -> None:
    for path in PATHS:
        tab.open(path)
        assert tab.page.locator("h1").count() == 1
        assert tab.page.locator("section.card, .tile").count() >= 1, path
        assert tab.faults() == [], path
    assert tab.complaints == []
    assert tab.elsewhere == []


@pytest.mark.parametrize(("shade", "width"), [("dark", 1280), ("light", 360), ("dark", 360)])
def test_pages_are_accessible_in_the_dark_and_on_a_phone(
    browser: Browser, served: Dashboard, shade: str, width: int
) -> None:
    with watched(browser, served, shade="dark" if shade == "dark" else "light", width=width) as tab:
        for path in PATHS:
            tab.open(path)
            assert tab.faults() == [], path
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert tab.complaints == []


def test_every_choice_of_every_filter_can_be_made(tab: Watched) -> None:
    """What each shows: `tests/node/dashboard/test_filters.py`."""
    tab.open("/")
    for name in ("months", "cohort", "who"):
        select = tab.page.locator(f"select[name={name}]")
        options = select.locator("option").evaluate_all("all => all.map((each) => each.value)")
        assert len(options) >= 2, name
        for value in options:
            with tab.page.expect_navigation():
                tab.page.locator(f"select[name={name}]").evaluate(
                    "(each, value) => { each.value = value; each.dispatchEvent(new Event('change', {bubbles: true})) }",
                    value,
                )
            tab.drawn()
            if tab.page.locator(f"select[name={name}]").count() == 0:  # one's own months have no cohort beside them
                tab.open("/")
                continue
            assert tab.page.locator(f"select[name={name}]").input_value() == value
        tab.open("/")
    assert tab.complaints == []
    assert tab.elsewhere == []


def test_tiles_are_chosen_and_ordered_by_keyboard_and_kept(browser: Browser, served: Dashboard) -> None:
    with watched(browser, served, language="en-GB") as tab:
        page = tab.page
        tab.speak("English")
        page.locator("summary", has_text="Choose tiles").press("Enter")
        before = page.locator(".tile h2").all_inner_texts()
        with page.expect_navigation():
            page.get_by_role("button", name=f"Later: {before[0]}").press("Enter")
        assert page.locator(".tile h2").all_inner_texts()[:2] == [before[1], before[0]]
        page.locator("summary", has_text="Choose tiles").press("Enter")
        page.get_by_label("Revenue", exact=True).check()
        with page.expect_navigation():
            page.get_by_role("button", name="Keep").press("Enter")
        chosen = page.locator(".tile h2").all_inner_texts()
    with watched(browser, served, language="en-GB") as tab:
        assert tab.page.locator(".tile h2").all_inner_texts() == chosen
        assert "Revenue" in chosen


def test_the_skip_link_is_first_and_every_control_is_reached_by_keyboard(browser: Browser, served: Dashboard) -> None:
    with watched(browser, served) as tab:
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        tab.open("/value")
        slider = tab.page.locator("#slider-recruitment")
        slider.focus()
        before = tab.page.locator("#forecast .said").inner_text()
        for _ in range(10):
            tab.page.keyboard.press("ArrowRight")
        tab.page.wait_for_function("text => document.querySelector('#forecast .said').innerText !== text", arg=before)
        tab.drawn()
        assert tab.page.evaluate("document.activeElement.id") == "slider-recruitment"
        assert tab.complaints == []


def test_a_chart_has_a_name_a_table_and_three_downloads(tab: Watched) -> None:
    tab.open("/money")
    card = tab.page.locator("#months")
    assert card.locator(".plot").get_attribute("aria-label")
    for form, begin in (("CSV", b"\xef\xbb\xbf"), ("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with tab.page.expect_download() as waiting:
            card.get_by_role("link", name=form).click()
        assert Path(waiting.value.path()).read_bytes().startswith(begin)
    card.locator("summary").click()
    assert card.locator("tbody tr").count() >= 12


def test_no_exact_figure_reaches_the_coordinator(federation: Federation, browser: Browser) -> None:
    """Every page is read while the coordinator serves: it is asked for nothing, and its store stays as it was."""
    with Serving(federation.coordinator), dashboard(federation.home(ME).path) as served:
        before = federation.coordinator.rows()
        with watched(browser, served) as tab:
            for path in PATHS:
                tab.open(path)
        assert federation.coordinator.rows() == before


LEVELS = ("leadership", "planning", "systems", "analysis")


def test_what_is_written_on_pages_stays_until_the_agent_goes_and_then_nothing_else_leaves(
    past: Federation, browser: Browser, tmp_path: Path
) -> None:
    """Every form is filled in by a person while the coordinator serves; of it all the text alone comes there."""
    federation = past.copied(tmp_path / "past")
    node, text = federation.node(ME), "Vi åpnet dørene tidligere.\n<b>Flere</b> kom."
    with Serving(federation.coordinator), dashboard(node.home) as served:
        before = federation.coordinator.rows()
        with watched(browser, served, language="en-GB") as tab:
            page = tab.page
            tab.speak("English")
            tab.open("/events")
            page.get_by_label("What it was").fill("Åpnet tidligere")
            page.get_by_label("First day").fill("2025-09-01")
            with page.expect_navigation():
                page.get_by_role("button", name="Register").press("Enter")
            assert page.get_by_role("link", name="Åpnet tidligere").count() == 1
            tab.open(f"/insights?months={SECOND}")
            assert page.locator("textarea").input_value() == ""
            page.locator("textarea").fill(text)
            with page.expect_navigation():
                page.get_by_role("button", name="Share").press("Enter")
            assert "On its way" in page.locator("main").inner_text()
            tab.open("/self-assessment")
            for driver in LEVELS:
                page.locator(f"input[name={driver}]").nth(2).check()
            page.get_by_label("What it rests on").fill("Et møte 17. mai")
            with page.expect_navigation():
                page.get_by_role("button", name="Keep").press("Enter")
            tab.drawn()
            for path in ("/events", "/insights", "/self-assessment"):
                tab.open(path)
                assert tab.faults() == [], path
            assert tab.complaints == []
            assert tab.elsewhere == []
        assert federation.coordinator.rows() == before
        assert node("run", "--once").status == 0
        after = federation.coordinator.rows()
    changed = {name for name in before if after[name] != before[name]}
    assert changed <= {"insights", "insight_readers", "events"}, changed
    (row,) = after["insights"]
    envelope = Envelope.FromString(next(value for value in reversed(row) if isinstance(value, bytes)))
    said = json.loads(envelope.payload)
    assert said.pop("text") == text
    assert set(said) == {"v", "coordinator", "member", "round", "benchmark", "cohort", "written"}
    assert "17. mai" not in repr(after)
    assert "Åpnet tidligere" not in repr(after)


def test_a_hostile_text_of_another_member_stays_text(past: Federation, browser: Browser, tmp_path: Path) -> None:
    federation = past.copied(tmp_path / "past")
    with Serving(federation.coordinator):
        assert federation.node(MEMBERS[0])("insight", "share", HOSTILE, "--round", SECOND).status == 0
        assert federation.node(ME)("run", "--once").status == 0
    with dashboard(federation.home(ME).path) as served, watched(browser, served) as tab:
        for language in ("Norsk", "English"):
            tab.speak(language)
            tab.open("/insights")
            assert tab.page.locator(".text").inner_text() == HOSTILE
            assert tab.page.title().partition(" ·")[0] in ("Innsikt", "Insights")
            assert tab.page.locator("img").count() == 0
        assert tab.complaints == []
        assert tab.elsewhere == []


def test_any_days_are_chosen_by_hand(browser: Browser, served: Dashboard) -> None:
    with watched(browser, served, language="en-GB") as tab:
        page = tab.page
        tab.speak("English")
        tab.open("/money")
        assert page.locator("input[name=first]").is_hidden()
        with page.expect_navigation():
            page.locator("select[name=months]").select_option("days")
        tab.drawn()
        page.locator("input[name=first]").fill("2025-04-01")
        page.locator("input[name=last]").fill("2025-06-30")
        with page.expect_navigation():
            page.get_by_role("button", name="Show").press("Enter")
        tab.drawn()
        assert "first=2025-04-01" in page.url
        assert page.locator("input[name=last]").input_value() == "2025-06-30"
        assert tab.faults() == []
        assert tab.complaints == []


def test_a_viewer_with_a_certificate_sees_the_same_and_may_nothing_else(
    past: Federation, browser: Browser, tmp_path: Path
) -> None:
    federation = past.copied(tmp_path / "past")
    viewer = Node(tmp_path / "viewer")
    invited = federation.coordinator.good("certificate", "issue", "--role", "viewer", "--name", "Siri Nilsen")
    with Serving(federation.coordinator):
        assert viewer("viewer", "fetch").status != 0
        assert viewer("viewer", "join", invited["invitation"], "--json").json["network"] == "npu.example"
        assert viewer("viewer", "join", invited["invitation"]).status != 0
        assert viewer("viewer", "fetch", "--json").json["new"] == 2
        assert viewer("viewer", "fetch", "--json").json["new"] == 0
        federation.coordinator.good("certificate", "revoke", "viewer", "siri-nilsen")
        assert viewer("viewer", "fetch").status != 0
    with dashboard(viewer.home, "--viewer", "") as served, watched(browser, served) as tab:
        assert tab.page.locator(".tile .own").count() >= 1
        for path in PATHS:
            tab.open(path)
            assert tab.faults() == [], path
        assert tab.complaints == []
    assert not (viewer.home / "store.duckdb").exists()
    assert not (viewer.home / "ledger.sqlite").exists()


def test_cross_use_is_shown_in_both_languages(browser: Browser, crossed: Federation, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(crossed.home(MEMBERS[0]).path, home)
    with dashboard(home) as served, watched(browser, served) as tab:
        for language in ("Norsk", "English"):
            tab.speak(language)
            tab.open("/cross-use")
            assert tab.page.locator("section.card").count() >= 2
            assert tab.faults() == []
        assert tab.complaints == []
        assert tab.elsewhere == []


def test_a_viewer_sees_the_benchmarks_and_nothing_of_its_own(
    federation: Federation, browser: Browser, tmp_path: Path
) -> None:
    federation.coordinator.good("export", "--out", tmp_path / "bundle")
    with dashboard(tmp_path / "nobody", "--viewer", tmp_path / "bundle") as served, watched(browser, served) as tab:
        assert tab.page.locator(".tile .own").count() >= 1
        for path in PATHS:
            tab.open(path)
            assert tab.faults() == [], path
        assert tab.complaints == []
    assert not (tmp_path / "nobody" / "store.duckdb").exists()


def test_empty_states_teach(browser: Browser, tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    with dashboard(node.home) as served, watched(browser, served, language="en-GB") as tab:
        assert tab.page.locator(".empty").count() == 2
        assert "kudos-node import" in tab.page.locator("main").inner_text()
        assert "kudos-node join" in tab.page.locator("main").inner_text()
        for path in PATHS:
            tab.open(path)
            assert tab.faults() == [], path
        assert tab.complaints == []


def test_what_is_withheld_says_why(federation: Federation, browser: Browser, served: Dashboard) -> None:
    with watched(browser, served, language="en-GB") as tab:
        tab.speak("English")
        tab.open(f"/?months={SECOND}")
        suppressed = tab.page.locator("select[name=cohort] option", has_text="withheld")
        assert suppressed.count() >= 1
        tab.open(f"/?months={SECOND}&cohort={suppressed.first.get_attribute('value')}")
        said = tab.page.locator(".empty").first.inner_text()
        assert any(reason in said for reason in REASONS.values())
        assert "larger cohort" in said


def test_a_cohort_by_size_is_published_and_its_figures_are_shown(federation: Federation, tab: Watched) -> None:
    """From the invitations, which say the size, over a real round: all six are small."""
    tab.open(f"/?months={SECOND}&cohort=network")
    with tab.page.expect_navigation():
        tab.page.locator("select[name=cohort]").select_option("size:small")
    tab.drawn()
    shown = federation.node(ME).good("benchmark", SECOND, "--cohort", "size:small", "--json").json["cells"]
    (customers,) = [each["value"] for each in shown if (each["table"], each["measure"]) == ("totals", "customers")]
    theirs = tab.page.locator(".tile", has=tab.page.locator("a[href='/audience']")).locator(".theirs").first
    assert str(round(customers / len(MEMBERS))) in theirs.inner_text().split()
    assert tab.complaints == []


HOSTILE = "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script> & “Ærlig”"


def test_a_hostile_name_stays_a_name(federation: Federation, browser: Browser, tmp_path: Path) -> None:
    """A name from outside: of this institution as NPU wrote it, and of a genre in an export."""
    home = tmp_path / "home"
    shutil.copytree(federation.home(ME).path, home)
    settings = (home / "settings.toml").read_text(encoding="utf-8")
    lines = [
        f"name = {json.dumps(HOSTILE[:110])}" if line.startswith("name") else line for line in settings.splitlines()
    ]
    (home / "settings.toml").write_text("\n".join(lines), encoding="utf-8")
    with dashboard(home) as served, watched(browser, served) as tab:
        for path in PATHS:
            tab.open(path)
            assert "owned" not in (tab.page.title().partition("·")[0])
            assert tab.page.locator("img[src=x]").count() == 0
        assert HOSTILE[:40] in tab.page.locator(".whose").inner_text()
        assert tab.complaints == []


def test_the_round_is_among_the_months(served: Dashboard) -> None:
    assert f'value="{SECOND}"' in served.ask("/", cookie=served.cookie()).text
