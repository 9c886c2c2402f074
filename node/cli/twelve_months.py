"""Which twelve months a command looks at, said in the first line of what it shows."""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy.bounds.windows import Window


def title(name: str, window: "Window", why: str = "") -> str:
    """The first line: whose figures, over which days, and `why` these where nobody has named them."""
    return f"{name} · {days(window)}{', ' if why else ''}{why}"


def days(window: "Window") -> str:
    """The days of a window for people."""
    return f"{day(window.first)} – {day(window.last)}"


def day(each: date) -> str:
    """A day for people: 31 Oct 2026."""
    return f"{each.day} {each:%b %Y}"
