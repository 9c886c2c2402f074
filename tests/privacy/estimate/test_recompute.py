"""A benchmark made again from signed releases alone: the same body, and every way in which it cannot be made."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.bounds.windows import twelve_months_to
from privacy.catalogue.measures import Measure
from privacy.estimate.benchmark import Benchmark, Included
from privacy.estimate.figures import same_figures
from privacy.estimate.recompute import (
    NotAsked,
    OtherReleases,
    Publication,
    Received,
    body_of,
    earlier_than,
    recompute,
)
from privacy.rounds.announcement import Announcement, Seat
from privacy.rounds.fit import Misfit, UnfitRelease
from privacy.signing.envelope import RELEASE, public_key_text, sign
from privacy.studies.study import find
from protos.kudos.v1.release_pb2 import Release
from tests.privacy.audit.federation import MADE
from tests.privacy.audit.market import MONTHS, NAME, OTHER_MONTHS, crossing, other_months
from tests.privacy.estimate.networks import consistent

STUDY = find("benchmark")
TOTAL = 7200
"""Of every measure, divisible by the categories of each table."""
WINDOW = twelve_months_to(date(2025, 12, 31))
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
KEYS = {f"house-{index:02}": Ed25519PrivateKey.generate() for index in range(12)}


def announced(members: list[str], name: str = "one") -> Announcement:
    seats = tuple(
        Seat(
            member=member,
            name=member,
            industry="museum",
            county="46",
            size_class=None,
            signing_key=public_key_text(KEYS[member].public_key()),
            sealing_key="0" * 64,
            identity_commitment=None,
            identity_epoch=None,
        )
        for member in members
    )
    text = (resources.files("privacy.studies") / "benchmark.toml").read_text(encoding="utf-8")
    return Announcement("npu.example", name, STUDY, text, WINDOW, NOW, NOW + timedelta(days=20), seats)


def released(member: str, number: int = 0, **changes: object) -> Received:
    size = dict.fromkeys(Measure, TOTAL * (1000 + number))
    cells = consistent(STUDY, 1, size, {measure: amount // 2 for measure, amount in size.items()})[0].tolist()
    message = Release(
        ledger=f"npu.example/ledger/{member}",
        entry=2,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        layout_digest=STUDY.layout_digest,
        window_first=WINDOW.first.isoformat(),
        window_last=WINDOW.last.isoformat(),
        cells=cells,
    )
    for name, value in changes.items():
        setattr(message, name, value)
    envelope = sign(RELEASE, message.SerializeToString(deterministic=True), KEYS[member])
    return Received(member, f"npu.example/ledger/{member}", envelope)


def published(
    members: list[str], time: datetime = NOW, earlier: tuple[Publication, ...] = (), name: str = "one"
) -> Publication:
    announcement = announced(list(KEYS), name)
    releases = tuple(released(member, number) for number, member in enumerate(members))
    body = body_of(announcement, releases, earlier)
    benchmark = Benchmark(
        coordinator="npu.example",
        round=name,
        version=1,
        supersedes=None,
        reason=None,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        window=WINDOW,
        published=time,
        releases=tuple(Included(each.member, each.digest) for each in releases),
        body=body,
    )
    return Publication(benchmark, announcement, releases)


ALL = published(list(KEYS))


def test_the_same_releases_in_any_order_give_the_same_body() -> None:
    again = replace(ALL, releases=ALL.releases[::-1])
    assert recompute(again, ()) == ALL.benchmark.body
    total = next(cell for cell in ALL.benchmark.body.cells if (cell.table, cell.measure) == ("totals", "customers"))
    assert total.value == TOTAL * sum(1000 + number for number in range(12))


def test_what_was_published_before_decides_what_a_later_one_shows() -> None:
    later = published(list(KEYS)[:11], NOW + timedelta(seconds=1), (ALL,), "two")
    alone = published(list(KEYS)[:11], name="two")
    assert later.benchmark.body != alone.benchmark.body
    assert {line.reason for line in later.benchmark.body.cohorts} == {"ISOLATES_MEMBERS"}
    assert recompute(later, earlier_than(later.benchmark, (later, ALL))) == later.benchmark.body
    assert earlier_than(ALL.benchmark, (later, ALL)) == ()
    assert recompute(ALL, ()) == ALL.benchmark.body


def test_a_digest_is_that_of_the_bytes() -> None:
    one = ALL.releases[0]
    assert one.digest == "sha256:" + hashlib.sha256(one.envelope).hexdigest()


@pytest.mark.parametrize("change", ["one less", "one more", "another"])
def test_other_releases_than_a_benchmark_names_make_none(change: str) -> None:
    five = published(list(KEYS)[:5])
    releases = {
        "one less": five.releases[1:],
        "one more": (*five.releases, released("house-07")),
        "another": (released("house-00", 7), *five.releases[1:]),
    }[change]
    wrong = replace(five, releases=releases)
    with pytest.raises(OtherReleases, match="version 1 of round one"):
        recompute(wrong, ())
    with pytest.raises(OtherReleases):
        body_of(announced(list(KEYS), "two"), five.releases, (wrong,))


def test_a_member_that_was_not_asked() -> None:
    with pytest.raises(NotAsked, match="house-03"):
        body_of(announced(["house-00"]), (released("house-00"), released("house-03")), ())


@pytest.mark.parametrize(
    ("changes", "misfit"),
    [
        ({"ledger": "npu.example/ledger/other"}, Misfit.WRONG_LEDGER),
        ({"study_version": 9}, Misfit.WRONG_STUDY),
        ({"window_last": "2025-11-30"}, Misfit.WRONG_WINDOW),
    ],
)
def test_a_release_that_does_not_fit(changes: dict[str, object], misfit: Misfit) -> None:
    with pytest.raises(UnfitRelease) as caught:
        body_of(announced(list(KEYS)), (released("house-00", 0, **changes),), ())
    assert caught.value.misfit is misfit


def test_a_release_under_another_name() -> None:
    forged = replace(released("house-01"), member="house-00", ledger="npu.example/ledger/house-01")
    with pytest.raises(UnfitRelease) as caught:
        body_of(announced(list(KEYS)), (forged,), ())
    assert caught.value.misfit is Misfit.BAD_RELEASE


def test_a_count_over_other_months_of_the_year_is_of_the_same_customers() -> None:
    """An attack: two rounds of cross-use of a year, over other months, one without a member, gave away that member.

    Counts are over the list that was frozen for the year, whatever the months: the difference was that member's.
    """
    network = crossing()
    other_months(network, without=("house-g",))
    asked, received, market = network.rounds[MONTHS].announcement, network.received(MONTHS), network.market(MONTHS)
    (first,) = [each for each in network.publications(MADE) if each.announcement.round == NAME]
    alone = body_of(asked, received, (), market)
    assert {"network", "county:46"} <= {line.cohort for line in alone.cohorts if line.status == "published"}
    said = body_of(asked, received, (first,), market)
    assert not said.cells
    assert {line.reason for line in said.cohorts} == {"ISOLATES_MEMBERS", "TOO_FEW_MEMBERS"}


def test_what_counts_as_earlier_is_of_the_same_figures() -> None:
    network = crossing()
    of = {each.announcement.round: each for each in network.publications(MADE)}
    cross, tables = of[NAME], of["year-2025"]
    months = replace(cross.benchmark, round="months", window=OTHER_MONTHS, published=MADE)
    year = replace(months, window=twelve_months_to(date(2026, 1, 31)))
    assert earlier_than(months, of.values()) == (cross,)
    assert earlier_than(year, of.values()) == ()
    assert cross.benchmark.window == tables.benchmark.window
    assert not same_figures(cross.benchmark, tables.benchmark)
    assert {same_figures(each.announcement, each.benchmark) for each in of.values()} == {True}
    assert not same_figures(tables.benchmark, replace(tables.benchmark, window=OTHER_MONTHS))
    for one, other in ((cross, tables), (tables, cross)):
        with pytest.raises(ValueError, match="other figures"):
            body_of(one.announcement, one.releases, (other,), one.market)


def test_a_publication_of_another_window_is_none_of_the_earlier_ones_of_tables() -> None:
    other = replace(ALL, announcement=replace(ALL.announcement, window=twelve_months_to(date(2025, 11, 30))))
    with pytest.raises(ValueError, match="other figures"):
        body_of(announced(list(KEYS), "two"), ALL.releases, (other,))
