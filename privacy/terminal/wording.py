"""Numbers and moments as people and programs read them."""

from datetime import datetime


def printable(text: str) -> str:
    """A text without control characters: a name or a file's header must not steer the terminal."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


def count(number: int) -> str:
    """A whole number with spaces between thousands."""
    return f"{number:,}".replace(",", " ")


def things(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun: 1 entry, 2 entries."""
    return f"{count(number)} {one if number == 1 else several or one + 's'}"


def percent(share: float | None, decimals: int = 0) -> str:
    """A share in per cent; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{decimals}f} %"


def utc(moment: datetime | None) -> str:
    """A moment, in UTC already, for people; a dash where there is none."""
    return "–" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def json_time(moment: datetime | None) -> str | None:
    """A moment, in UTC already, for programs: RFC 3339, to the second."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
