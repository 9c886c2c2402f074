"""What the rows of a file tell of its amounts: their decimal sign, whether they are of a ticket or of a row, fees."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from node.ingest.propose.look import CLOCK, Look
from node.ingest.propose.look import MOST as MOST
from node.ingest.values import Parser, Unreadable, whole_number

ZEROS = frozenset({"0", "0,0", "0.0", "0,00", "0.00", "0,-", "-", "0 kr"})

_COMMA = re.compile(r"(?<![0-9],)(?<=[0-9]),(?:[0-9]{1,2}|[-−–])(?![0-9,.])")
_POINT = re.compile(r"(?<![0-9][.])(?<=[0-9])[.](?:[0-9]{1,2}|[-−–])(?![0-9,.])")
_DOUBTFUL = re.compile(r"(?<![0-9])[0-9]{1,3}[.,][0-9]{3}(?![0-9,.])")
ISO_CLOCKS = frozenset({"", " %H:%M", " %H:%M:%S"})
"""Ends of patterns of dates that ISO 8601 has too, so that its dates need no pattern with them."""

_ENOUGH = 3
"""Rows that must agree before they decide."""


def decimal(texts: Sequence[str]) -> str:
    """The decimal sign of amounts: `,` or `.`; `auto` where none has decimals; `?` where that cannot be told."""
    comma, point = any(map(_COMMA.search, texts)), any(map(_POINT.search, texts))
    if comma != point:
        return "," if comma else "."
    return "?" if comma or any(map(_DOUBTFUL.search, texts)) else "auto"


def doubtful(texts: Sequence[str]) -> str:
    """An amount that may mean two."""
    return next((text for text in texts if _DOUBTFUL.search(text)), texts[0] if texts else "")


def clock_pattern(look: Look) -> str:
    """How the times of a column are written, as the end of a pattern of dates."""
    forms = Counter(_clock_form(text) for text in look.filled if CLOCK.fullmatch(text))
    return f" {forms.most_common(1)[0][0]}"


def _clock_form(text: str) -> str:
    """The pattern of one time: its numbers are hour, minute and second, and what stands around them stays."""
    parts = iter(("%H", "%M", "%S"))
    return re.sub("[0-9]+", lambda _: next(parts), text)


def several(quantity: Look) -> bool:
    """Whether some row is of more than one ticket."""
    return any(abs(count) > 1 for count in map(_count, quantity.some) if count is not None)


def per_ticket(
    amount: Look, quantity: Look, unit: Look | None, same: Sequence[Look], fees: Look | None, parse: Parser
) -> str | None:
    """`line` or `unit`: what an amount is of, judged by rows of several tickets; None where they do not tell.

    Such a row, its fees taken off, is compared with its own unit price, or with rows of one ticket of the same type,
    zone and event.
    """
    counts = [_count(text) for text in quantity.cells]
    extra = [0] * len(counts) if fees is None else [_ore(text, parse) or 0 for text in fees.cells]
    sums = [
        None if ore is None else ore - fee
        for ore, fee in zip((_ore(text, parse) for text in amount.cells), extra, strict=True)
    ]
    if unit is not None:
        known = [{price} if (price := _ore(text, parse)) is not None else set() for text in unit.cells]
    else:
        known = _prices_of_one(counts, sums, same)
    votes: Counter[str] = Counter()
    for count, ore, prices in zip(counts, sums, known, strict=True):
        if count is None or ore is None or abs(count) < 2 or not ore:
            continue
        as_line, as_unit = abs(ore) in {abs(count) * abs(price) for price in prices}, abs(ore) in map(abs, prices)
        if as_line != as_unit:
            votes["line" if as_line else "unit"] += 1
    return _decided(votes)


def _prices_of_one(counts: Sequence[int | None], sums: Sequence[int | None], same: Sequence[Look]) -> list[set[int]]:
    kinds = list(zip(*(look.cells for look in same), strict=True)) if same else [()] * len(counts)
    prices: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for count, ore, kind in zip(counts, sums, kinds, strict=True):
        if count == 1 and ore:
            prices[kind].add(ore)
    return [prices[kind] for kind in kinds]


def contains(amount: Look, fees: Look, unit: Look | None, quantity: Look | None, parse: Parser) -> bool | None:
    """Whether amounts contain the fees, judged by unit price and quantity; None where they do not tell."""
    if unit is None:
        return None
    votes: Counter[str] = Counter()
    counts = [_count(text) for text in quantity.cells] if quantity is not None else [1] * len(amount.cells)
    for total, fee, price, count in zip(amount.cells, fees.cells, unit.cells, counts, strict=True):
        ore, extra, each = _ore(total, parse), _ore(fee, parse), _ore(price, parse)
        if ore is None or each is None or count is None or not extra:
            continue
        without = abs(each) * max(1, abs(count))
        if abs(ore) in (without, without + abs(extra)):
            votes["without" if abs(ore) == without else "with"] += 1
    found = _decided(votes)
    return None if found is None else found == "with"


def _decided(votes: Counter[str]) -> str | None:
    if not votes:
        return None
    best, count = votes.most_common(1)[0]
    return best if count >= min(_ENOUGH, votes.total()) and count >= MOST * votes.total() else None


def _count(text: str) -> int | None:
    try:
        return whole_number(text) if text else 1
    except Unreadable:
        return None


def _ore(text: str, parse: Parser) -> int | None:
    try:
        return int(parse(text)) if text else None
    except Unreadable:
        return None
