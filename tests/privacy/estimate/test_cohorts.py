import random

import pytest

from privacy.estimate.cohorts import KINDS, Cohort, Member, cohorts_of
from privacy.estimate.errors import InvalidCohortsError

MEMBERS = [
    Member("a", "museum", "46", "small"),
    Member("b", "museum", "03"),
    Member("c", "festival", "46", "large"),
]


def test_every_kind_in_order_of_priority_and_then_by_name() -> None:
    assert cohorts_of(MEMBERS, ["size", "county", "network", "industry-county", "industry"]) == (
        Cohort("network", frozenset("abc")),
        Cohort("industry:festival", frozenset("c")),
        Cohort("industry:museum", frozenset("ab")),
        Cohort("county:03", frozenset("b")),
        Cohort("county:46", frozenset("ac")),
        Cohort("industry-county:festival:46", frozenset("c")),
        Cohort("industry-county:museum:03", frozenset("b")),
        Cohort("industry-county:museum:46", frozenset("a")),
        Cohort("size:large", frozenset("c")),
        Cohort("size:small", frozenset("a")),
    )


def test_only_what_is_asked_for_and_whatever_the_order() -> None:
    shuffled = random.Random(1).sample(MEMBERS, 3)
    assert cohorts_of(shuffled, ["county"]) == cohorts_of(MEMBERS, ["county"])
    assert {cohort.kind for cohort in cohorts_of(MEMBERS, KINDS)} == set(KINDS)


def test_nobody_makes_no_cohort() -> None:
    assert cohorts_of([], KINDS) == ()


def test_a_member_twice_or_an_unknown_kind() -> None:
    with pytest.raises(InvalidCohortsError, match="twice"):
        cohorts_of([*MEMBERS, Member("a", "other", "03")], KINDS)
    with pytest.raises(InvalidCohortsError, match="'colour'"):
        cohorts_of(MEMBERS, ["colour"])
