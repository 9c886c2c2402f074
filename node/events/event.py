"""A local event: a campaign, a change of prices, a premiere."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from node.errors import NodeError, UsageError
from node.kpis.windows import EARLIEST, LATEST

LONGEST_NAME, LONGEST_NOTE = 120, 1_000


class Kind(StrEnum):
    """What an event was."""

    CAMPAIGN = "campaign"
    PRICE_CHANGE = "price-change"
    PREMIERE = "premiere"
    OTHER = "other"


class NoSuchEvent(NodeError):
    """No event of that name is registered."""

    reason = "NO_EVENT"
    exit_status = 2


@dataclass(frozen=True)
class Event:
    """Something that began on a day, and ended on `until` where that is known.

    Raises UsageError for a name that is empty, too long or not printable, and for days that cannot be.
    """

    name: str
    on: date
    until: date | None = None
    kind: Kind = Kind.OTHER
    note: str = ""

    def __post_init__(self) -> None:
        if not self.name or self.name != _tidy(self.name) or len(self.name) > LONGEST_NAME:
            raise UsageError(f"An event's name has 1 to {LONGEST_NAME} characters, all printable, in one line.")
        if self.note != _tidy(self.note) or len(self.note) > LONGEST_NOTE:
            raise UsageError(f"A note has at most {LONGEST_NOTE} characters, all printable, in one line.")
        for day in (self.on, self.until):
            if day is not None and not EARLIEST <= day <= LATEST:
                raise UsageError(f"{day} is outside the years {EARLIEST.year} to {LATEST.year}. Name another day.")
        if self.until is not None and self.until < self.on:
            raise UsageError(f"It would end on {self.until}, before it begins on {self.on}. Name a later day: --until")

    @property
    def last(self) -> date:
        """Its last day, as far as it is known: of one without an end, the first."""
        return self.until or self.on


def tidied(text: str) -> str:
    """A text in composed form (NFC), without space around it, as names are kept and compared."""
    return unicodedata.normalize("NFC", text).strip()


def same_name(one: str, other: str) -> bool:
    """Whether two names mean the same event: case makes no difference."""
    return tidied(one).casefold() == tidied(other).casefold()


def _tidy(text: str) -> str:
    return tidied("".join(letter for letter in text if letter.isprintable()))
