"""What columns are called in Norwegian, Swedish, Danish, English and German, by the field of the standard.

The names themselves are in headers.toml.
"""

import re
from functools import cache
from importlib import resources
from tomllib import loads

from node.ingest.recognise import plain


def _read() -> dict[str, dict[str, str]]:
    text = (resources.files("node.ingest.propose") / "headers.toml").read_text(encoding="utf-8")
    return {
        part: {name: " ".join(names.split()) for name, names in found.items()} for part, found in loads(text).items()
    }


_WORDS = _read()
_SALES = _WORDS["sales"] | _WORDS["customers"]
_EVENTS = {name: f"{_SALES[name]}, {words}" if name in _SALES else words for name, words in _WORDS["events"].items()}
_BUYERS = {name: words for name, words in _WORDS["customers"].items() if name != "customer_key"}
_OF = {
    "order_lines": _SALES,
    "orders": _SALES,
    "customers": {
        "customer_key": f"{_SALES['customer_key']}, {_WORDS['customers_alone']['customer_key']}",
        **_BUYERS,
    },
    "events": _EVENTS,
}
RESOURCES = tuple(_OF)
_CLOCK = _WORDS["beside"]["clock"].split(", ")
_FOLD = str.maketrans({"å": "a", "ä": "a", "à": "a", "ø": "o", "ö": "o", "æ": "ae", "ü": "u"})
_NESTED = re.compile(r"[^\s.]+(?:\.[^\s.]+)+")
_VAGUE = frozenset({"id", "nr", "no", "nummer", "number", "navn", "name", "namn", "dato", "datum", "date", "type"})
"""Last parts of nested keys that say nothing without what they lie in."""

_BY_LAST_PART = 0.85
_COMPOUND = 0.5
_SHORTEST_END = 5
_NO_ENDS = frozenset({"count", "stage"})
"""Names that end words which are no compounds of them: discount, account, postage."""


def words_of(header: str) -> str:
    """A header as words in small letters with single spaces: `orderDate`, `Order_Date` and `Order-date:` are one."""
    spaced = re.sub(r"(?<=[a-zæøåäöü])(?=[A-ZÆØÅÄÖÜ])", " ", header)
    return " ".join(re.findall(r"[^\W_]+", plain(spaced)))


def score(resource: str, field: str, header: str) -> float:
    """How well a header fits a field: 1 where it is one of its names, less where it contains one, else 0.

    Compounds that end with a name contain it, such as `Salgsstatus`. Of a nested JSON key the last part tells more than
    what it lies in: `billetter.avgift` is a fee, and no number of tickets.
    """
    words = _folded(words_of(header))
    known = _OF[resource].get(field, "")
    names, joined = _names(known), words.replace(" ", "")
    if joined in names:
        return 1.0
    last = _last_part(header)
    if last is not None and is_fee(last):
        return 0.0
    if last is not None and _joined(last) in names - _VAGUE:
        return _BY_LAST_PART
    tokens = words.split()
    inner = [
        len(phrase)
        for phrase in _phrases(known)
        if len(phrase) < len(tokens) and any(tokens[at : at + len(phrase)] == list(phrase) for at in range(len(tokens)))
    ]
    if inner:
        return 0.4 + 0.3 * max(inner) / len(tokens)
    return _COMPOUND if any(len(name) >= _SHORTEST_END and joined.endswith(name) for name in names - _NO_ENDS) else 0.0


def is_clock(header: str) -> bool:
    """Whether a header names a time of the day."""
    tokens = words_of(header).split()
    return bool(tokens) and (" ".join(tokens) in _CLOCK or tokens[-1] in _CLOCK)


def is_fee(header: str) -> bool:
    """Whether a header, or the last part of a nested one, names fees."""
    return any(_joined(each) in _names(_WORDS["beside"]["fees"]) for each in (header, _last_part(header) or header))


def is_consent(header: str) -> bool:
    """Whether a header speaks of a consent, to whatever it may be."""
    names = _names(_WORDS["beside"]["consents"])
    return _joined(header) in names or any(_folded(word) in names for word in words_of(header).split())


def never(header: str) -> str | None:
    """Why a column is never read, judged by its header; None where nothing speaks against it."""
    whole, last = _joined(header), _joined(_last_part(header) or header)
    sought = {whole, last} - _VAGUE if last != whole else {whole}
    return next((reason for reason, names in _WORDS["never"].items() if sought & _names(names)), None)


def fields_of(resource: str) -> list[str]:
    """The fields that a file of a resource may have."""
    return list(_OF[resource])


def _folded(text: str) -> str:
    """A text without the letters that many systems leave out of names: `beløp` and `belop` are one."""
    return text.translate(_FOLD)


def _joined(header: str) -> str:
    return _folded(words_of(header)).replace(" ", "")


def _last_part(header: str) -> str | None:
    """The last part of a nested JSON key; None of another header."""
    return header.rpartition(".")[2] if _NESTED.fullmatch(header) else None


@cache
def _names(names: str) -> frozenset[str]:
    return frozenset(_folded(name).replace(" ", "") for name in names.split(", "))


@cache
def _phrases(names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_folded(name).split()) for name in names.split(", "))
