"""Members' states, exhaustively; their ids and words."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.errors import MemberExists, MemberSuspended, UnknownMember, UsageError, WrongMemberState
from coordinator.members import members
from coordinator.members.members import ALLOWED, Institution, State
from coordinator.office import Office
from coordinator.store.engine import Store
from privacy.catalogue.institutions import slug
from tests.coordinator.house import NOW, contents, institution, joined

STEPS: dict[State, Callable[[Store, str, datetime], None]] = {
    State.SUSPENDED: members.suspend,
    State.ACTIVE: members.resume,
    State.REVOKED: members.revoke,
    State.LEFT: members.leave,
}


SPECIFIED = {
    ("active", "suspended"),
    ("suspended", "active"),
    *((start, end) for start in ("invited", "active", "suspended") for end in ("revoked", "left")),
}
"""The steps that an operator can make; who is invited becomes active by enrolling, with keys, and in no other way."""


def brought_to(office: Office, state: State) -> None:
    if state is State.INVITED:
        members.invite(office, institution("museum"), NOW)
        return
    joined(office, "museum")
    if state is not State.ACTIVE:
        STEPS[state](office.store, "museum", NOW)


def test_the_steps_are_those_that_are_specified() -> None:
    assert {(start, to) for start, ends in ALLOWED.items() for to in ends} == SPECIFIED
    assert set(ALLOWED) == set(State)


def test_nobody_without_keys_becomes_active(office: Office) -> None:
    members.invite(office, institution("museum"), NOW)
    with pytest.raises(WrongMemberState):
        members.resume(office.store, "museum", NOW)
    assert members.get(office.store, "museum", NOW).state is State.INVITED


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("to", STEPS)
def test_every_step_is_allowed_or_refused_and_harmless_to_repeat(office: Office, start: State, to: State) -> None:
    brought_to(office, start)
    before = contents(office.store)
    if to is not start and (start, to) not in SPECIFIED:
        with pytest.raises(WrongMemberState):
            STEPS[to](office.store, "museum", NOW)
        assert contents(office.store) == before
        return
    STEPS[to](office.store, "museum", NOW)
    after = contents(office.store)
    assert members.get(office.store, "museum", NOW).state is to
    assert (after == before) == (to is start)
    STEPS[to](office.store, "museum", NOW)
    assert contents(office.store) == after


def test_a_member_that_nobody_knows(office: Office) -> None:
    for step in STEPS.values():
        with pytest.raises(UnknownMember):
            step(office.store, "museum", NOW)
    with pytest.raises(UnknownMember):
        members.invite_again(office, "museum", NOW)
    with pytest.raises(UnknownMember):
        members.get(office.store, "museum", NOW)


def test_an_id_is_given_once(office: Office) -> None:
    members.invite(office, institution("museum"), NOW)
    with pytest.raises(MemberExists):
        members.invite(office, institution("museum"), NOW)


def test_the_list_tells_of_invitations_that_are_open(office: Office) -> None:
    members.invite(office, institution("museum"), NOW, timedelta(days=3))
    assert members.get(office.store, "museum", NOW).invitation_ends == NOW + timedelta(days=3)
    assert members.get(office.store, "museum", NOW + timedelta(days=3)).invitation_ends is None
    joined(office, "fjordteatret")
    assert [each.id for each in members.listed(office.store, NOW)] == ["fjordteatret", "museum"]
    assert members.get(office.store, "fjordteatret", NOW).invitation_ends is None


def test_a_suspended_member_is_resumed_before_it_is_invited(office: Office) -> None:
    brought_to(office, State.SUSPENDED)
    with pytest.raises(MemberSuspended):
        members.invite_again(office, "museum", NOW)


@pytest.mark.parametrize(
    "words",
    [
        ("Museum", "Museum", "museum", "46", None),
        ("", "Museum", "museum", "46", None),
        ("-m", "Museum", "museum", "46", None),
        ("m" * 62, "Museum", "museum", "46", None),
        ("m/n", "Museum", "museum", "46", None),
        ("m\n", "Museum", "museum", "46", None),
        ("m", "", "museum", "46", None),
        ("m", " m ", "museum", "46", None),
        ("m", "x" * 121, "museum", "46", None),
        ("m", "a\x1b[2J", "museum", "46", None),
        ("m", "Museum", "zoo", "46", None),
        ("m", "Museum", "museum", "99", None),
        ("m", "Museum", "museum", "Vestland", None),
        ("m", "Museum", "museum", "46", "huge"),
    ],
)
def test_an_institution_is_described_in_words_of_the_lists(words: tuple[str, str, str, str, str | None]) -> None:
    with pytest.raises(UsageError):
        Institution(*words)


@given(st.text(max_size=80))
def test_the_slug_of_any_name_is_an_id(name: str) -> None:
    assert Institution(slug(name), "Museum", "museum", "46").id == slug(name)
