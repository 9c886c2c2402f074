"""Quartiles of a key figure over the members of a cohort, none of them any member's own figure.

Each member's key figure is made of its own estimates, in the way of the cohort's. With these in order, x(0) ≤ x(1)
≤ … ≤ x(n−1), the quartile q lies at place p = q (n − 1) = h + f, h whole and 0 ≤ f < 1, and what is published is the
mean of three neighbours, interpolated between those around h and those around h + 1:

    (1 − f)/3 x(h−1) + 1/3 x(h) + 1/3 x(h+1) + f/3 x(h+2)

so that no member has more than a third of it. Weights are exact fractions. The standard error is that of the noise of
the members that stand there, √Σ w² Var(x): it neither knows that noise may have put others there, nor that noise
spreads the members, which takes the outer quartiles a little too far out. Where the members' own errors are small
beside the distance between the quartiles, both are small.

A quartile is no sum, so what sums of cohorts give away is not all. Of two cohorts that overlap, quartiles are
published of both only where neither has fewer than LEAST members that the other has not: with one member more or less
the order moves by one place, and the two figures tell where that member stands. And of a cohort that overlaps with one
whose quartiles stood in an earlier publication of the same figures, none are published unless it has the same members:
versions and rounds differ by those who came or went. With secure aggregation nobody would have single members'
figures, and so no order of them: quartiles would then take a protocol of their own, or noisy counts by band.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.body import Cell
from privacy.estimate.cells import ratio_cell
from privacy.estimate.cohorts import Cohort
from privacy.estimate.derived import QUARTILES, SPREAD_DECIMALS, Derived
from privacy.estimate.disclosure import WHOLE, Category
from privacy.estimate.formulas import Covariance, by_delta
from privacy.estimate.layout import Layout
from privacy.estimate.ratios import Ratio
from privacy.estimate.reasons import Reason

LEAST = 12
"""Members of a cohort that has quartiles, and members by which two that overlap differ."""


def may_have(
    cohorts: Sequence[Cohort], earlier: Iterable[frozenset[str]], published: Iterable[bool]
) -> tuple[bool, ...]:
    """Which cohorts may have quartiles, in their order; each takes what those before it leave.

    earlier: the members of each cohort whose quartiles were published before. published: whether the whole of a cohort
    is; where it is withheld, nothing follows from it.
    """
    before = set(earlier)
    taken: list[frozenset[str]] = []
    answers: list[bool] = []
    for cohort, shown in zip(cohorts, published, strict=True):
        members = cohort.members
        fresh = members in before or not any(members & each for each in before)
        apart = all(_apart(members, each) for each in taken)
        answers.append(shown and len(members) >= LEAST and fresh and apart)
        if answers[-1]:
            taken.append(members)
    return tuple(answers)


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of members share none, or are far enough apart."""
    return not one & other or all(not some or len(some) >= LEAST for some in (one - other, other - one))


def weights_of(number: int, quartile: int) -> dict[int, Fraction]:
    """The weight of each place in the order. number: how many there are, at least LEAST; quartile: 1, 2 or 3."""
    place = Fraction(quartile * (number - 1), 4)
    low = int(place)
    rest = place - low
    weights = {low - 1: (1 - rest) / 3, low: Fraction(1, 3), low + 1: Fraction(1, 3), low + 2: rest / 3}
    return {at: weight for at, weight in weights.items() if weight}


def quartiles(
    cohort: Cohort,
    layout: Layout,
    values: NDArray[np.int64],
    why: dict[Category, Reason],
    percent: int,
    *,
    shown: bool,
) -> list[Cell]:
    """The quartiles of one cohort, at totals/all; none of one with fewer than LEAST members.

    values: the members' estimates, shape (members, cells). why: the categories that are withheld. percent: from which
    on a figure is unreliable. shown: whether it may have them (`may_have`).
    """
    if len(cohort.members) < LEAST:
        return []
    cells: list[Cell] = []
    place = {source: index for index, source in enumerate(layout.sources)}
    for each, noise in zip(layout.derived, layout.noises, strict=True):
        if each.category != WHOLE or f"{each.kpi}_{QUARTILES[0]}" not in SPREAD_DECIMALS:
            continue
        withheld = next((why[need] for need in each.needs if need in why), None)
        if withheld is None and not shown:
            withheld = Reason.ISOLATES_MEMBERS
        columns = [place[source] for source in each.sources]
        found = [None] * 3 if withheld else _over_members(each, noise, values[:, columns])
        for name, result in zip(QUARTILES, found, strict=True):
            missing = Ratio(None, None, None, withheld or Reason.DENOMINATOR_NOT_POSITIVE)
            cells.append(
                ratio_cell(cohort.name, WHOLE, f"{each.kpi}_{name}", result or missing, len(cohort.members), percent)
            )
    return cells


def _over_members(each: Derived, noise: Covariance, values: NDArray[np.int64]) -> list[Ratio | None]:
    """The three quartiles of those members whose figure is one; None where these are too few."""
    single = [each.rule.ratio(row, noise) for row in values.tolist()]
    order = sorted(
        (one.value, one.standard_error) for one in single if one.value is not None and one.standard_error is not None
    )
    if len(order) < LEAST:
        return [None] * 3
    found: list[Ratio | None] = []
    for quartile in (1, 2, 3):
        weights = weights_of(len(order), quartile)
        value = sum((weight * Fraction(order[at][0]) for at, weight in weights.items()), Fraction(0))
        variance = sum((weight**2 * Fraction(order[at][1]) ** 2 for at, weight in weights.items()), Fraction(0))
        found.append(by_delta(float(value), float(variance)))
    return found
