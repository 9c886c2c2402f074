"""From a closed round to a signed benchmark: what may be published, once, and held against what was shown before."""

from datetime import timedelta

import pytest

from coordinator.errors import StaleStage, TooFewMembers, UnknownBenchmark, UnknownMember, UsageError
from coordinator.office import Office
from coordinator.publish import publications
from coordinator.publish.publishing import draft, publish_round
from coordinator.rounds.rounds import close, get
from coordinator.rounds.states import State
from coordinator.rounds.submissions import submit
from privacy.estimate.benchmark import read
from tests.coordinator.house import DEADLINE, NOW, STUDY, Joined, a_message, a_round, contents, joined, signed

LATER = DEADLINE + timedelta(minutes=1)
VALUE = 10**6


def figures(number: int) -> list[int]:
    """Cells that are large beside their noise."""
    return [
        (10**6 if part.measure == "revenue" else 1) * (VALUE + number)
        for part in STUDY.parts
        for _ in range(part.table.cells)
    ]


def closed(office: Office, members: list[Joined], round_id: str = "one") -> None:
    """A round that these members have answered, each with the same figures, and that is closed."""
    a_round(office, round_id)
    for number, each in enumerate(members):
        submit(office.store, each.caller, round_id, signed(each, a_message(each, figures(number))), NOW)
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


def test_before_it_is_closed_nothing_is_published(office: Office) -> None:
    for each in some(office, 5):
        if each.id == "house-4":
            a_round(office, "one")
            submit(office.store, each.caller, "one", signed(each, a_message(each)), NOW)
    with pytest.raises(StaleStage, match="closed"):
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
    with pytest.raises(UnknownBenchmark):
        publications.envelope(office.store, "one")
