"""From signed releases to the body of a benchmark: what a coordinator publishes, and what an auditor makes again.

No store and no signing: whoever has the round's announcement, the releases, and whatever was published of the same
figures before (`privacy.estimate.figures`), with the releases that it was made of, comes to the same body, number by
number.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.benchmark import Benchmark
from privacy.estimate.body import Body
from privacy.estimate.cohorts import Member
from privacy.estimate.combine import combine, shown
from privacy.estimate.cross_use.combine import combine_cross_use
from privacy.estimate.cross_use.counts import Counted
from privacy.estimate.cross_use.shown import Shown, shown_by
from privacy.estimate.disclosure import Published
from privacy.estimate.dominance import Dominating, dominating
from privacy.estimate.errors import EstimateError
from privacy.estimate.figures import same_figures
from privacy.rounds.announcement import Announcement, Seat
from privacy.rounds.count_fit import COUNTED, check_count
from privacy.rounds.fit import check_release
from privacy.rounds.market import Market
from privacy.signing.envelope import parse_public_key
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.study import Study


class NotAsked(EstimateError):
    """A release of a member that the round did not ask."""

    reason = "NOT_ASKED"


class OtherReleases(EstimateError):
    """Other releases than those that a benchmark names."""

    reason = "OTHER_RELEASES"


class NoMarket(EstimateError):
    """A round of cross-use without the sketches that it counted against."""

    reason = "NO_MARKET"


@dataclass(frozen=True)
class Received:
    """A release as it came for a round. `ledger` is the member's: the one that must have booked it."""

    member: str
    ledger: str
    envelope: bytes

    @property
    def digest(self) -> str:
        """How a benchmark names it."""
        return "sha256:" + hashlib.sha256(self.envelope).hexdigest()


@dataclass(frozen=True)
class Publication:
    """A benchmark with the announcement of its round and the releases that it was made of, in any order."""

    benchmark: Benchmark
    announcement: Announcement
    releases: tuple[Received, ...]
    market: Market | None = None
    """Of a round of cross-use."""


def body_of(
    announcement: Announcement,
    releases: Iterable[Received],
    earlier: Iterable[Publication],
    market: Market | None = None,
) -> Body:
    """What a round's benchmark says, of these releases, after everything that was published of its figures before.

    `earlier` is of its window for a round of tables, and of its year for one of cross-use, which has a `market`
    (`same_figures`). Every release is verified, those of earlier publications too. Raises UnfitRelease, NotAsked,
    OtherReleases, NoMarket, ValueError for a publication of other figures, and what `combine` and `combine_cross_use`
    raise.
    """
    study = announcement.study
    if isinstance(study, CrossUseStudy):
        return _cross_use(announcement, study, releases, earlier, market)
    ordered = sorted(releases, key=lambda each: each.member)
    before: list[Published] = []
    for each in sorted(earlier, key=_order):
        _check_figures(each, announcement)
        before.extend(_shown(each))
    members = [_member(_seat(announcement, each)) for each in ordered]
    values, thresholds = _matrices(announcement, study, ordered)
    return combine(study, members, values, before, thresholds)


def dominating_in(announcement: Announcement, releases: Iterable[Received]) -> tuple[Dominating, ...]:
    """Who has most of a cohort withheld, in a round of tables; of cross-use nobody. Raises as `body_of`."""
    study = announcement.study
    if isinstance(study, CrossUseStudy):
        return ()
    ordered = sorted(releases, key=lambda each: each.member)
    members = [_member(_seat(announcement, each)) for each in ordered]
    return dominating(study, members, _matrices(announcement, study, ordered)[0])


def _cross_use(
    announcement: Announcement,
    study: CrossUseStudy,
    releases: Iterable[Received],
    earlier: Iterable[Publication],
    market: Market | None,
) -> Body:
    """What a round of cross-use says.

    Earlier ones of its year, over whatever months, hold back cohorts that would give away a few members together with
    theirs, and pairs and blocks that they did not have: all are of the same lists of customers.
    """
    if market is None:
        raise NoMarket(
            f"Round {announcement.round} is one of cross-use, and which sketches it had is not here. Get its market."
        )
    ordered = sorted(releases, key=lambda each: each.member)
    before: list[Shown] = []
    for each in sorted(earlier, key=_order):
        _check_figures(each, announcement)
        before.append(_cross_use_shown(each))
    members = [_member(_seat(announcement, each)) for each in ordered]
    counts = [_counted(announcement, study, market, each) for each in ordered]
    return combine_cross_use(study, members, market.members, counts, before)


def _counted(announcement: Announcement, study: CrossUseStudy, market: Market, release: Received) -> Counted:
    """A count as the estimators take it; it is verified."""
    seat = _seat(announcement, release)
    key = parse_public_key(seat.signing_key)
    count = check_count(release.envelope, key, study, announcement.window, release.ledger, market, seat.member)
    peers = len(count.peers)
    return Counted(
        member=seat.member,
        named_pairs=count.named_pairs,
        peers=tuple(peer.member for peer in count.peers),
        counted=tuple(peer.status == COUNTED for peer in count.peers),
        cells=np.array(count.cells, dtype=np.int64).reshape(len(study.groups) + 1, peers + 1),
        histogram=np.array(count.histogram, dtype=np.int64),
    )


def _cross_use_shown(publication: Publication) -> Shown:
    """What an earlier publication of cross-use showed."""
    _check_included(publication)
    study = publication.announcement.study
    assert isinstance(study, CrossUseStudy)  # noqa: S101  tables add up other figures
    members = [_member(_seat(publication.announcement, each)) for each in publication.releases]
    return shown_by(publication.benchmark.body, study, members)


def recompute(publication: Publication, earlier: Iterable[Publication]) -> Body:
    """The body that a published benchmark ought to have; whether it has that, `==` tells.

    `earlier` is everything that was published of the same figures, by any round and version, before this one
    (`earlier_than`): no two such benchmarks have the same time. Raises as `body_of`.
    """
    _check_included(publication)
    return body_of(publication.announcement, publication.releases, earlier, publication.market)


def earlier_than(benchmark: Benchmark, others: Iterable[Publication]) -> tuple[Publication, ...]:
    """Which of these publications count as earlier for a benchmark: of the same figures, with an earlier time."""
    return tuple(
        each
        for each in others
        if same_figures(each.benchmark, benchmark) and each.benchmark.published < benchmark.published
    )


def _order(publication: Publication) -> tuple[object, ...]:
    said = publication.benchmark
    return said.published, said.round, said.version


def _check_figures(publication: Publication, announcement: Announcement) -> None:
    if not same_figures(publication.announcement, announcement):
        raise ValueError("a publication of other figures: of another window or year, or of another kind")


def _shown(publication: Publication) -> tuple[Published, ...]:
    """What a publication showed and withheld. What it withheld for good, only the releases that it is made of tell."""
    _check_included(publication)
    announcement = publication.announcement
    study = announcement.study
    assert not isinstance(study, CrossUseStudy)  # noqa: S101  that adds up other figures
    found = sorted(publication.releases, key=lambda each: each.member)
    members = [_member(_seat(announcement, each)) for each in found]
    return shown(publication.benchmark.body, study, members, _matrices(announcement, study, found)[0])


def _check_included(publication: Publication) -> None:
    said = publication.benchmark
    there: Mapping[str, str] = {each.member: each.digest for each in publication.releases}
    if there != {each.member: each.release_digest for each in said.releases}:
        raise OtherReleases(
            f"These are other releases than those that version {said.version} of round {said.round} was made of, and "
            "without its own nobody can tell what it must keep to itself. Get all of those that it names."
        )


def _matrices(
    announcement: Announcement, study: Study, found: Sequence[Received]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The released integers and quantiles, one row per member; every release is verified."""
    rows = np.zeros((len(found), study.cells), dtype=np.int64)
    thresholds = np.zeros((len(found), len(study.quantiles)), dtype=np.int64)
    for index, each in enumerate(found):
        key = parse_public_key(_seat(announcement, each).signing_key)
        release = check_release(each.envelope, key, study, announcement.window, each.ledger)
        rows[index], thresholds[index] = release.cells, release.thresholds
    return rows, thresholds


def _seat(announcement: Announcement, release: Received) -> Seat:
    seat = announcement.seat(release.member)
    if seat is None:
        raise NotAsked(f"There is a release of {release.member}, which round {announcement.round} never asked.")
    return seat


def _member(seat: Seat) -> Member:
    return Member(seat.member, seat.industry, seat.county, seat.size_class)
