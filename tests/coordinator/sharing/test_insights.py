"""Texts about benchmarks at the coordinator: whose they are, who is served them, and how they end."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from coordinator.authority.peer import Role
from coordinator.errors import (
    BadInsight,
    NotInCohort,
    RefusedCall,
    RoleNotAllowed,
    TooLarge,
    TooOften,
    UnknownBenchmark,
    UnknownInsight,
    UsageError,
)
from coordinator.members import members
from coordinator.members.enrol import enrol
from coordinator.members.others import invite_other
from coordinator.office import Office
from coordinator.publish import publications
from coordinator.publish.publishing import draft, publish_round
from coordinator.sharing import insights
from privacy.sharing.insight import LARGEST_INSIGHT, Insight, make
from tests.coordinator.house import Joined, Keys, caller_for, contents, joined, token_of
from tests.coordinator.publish.test_publishing import LATER, closed, some
from tests.coordinator.sharing.interrupted import interrupted

NOW = LATER + timedelta(days=1)


@pytest.fixture
def houses(office: Office) -> list[Joined]:
    """Seven houses, of which the first six are in a published benchmark."""
    found = some(office, 6)
    closed(office, found)
    publish_round(office, draft(office, "one", LATER), LATER)
    return [*found, joined(office, "late")]


def said(office: Office, member: Joined, **changes: object) -> Insight:
    digest = hashlib.sha256(publications.envelope(office.store, "one")).hexdigest()
    found = Insight(office.trust_domain, member.id, "one", digest, "network", NOW, "Noe dere kan lære av.")
    return replace(found, **changes)  # type: ignore[arg-type]


def shared(office: Office, member: Joined, **changes: object) -> str:
    envelope = make(said(office, member, **changes), member.keys.signing)
    return insights.share(office, member.caller, envelope, NOW)[0]


def served(office: Office, member: Joined) -> list[tuple[str, str]]:
    return [(each.digest, each.state) for each in insights.served(office.store, member.caller)]


def test_a_text_is_served_to_the_members_of_its_cohort_alone(office: Office, houses: list[Joined]) -> None:
    sender, reader, late = houses[0], houses[1], houses[-1]
    envelope = make(said(office, sender), sender.keys.signing)
    digest, received = insights.share(office, sender.caller, envelope, NOW)
    assert insights.share(office, sender.caller, envelope, NOW + timedelta(days=9)) == (digest, received)
    (found,) = insights.served(office.store, reader.caller)
    assert (found.envelope, found.name, found.readers) == (envelope, sender.id.title(), 6)
    assert found.opened() == said(office, sender)
    assert served(office, sender) == [(digest, "shared")]
    assert served(office, late) == []


def test_a_text_is_its_senders_in_a_cohort_of_that_benchmark(office: Office, houses: list[Joined]) -> None:
    one, two, late = houses[0], houses[1], houses[-1]
    before = contents(office.store)
    for refusal, member, envelope in (
        (BadInsight, one, make(said(office, one), two.keys.signing)),
        (BadInsight, one, make(said(office, two), one.keys.signing)),
        (BadInsight, one, make(said(office, one, coordinator="other.example"), one.keys.signing)),
        (BadInsight, one, make(said(office, one, written=NOW + timedelta(days=1)), one.keys.signing)),
        (BadInsight, one, b""),
        (TooLarge, one, bytes(LARGEST_INSIGHT + 1)),
        (UnknownBenchmark, one, make(said(office, one, benchmark="0" * 64), one.keys.signing)),
        (UnknownBenchmark, one, make(said(office, one, round="two"), one.keys.signing)),
        (NotInCohort, one, make(said(office, one, cohort="industry:festival"), one.keys.signing)),
        (NotInCohort, late, make(said(office, late), late.keys.signing)),
    ):
        with pytest.raises(refusal):
            insights.share(office, member.caller, envelope, NOW)
    assert contents(office.store) == before


def test_what_is_withdrawn_is_erased_and_stays_so(office: Office, houses: list[Joined]) -> None:
    one, two = houses[0], houses[1]
    digest = shared(office, one)
    with pytest.raises(UnknownInsight):
        insights.withdraw(office.store, two.caller, digest, NOW)
    insights.withdraw(office.store, one.caller, digest, NOW)
    after = contents(office.store)
    insights.withdraw(office.store, one.caller, digest, NOW)
    assert contents(office.store) == after
    assert served(office, two) == []
    assert served(office, one) == [(digest, "withdrawn")]
    assert b"l\xc3\xa6re av" not in b"".join(
        value for rows in after.values() for row in rows for value in row if isinstance(value, bytes)
    )
    with pytest.raises(RefusedCall):
        insights.hide(office.store, digest, "Why not", NOW)


def test_what_is_hidden_is_told_to_its_sender_alone_until_it_is_restored(office: Office, houses: list[Joined]) -> None:
    one, two = houses[0], houses[1]
    digest = shared(office, one)
    insights.hide(office.store, digest[:16], "It names a customer", NOW)
    assert served(office, two) == []
    (mine,) = insights.served(office.store, one.caller)
    assert (mine.state, mine.reason) == ("hidden", "It names a customer")
    insights.restore(office.store, digest, NOW)
    assert served(office, two) == [(digest, "shared")]
    for reason in ("", " ", "two\nlines", "x" * 501):
        with pytest.raises(UsageError):
            insights.hide(office.store, digest, reason, NOW)
    for name in ("", digest[:4], "%", "z" * 64, "0" * 64):
        with pytest.raises(UnknownInsight):
            insights.hide(office.store, name, "Why not", NOW)


def test_nobody_shares_without_end(office: Office, houses: list[Joined]) -> None:
    one = houses[0]
    for number in range(insights.MOST_A_DAY):
        digest = shared(office, one, text=f"Nummer {number}")
    insights.withdraw(office.store, one.caller, digest, NOW)
    with pytest.raises(TooOften):
        shared(office, one, text="Ett til")
    shared(office, houses[1], text="Ett til")
    moment = NOW + timedelta(days=1)
    while len(served(office, one)) < insights.MOST_STANDING + 1:
        moment += timedelta(hours=13)
        for number in range(2):
            text = f"{moment:%d %H} {number}"
            envelope = make(said(office, one, text=text), one.keys.signing)
            insights.share(office, one.caller, envelope, moment)
    envelope = make(said(office, one, text="Ett for mye"), one.keys.signing)
    with pytest.raises(TooOften):
        insights.share(office, one.caller, envelope, moment + timedelta(days=2))


def test_two_at_once_are_no_way_around_the_limit(office: Office, houses: list[Joined]) -> None:
    one = houses[0]
    for number in range(insights.MOST_A_DAY - 1):
        shared(office, one, text=f"Nummer {number}")
    beside = interrupted(office, lambda: shared(office, one, text="Det siste"))
    with pytest.raises(TooOften):
        shared(beside, one, text="Ett til")
    assert len(served(office, one)) == insights.MOST_A_DAY


def test_who_is_suspended_is_heard_by_nobody(office: Office, houses: list[Joined]) -> None:
    one, two = houses[0], houses[1]
    digest = shared(office, one)
    members.suspend(office.store, one.id, NOW)
    assert served(office, two) == []
    members.resume(office.store, one.id, NOW)
    assert served(office, two) == [(digest, "shared")]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR, Role.OPERATOR])
def test_it_is_for_members(office: Office, role: Role) -> None:
    keys = Keys()
    handed = invite_other(office, role, "kari", "Kari", NOW)
    csr = keys.csr(keys.uris[:1])
    caller = caller_for(office, enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW).certificate, NOW)
    for call in (
        lambda: insights.share(office, caller, b"", NOW),
        lambda: insights.withdraw(office.store, caller, "0" * 64, NOW),
        lambda: list(insights.served(office.store, caller)),
    ):
        with pytest.raises(RoleNotAllowed):
            call()
