"""A real browser without a screen, which watches what every page does besides showing itself.

The system's Chromium, driven by Playwright. Where there is none, the tests say that they were skipped.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.node.dashboard.house import Dashboard

PROGRAM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
needs_browser = pytest.mark.needs("CHROMIUM", PROGRAM, "NO PAGE WAS OPENED: there is no Chromium on this machine")

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_PATIENCE_MS = 60_000


@dataclass
class Watched:
    """A tab with a session, and what it was seen to do that it must not: complaints, and requests that leave."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Opens a page of the dashboard, and waits until its charts are drawn."""
        answer = self.page.goto(self.site + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        self.drawn()

    def speak(self, language: str) -> None:
        """Chooses a language on the page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=language, exact=True).click()
        self.drawn()

    def drawn(self) -> None:
        """Waits until every chart is drawn."""
        self.page.wait_for_function(
            "document.querySelectorAll('.plot:not([data-drawn])').length === 0", timeout=_PATIENCE_MS
        )

    def asked(self, address: str) -> None:
        """Takes down a request that goes elsewhere than to the dashboard."""
        if not address.startswith((f"{self.site}/", "data:", "blob:")):
            self.elsewhere.append(address)

    def faults(self) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA on the page as it is, its tables unfolded."""
        self.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        options: dict[str, Any] = {"runOnly": {"type": "tag", "values": WCAG}}
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]} ({len(each['nodes'])})" for each in found]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched(
    browser: Browser,
    served: Dashboard,
    *,
    language: str = "nb-NO",
    shade: Literal["light", "dark"] = "light",
    width: int = 1280,
) -> Iterator[Watched]:
    """A new visitor that has opened the printed address."""
    context = browser.new_context(locale=language, color_scheme=shade, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    seen = Watched(page, served.site)
    page.on("console", lambda said: seen.complaints.append(f"{page.url}: {said.type}: {said.text}"))
    page.on("pageerror", lambda error: seen.complaints.append(f"{page.url}: {error}"))
    page.on("request", lambda asked: seen.asked(asked.url))
    page.goto(served.address)
    page.wait_for_url(served.site + "/")
    seen.drawn()
    try:
        yield seen
    finally:
        context.close()
