"""From a closed round to a signed benchmark: what may be published, once, and held against what was shown before."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import update

from coordinator.errors import (
    BadRelease,
    StaleStage,
    StoreUnusable,
    TooFewMembers,
    UnknownBenchmark,
    UnknownMember,
    UsageError,
)
from coordinator.members.enrol import enrol
from coordinator.members.members import invite
from coordinator.office import Office
from coordinator.publish import publications
from coordinator.publish.publishing import draft, publish_round
from coordinator.rounds.rounds import close, get
from coordinator.store.tables import submissions
from privacy.catalogue.measures import Measure
from privacy.estimate.benchmark import read
from privacy.rounds.states import State
from tests.coordinator.house import (
    DEADLINE,
    NOW,
    STUDY,
    Joined,
    Keys,
    a_message,
    a_round,
    caller_for,
    contents,
    institution,
    joined,
    signed,
    token_of,
)
from tests.coordinator.ledger import send
from tests.privacy.estimate.networks import consistent, position, put

LATER = DEADLINE + timedelta(minutes=1)
VALUE = 10**6


def figures(number: int) -> list[int]:
    """Cells that are large beside their noise, and add up to VALUE and the number; revenue to a million times it."""
    totals = {measure: (10**6 if measure is Measure.REVENUE else 1) * (VALUE + number) for measure in Measure}
    row = consistent(STUDY, 1, totals, {measure: whole // 2 for measure, whole in totals.items()})[0]
    return [int(value) for value in row]


def closed(office: Office, members: list[Joined], round_id: str = "one") -> None:
    """A round that these members have answered, each with the same figures, and that is closed."""
    a_round(office, round_id)
    for number, each in enumerate(members):
        send(office, each, round_id, signed(each, a_message(each, figures(number))), NOW)
    close(office.store, round_id, LATER)


def some(office: Office, number: int) -> list[Joined]:
    return [joined(office, f"house-{index}") for index in range(number)]


def test_a_closed_round_is_published_once_and_as_it_was_drafted(office: Office) -> None:
    closed(office, some(office, 6))
    made = draft(office, "one", LATER)
    envelope = publish_round(office, made, LATER)
    assert publications.envelope(office.store, "one") == envelope
    benchmark = read(envelope, office.signing_key.public_key())
    assert (benchmark.round, benchmark.version, benchmark.supersedes) == ("one", 1, None)
    assert benchmark.body == made.benchmark.body
    assert get(office.store, "one").state is State.PUBLISHED
    total = next(cell for cell in benchmark.body.cells if (cell.table, cell.measure) == ("totals", "customers"))
    assert total.value == 6 * VALUE + sum(range(6))
    assert [each.member for each in benchmark.releases] == [f"house-{index}" for index in range(6)]
    before = contents(office.store)
    with pytest.raises(StaleStage):
        publish_round(office, made, LATER)
    assert contents(office.store) == before


def test_whoever_has_most_of_a_cohort_withheld_is_told_to_the_coordinator_alone(office: Office) -> None:
    """A member that says nine times what the others do takes every figure from all; the log says who it was."""
    members = some(office, 6)
    a_round(office, "one")
    for number, each in enumerate(members):
        part = 1 if number == 3 else 9
        message = a_message(each, cells=[figure // part for figure in figures(number)])
        send(office, each, "one", signed(each, message), NOW)
    close(office.store, "one", LATER)
    made = draft(office, "one", LATER)
    found = {(each.cohort, each.member): (each.categories, each.of) for each in made.dominating}
    assert set(found) >= {("network", "house-3")}
    assert {member for _, member in found} == {"house-3"}
    assert all(2 * categories > of for categories, of in found.values())
    assert "house-3" in str(made.dominating)
    assert all(cell.status == "suppressed" for cell in made.benchmark.body.cells if cell.cohort == "network")
    assert "dominating" not in str(made.benchmark)
    left_out = draft(office, "one", LATER, reason="It was not true.", without=frozenset({"house-3"}))
    assert left_out.dominating == ()
    assert not left_out.shows_nothing


def test_among_members_alike_nobody_dominates(office: Office) -> None:
    closed(office, some(office, 6))
    assert draft(office, "one", LATER).dominating == ()


def test_before_it_is_closed_nothing_is_published(office: Office) -> None:
    for each in some(office, 5):
        if each.id == "house-4":
            a_round(office, "one")
            send(office, each, "one", signed(each, a_message(each)), NOW)
    with pytest.raises(StaleStage, match="Close it first"):
        draft(office, "one", NOW)


def test_too_few_releases_show_nothing_and_are_not_published(office: Office) -> None:
    closed(office, some(office, 4))
    made = draft(office, "one", LATER)
    assert made.shows_nothing
    assert not made.benchmark.body.cells
    before = contents(office.store)
    with pytest.raises(TooFewMembers):
        publish_round(office, made, LATER)
    assert contents(office.store) == before


def test_no_release_at_all(office: Office) -> None:
    some(office, 1)
    closed(office, [])
    with pytest.raises(TooFewMembers, match="no release"):
        draft(office, "one", LATER)


def test_a_further_version_says_why_names_the_first_and_isolates_nobody(office: Office) -> None:
    closed(office, some(office, 12))
    publish_round(office, draft(office, "one", LATER), LATER)
    first = publications.listed(office.store)[0]
    with pytest.raises(UsageError, match="--reason"):
        draft(office, "one", LATER)
    one_less = draft(office, "one", LATER, reason="a wrong export", without={"house-3"})
    assert one_less.shows_nothing
    assert {line.reason for line in one_less.benchmark.body.cohorts} == {"ISOLATES_MEMBERS"}
    with pytest.raises(TooFewMembers):
        publish_round(office, one_less, LATER)
    five_less = draft(
        office, "one", LATER, reason="five wrong exports", without={f"house-{index}" for index in range(5)}
    )
    publish_round(office, five_less, LATER)
    second = read(publications.envelope(office.store, "one"), office.signing_key.public_key())
    assert (second.version, second.supersedes, second.reason) == (2, f"sha256:{first.digest}", "five wrong exports")
    old = read(publications.envelope(office.store, "one", 1), office.signing_key.public_key())
    assert old.version == 1
    assert [each.version for each in publications.listed(office.store)] == [2, 1]


def test_a_round_of_the_same_window_is_held_against_the_first(office: Office) -> None:
    members = some(office, 12)
    closed(office, members, "one")
    publish_round(office, draft(office, "one", LATER), LATER)
    closed(office, members[:11], "two")
    assert draft(office, "two", LATER).shows_nothing


def test_a_draft_that_something_overtook_is_not_published(office: Office) -> None:
    members = some(office, 12)
    closed(office, members, "one")
    closed(office, members[:11], "two")
    one, two = draft(office, "one", LATER), draft(office, "two", LATER)
    publish_round(office, one, LATER)
    with pytest.raises(StaleStage, match="meanwhile"):
        publish_round(office, two, LATER)
    assert get(office.store, "two").state is State.CLOSED


def test_words_that_do_not_fit(office: Office) -> None:
    closed(office, some(office, 5))
    with pytest.raises(UnknownMember):
        draft(office, "one", LATER, without={"nobody"})
    with pytest.raises(UsageError, match="corrects nothing"):
        draft(office, "one", LATER, reason="why")
    with pytest.raises(UsageError, match="leaves a release out says why"):
        draft(office, "one", LATER, without={"house-1"})
    assert draft(office, "one", LATER, reason="why", without={"house-1"}).benchmark.reason == "why"
    with pytest.raises(UnknownBenchmark):
        publications.envelope(office.store, "one")


def alter(office: Office, member: str, envelope: bytes, *, digest: bool) -> None:
    """Puts another envelope into the store, behind the program's back; with its digest or without."""
    values: dict[str, object] = {"envelope": envelope}
    if digest:
        values["digest"] = hashlib.sha256(envelope).hexdigest()
    mine = (submissions.c.round == "one", submissions.c.member == member)
    with office.store.transaction() as connection:
        assert connection.execute(update(submissions).where(*mine).values(**values)).rowcount == 1


def test_a_stored_release_that_the_member_did_not_sign_is_refused(office: Office) -> None:
    members = some(office, 6)
    closed(office, members)
    draft(office, "one", LATER)
    forged = signed(members[1], a_message(members[0], figures(7)))
    alter(office, "house-0", forged, digest=True)
    with pytest.raises(BadRelease):
        draft(office, "one", LATER)


def test_a_stored_release_that_is_not_the_one_of_the_receipt_is_refused(office: Office) -> None:
    members = some(office, 6)
    closed(office, members)
    alter(office, "house-0", signed(members[0], a_message(members[0], figures(7))), digest=False)
    with pytest.raises(StoreUnusable, match="house-0"):
        draft(office, "one", LATER)


def test_a_further_version_needs_the_releases_of_the_first(office: Office) -> None:
    """Another release that is right in itself is not what was published, also where it is left out now."""
    members = some(office, 12)
    closed(office, members)
    publish_round(office, draft(office, "one", LATER), LATER)
    without = {f"house-{index}" for index in range(5)}
    draft(office, "one", LATER, reason="why", without=without)
    alter(office, "house-0", signed(members[0], a_message(members[0], figures(7))), digest=True)
    with pytest.raises(StoreUnusable, match="version 1"):
        draft(office, "one", LATER, reason="why", without=without)


def test_what_one_member_dominated_stays_withheld_in_a_round_without_it(office: Office) -> None:
    """The first five sell anonymously through one of them. The other five are the network less those five."""
    members = [joined(office, f"house-{index}") for index in range(5)]
    members += [joined_as(office, f"theatre-{index}", "performing-arts") for index in range(5)]
    for name, asked in (("one", members), ("two", members[5:])):
        a_round(office, name)
        for each in asked:
            cells = np.array([figures(0)])
            for measure in (Measure.ORDERS, Measure.TICKETS, Measure.REVENUE):
                share = 30 if each.id == "house-0" else 1 if each.id.startswith("house") else 100
                less = cells[0, position(STUDY, "identity", "anonymous", measure)] * share // 100
                put(STUDY, cells, "identity", "anonymous", less, [measure])
            send(office, each, name, signed(each, a_message(each, cells[0].tolist())), NOW)
        close(office.store, name, LATER)
    assert anonymous(office, "two", "industry:performing-arts") is None
    assert anonymous(office, "one", "network") is None
    assert anonymous(office, "one", "industry:museum") == "DOMINATED"
    assert anonymous(office, "one", "industry:performing-arts") == "COMPLEMENTARY"
    publish_round(office, draft(office, "one", LATER), LATER)
    assert anonymous(office, "two", "industry:performing-arts") == "COMPLEMENTARY"


def anonymous(office: Office, round_id: str, cohort: str) -> str | None:
    """Why a draft withholds a cohort's anonymous orders; None where it shows them."""
    (cell,) = [
        cell
        for cell in draft(office, round_id, LATER).benchmark.body.cells
        if (cell.cohort, cell.table, cell.category, cell.measure) == (cohort, "identity", "anonymous", "orders")
    ]
    return cell.reason


def joined_as(office: Office, member: str, industry: str) -> Joined:
    """A member of an industry that has joined."""
    keys = Keys()
    handed = invite(office, replace(institution(member), industry=industry), NOW)
    csr = keys.csr()
    enrolled = enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    return Joined(member, keys, enrolled, caller_for(office, enrolled.certificate))


def test_no_two_publications_of_a_window_have_the_same_time(office: Office) -> None:
    """So an auditor can tell which of them could see the other. A clock that was set back changes nothing of that."""
    members = some(office, 18)
    closed(office, members)
    publish_round(office, draft(office, "one", LATER), LATER)
    for number, moment in enumerate((LATER, LATER + timedelta(microseconds=5), LATER - timedelta(days=1)), start=2):
        without = {f"house-{index}" for index in range(5)}
        publish_round(office, draft(office, "one", moment, reason="why", without=without), moment)
        assert publications.listed(office.store)[0].version == number
    found = {each.version: each.published for each in publications.listed(office.store)}
    assert found == {number: LATER + timedelta(seconds=number - 1) for number in (1, 2, 3, 4)}
    key = office.signing_key.public_key()
    for version, published in found.items():
        assert read(publications.envelope(office.store, "one", version), key).published == published


def test_by_a_clock_that_was_set_back_nothing_is_published_before_its_round_was_closed(office: Office) -> None:
    closed(office, some(office, 12))
    early = LATER - timedelta(hours=3)
    envelope = publish_round(office, draft(office, "one", early), early)
    assert read(envelope, office.signing_key.public_key()).published == LATER
    assert get(office.store, "one").state is State.PUBLISHED
