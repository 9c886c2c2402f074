"""What is asked about states: which column tells a sale from a reservation, and what its words mean."""

import shlex
from collections.abc import Collection, Iterable

from node.ingest import standard, words
from node.ingest.propose import headers
from node.ingest.propose.columns import NOBODY
from node.ingest.propose.look import Look
from node.ingest.propose.question import Question

_MOST_WORDS = 12
"""A column of states has a few words; where more are unknown, it is none."""

_MOST_STATES = 40
_HALF = 0.5
"""A column that is not called a state, and of whose words half are states at least, may be one: it is asked about."""

_MEANINGS = (
    "a sale",
    "taken back by the customer",
    "called off: no sale any more",
    "a reservation, hold or block: never a sale",
)


def about_words(look: Look, told: Collection[str]) -> list[Question]:
    """Asks what words of the column of states mean, but for those that everybody knows and that the user has told."""
    known = {word.casefold() for word in told} | set(words.lookup(words.STATES))
    unknown = [text for text in look.counts if text.casefold().rstrip(".") not in known]
    return [
        Question(
            f"value:state:{word}",
            f"What does {word!r} in {look.header!r} mean? Rows that have it: {look.counts[word]}.",
            dict(zip(standard.STATES, _MEANINGS, strict=True)),
            f"--value 'state.{word}=paid'",
            needed=False,
        )
        for word in unknown[:_MOST_WORDS]
    ]


def about_columns(free: Iterable[Look], told: Collection[str]) -> list[Question]:
    """Asks about columns that hold words of states and are not called so, but for headers that the user spoke of."""
    return [
        Question(
            f"state:{look.header}",
            f"Does {look.header!r} ({', '.join(look.some[:4])}) tell a sale from a reservation? "
            "Without it every row counts as sold.",
            {"state": "yes", NOBODY: "no: it tells something else"},
            f"--set {shlex.quote(f'{look.header}=state')} or --set {shlex.quote(f'{look.header}=-')}",
            likeliest="state",
        )
        for look in free
        if look.header not in told and _may_be_states(look)
    ]


def _may_be_states(look: Look) -> bool:
    few = 1 < len(look.counts) <= _MOST_STATES
    return few and headers.never(look.header) is None and look.known(words.STATES) >= _HALF
