"""Forms that write into the node's folder: what they keep, whom they refuse, and that they send nothing."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.datastructures import QueryParams

from node.dashboard.app import OF_MEMBERS, of_member
from node.dashboard.house import House
from node.errors import UsageError
from node.events.file import events
from node.home import Home
from node.selfassess.file import kept
from tests.node.cli.run import initialised, sales_file
from tests.node.dashboard.house import Answer, Dashboard, dashboard, form_of

HOSTILE = "<img src=x onerror=alert(1)></script>"
LEVELS = {"leadership": "native", "planning": "starter", "systems": "business", "analysis": "beginner"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("forms")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    return Home(node.home)


@pytest.fixture(scope="module")
def served(home: Home) -> Iterator[Dashboard]:
    with dashboard(home.path) as found:
        yield found


def sent(served: Dashboard, path: str, *, secret: str | None = None, origin: str | None = None, **said: str) -> Answer:
    cookie = served.cookie()
    form = form_of(served.ask("/events", cookie=cookie).text) if secret is None else secret
    body = urlencode({"form": form, "back": path.rpartition("/")[0]} | said)
    return served.ask(path, "POST", body, cookie=cookie, origin=served.site if origin is None else origin)


def page(served: Dashboard, path: str) -> str:
    return served.ask(path, cookie=served.cookie()).text


def test_an_event_is_kept_shown_and_removed(served: Dashboard, home: Home) -> None:
    answer = sent(served, "/events/add", name=HOSTILE, on="2025-03-01", until="", kind="premiere", note="Ærlig")
    assert (answer.status, answer.headers["location"]) == (303, "/events")
    (event,) = events(home)
    assert (event.name, str(event.on), event.until, event.kind, event.note) == (
        HOSTILE,
        "2025-03-01",
        None,
        "premiere",
        "Ærlig",
    )
    shown = page(served, "/events")
    assert HOSTILE not in shown
    assert "&lt;img src=x" in shown
    assert sent(served, "/events/remove", name=HOSTILE).status == 303
    assert events(home) == ()


@pytest.mark.parametrize(
    "said",
    [
        {"name": "", "on": "2025-03-01"},
        {"name": "x" * 121, "on": "2025-03-01"},
        {"name": "x\x1b[2J", "on": "2025-03-01"},
        {"name": "x\u202ey", "on": "2025-03-01"},
        {"name": "x", "on": "yesterday"},
        {"name": "x", "on": "2025-03-01", "until": "2025-02-01"},
        {"name": "x", "on": "2025-03-01", "kind": "nonsense"},
    ],
)
def test_what_is_no_event_is_refused_with_a_sentence(served: Dashboard, home: Home, said: dict[str, str]) -> None:
    answer = sent(served, "/events/add", **said)
    assert answer.status == 400
    assert "<h1>" in answer.text
    assert events(home) == ()


def test_levels_are_kept_and_shown_over_time(served: Dashboard, home: Home) -> None:
    assert sent(served, "/self-assessment/keep", **LEVELS, note=HOSTILE).status == 303
    assert sent(served, "/self-assessment/keep", **LEVELS | {"systems": "champion"}).status == 303
    assert sent(served, "/self-assessment/keep", **LEVELS | {"systems": "champion"}).status == 303
    *_earlier, last = kept(home)  # one of the same day takes its place
    assert last.assessment.levels["systems"] == 5
    assert len(kept(home)) <= 2, "at midnight there are two days"
    assert kept(home)[0].note == HOSTILE
    before = len(kept(home))
    shown = page(served, "/self-assessment")
    assert HOSTILE not in shown
    assert 'value="champion" required checked' in shown
    for wrong in ({}, LEVELS | {"systems": "9"}, LEVELS | {"systems": "native; rm"}):
        assert sent(served, "/self-assessment/keep", **wrong).status == 400
    assert len(kept(home)) == before
    assert "Lagret " in shown


PATHS = ("/events/add", "/events/remove", "/insights/share", "/insights/withdraw", "/self-assessment/keep")


@pytest.mark.parametrize("path", PATHS)
def test_a_form_of_another_site_or_without_its_secret_changes_nothing(served: Dashboard, home: Home, path: str) -> None:
    before = {file: file.read_bytes() for file in home.path.glob("*.json")}
    said = {"name": "x", "on": "2025-03-01", "text": "x", "cohort": "network", **LEVELS}
    for origin in ("http://evil.example", "null"):
        assert sent(served, path, origin=origin, **said).status == 403
    assert sent(served, path, secret="guess", **said).status == 403
    assert served.ask(path, cookie=served.cookie()).status == 405
    assert served.ask(path, "POST", "x=" + "y" * 70_000, cookie=served.cookie(), origin=served.site).status == 413
    assert {file: file.read_bytes() for file in home.path.glob("*.json")} == before


def test_a_node_that_works_alone_shares_with_nobody(served: Dashboard, home: Home) -> None:
    assert sent(served, "/insights/share", text="x", cohort="network").status >= 400
    assert sent(served, "/insights/withdraw", digest="0" * 64).status >= 400
    assert not (home.path / "insights").exists()


def test_any_days_are_shown_and_nonsense_falls_back(served: Dashboard) -> None:
    summer = page(served, "/money?months=days&first=2025-05-01&last=2025-06-30")
    assert 'value="2025-05-01"' in summer
    assert 'value="2025-06-30"' in summer
    for first, last in (("2025-06-17", "2025-05-11"), ("x", "y"), ("", ""), ("0001-01-01", "9999-12-31")):
        found = served.ask(f"/money?months=days&first={first}&last={last}", cookie=served.cookie())
        assert found.status == 200
        assert f'value="{first}"' not in found.text or not first


def test_a_viewer_keeps_nothing_of_an_institution(tmp_path: Path) -> None:
    """Its folder is no node, and a form that somebody makes up is refused."""
    house = House(Home(tmp_path), certified=True)
    for choice in OF_MEMBERS.values():
        with pytest.raises(UsageError):
            of_member(choice)(house, QueryParams())
    assert list(tmp_path.iterdir()) == []
