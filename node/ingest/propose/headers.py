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


def words_of(header: str) -> str:
    """A header as words in small letters with single spaces: `orderDate`, `Order_Date` and `Order-date:` are one."""
    spaced = re.sub(r"(?<=[a-zæøåäöü])(?=[A-ZÆØÅÄÖÜ])", " ", header)
    return " ".join(re.findall(r"[^\W_]+", plain(spaced)))


def score(resource: str, field: str, header: str) -> float:
    """How well a header fits a field: 1 where it is one of its names, less where it contains one, else 0."""
    words = words_of(header)
    names = _names(_OF[resource].get(field, ""))
    if words.replace(" ", "") in names:
        return 1.0
    tokens = words.split()
    inner = [
        len(phrase)
        for phrase in _phrases(_OF[resource].get(field, ""))
        if len(phrase) < len(tokens) and any(tokens[at : at + len(phrase)] == list(phrase) for at in range(len(tokens)))
    ]
    return 0.4 + 0.3 * max(inner) / len(tokens) if inner else 0.0


def is_clock(header: str) -> bool:
    """Whether a header names a time of the day."""
    tokens = words_of(header).split()
    return bool(tokens) and (" ".join(tokens) in _CLOCK or tokens[-1] in _CLOCK)


def is_fee(header: str) -> bool:
    """Whether a header names fees."""
    return words_of(header).replace(" ", "") in _names(_WORDS["beside"]["fees"])


def never(header: str) -> str | None:
    """Why a column is never read, judged by its header; None where nothing speaks against it."""
    name = words_of(header).replace(" ", "")
    return next((reason for reason, names in _WORDS["never"].items() if name in _names(names)), None)


def fields_of(resource: str) -> list[str]:
    """The fields that a file of a resource may have."""
    return list(_OF[resource])


@cache
def _names(names: str) -> frozenset[str]:
    return frozenset(name.replace(" ", "") for name in names.split(", "))


@cache
def _phrases(names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name.split()) for name in names.split(", "))
