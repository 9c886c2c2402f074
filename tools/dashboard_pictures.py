"""Makes the pictures of the dashboard for the documentation, in a real browser on the demo's folder: `make demo` first.

Needs a Chromium of the system. Light and dark, wide and as a phone, in either language.
"""

import argparse
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from tests.node.cli.run import PROGRAM as PROGRAM_OF_NODE
from tests.node.dashboard.browser import PROGRAM, chromium, watched
from tests.node.dashboard.house import dashboard

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"

SHOTS = {
    "dashboard": ("/", "English", "light", 1200, 860),
    "dashboard-value": ("/value", "English", "light", 1200, 900),
    "dashboard-audience-dark": ("/audience?cohort=network", "Norsk", "dark", 1200, 860),
    "dashboard-privacy": ("/privacy", "Norsk", "light", 1200, 860),
    "dashboard-events": ("/events?event=Tirsdagspris", "English", "light", 1200, 860),
    "dashboard-phone": ("/", "Norsk", "light", 400, 860),
}
"""By name: page, language, shade, width and height in pixels."""


def _with_an_event(home: Path) -> None:
    """Registers a change of prices half a year ago, in the middle of the demo's months; one that is there stays."""
    today = datetime.now(UTC).date()
    month = today.year * 12 + today.month - 1 - 6
    day = date(month // 12, month % 12 + 1, 1).isoformat()
    words = ("event", "add", "Tirsdagspris", "--on", day, "--kind", "price-change")
    subprocess.run([str(PROGRAM_OF_NODE), "--home", str(home), *words], check=False, capture_output=True)


def main() -> None:
    """Makes the pictures that are named anew, or every one."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--node", default=".demo/nodes/fjordteatret", help="a node's folder")
    arguments.add_argument("names", nargs="*", metavar="NAME", help="which pictures (default: all)")
    asked = arguments.parse_args()
    if not PROGRAM:
        sys.exit("There is no Chromium on this machine.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    home = (ROOT / asked.node).resolve()
    _with_an_event(home)
    with dashboard(home) as served, chromium() as browser:
        for name in asked.names or SHOTS:
            path, language, shade, width, height = SHOTS[name]
            with watched(browser, served, shade="dark" if shade == "dark" else "light", width=width) as tab:
                tab.speak(language)
                tab.page.set_viewport_size({"width": width, "height": height})
                tab.open(path)
                tab.page.screenshot(path=IMAGES / f"{name}.png")
            print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
