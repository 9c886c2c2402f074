"""Self-assessments at the coordinator: one of each member, and published together from five on."""

import json
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coordinator.authority.peer import Role
from coordinator.errors import BadAssessment, RoleNotAllowed, TooLarge, TooOften
from coordinator.members import members
from coordinator.members.enrol import enrol
from coordinator.members.others import invite_other
from coordinator.office import Office
from coordinator.sharing import assessments
from coordinator.sharing.assessments import publish_due
from privacy.sharing.assessment import DRIVERS, LARGEST_ASSESSMENT, Assessment, make
from privacy.sharing.distribution import Distribution, open_distribution
from tests.coordinator.house import NOW, Joined, Keys, caller_for, contents, joined, token_of
from tests.coordinator.sharing.interrupted import interrupted

DAY = timedelta(days=1)


def envelope(
    office: Office, member: Joined, level: int = 3, key: Ed25519PrivateKey | None = None, made: datetime = NOW
) -> bytes:
    said = Assessment(made, dict.fromkeys(DRIVERS, level))
    return make(said, office.trust_domain, member.id, key or member.keys.signing)


def share(office: Office, member: Joined, level: int = 3, now: datetime = NOW) -> None:
    assessments.share(office, member.caller, envelope(office, member, level, made=now), now)


def published(office: Office, member: Joined) -> Distribution | None:
    found = assessments.published(office.store, member.caller).envelope
    return open_distribution(found, office.signing_key.public_key()) if found else None


def some(office: Office, number: int, first: int = 0) -> list[Joined]:
    return [joined(office, f"house-{index}") for index in range(first, first + number)]


def sets(office: Office) -> list[dict[str, dict[str, str]]]:
    return [json.loads(str(row[2])) for row in contents(office.store)["distributions"]]


def test_five_are_published_and_one_more_changes_nothing(office: Office) -> None:
    houses = some(office, 6)
    for each in houses[:4]:
        share(office, each)
    assert publish_due(office, NOW) == ()
    share(office, houses[4], 5)
    assert published(office, houses[0]) is None
    assert publish_due(office, NOW) == ("version 1",)
    found = published(office, houses[5])
    assert found is not None
    assert (found.version, found.cohorts[0].members, found.made) == (1, 5, NOW)
    assert found.cohorts[0].levels["systems"] == (0, 0, 4, 0, 1)
    share(office, houses[5])
    assert publish_due(office, NOW + DAY) == ()
    assert published(office, houses[0]) == found
    for each in some(office, 4, first=6):
        share(office, each, 1)
    assert publish_due(office, NOW + DAY) == ("version 2",)
    newer = published(office, houses[0])
    assert newer is not None
    assert (newer.version, newer.cohorts[0].members) == (2, 10)
    assert newer.cohorts[0].levels["systems"] == (4, 0, 5, 0, 1)


def test_it_is_published_once_a_day_and_the_same_never_again(office: Office) -> None:
    houses = some(office, 10)
    for each in houses[:5]:
        share(office, each)
    assert publish_due(office, NOW)
    after = contents(office.store)
    for days in range(3):
        assert publish_due(office, NOW + days * DAY) == ()
    assert contents(office.store) == after
    for each in houses[5:]:
        share(office, each)
    assert publish_due(office, NOW + DAY - timedelta(seconds=1)) == ()
    assert publish_due(office, NOW + DAY) == ("version 2",)


def test_what_is_withdrawn_is_erased_and_left_out_of_the_next(office: Office) -> None:
    houses = some(office, 10)
    for each in houses[:5]:
        share(office, each)
    publish_due(office, NOW)
    first = published(office, houses[0])
    mine = assessments.published(office.store, houses[0].caller).own_digest
    assessments.withdraw(office, houses[0].caller, NOW)
    assessments.withdraw(office, houses[0].caller, NOW)
    assert mine
    assert assessments.published(office.store, houses[0].caller).own_digest == ""
    for each in houses[5:9]:
        share(office, each)
        assert publish_due(office, NOW + DAY) == ()
    assert published(office, houses[0]) == first
    share(office, houses[9])
    publish_due(office, NOW + DAY)
    newer = published(office, houses[0])
    assert newer is not None
    assert (newer.version, newer.cohorts[0].members) == (2, 9)


def test_who_is_suspended_or_has_left_is_not_counted(office: Office) -> None:
    houses = some(office, 7)
    for number, each in enumerate(houses):
        share(office, each, 1 if number < 2 else 3)
    members.suspend(office.store, houses[0].id, NOW)
    members.leave(office.store, houses[1].id, NOW)
    publish_due(office, NOW)
    found = published(office, houses[2])
    assert found is not None
    assert found.cohorts[0].levels["systems"] == (0, 0, 5, 0, 0)
    members.suspend(office.store, houses[2].id, NOW)
    assert publish_due(office, NOW + DAY) == ()


def test_the_same_again_is_harmless_and_another_takes_its_place(office: Office) -> None:
    (one,) = some(office, 1)
    share(office, one)
    before = contents(office.store)
    for _ in range(10):
        share(office, one)
    assert contents(office.store) == before
    share(office, one, 4)
    assert len(contents(office.store)["assessments"]) == 1


def test_two_who_work_together_cannot_read_a_thirds(office: Office) -> None:
    """They sign what they have said once more, and later another level, beside one that changes its own."""
    houses = some(office, 12)
    for number, each in enumerate(houses):
        share(office, each, 1 + number % 5)
    publish_due(office, NOW)
    base = published(office, houses[0])
    share(office, houses[11], 5, NOW + DAY)
    for number in (0, 1):
        share(office, houses[number], 1 + number, NOW + DAY)
    assert publish_due(office, NOW + DAY) == ()
    for number in (0, 1, 2):
        share(office, houses[number], 4, NOW + 2 * DAY)
    assert publish_due(office, NOW + 2 * DAY) == ()
    assert published(office, houses[0]) == base
    share(office, houses[7], 5, NOW + 3 * DAY)
    assert publish_due(office, NOW + 3 * DAY) == ("version 2",)


def test_the_same_levels_signed_anew_are_nothing_new(office: Office) -> None:
    houses = some(office, 5)
    for each in houses:
        share(office, each)
    publish_due(office, NOW)
    (before,) = sets(office)
    for each in houses:
        share(office, each, now=NOW + DAY)
    (after,) = sets(office)
    own = {each.id: assessments.published(office.store, each.caller).own_digest for each in houses}
    assert after["network"] == own
    assert not set(own.values()) & set(before["network"].values())
    assert publish_due(office, NOW + DAY) == ()


def test_nobody_shares_without_end(office: Office) -> None:
    one, two = some(office, 2)
    for level in range(1, 1 + assessments.MOST_A_DAY):
        share(office, one, level)
        assessments.withdraw(office, one.caller, NOW)
    with pytest.raises(TooOften):
        share(office, one, 5)
    share(office, two)
    share(office, one, 5, NOW + DAY)
    share(office, one, 4, NOW + DAY)
    share(office, one, 5, NOW + DAY + timedelta(seconds=1))
    share(office, one, 5, NOW + DAY + timedelta(seconds=1))  # the same again is none
    with pytest.raises(TooOften):
        share(office, one, 3, NOW + DAY + timedelta(seconds=1))


def test_two_at_once_are_no_way_around_the_limit(office: Office) -> None:
    (one,) = some(office, 1)
    for level in range(1, assessments.MOST_A_DAY):
        share(office, one, level)
    with pytest.raises(TooOften):
        share(interrupted(office, lambda: share(office, one, 4)), one, 5)


def test_what_changes_while_it_is_counted_is_published_at_the_next_look(office: Office) -> None:
    houses = some(office, 6)
    for each in houses[:5]:
        share(office, each)
    for first in (
        lambda: share(office, houses[0], 1),
        lambda: share(office, houses[5]),
        lambda: assessments.withdraw(office, houses[0].caller, NOW),
        lambda: publish_due(office, NOW),
    ):
        assert publish_due(interrupted(office, first), NOW) == ()
    found = published(office, houses[0])
    assert found is not None
    assert (found.version, found.cohorts[0].levels["systems"]) == (1, (0, 0, 5, 0, 0))
    assert len(sets(office)) == 1


def test_what_is_not_the_callers_own_is_refused(office: Office) -> None:
    one, two = some(office, 2)
    before = contents(office.store)
    for bad in (envelope(office, two), envelope(office, one, key=two.keys.signing), b""):
        with pytest.raises(BadAssessment):
            assessments.share(office, one.caller, bad, NOW)
    with pytest.raises(TooLarge):
        assessments.share(office, one.caller, bytes(LARGEST_ASSESSMENT + 1), NOW + timedelta(days=1))
    assert contents(office.store) == before


def test_a_viewer_is_told_what_is_published_and_nothing_else(office: Office) -> None:
    houses = some(office, 5)
    for each in houses:
        share(office, each)
    publish_due(office, NOW)
    keys = Keys()
    handed = invite_other(office, Role.VIEWER, "siri", "Siri", NOW)
    csr = keys.csr(keys.uris[:1])
    viewer = caller_for(office, enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW).certificate)
    found = assessments.published(office.store, viewer)
    assert found.envelope
    assert found.own_digest == ""
    with pytest.raises(RoleNotAllowed):
        assessments.share(office, viewer, b"", NOW)
    with pytest.raises(RoleNotAllowed):
        assessments.withdraw(office, viewer, NOW)
