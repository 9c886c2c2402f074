"""What an address asks for: months, cohort, audience, and the sliders' settings; what is unknown falls back."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from node.kpis.forecast import FACTORS
from privacy.bounds.windows import Window

AUDIENCES = ("age_band", "gender", "county", "segment", "frequency_band", "genre")
"""Tables by which the overview can be narrowed."""

OWN_MONTHS, DAYS = "own", "days"
"""Instead of a round's name: the newest months of the own sales, and any days of them."""

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

_SLIDER = range(50, 151)
"""Per cent of today's rate."""


@dataclass(frozen=True)
class Asked:
    """The filters as the address has them; empty where it says nothing. Factors in per cent."""

    months: str = ""
    cohort: str = ""
    who: str = ""
    first: str = ""
    last: str = ""
    event: str = ""
    measure: str = ""
    factors: Mapping[str, int] | None = None

    @property
    def query(self) -> dict[str, str]:
        """What links to other pages take along."""
        said = {"months": self.months, "cohort": self.cohort, "who": self.who}
        if self.months == DAYS:
            said |= {"first": self.first, "last": self.last}
        return {name: value for name, value in said.items() if value}

    def days(self) -> Window | None:
        """The days that are asked for; None where none are, or where they are none."""
        if self.months != DAYS:
            return None
        with suppress(ValueError):
            first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
            if EARLIEST <= first <= last <= LATEST:
                return Window(first, last)
        return None

    def audience(self) -> tuple[str, str] | None:
        """The table and category to show, or None for everybody."""
        table, _, category = self.who.partition("/")
        return (table, category) if table in AUDIENCES and category else None


_NAMES = ("months", "cohort", "who", "first", "last", "event", "measure")


def asked(query: Mapping[str, str]) -> Asked:
    """Reads an address' query. Values are looked up, never used: none is longer than a name."""
    said = {name: query.get(name, "")[:200] for name in _NAMES}
    factors = {name: _factor(query.get(name, "")) for name in FACTORS}
    return Asked(**said, factors=factors)


def _factor(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) in _SLIDER else 100
