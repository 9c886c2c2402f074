"""Parsers of single values. Each takes the text of a cell and returns a value of the standard, or raises Unreadable.

They run once per distinct text of a column, not once per row.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest import words
from node.ingest.profile import Layout
from privacy.catalogue import dimensions

Parser = Callable[[str], Any]

EARLIEST = datetime(1990, 1, 1)  # noqa: DTZ001  local time; no ticketing system of today has older sales
_LARGEST_ORE = 10**11


class Unreadable(ValueError):
    """A text that cannot be read as what its column should hold. Carries the reason, never the text."""


_SPACES = re.compile(r"[\s\u00a0\u202f]+")


def amount(decimal: str, suffix: str) -> Parser:
    """A parser of amounts in kroner into integer øre.

    `decimal` is the decimal sign, or `auto`: then 1.250 and 1,250 are refused as ambiguous.
    """

    def parse(text: str) -> int:
        cleaned = text.removesuffix(suffix) if suffix else text
        cleaned = re.sub(r"(?i)^\s*(kr|nok)\.?\s*|\s*(kr|nok|,-|kr\.)\s*$", "", cleaned) if not suffix else cleaned
        cleaned = _SPACES.sub("", cleaned.replace("−", "-"))
        sign, whole, fraction = _split_amount(cleaned, decimal)
        ore = int(whole) * 100 + int(fraction[:2].ljust(2, "0"))
        if fraction[2:].strip("0"):
            raise Unreadable("is finer than one øre")
        if ore > _LARGEST_ORE:
            raise Unreadable("is larger than any sale")
        return -ore if sign else ore

    return parse


def _split_amount(text: str, decimal: str) -> tuple[bool, str, str]:
    """Sign, whole kroner and decimals of an amount without spaces."""
    negative = text.startswith("-")
    body = text.lstrip("+-")
    if decimal == "auto":
        marks = [character for character in body if character in ".,"]
        if len(set(marks)) == 1 and re.fullmatch(r"[0-9]{1,3}([.,][0-9]{3})", body):
            raise Unreadable("may mean thousands or decimals: say `decimal` in the profile")
        decimal = marks[-1] if marks and marks.count(marks[-1]) == 1 else ""
    thousands = {",": ".", ".": ",", "": ".,"}[decimal]
    whole, _, fraction = body.partition(decimal) if decimal else (body, "", "")
    groups = re.split(f"[{thousands}'’]", whole)
    if len(groups) > 1 and not all(len(group) == 3 for group in groups[1:]):
        raise Unreadable("is no amount I know")
    whole = "".join(groups)
    if not (whole.isascii() and whole.isdigit()) or (fraction and not (fraction.isascii() and fraction.isdigit())):
        raise Unreadable("is no amount I know")
    return negative, whole, fraction


def whole_number(text: str) -> int:
    """A whole number such as 2, -1 or 2,0."""
    match = re.fullmatch(r"([+-−]?)([0-9]{1,9})(?:[.,]0*)?", text.replace("\u00a0", "").replace("−", "-"))
    if match is None:
        raise Unreadable("is no whole number")
    return int(match[2]) * (-1 if match[1] == "-" else 1)


def currency(text: str) -> str:
    """NOK in its usual spellings; any other currency is refused by name."""
    code = text.strip(". ").upper()
    if code in ("NOK", "KR"):
        return "NOK"
    raise Unreadable(f"is another currency than NOK ({code[:3]})" if code[:3].isalpha() else "is no currency I know")


def mapped(layout: Layout, field: str, vocabulary: dict[str, str], otherwise: str | None) -> Parser:
    """A parser by the profile's value map, then a vocabulary; `otherwise` for words that neither has."""
    own = {word.casefold(): meaning for word, meaning in layout.values.get(field, {}).items()}
    common = words.lookup(vocabulary)

    def parse(text: str) -> str:
        word = text.casefold()
        meaning = own.get(word) or common.get(word.rstrip(".")) or otherwise
        if meaning is None:
            raise Unreadable(f"is no {field} I know: map it in the profile, under values.{field}")
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


def one_of(values: Sequence[str], otherwise: str) -> Parser:
    """A parser of words that are the standard's own; `otherwise` for any other."""

    def parse(text: str) -> str:
        word = text.casefold().replace(" ", "_")
        return word if word in values else otherwise

    return parse


def birth_year(text: str) -> int | None:
    """The year of a date or year of birth; None for dummies such as 1900-01-01."""
    match = re.search(r"(?<![0-9])(19|20)[0-9]{2}(?![0-9])", text)
    year = int(match[0]) if match else 0
    return year if 1901 <= year <= datetime.now(UTC).year else None


_YES = frozenset({"true", "1", "yes", "ja", "y", "j", "x", "sant"})


def truth(text: str) -> bool:
    """Yes or no in the words of exports; anything unknown is no."""
    return text.casefold() in _YES


def times(texts: Sequence[str], formats: Sequence[str], zone: str, latest: datetime) -> tuple[pa.Array, dict[int, str]]:
    """UTC times of many texts, and the reasons of those that could not be read, by their index.

    ISO 8601 is always understood; `formats` are strptime's. Times without a zone are local times of `zone`; of the
    hour that stands twice in October the first is meant. The array is of timestamp[us, zone], null where unreadable.
    """
    utc = np.full(len(texts), np.datetime64("NaT", "us"))
    naive = np.full(len(texts), np.datetime64("NaT", "us"))
    others: list[int] = []
    for index, text in enumerate(texts):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            others.append(index)
            continue
        if moment.tzinfo is None:
            naive[index] = moment
        else:
            utc[index] = moment.astimezone(UTC).replace(tzinfo=None)
    _by_formats(texts, others, formats, naive)
    local = pc.assume_timezone(pa.array(naive), zone, ambiguous="earliest", nonexistent="latest")
    aware = pa.array(utc).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone))
    moments = pc.coalesce(local, aware)
    reasons = {int(index): "is no date that I know" for index in np.flatnonzero(pc.is_null(moments).to_numpy(False))}
    for index in np.flatnonzero(pc.less(moments, _bound(EARLIEST.replace(tzinfo=UTC), zone)).fill_null(False)):
        reasons[int(index)] = "lies before 1990"
    for index in np.flatnonzero(pc.greater(moments, _bound(latest, zone)).fill_null(False)):
        reasons[int(index)] = "lies in the future"
    return moments, reasons


def _bound(moment: datetime, zone: str) -> pa.Scalar:
    return pa.scalar(moment, pa.timestamp("us", zone))


def _by_formats(texts: Sequence[str], left: list[int], formats: Sequence[str], into: Any) -> None:
    """Fills in the local times of texts that one of the formats reads; the first that does counts."""
    for pattern in formats:
        if not left:
            return
        parsed = pc.strptime(pa.array([texts[index] for index in left]), pattern, "us", error_is_null=True)
        found = parsed.to_numpy(zero_copy_only=False)
        into[left] = found
        left = [index for index, moment in zip(left, found, strict=True) if np.isnat(moment)]


def masked(text: str) -> str:
    """The shape of a text, fit to be shown and kept: an amount or date as it is, other letters and digits hidden.

    A run of more than seven digits might be a telephone number, so it is hidden too.
    """
    short = text[:40]
    if (
        re.fullmatch(r"[0-9 .,:;/+\-–−kr]{1,25}", short)
        and sum(map(str.isdigit, short)) <= 8
        and not _phone_like(short)
    ):
        return short
    hidden = re.sub(r"[0-9]", "9", re.sub(r"[^\W\d_]", "x", short))
    return hidden + ("…" if len(text) > 40 else "")


def _phone_like(text: str) -> bool:
    digits = re.sub(r"[^0-9]", "", text)
    return len(digits) >= 8 and not re.search(r"[.:/,-]", text)
