"""Which publications are held against one another: those that add up the same figures of the same members.

A release of a study of tables is over its round's months, so a sum of it can be taken off another over those months
alone. A count of cross-use is over the one list of customers that a member froze for the year, whatever months its
round names, and against the one sketch that each peer makes a year: two rounds of a year with other members differ by
just these members, also where their months, studies or sketches' markets differ. The figures of one kind are no part
of those of the other.
"""

from dataclasses import dataclass

from privacy.bounds.windows import Window
from privacy.estimate.benchmark import Benchmark
from privacy.rounds.announcement import Announcement
from privacy.sketch.buckets import epoch_of
from privacy.studies.cross_use import CrossUseStudy


@dataclass(frozen=True)
class CrossUseYear:
    """The figures of every round of cross-use whose window ends in a year: the epoch of the members' sketches."""

    epoch: str


Figures = Window | CrossUseYear
"""What a publication adds up: of tables all that is over a window, of cross-use all that is of a year."""


def figures_of(said: Announcement | Benchmark) -> Figures:
    """What a round or its benchmark adds up. A benchmark is of cross-use where it has a market."""
    cross_use = isinstance(said.study, CrossUseStudy) if isinstance(said, Announcement) else bool(said.body.market)
    return CrossUseYear(epoch_of(said.window)) if cross_use else said.window


def same_figures(one: Announcement | Benchmark, other: Announcement | Benchmark) -> bool:
    """Whether the publications of two rounds, in any order, are held against each other."""
    return figures_of(one) == figures_of(other)
