"""Which groups cohorts differ by, and what one member is most of there."""

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.differences import differences
from privacy.estimate.disclosure import Releases

NAMES = [f"{member:02d}" for member in range(20)]
NETWORK, A, B, EAST = (frozenset(NAMES[start:end]) for start, end in ((0, 20), (0, 6), (6, 12), (4, 9)))
PERCENT = 60


def independent(cells: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(cells[:, None] == others, dtype=np.float64)


def groups(cohorts: list[frozenset[str]], values: NDArray[np.int64]) -> dict[frozenset[str], list[bool]]:
    """By group what is a secret there, of one measure."""
    rows = [np.array(sorted(int(name) for name in cohort)) for cohort in cohorts]
    releases = [Releases(values, each, independent, np.arange(values.shape[1])[:, None]) for each in rows]
    found = differences(cohorts, releases, PERCENT).groups
    return {cohorts[each.cohort].difference(*(cohorts[at] for at in each.less)): each.secret.tolist() for each in found}


def of_one(member: int) -> NDArray[np.int64]:
    """Two categories: all members alike in the second, and nearly everything of the first is one's."""
    values = np.full((20, 2), 10**6)
    values[member, 0] = 10**8
    return values


def test_a_cohort_less_one_and_less_all_of_one_kind() -> None:
    found = groups([NETWORK, A, B, EAST], of_one(19))
    expected = {NETWORK - A, NETWORK - B, NETWORK - A - B, NETWORK - EAST}
    assert found == {group: [True, False] for group in expected}


def test_only_where_one_member_is_most_of_it() -> None:
    assert set(groups([NETWORK, A, B, EAST], of_one(0))) == {NETWORK - B, NETWORK - EAST}
    assert groups([NETWORK, A, B, EAST], np.full((20, 2), 10**6)) == {}


def test_what_is_a_cohort_or_nobody_or_overlaps_is_no_group() -> None:
    assert groups([NETWORK, A, NETWORK - A], of_one(19)) == {}
    assert groups([A, EAST], of_one(4)) == {}
    assert groups([NETWORK], of_one(4)) == {}


def test_noise_is_no_secret() -> None:
    values = np.zeros((20, 2), dtype=np.int64)
    values[:, 1] = 10**6
    values[19, 0] = 3
    assert groups([NETWORK, A], values) == {}
    values[19, 0] = 30
    assert groups([NETWORK, A], values) == {NETWORK - A: [True, False]}
