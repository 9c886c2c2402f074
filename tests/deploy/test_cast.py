"""The cast is such that every cohort of the demo comes out as the demo says: published, or withheld, and why."""

from collections import Counter
from itertools import pairwise

from deploy.demo import exports
from deploy.demo.cast import Part, cast
from privacy.catalogue.institutions import SIZE_CLASSES
from privacy.estimate.cohorts import Member, cohorts_of
from privacy.estimate.disclosure import admit
from privacy.studies.study import shipped

STUDY = shipped()["benchmark"]


def _present() -> list[Part]:
    return [part for part in cast(1.0) if part.answers != "away"]


def test_twelve_institutions_of_two_industries_and_two_counties_three_crossing() -> None:
    parts = cast(1.0)
    crossed = Counter((part.institution.industry, part.institution.county) for part in parts)
    assert len({part.id for part in parts}) == 12
    assert list(crossed.values()) == [3, 3, 3, 3]
    assert {part.system for part in parts} == set(exports.SYSTEMS)
    assert Counter(part.answers for part in parts) == {"agent": 9, "person": 2, "away": 1}


def test_they_have_two_to_sixty_thousand_customers_and_share_one_market() -> None:
    sizes = sorted(part.institution.customers for part in cast(1.0))
    assert (sizes[0], sizes[-1]) == (2_000, 60_000)
    assert len({part.institution.market for part in cast(1.0)}) == 1
    assert all(one.institution.seed != other.institution.seed for one, other in pairwise(cast(0.01)))


def test_each_has_a_size_class_that_grows_with_its_customers() -> None:
    parts = sorted(cast(1.0), key=lambda part: part.institution.customers)
    places = [SIZE_CLASSES.index(part.size_class) for part in parts]
    assert places == sorted(places)
    assert set(places) == {0, 1, 2}
    assert [part.size_class for part in cast(0.01)] == [part.size_class for part in cast(1.0)]


def test_without_the_one_that_is_away_the_same_cohorts_are_published() -> None:
    members = [Member(part.id, part.institution.industry, part.institution.county, None) for part in _present()]
    cohorts = cohorts_of(members, STUDY.cohorts)
    reasons = admit(cohorts, set(), STUDY.disclosure.min_members)
    published = {cohort.name for cohort, reason in zip(cohorts, reasons, strict=True) if reason is None}
    assert published == {name for part in cast(1.0) for name in part.cohorts}
    assert len(cohorts) - len(published) == 4


def test_nobody_has_so_much_of_a_cohort_that_it_would_be_withheld() -> None:
    """Noise comes on top; ten per cent are room for it."""
    for name in {name for part in _present() for name in part.cohorts}:
        sizes = [part.institution.customers for part in _present() if name in part.cohorts]
        assert max(sizes) / sum(sizes) <= STUDY.disclosure.dominance_percent / 100 - 0.1, name
