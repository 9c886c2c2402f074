"""What members' quantiles say together: the mean over the members of a cohort, quantile by quantile.

A quantile that a member tells is one of the public candidates, chosen near the true one by a mechanism whose error
depends on how the member's customers lie: nobody knows it without them. So no error is published, and a figure without
an error is never reliable. It is the mean of what customers of one institution have, not a quantile of all their
customers together.

A quantile that one member dominates in any cohort is withheld in all, and stays so for the window: then there is
nothing to work it out from.

Where the whole of a cohort is withheld, so are its means. They add up across cohorts as the wholes do, and these are
withheld so that none follows from the others: nor does such a mean then follow from the means of other cohorts. A whole
with nothing but noise may follow, and so may the means of its cohort.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.body import Cell
from privacy.estimate.cohorts import Cohort
from privacy.estimate.derived import THRESHOLD_DECIMALS
from privacy.estimate.disclosure import Category, Published, dominated
from privacy.estimate.reasons import Reason
from privacy.estimate.rounding import published
from privacy.studies.study import QuantilePart, Study


def category_of(part: QuantilePart) -> Category:
    """Where the mean of a quantile stands, such as `revenue_quantiles`/`0.95`."""
    table, _, category = part.name.partition("/")
    return table, category


def threshold_cells(
    cohorts: Sequence[Cohort],
    study: Study,
    thresholds: Sequence[NDArray[np.int64]],
    earlier: Sequence[Published],
    unseen: Sequence[bool],
) -> list[list[Cell]]:
    """The cells of each cohort.

    thresholds: of each cohort, int64, shape (members, quantiles of the study). earlier: what was published before for
    the same window. unseen: of each cohort whether its whole is withheld.
    """
    nothing = np.zeros(len(study.quantiles))
    large = [dominated(each, nothing, study.disclosure.dominance_percent) for each in thresholds]
    before = set().union(*(each.withheld for each in earlier))
    found: list[list[Cell]] = [[] for _ in cohorts]
    for index, part in enumerate(study.quantiles):
        withheld = category_of(part) in before or any(each[index] for each in large)
        for cells, cohort, values, by_one, hidden in zip(found, cohorts, thresholds, large, unseen, strict=True):
            why = Reason.DOMINATED if by_one[index] else Reason.COMPLEMENTARY
            reason = why if withheld or hidden else None
            cells.append(_cell(cohort, part, values[:, index], reason))
    return found


def _cell(cohort: Cohort, part: QuantilePart, values: NDArray[np.int64], reason: Reason | None) -> Cell:
    measure = "mean_quantile_ore" if part.measure is Measure.REVENUE else "mean_quantile"
    members = len(cohort.members)
    mean = published(float(Fraction(int(values.sum()), members)), THRESHOLD_DECIMALS[measure])
    return Cell(
        cohort.name,
        *category_of(part),
        measure,
        None if reason else mean,
        None,
        None,
        None,
        members,
        "suppressed" if reason else "unreliable",
        reason or Reason.INTERVAL_UNBOUNDED,
    )
