"""Which twelve months a command looks at, said in the first line of what it shows."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.store.span import Newest
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


NEWEST = "your newest whole months of sales"
"""Why a window was chosen that nobody has named."""


def why_newest(newest: "Newest", program: str) -> str:
    """What the newest whole month was told by, where that is not plain; `program` is the command that shows another."""
    if newest.newest_sale is None or newest.newest_sale > newest.end + timedelta(days=31):
        return ""
    if newest.left_out is not None:
        return (
            f"Your newest sale is of {day(newest.newest_sale)}: that month does not seem to be whole here, and is left "
            f"out. With it: {program} --as-of {newest.left_out}"
        )
    quiet = (newest.end - newest.newest_sale).days
    if quiet <= 0:
        return ""
    return f"Your newest sale is of {day(newest.newest_sale)}; as far as your sales tell, its month is whole."


def not_over(last: date, now: date) -> str:
    """That a window which somebody has named is not over; nothing where it is."""
    if last < now:
        return ""
    return (
        f"These months end on {day(last)}, and today is {day(now)}: what is sold until then is not in the figures, and "
        "whoever has yet to come back counts as lost."
    )
