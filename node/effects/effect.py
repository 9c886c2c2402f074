"""What an event did: the own figures before and after it, beside a cohort's of the same months.

The periods come from whatever was published: months of rounds with a table of months, or rounds of a quarter. The
institution's own part is taken off the cohort, as its release had it, so that it is compared with others alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from node.effects.around import Around, around
from node.effects.cohort_periods import Published, published
from node.effects.difference import LEAST_AFTER, LEAST_BEFORE, Estimate, Pair, estimate
from node.effects.own_periods import Own
from node.errors import NodeError
from node.events.event import Event
from node.kpis.windows import Named, Period, year_earlier
from privacy.bounds.windows import Window
from privacy.estimate.change import NoChange
from privacy.estimate.series import Series

LEAST_SEASON = 3
"""So many periods before an event with the same ones a year before are enough to take the season off."""

UNRELIABLE_PERCENT = 25
"""What is left of a cohort without the own part is not used where its standard error is more of it than this."""


class NoEffect(NodeError):
    """Nothing can be computed. The message says what would be needed."""

    reason = "NO_EFFECT"


class Left(StrEnum):
    """Why a period is left out, beside the reasons for which a figure is not published."""

    NOTHING_SOLD = "NOTHING_SOLD"
    """The own figure is zero or below, and has no logarithm."""
    OTHERS_TOO_SMALL = "OTHERS_TOO_SMALL"
    """Without the own part too little is left of the cohort beside its noise."""


@dataclass(frozen=True)
class Asked:
    """What is asked: of which measure (as in a benchmark), against which cohort, over how many periods around it."""

    event: Event
    measure: str
    cohort: str
    by: Period
    around: Around

    @staticmethod
    def of(event: Event, measure: str, cohort: str, by: Period, before: int, after: int | None) -> "Asked":
        """Of so many months before and after; of quarters as many as hold them."""
        count, later = (None if each is None else -(-each // by.months) for each in (before, after))
        return Asked(event, measure, cohort, by, around(event.on, event.until, by, count or 1, later))

    @property
    def windows(self) -> tuple[Window, ...]:
        """Every period before and after, oldest first."""
        return tuple(each.window for each in (*self.around.before, *self.around.after))


@dataclass(frozen=True)
class Side:
    """A period as it was used, or why it was not: the pair has the cohort without the own part that is in it."""

    named: Named
    published: Published
    own: Own | None
    pair: Pair | None
    reason: str | None


@dataclass(frozen=True)
class Material:
    """All that there is for an answer: by period what is published, and what is one's own.

    `member`: the own id, where the cohort is one's own; None where one's releases are in no figure of it.
    """

    series: Series
    published: Mapping[Window, Published]
    own: Mapping[Window, Own]
    member: str | None


@dataclass(frozen=True)
class Effect:
    """The answer: the estimate, the periods that it rests on, and which part of the cohort is one's own, if any."""

    asked: Asked
    series: Series
    estimate: Estimate
    before: tuple[Side, ...]
    after: tuple[Side, ...]
    own_share: float | None

    @property
    def sides(self) -> tuple[Side, ...]:
        """Every period, oldest first."""
        return (*self.before, *self.after)


def wanted(asked: Asked, series: Series) -> dict[Window, Published]:
    """What is published of every period, and of the same periods a year before."""
    windows = asked.windows
    earlier = tuple(year_earlier(window) for window in windows)
    of_now = published(series, asked.cohort, asked.measure, asked.by, windows)
    of_then = published(series, asked.cohort, asked.measure, asked.by, earlier)
    return of_then | of_now


def usable(asked: Asked, found: Mapping[Window, Published]) -> tuple[int, int]:
    """How many periods before and after are published."""
    runs = (asked.around.before, asked.around.after)
    before, after = (sum(found[each.window].value is not None for each in run) for run in runs)
    return before, after


def effect_of(asked: Asked, material: Material, in_words: Callable[[str], str] = str) -> Effect:
    """The effect of an event.

    Raises NoEffect, with what would be needed, where too little is published or sold; `in_words` says its reasons.
    """
    before, after = ([_side(each, material) for each in run] for run in (asked.around.before, asked.around.after))
    pairs, later = ([side.pair for side in run if side.pair is not None] for run in (before, after))
    if len(pairs) < LEAST_BEFORE or len(later) < LEAST_AFTER:
        raise too_little(asked, left_out((*before, *after), in_words))
    earlier = _a_year_before((*pairs, *later), material)
    compared = [pair for pair in pairs if pair.window in earlier]
    season = len(compared) >= LEAST_SEASON and all(pair.window in earlier for pair in later)
    if season:
        before = [side if side.pair is None or side.pair in compared else _without(side, material) for side in before]
        found = estimate(compared, later, earlier)
    else:
        found = estimate(pairs, later)
    share = _own_share((*before, *after), material)
    return Effect(asked, material.series, found, tuple(before), tuple(after), share)


def too_little(asked: Asked, left: str) -> NoEffect:
    """The refusal that says what would be needed, and why periods are `left` out."""
    first, last = asked.windows[0].first, asked.windows[-1].last
    whole = "a study with the table of months, over windows" if asked.by is Period.MONTH else "a study of quarters"
    return NoEffect(
        f"What {asked.event.name} did cannot be told: it takes {LEAST_BEFORE} {asked.by}s before {asked.event.on} and "
        f"{LEAST_AFTER} from then on, published of {asked.cohort} and with sales of your own. Left out: {left}. What "
        f"would help: rounds of {whole} that hold {first} to {last}; another --cohort or --measure; more months with "
        "--before and --after"
    )


def left_out(sides: Iterable[Side], in_words: Callable[[str], str] = str) -> str:
    """The periods that are not used with the reason, those that follow each other with the same one together."""
    runs = groupby(sides, key=lambda side: side.reason)
    said = []
    for reason, run in runs:
        labels = [side.named.label for side in run]
        if reason is not None:
            names = labels[0] if len(labels) == 1 else f"{labels[0]} … {labels[-1]}"
            said.append(f"{names} ({in_words(reason)})")
    return "; ".join(said) or "nothing"


def _side(named: Named, material: Material) -> Side:
    said = material.published[named.window]
    own = material.own.get(named.window)
    if said.value is None or own is None:
        return Side(named, said, own, None, said.reason or NoChange.NOT_THERE)
    if own.whole <= 0:
        return Side(named, said, own, None, Left.NOTHING_SOLD)
    others = said.value - (own.bounded if _included(said, material) else 0)
    if others <= 0 or 100 * said.error > UNRELIABLE_PERCENT * others:
        return Side(named, said, own, None, Left.OTHERS_TOO_SMALL)
    return Side(named, said, own, Pair(named.window, own.whole, others, said.error), None)


def _without(side: Side, material: Material) -> Side:
    """A period that lacks the same one a year before, where the season is taken off."""
    year = year_earlier(side.named.window)
    return Side(side.named, side.published, side.own, None, _side(Named("", year), material).reason)


def _a_year_before(pairs: Iterable[Pair], material: Material) -> dict[Window, Pair]:
    """The same periods a year before, by the window of the later one, as far as they can be used."""
    found = {}
    for each in pairs:
        window = year_earlier(each.window)
        pair = _side(Named("", window), material).pair
        if pair is not None:
            found[each.window] = pair
    return found


def _included(said: Published, material: Material) -> bool:
    """Whether the own release went into a benchmark."""
    releases = said.benchmark.releases if said.benchmark else ()
    return any(release.member == material.member for release in releases)


def _own_share(sides: Iterable[Side], material: Material) -> float | None:
    """What part of the cohort is one's own, over the periods that are used; None where none of it is."""
    used = [each for each in sides if each.pair is not None and each.own is not None]
    own = sum(each.own.bounded for each in used if each.own and _included(each.published, material))
    whole = sum(each.published.value or 0 for each in used)
    return own / whole if own else None
