"""Groups of members that are no cohort, and whose sums a reader has all the same: what published cohorts differ by.

The network less an industry is all others; the network less all published industries is what is left in those that are
too small; and, of one category, the network less the industries that show it is what is left in those that do not.
All have at least as many members as a cohort needs (`disclosure.admit`); but one of them may be most of it, and then
what cohorts differ by is held to the same rule as a cohort.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.disclosure import Releases


@dataclass(frozen=True, eq=False)
class Difference:
    """A cohort, by its position, less others inside it that share no member.

    secret: bool, by category: what one member of the group may be most of, and is more than noise.
    """

    cohort: int
    less: tuple[int, ...]
    secret: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Differences:
    """What cohorts differ by.

    groups: those that are the same for every category. divided: each cohort with the others of a division inside it,
    by their positions: of a category, it may be taken less those that show it.
    """

    groups: tuple[Difference, ...] = ()
    divided: tuple[tuple[int, tuple[int, ...]], ...] = ()


def differences(cohorts: Sequence[frozenset[str]], releases: Sequence[Releases], dominance_percent: int) -> Differences:
    """Each cohort less one other, and less all others of one division, where that is no cohort; and the divisions."""
    inside = _inside(cohorts)
    seen = set(cohorts)
    found: list[Difference] = []
    for at, less in _pairs(inside):
        group = cohorts[at].difference(*(cohorts[other] for other in less))
        if group and group not in seen:
            seen.add(group)
            gone = np.concatenate([releases[other].rows for other in less])
            its = replace(releases[at], rows=np.setdiff1d(releases[at].rows, gone))
            found.append(Difference(at, less, its.secret(dominance_percent)))
    divided = ((at, others) for at, its in enumerate(inside) for others in its if len(others) > 1)
    return Differences(tuple(each for each in found if each.secret.any()), tuple(divided))


def left_over(releases: Releases, gone: Sequence[Releases], category: int, dominance_percent: int) -> bool:
    """Whether one member may be most of a category in a cohort less others, and it is more than noise."""
    rows = np.setdiff1d(releases.rows, np.concatenate([each.rows for each in gone]))
    return bool(len(rows)) and replace(releases, rows=rows).pile([category]).gives_away(dominance_percent)


def _pairs(inside: Sequence[Sequence[tuple[int, ...]]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each cohort, and what is to be taken off it."""
    for at, its in enumerate(inside):
        yield from ((at, (other,)) for others in its for other in others)
        yield from ((at, others) for others in its if len(others) > 1)


def _inside(cohorts: Sequence[frozenset[str]]) -> list[list[tuple[int, ...]]]:
    """By cohort, of each division those that are inside it."""
    divisions = _divisions(cohorts)
    return [
        [tuple(other for other in division if cohorts[other] < cohort) for division in divisions] for cohort in cohorts
    ]


def _divisions(cohorts: Sequence[frozenset[str]]) -> list[list[int]]:
    """The cohorts in their order, as long as they share no member: those of one kind."""
    found: list[list[int]] = []
    taken: frozenset[str] = frozenset()
    for at, cohort in enumerate(cohorts):
        if not found or taken & cohort:
            found.append([])
            taken = frozenset()
        found[-1].append(at)
        taken |= cohort
    return found
