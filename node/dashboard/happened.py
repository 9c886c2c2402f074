"""Local events, and what the chosen one did beside a cohort in the same months: for the institution's own eyes."""

from dataclasses import dataclass
from typing import Final

from node.dashboard.figures import N_
from node.effects.answer import Question, answer
from node.effects.doubts import Doubt, doubts
from node.effects.effect import Effect, NoEffect
from node.errors import UsageError
from node.events.event import Event, same_name
from node.events.file import events
from node.home import Home
from node.membership.settings import joined, membership

MEASURES: Final = {
    "revenue_ore": N_("Revenue"),
    "orders": N_("Orders"),
    "tickets": N_("Tickets"),
    "customers": N_("Customers"),
}
"""What an event may have done something to."""


@dataclass(frozen=True)
class Happened:
    """Every event, the newest first; the chosen one with its effect and what makes that doubtful.

    `fault`: why there is no effect to tell, as the part that computes it says; `cohorts`: those that were asked of.
    """

    events: tuple[Event, ...] = ()
    chosen: Event | None = None
    measure: str = "revenue_ore"
    effect: Effect | None = None
    doubts: tuple[Doubt, ...] = ()
    fault: str = ""
    alone: bool = False


def happened_of(home: Home, name: str, measure: str, cohort: str | None) -> Happened:
    """What is known now. Raises what the list of events and the store refuse with."""
    every = tuple(reversed(events(home)))
    measure = measure if measure in MEASURES else "revenue_ore"
    chosen = next((each for each in every if same_name(each.name, name)), every[0] if every else None)
    if chosen is None or not joined(home):
        return Happened(every, chosen, measure, alone=not joined(home))
    question = Question(chosen, measure, cohort)
    try:
        found = answer(home, membership(home), question, str, lambda _text: None)
    except UsageError:  # no such cohort in any benchmark of tables
        return Happened(every, chosen, measure, fault="")
    except NoEffect as error:
        return Happened(every, chosen, measure, fault=str(error))
    said = tuple(dict.fromkeys(doubt for doubt, _ in doubts(found, every)))
    return Happened(every, chosen, measure, found, said)
