"""What to doubt of an effect: where its design does not carry it, each in a word for programs and in a sentence."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from node.effects.difference import TREND_LEVEL
from node.effects.effect import Effect, left_out
from node.events.event import Event
from node.kpis.windows import year_earlier
from privacy.bounds.windows import Window

LARGE_PART = 0.25
"""An institution that is more of a cohort than this is told so."""

FEW_BEFORE = 3
"""With fewer periods before an event there is hardly any telling what is usual."""


class Doubt(StrEnum):
    """Why the effect may be another than it looks."""

    FEW_BEFORE = "FEW_BEFORE"
    """Fewer periods before it than FEW_BEFORE."""
    LEFT_OUT = "LEFT_OUT"
    """Some periods are not published, or not usable."""
    TREND = "TREND"
    """Own and cohort drifted apart before the event."""
    CORRELATED = "CORRELATED"
    """One period goes on as the one before, so that there are fewer independent ones than there look."""
    SEASON = "SEASON"
    """Other months of the year before than after, and no year before to take the season off."""
    LARGE_PART = "LARGE_PART"
    """The institution is a large part of the cohort."""
    MEMBERS_CHANGED = "MEMBERS_CHANGED"
    """The periods are of several rounds with other members."""
    PARTLY = "PARTLY"
    """The event began or ended within a period."""
    OVERLAP = "OVERLAP"
    """Another registered event was in the same periods."""


def doubts(effect: Effect, events: Iterable[Event], in_words: Callable[[str], str] = str) -> list[tuple[Doubt, str]]:
    """Every doubt with a sentence. `events`: all that are registered; `in_words` says why a period is left out."""
    return [*_of_design(effect, in_words), *_of_cohort(effect), *_of_events(effect, events)]


def _of_design(effect: Effect, in_words: Callable[[str], str]) -> Iterator[tuple[Doubt, str]]:
    found, by = effect.estimate, effect.asked.by
    used = sum(each.pair is not None for each in effect.before)
    if used < FEW_BEFORE:
        yield Doubt.FEW_BEFORE, f"only {used} {by}s before it: hardly any telling what is usual"
    if any(each.pair is None for each in effect.sides):
        yield Doubt.LEFT_OUT, f"left out: {left_out(effect.sides, in_words)}"
    if found.trend is not None and found.trend < TREND_LEVEL:
        yield Doubt.TREND, "you and the cohort were drifting apart before it already: a part of this is that"
    if found.correlated:
        yield (
            Doubt.CORRELATED,
            f"one {by} goes on as the one before (correlation {found.correlation:.2f}), so the interval is too short",
        )
    if not found.season and not _same_season(effect):
        yield (
            Doubt.SEASON,
            "your season may differ from the cohort's, and no benchmark of the year before is there to take it off",
        )


def _of_cohort(effect: Effect) -> Iterator[tuple[Doubt, str]]:
    share = effect.own_share
    if share is not None and share > LARGE_PART:
        yield (
            Doubt.LARGE_PART,
            f"you are {100 * share:.0f} % of the cohort; your part is taken off, and little else is left",
        )
    rounds = {
        each.published.benchmark.round: each.published.benchmark
        for each in effect.sides
        if each.pair and each.published.benchmark
    }
    members = [{release.member for release in each.releases} for each in rounds.values()]
    everybody, stayed = len(set.union(*members)), len(set.intersection(*members))
    if everybody > stayed:
        yield (
            Doubt.MEMBERS_CHANGED,
            f"the figures are of {len(rounds)} rounds, and {everybody - stayed} of {everybody} members are not in all",
        )


def _same_season(effect: Effect) -> bool:
    """Whether the same months of the year stand on both sides."""
    before, after = (
        sorted(each.named.window.first.month for each in run if each.pair is not None)
        for run in (effect.before, effect.after)
    )
    return before == after


def _of_events(effect: Effect, events: Iterable[Event]) -> Iterator[tuple[Doubt, str]]:
    asked = effect.asked
    if asked.around.partly:
        names = ", ".join(each.label for each in asked.around.partly)
        yield Doubt.PARTLY, f"{names}: it is not all of that time, so that a part of what it did is not seen"
    spans = [Window(asked.windows[0].first, asked.windows[-1].last)]
    if effect.estimate.season:
        spans.append(Window(year_earlier(asked.windows[0]).first, year_earlier(asked.windows[-1]).last))
    for each in events:
        if each != asked.event and any(each.on <= span.last and each.last >= span.first for span in spans):
            yield Doubt.OVERLAP, f"{each.name} was in these months too, or a year before: the two cannot be told apart"
