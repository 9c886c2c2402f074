"""Who gets in, and what an answer lets a browser do: over real connections, against what other pages and users try."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.dashboard.serving import opener
from tests.node.cli.run import initialised, sales_file
from tests.node.dashboard.house import Dashboard, dashboard, form_of


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("dashboard")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    with dashboard(node.home) as found:
        yield found


@pytest.fixture(scope="module")
def cookie(served: Dashboard) -> str:
    return served.cookie()


PLACES = ("/", "/money", "/privacy", "/static/style.css", "/static/vega.js", "/table/money/months.csv", "/nowhere")


@pytest.mark.parametrize("path", PLACES)
def test_nobody_enters_without_the_session(served: Dashboard, path: str) -> None:
    for headers in ({}, {"cookie": f"kudos-dashboard-{served.port}=guess"}, {"cookie": "other=1"}):
        answer = served.ask(path, **headers)
        assert answer.status == 401
        assert "kari" not in answer.text
        assert "set-cookie" not in answer.headers


def test_only_the_token_gets_the_session(served: Dashboard, cookie: str) -> None:
    for token in ("", "x", served.token[:-1], served.token + "x", "é"):
        wrong = served.ask("/?token=" + (token if token.isascii() else "%C3%A9"))
        assert (wrong.status, "set-cookie" in wrong.headers) == (401, False)
    right = served.ask(f"/?token={served.token}")
    assert right.status == 200
    assert "HttpOnly" in right.headers["set-cookie"]
    assert "samesite=strict" in right.headers["set-cookie"].lower()
    assert served.token not in right.text
    assert served.ask("/", cookie=cookie).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "[::1]:{port}"]
)
def test_a_name_that_was_made_to_point_here_is_no_host(served: Dashboard, cookie: str, host: str) -> None:
    """DNS rebinding: the browser believes that it speaks to its own site, and says that site's name."""
    name = host.format(port=served.port)
    assert served.ask("/", host=name, cookie=cookie).status == 421
    assert served.ask(f"/?token={served.token}", host=name).status == 421


def test_localhost_is_a_name_of_it(served: Dashboard, cookie: str) -> None:
    assert served.ask("/", host=f"localhost:{served.port}", cookie=cookie).status == 200


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
def test_a_form_of_another_site_changes_nothing(served: Dashboard, cookie: str, origin: str | None) -> None:
    page = served.ask("/", cookie=cookie).text
    said = {} if origin is None else {"origin": origin.format(port=served.port)}
    body = f"form={form_of(page)}&language=en&back=/"
    assert served.ask("/language", "POST", body, cookie=cookie, **said).status == 403


def test_a_form_needs_the_secret_of_its_page(served: Dashboard, cookie: str) -> None:
    for secret in ("", "x", served.token):
        answer = served.ask("/language", "POST", f"form={secret}&language=en", cookie=cookie, origin=served.site)
        assert answer.status == 403
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        assert served.ask("/language", method, cookie=cookie, origin=served.site).status == 403
    assert served.ask("/language", cookie=cookie).status == 405


def test_a_form_leads_back_to_our_pages_alone(served: Dashboard, cookie: str) -> None:
    form = form_of(served.ask("/", cookie=cookie).text)
    for back in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/money%0d%0aX: y",
    ):
        body = f"form={form}&language=nb&back={back}"
        answer = served.ask("/language", "POST", body, cookie=cookie, origin=served.site)
        assert (answer.status, answer.headers["location"]) == (303, "/")
    body = f"form={form}&language=nb&back=/money%3Fcohort%3Dnetwork"
    answer = served.ask("/language", "POST", body, cookie=cookie, origin=served.site)
    assert answer.headers["location"] == "/money?cohort=network"


def test_a_form_without_end_is_not_read(served: Dashboard, cookie: str) -> None:
    assert served.ask("/tiles", "POST", "tile=" + "x" * 70_000, cookie=cookie, origin=served.site).status == 413


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/keys/signing.pem",
        "/static//etc/passwd",
        "/static/style.css/../../settings.toml",
        "/table/..%2f..%2fsettings/x.csv",
        "/chart/money/months.%2e%2e%2fpem",
        "/../settings.toml",
        "/dashboard/figures",
    ],
)
def test_no_path_leads_out(served: Dashboard, cookie: str, path: str) -> None:
    answer = served.ask(path, cookie=cookie)
    assert answer.status == 404
    assert b"Fjordteatret" not in answer.body


@pytest.mark.parametrize("path", ["/", "/nowhere", "/money", "/static/style.css", "/table/money/months.csv"])
def test_every_answer_says_what_a_browser_may_do_with_it(served: Dashboard, cookie: str, path: str) -> None:
    for answer in (served.ask(path, cookie=cookie), served.ask(path), served.ask(path, host="evil.example")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert not any(name.startswith("access-control") for name in answer.headers)


def test_a_page_has_no_script_or_style_of_its_own(served: Dashboard, cookie: str) -> None:
    page = served.ask("/money", cookie=cookie).text
    assert " style=" not in page
    assert "<style" not in page
    assert " on" + "click" not in page
    assert "http://" not in page.replace("http://www.w3.org/", "").replace("https://vega.github.io/schema", "")


def test_values_of_an_address_are_looked_up_and_never_shown(served: Dashboard, cookie: str) -> None:
    hostile = "%3Cscript%3Ealert(1)%3C/script%3E"
    for name in ("months", "cohort", "who", "retention"):
        answer = served.ask(f"/value?{name}={hostile}", cookie=cookie)
        assert answer.status == 200
        assert "<script>alert" not in answer.text


def test_the_file_that_a_browser_is_started_with_is_the_owners_alone(tmp_path: Path) -> None:
    file = opener(tmp_path / "dashboard", "http://127.0.0.1:1/?token=a&b")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "?token=a&amp;b" in file.read_text()
