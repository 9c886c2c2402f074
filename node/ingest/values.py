"""Parsers of single values. Each takes the text of a cell and returns a value of the standard, or raises Unreadable.

They run once per distinct text of a column, not once per row.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from node.ingest import words
from node.ingest.profile import Layout
from privacy.catalogue import dimensions

Parser = Callable[[str], Any]

LARGEST_ORE = 10**11


class Unreadable(ValueError):
    """A text that cannot be read as what its column should hold. Carries the reason, never the text."""


_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_LONGEST_AMOUNT = 40
_MINUS = "[-−–]"
_KRONER = re.compile(rf"(?i)^(?:kr|nok)\.?\s*|(?:\s*(?:kr\.?|nok|[,.]{_MINUS}))+$")
_FOREIGN = re.compile(r"(?i)(?<![a-z])(?:eur|sek|dkk|usd|gbp|isk|chf)(?![a-z])|[€$£]")


def _number(decimal: str, thousands: str) -> re.Pattern[str]:
    """An amount without its unit: sign, whole kroner, sign between thousands, decimals."""
    group = rf"(?P<mark>{thousands}|{_SPACE}|['’])"
    return re.compile(
        rf"(?P<sign>[+]|{_MINUS})?{_SPACE}?"
        rf"(?P<whole>[0-9]{{1,12}}|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*))"
        rf"(?:{decimal}(?P<fraction>[0-9]*))?"
    )


_NUMBERS = {",": _number(",", "[.]"), ".": _number("[.]", ",")}


def amount(decimal: str, suffix: str) -> Parser:
    """A parser of amounts in kroner into integer øre.

    `decimal` is the decimal sign, or `auto`: then what may mean two amounts, such as 1.250, is refused.
    """
    patterns = list(_NUMBERS.values()) if decimal == "auto" else [_NUMBERS[decimal]]

    def parse(text: str) -> int:
        if len(text) > _LONGEST_AMOUNT:
            raise Unreadable("is no amount that I know")
        bare = text.removesuffix(suffix).strip() if suffix else _KRONER.sub("", text.strip())
        found = {_ore(match) for pattern in patterns if (match := pattern.fullmatch(bare))}
        if decimal != "auto" and re.fullmatch(rf"[^0-9]*[0-9]{{1,3}}[{decimal}][0-9]{{3}}", bare):
            raise Unreadable(f"may mean thousands, though the profile says that {decimal!r} begins the decimals")
        if decimal == "." and re.search(rf"[,.]{_MINUS}$", text.strip()):
            raise Unreadable("ends as amounts with a decimal comma do, though the profile says decimal = '.'")
        if len(found) > 1:
            raise Unreadable("may mean thousands or decimals: say `decimal` in the profile")
        if not found:
            raise Unreadable("is in another currency than NOK" if _FOREIGN.search(bare) else "is no amount that I know")
        ore = found.pop()
        if ore is None:
            raise Unreadable("is finer than one øre")
        if abs(ore) > LARGEST_ORE:
            raise Unreadable("is larger than any sale")
        return ore

    return parse


def amount_of(layout: Layout) -> Parser:
    """A parser of the amounts of a layout into integer øre."""
    kroner = amount(layout.decimal, layout.amount_suffix)
    return _whole_ore(kroner) if layout.money == "ore" else kroner


def _whole_ore(kroner: Parser) -> Parser:
    """A parser of amounts that are written in øre: as of kroner, then a hundredth of it."""

    def parse(text: str) -> int:
        found: int = kroner(text)
        if found % 100:
            raise Unreadable("is finer than one øre, though the profile says that amounts are in øre")
        return found // 100

    return parse


def _ore(match: re.Match[str]) -> int | None:
    """The øre of an amount that has the form of one; None where it is finer than that."""
    fraction = match["fraction"] or ""
    if fraction[2:].strip("0"):
        return None
    ore = int(re.sub(r"[^0-9]", "", match["whole"])) * 100 + int(fraction[:2].ljust(2, "0"))
    return ore if (match["sign"] or "+") == "+" else -ore


_WHOLE = re.compile(rf"([+]|{_MINUS})?([0-9]{{1,6}}|[1-9][0-9]{{0,2}}{_SPACE}[0-9]{{3}})(?:[.,]0{{0,2}})?")


def whole_number(text: str) -> int:
    """A whole number such as 2, -1 or 2,0. Three zeros behind a sign might be thousands, and are refused."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise Unreadable("is no whole number")
    number = int(re.sub(r"[^0-9]", "", match[2]))
    return number if (match[1] or "+") == "+" else -number


_OTHER_CURRENCIES = frozenset(
    {
        *("AUD", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HUF", "INR", "ISK", "JPY", "NZD", "PLN", "RON"),
        *("SEK", "THB", "TRY", "UAH", "USD"),
    }
)


def currency(text: str) -> str:
    """NOK in its usual spellings; any other currency is refused by name."""
    code = text.strip(". ").upper()
    if code in ("NOK", "KR", "KRONER", "NORSKE KRONER"):
        return "NOK"
    if code in _OTHER_CURRENCIES:
        raise Unreadable(f"is another currency than NOK ({code})")
    raise Unreadable("is no currency that I know; only NOK is taken")


def mapped(layout: Layout, field: str, vocabulary: dict[str, str], otherwise: str | None) -> Parser:
    """A parser by the profile's value map, then a vocabulary; `otherwise` for words that neither has."""
    own = {word.casefold(): meaning for word, meaning in layout.values.get(field, {}).items()}
    common = words.lookup(vocabulary)

    def parse(text: str) -> str:
        word = text.casefold()
        meaning = own.get(word) or common.get(word.rstrip(".")) or otherwise
        if meaning is None:
            raise Unreadable(f"is no {field} that I know: map it in the profile, under values.{field}")
        return meaning

    return parse


def ticket_category(layout: Layout) -> Parser:
    """The category of a ticket type by the profile's value map, else by what the type is called."""
    own = {
        word.casefold(): meaning
        for field in ("ticket_type", "ticket_category")
        for word, meaning in layout.values.get(field, {}).items()
    }

    def parse(text: str) -> str:
        word = text.casefold()
        if word in dimensions.TICKET_TYPE.categories:
            return word
        return own.get(word) or words.category_of(text)

    return parse


def birth_year(text: str) -> int | None:
    """The year of a date or year of birth; None for dummies such as 1900-01-01."""
    match = re.search(r"(?<![0-9])(19|20)[0-9]{2}(?![0-9])", text)
    year = int(match[0]) if match else 0
    return year if 1901 <= year <= datetime.now(UTC).year else None


_YES = frozenset({"true", "1", "yes", "ja", "y", "j", "x", "sant", "t"})
_NO = frozenset({"false", "0", "no", "nei", "n", "usant", "f", "nej"})


def truth(text: str) -> bool:
    """Yes or no in the words of exports. An unknown word is refused: it might be an objection."""
    word = text.casefold()
    if word not in _YES and word not in _NO:
        raise Unreadable("is neither yes nor no")
    return word in _YES
