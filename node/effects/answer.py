"""The answer to what an event did, from what lies in the node's folder: which study and cohort give the best one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from node.benchmark.asked import seat_in, study_of
from node.benchmark.beside import own_cohorts
from node.effects.difference import LEAST_AFTER, LEAST_BEFORE
from node.effects.effect import Asked, Effect, Material, NoEffect, effect_of, usable, wanted
from node.effects.own_periods import own_periods
from node.errors import UsageError
from node.events.event import Event
from node.home import Home
from node.kpis.windows import Period
from node.membership.settings import Membership
from node.network import benchmarks
from node.store.database import opened
from privacy.estimate.cohorts import NETWORK
from privacy.estimate.series import Series, series_of

USUAL_BEFORE = {Period.MONTH: 6, Period.QUARTER: 12}
"""Months before an event that are looked at, where nobody says how many."""


@dataclass(frozen=True)
class Question:
    """What is asked; `before` and `after` are months.

    Without a cohort it is the own industry, where that can be told, and else the network.
    """

    event: Event
    measure: str
    cohort: str | None = None
    before: int | None = None
    after: int | None = None


Said = Callable[[str], str]


def answer(home: Home, network: Membership, question: Question, in_words: Said, say: Callable[[str], None]) -> Effect:
    """What an event did. Raises NoEffect, with what would be needed; UsageError for a cohort that nobody knows.

    Months are preferred to quarters, the own industry to the network, and of studies the one with most periods; what
    can be computed goes before all of it. `in_words` says reasons; `say` is told of files that cannot be read.
    """
    looked = benchmarks.look(home, network)
    for fault in looked.faults.values():
        say(str(fault))
    every = series_of(each.benchmark for each in looked.kept)
    if not every:
        raise NoEffect(
            "No benchmark of tables is here, and an event is held against those. To look for new ones: kudos-node run "
            "--once"
        )
    known = list(dict.fromkeys(cohort for series in every for cohort in series.cohorts))
    if question.cohort is not None and question.cohort not in known:
        raise UsageError(f"There is no cohort {question.cohort!r}. There is: {', '.join(known)}")
    mine = _mine(home, network, every)
    asked, series = max(_choices(question, every, mine), key=lambda choice: _worth(*choice))
    found = wanted(asked, series)
    study = study_of(home, network, series)
    if study is None:
        raise NoEffect(
            f"This node was asked in no round of {series.study}, so that its own figures cannot be made as the "
            "published ones are. Take part in a round of it, or ask NPU for its study."
        )
    with opened(home, say=say) as connection:
        own = own_periods(connection, study, found.values(), home.settings().timezone)
    member = network.id if asked.cohort in mine else None
    return effect_of(asked, Material(series, found, own, member), in_words)


def _mine(home: Home, network: Membership, every: tuple[Series, ...]) -> tuple[str, ...]:
    """The own cohorts, by the newest round that this node had a seat in."""
    rounds = sorted((each for series in every for each in series.rounds), key=lambda each: each.published, reverse=True)
    for each in rounds:
        seat = seat_in(home, network, each)
        if seat is not None:
            return own_cohorts(seat)
    return (NETWORK,)


def _choices(question: Question, every: tuple[Series, ...], mine: tuple[str, ...]) -> Iterator[tuple[Asked, Series]]:
    industries = [name for name in mine if name.startswith("industry:")]
    cohorts = [question.cohort] if question.cohort is not None else [*industries, NETWORK]
    for by in (Period.MONTH, Period.QUARTER):
        for cohort in cohorts:
            before = question.before or USUAL_BEFORE[by]
            asked = Asked.of(question.event, question.measure, cohort, by, before, question.after)
            yield from ((asked, series) for series in every)


def _worth(asked: Asked, series: Series) -> tuple[bool, bool, bool, int]:
    """What can be computed first; of what cannot, the network, so that a refusal tells of the widest cohort."""
    before, after = usable(asked, wanted(asked, series))
    enough = before >= LEAST_BEFORE and after >= LEAST_AFTER
    return enough, asked.by is Period.MONTH, (asked.cohort != NETWORK) is enough, before + after
