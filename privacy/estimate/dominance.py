"""Who dominates most of a cohort: for whoever combines releases to look into, and never published.

A category is withheld where one member may be most of it. One member that is most of nearly all, by its size or because
its release is not true, has a whole benchmark withheld, and the benchmark does not say who it was: its members must not
learn it. The coordinator has every release and can.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.cohorts import Member, cohorts_of
from privacy.estimate.disclosure import dominated, more_than_noise
from privacy.estimate.layout import layout_of
from privacy.studies.study import Study


@dataclass(frozen=True)
class Dominating:
    """A member that is the largest of so many dominated categories of a cohort, of so many that it has."""

    cohort: str
    member: str
    categories: int
    of: int


def dominating(study: Study, members: Sequence[Member], values: NDArray[np.int64]) -> tuple[Dominating, ...]:
    """The members for whom more than half of the categories of a cohort are withheld, by cohort.

    members and values: as `privacy.estimate.combine.combine` takes them, and checked by it. Of every cohort with enough
    members to be published. Categories with nothing but noise, which somebody is always the largest of, do not count.
    """
    layout = layout_of(study)
    row = {member.member: index for index, member in enumerate(members)}
    each = layout.estimates(values, 1)
    found: list[Dominating] = []
    for cohort in cohorts_of(members, study.cohorts):
        if len(cohort.members) < study.disclosure.min_members:
            continue
        names = sorted(cohort.members)
        of_cohort = each[[row[name] for name in names]]
        tells = more_than_noise(of_cohort.sum(axis=0), layout.variances, len(names)) & layout.tested
        cells = np.flatnonzero(dominated(of_cohort, layout.variances, study.disclosure.dominance_percent) & tells)
        largest = of_cohort[:, cells].argmax(axis=0)
        of = len(layout.categories)
        for index, name in enumerate(names):
            categories = len(np.unique(layout.category_of[cells[largest == index]]))
            if 2 * categories > of:
                found.append(Dominating(cohort.name, name, categories, of))
    return tuple(found)
