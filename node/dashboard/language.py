"""Bokmål and English: words by gettext catalogues, numbers, amounts and dates by the rules of Unicode's CLDR (Babel).

The words of the code are English. `locale/nb.po` has the Norwegian ones; it is read as it stands, once.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Final, Literal

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from privacy.bounds.windows import Window

Code = Literal["nb", "en"]
CODES: Final[tuple[Code, ...]] = ("nb", "en")
NAMES: Final = {"nb": "Norsk", "en": "English"}
"""Each in its own words."""

NOTHING = "–"

_MILLION = 1_000_000


@dataclass(frozen=True)
class Language:
    """A language: called with an English text it gives that text in the language, with its {names} filled in."""

    code: Code

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language. What has no translation stands as it is."""
        said = _catalogue(self.code).get(text, text).replace(" %", "\u00a0%")
        return said.format(**values) if values else said

    @property
    def tag(self) -> str:
        """As HTML names it."""
        return self.code

    def number(self, value: float | None, decimals: int = 0) -> str:
        """1 234,5 or 1,234.5; a dash for what is not there."""
        if value is None:
            return NOTHING
        written = format_decimal(round(value, decimals) + 0.0, _pattern(decimals), _locale(self.code))
        return written.replace("-", "−")

    def percent(self, share: float | None, decimals: int = 0) -> str:
        """A part of one in per cent."""
        if share is None:
            return NOTHING
        sign = "\u00a0%" if self.code == "nb" else "%"
        return f"{self.number(100 * share, decimals)}{sign}"

    def kroner(self, ore: float | None, decimals: int = 0) -> str:
        """An amount in øre, as kroner."""
        if ore is None:
            return NOTHING
        amount = self.number(ore / 100, decimals)
        return f"{amount}\u00a0kr" if self.code == "nb" else f"NOK\u00a0{amount}"

    def about(self, ore: float | None) -> str:
        """An amount in øre to be read at a glance: in millions with a decimal from a million kroner on."""
        if ore is None or abs(ore) < 100 * _MILLION:
            return self.kroner(ore)
        amount = self.number(ore / 100 / _MILLION, 1)
        return f"{amount}\u00a0millioner kr" if self.code == "nb" else f"NOK\u00a0{amount}\u00a0million"

    def day(self, day: date) -> str:
        """31. des. 2025 or 31 Dec 2025."""
        return format_date(day, "d. MMM y" if self.code == "nb" else "d MMM y", _locale(self.code))

    def month(self, day: date) -> str:
        """Des. 2025 or Dec 2025."""
        return format_date(day, "MMM y", _locale(self.code))

    def months(self, window: Window) -> str:
        """A window of whole months by its first and last one; any other by its days."""
        if window.first.day == 1 and (window.last + timedelta(days=1)).day == 1:
            return f"{self.month(window.first)} – {self.month(window.last)}"
        return f"{self.day(window.first)} – {self.day(window.last)}"

    def moment(self, moment: datetime) -> str:
        """A moment in UTC, as its day."""
        return self.day(moment.date())

    def moment_of_day(self, moment: datetime) -> str:
        """A moment with its time, as this machine's clock has it: 31. des. 2025, 14:05."""
        here = moment.astimezone()
        return f"{self.day(here.date())}, {here:%H:%M}"

    def month_name(self, month: int) -> str:
        """Jan. in both languages."""
        return format_date(date(2001, month, 1), "LLL", _locale(self.code))

    def month_in_full(self, month: int) -> str:
        """Januar or january, as in the middle of a sentence of the language."""
        return format_date(date(2001, month, 1), "LLLL", _locale(self.code))

    def weekday_name(self, index: int) -> str:
        """A day of the week, mandag or Monday; 0 is Monday."""
        return format_date(date(2001, 1, 1) + timedelta(days=index), "cccc", _locale(self.code))

    @property
    def d3(self) -> dict[str, object]:
        """How numbers on the axes of a chart are written (d3-format's locale)."""
        if self.code == "nb":
            return {
                "decimal": ",",
                "thousands": "\u00a0",
                "grouping": [3],
                "currency": ["", "\u00a0kr"],
                "percent": "\u00a0%",
            }
        return {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["NOK\u00a0", ""]}


def language(wanted: str | None) -> Language:
    """A language by its code; bokmål for every other text."""
    return Language("en" if wanted == "en" else "nb")


def accepted(header: str) -> Language:
    """The language that a browser asks for first of those that there are (RFC 9110, section 12.5.4)."""
    for each in header.lower().split(","):
        primary = each.partition(";")[0].strip().partition("-")[0]
        if primary in ("nb", "no", "nn"):
            return Language("nb")
        if primary == "en":
            return Language("en")
    return Language("nb")


@lru_cache(maxsize=len(CODES))
def _catalogue(code: Code) -> dict[str, str]:
    file = resources.files("node.dashboard") / "locale" / f"{code}.po"
    if code == "en":  # the words of the code
        return {}
    with file.open("rb") as stream:
        found = read_po(stream, locale=code)
    return {str(each.id): str(each.string) for each in found if each.id and each.string and not each.fuzzy}


@lru_cache(maxsize=len(CODES))
def _locale(code: Code) -> Locale:
    return Locale.parse("nb_NO" if code == "nb" else "en_GB")


def _pattern(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"
