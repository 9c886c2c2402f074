"""What the cells of a column look like: what share of them are dates, amounts, addresses, known words."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import pyarrow as pa

from node.ingest import standard, words
from node.ingest.places import UNKNOWN, county_of, normalise_postcode
from node.ingest.readers.chunk import Chunk, name_of
from node.ingest.readers.table import Table

ROWS = 5_000
"""So many rows of a file are looked at."""

_DISTINCT = 400
_MOST_PATTERNS = 4
MOST = 0.9
"""A share of the cells from which on a column is taken for what they look like: totals and slips leave a few others."""

_AMOUNT = re.compile(
    r"(?i)(?:kr\.?|nok)?\s*[-+−–]?\s*[0-9]{1,3}(?:[ \u00a0\u202f.,'’]?[0-9]{3})*(?:[.,][0-9]{1,4}|[.,][-−–])?"
    r"\s*(?:kr\.?|nok|,-)*"
)
_TAIL = re.compile(r"[-+−–]?[0-9][0-9 \u00a0.,]*[0-9](\D{1,12})")
_KNOWN_TAIL = re.compile(r"(?i)\s*(?:kr\.?|nok|[.,][-−–])*\s*")
_WHOLE = re.compile(r"[-+−–]?[0-9]{1,4}(?:[.,]0+)?")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"\(?(?:\+|00)[0-9 ()./-]{8,20}|[2-9][0-9]{7}|[0-9]{2,3}(?: [0-9]{2,3}){2,3}")
CLOCK = re.compile(r"(?:kl\.? ?)?[0-2]?[0-9][:.][0-5][0-9](?:[:.][0-5][0-9])?")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DATE_LIKE = re.compile(r"[0-9]{1,4}[./ -][0-9]{1,2}[./ -][0-9]{2}|[0-9]{8}(?![0-9])")
NO_DATE = re.compile(r"0000-00-00.*|0[0.]0*")
"""What databases and hand-kept lists write for no date."""

DATES = ("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y",
         "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %m %Y", "%Y-%m-%d")  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H.%M", " %H.%M.%S", " kl. %H:%M", " kl. %H.%M", " kl %H:%M", ", %H:%M",
          "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " kl. %H:%M:%S", " - %H:%M")  # fmt: skip
_AMBIGUOUS = {"%d/%m/%Y": "%m/%d/%Y", "%d/%m/%y": "%m/%d/%y", "%d-%m-%Y": "%m-%d-%Y"}


@dataclass(frozen=True)
class Look:
    """The cells of a column that are looked at, without white space around them, one per row."""

    header: str
    place: int
    cells: Sequence[str]

    @cached_property
    def filled(self) -> list[str]:
        """Those that are not empty."""
        return [cell for cell in self.cells if cell]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text stands there."""
        return Counter(self.filled)

    @cached_property
    def some(self) -> list[str]:
        """Distinct texts, so many that they tell what the column holds."""
        return [text for text, _ in self.counts.most_common(_DISTINCT)]

    def share(self, pattern: re.Pattern[str]) -> float:
        """What share of the cells has a form."""
        return self._share(lambda text: pattern.fullmatch(text) is not None)

    def _share(self, test: Callable[[str], bool]) -> float:
        """The share of cells: one that is odd among hundreds weighs little, however few texts there are."""
        return self._cells(filter(test, self.some)) / self._cells(self.some) if self.some else 0.0

    def _share_of_texts(self, test: Callable[[str], bool]) -> float:
        """The share of different texts: the one word that most cells have says little of what the others mean."""
        return sum(map(test, self.some)) / len(self.some) if self.some else 0.0

    def _cells(self, texts: Iterable[str]) -> int:
        """How many cells have one of some texts."""
        return sum(self.counts[text] for text in texts)

    @cached_property
    def emails(self) -> float:
        """The share of e-mail addresses."""
        return self.share(_EMAIL)

    @cached_property
    def phones(self) -> float:
        """The share of what may be telephone numbers."""
        return self.share(_PHONE)

    @cached_property
    def suffix(self) -> str:
        """What stands behind nearly every amount and is no currency that is known without being told; mostly empty."""
        tails: Counter[str] = Counter()
        for text in self.some:
            if found := _TAIL.fullmatch(text):
                tails[found[1]] += self.counts[text]
        tail, count = tails.most_common(1)[0] if tails else ("", 0)
        return tail if tail and count >= MOST * self._cells(self.some) and not _KNOWN_TAIL.fullmatch(tail) else ""

    @cached_property
    def amounts(self) -> float:
        """The share of what may be amounts."""
        return self._share(lambda text: _AMOUNT.fullmatch(text.removesuffix(self.suffix)) is not None)

    @cached_property
    def wholes(self) -> float:
        """The share of small whole numbers."""
        return self.share(_WHOLE)

    @cached_property
    def clocks(self) -> float:
        """The share of times of the day."""
        return self.share(CLOCK)

    @cached_property
    def postcodes(self) -> float:
        """The share of postcodes that Norway has."""
        return self._share(lambda text: normalise_postcode(text) is not None and county_of(text, None) != UNKNOWN)

    @cached_property
    def years(self) -> float:
        """The share of years, or dates with one, in which a customer may be born."""
        return self._share(lambda text: re.search(r"(?<![0-9])(19|20)[0-9]{2}(?![0-9])", text) is not None)

    def known(self, vocabulary: dict[str, str]) -> float:
        """The share of different texts that are words of a vocabulary."""
        return self._share_of_texts(_is_word_of(vocabulary))

    @cached_property
    def genders(self) -> float:
        """The share of genders."""
        return self._share(_is_word_of(words.GENDERS))

    @cached_property
    def categories(self) -> float:
        """The share of different texts that are ticket types whose category is plain."""
        return self._share_of_texts(lambda text: words.category_of(text) != "other")

    @cached_property
    def segments(self) -> float:
        """The share of culture segments."""
        return self._share(lambda text: text.casefold() in standard.SEGMENTS)

    @cached_property
    def dates(self) -> "Dates | None":
        """How dates are written here; None where the cells are no dates."""
        texts = [text for text in self.some if not NO_DATE.fullmatch(text)]
        read = [text for text in texts if _ISO.fullmatch(text)]
        timed = self._cells(text for text in read if ":" in text)
        rest = [text for text in texts if not _ISO.fullmatch(text)]
        patterns: list[str] = []
        others = 0
        while rest and len(patterns) < _MOST_PATTERNS:
            fitting = {pattern: _fitting(rest, pattern) for pattern in _candidates(rest[0])}
            if fitting:
                best = max(fitting, key=lambda pattern: len(fitting[pattern]))
                patterns.append(best)
                read += fitting[best]
                timed += self._cells(fitting[best]) if re.search("%[HI]", best) else 0
                rest = [text for text in rest if text not in fitting[best]]
            else:
                others += self.counts[rest[0]]
                rest = rest[1:]
                if others > (1 - MOST) * self._cells(texts):
                    return None
        if not read or self._cells(read) < MOST * self._cells(texts):
            return None
        return Dates(tuple(patterns), _other_order(read, patterns), timed > self._cells(read) / 2)


@dataclass(frozen=True)
class Dates:
    """The patterns of dates beside ISO 8601; another order of day and month that reads all as well; times with them."""

    patterns: tuple[str, ...]
    other: tuple[str, ...]
    timed: bool


def _is_word_of(vocabulary: dict[str, str]) -> Callable[[str], bool]:
    known = words.lookup(vocabulary)
    return lambda text: text.casefold().rstrip(".") in known


def _candidates(text: str) -> list[str]:
    if not _DATE_LIKE.match(text):
        return []
    return [date + clock for clock in CLOCKS for date in DATES if _reads(text, date + clock)]


def _fitting(texts: Sequence[str], pattern: str) -> set[str]:
    return {text for text in texts if _reads(text, pattern)}


def _reads(text: str, pattern: str) -> bool:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007  only whether it is a date
    except ValueError:
        return False
    return 1900 <= moment.year <= 2100


def _other_order(texts: Sequence[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """The same patterns with month before day, where they read every text too."""
    swapped = []
    for pattern in patterns:
        day = next((each for each in _AMBIGUOUS if pattern.startswith(each)), None)
        swapped.append(pattern if day is None else pattern.replace(day, _AMBIGUOUS[day]))
    if tuple(swapped) == tuple(patterns):
        return ()
    both = all(_ISO.fullmatch(text) or any(_reads(text, pattern) for pattern in swapped) for text in texts)
    return tuple(swapped) if both else ()


def looks(table: Table) -> list[Look]:
    """The columns of a file, by its first rows. Of headers that stand twice the second is called `Name#2`."""
    chunk = beginning(table.chunks(range(len(table.headers)), "auto"))
    seen: Counter[str] = Counter()
    found = []
    for place, header in enumerate(table.headers):
        name = " ".join(header.replace("\ufeff", "").split())
        seen[name.casefold()] += 1
        number = seen[name.casefold()]
        cells = [] if chunk is None else chunk.table.column(name_of(place)).to_pylist()
        found.append(Look(name if number == 1 else f"{name}#{number}", place, [_trimmed(cell) for cell in cells]))
    return [look for look in found if look.header]


def beginning(chunks: Iterable[Chunk]) -> Chunk | None:
    """The first `ROWS` rows of a file as one chunk, for readers hand out fewer at first; None of an empty file."""
    parts: list[Chunk] = []
    starts = [0]
    for chunk in chunks:
        parts.append(chunk)
        starts.append(starts[-1] + chunk.table.num_rows)
        if starts[-1] >= ROWS:
            break
    if not parts:
        return None

    def lines(places: Sequence[int]) -> list[int]:
        told: dict[int, int] = {}
        for part, first, end in zip(parts, starts, starts[1:], strict=False):
            own = [place for place in places if first <= place < end]
            told.update(zip(own, part.lines([place - first for place in own]) if own else [], strict=True))
        return [told[place] for place in places]

    table = pa.concat_tables([part.table for part in parts]).slice(0, ROWS).combine_chunks()
    return Chunk(table, lines, tuple(bad for part in parts for bad in part.bad), sum(part.size for part in parts))


def _trimmed(cell: str) -> str:
    return cell.strip().lstrip("'").strip()
