"""From a closed round to a signed benchmark: what is combined, what it would show, and how it becomes public."""

import hashlib
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from coordinator.errors import StaleStage, StoreUnusable, TooFewMembers, UnknownMember, UsageError
from coordinator.office import Office
from coordinator.publish import publications
from coordinator.rounds import rounds
from coordinator.rounds.checks import refusal
from coordinator.rounds.order import no_earlier
from coordinator.rounds.stages import market_envelope
from coordinator.rounds.states import state_of, step
from coordinator.rounds.submissions import StoredRelease, releases
from coordinator.store.events import note
from privacy.estimate.benchmark import Benchmark, Included, publish, read
from privacy.estimate.dominance import Dominating
from privacy.estimate.figures import figures_of
from privacy.estimate.recompute import NoMarket, NotAsked, OtherReleases, Received, body_of, dominating_in
from privacy.estimate.recompute import Publication as Earlier
from privacy.rounds.announcement import Announcement
from privacy.rounds.announcement import read as read_announcement
from privacy.rounds.fit import UnfitRelease
from privacy.rounds.market import BadMarket, Market, read_market
from privacy.rounds.states import State


@dataclass(frozen=True)
class Draft:
    """What a round's benchmark would be now. `basis` is every publication that it was held against.

    `dominating` has the members for whom most of a cohort is withheld. It is for NPU alone, and in nothing that leaves.
    """

    benchmark: Benchmark
    basis: tuple[str, ...]
    dominating: tuple[Dominating, ...] = ()

    @property
    def shows_nothing(self) -> bool:
        """Whether every cohort, or every figure of those that are not, is withheld."""
        return all(cell.status == "suppressed" for cell in self.benchmark.body.cells)


def draft(
    office: Office, round_id: str, now: datetime, *, reason: str | None = None, without: AbstractSet[str] = frozenset()
) -> Draft:
    """The benchmark that a closed round gives, or a further version of one that is published.

    `reason` says why there is a further version or why `without` names members that it leaves out. Raises UnknownRound,
    StaleStage for a round that is not closed, UnknownMember, UsageError, TooFewMembers where there is no release, and
    StoreUnusable or what `coordinator.rounds.checks` raises where the store has not the releases that came.
    """
    announcement = _announcement(office, round_id)
    found = [each for each in releases(office.store, round_id) if each.member not in without]
    unknown = without - {seat.member for seat in announcement.roster}
    if unknown:
        raise UnknownMember(f"Round {round_id} did not ask {sorted(unknown)[0]}. Name members of its roster.")
    if not found:
        raise TooFewMembers(
            f"Round {round_id} has no release to combine. "
            f"To end it: kudos-coordinator round abort {round_id} --reason TEXT"
        )
    with office.store.reading() as connection:
        state = state_of(connection, round_id)
        basis = publications.digests_of(connection, figures_of(announcement))
        version = publications.newest(connection, round_id) + 1
        supersedes = publications.digest_of(connection, round_id, version - 1)
        before = publications.shown_of(connection, figures_of(announcement))
        ledgers = publications.ledgers_of(connection, round_id)
    _check_stage(round_id, state)
    _check_reason(round_id, version, reason, without)
    _check_stored(round_id, found)
    with _as_refusals():
        earlier = [_earlier(office, publication) for publication in before]
        received = _received(found, ledgers)
        body = body_of(announcement, received, earlier, _market(office, announcement))
        largest = dominating_in(announcement, received)
    benchmark = Benchmark(
        coordinator=announcement.coordinator,
        round=round_id,
        version=version,
        supersedes=supersedes,
        reason=reason,
        study=announcement.study.name,
        study_version=announcement.study.version,
        study_digest=announcement.study.digest,
        window=announcement.window,
        published=now.replace(microsecond=0),
        releases=tuple(Included(member=each.member, release_digest=f"sha256:{each.release_digest}") for each in found),
        body=body,
    )
    return Draft(benchmark, basis, largest)


def publish_round(office: Office, made: Draft, now: datetime) -> bytes:
    """Signs a draft and makes it public, in one transaction; the signed bytes.

    No two publications of the same figures (of a window; of cross-use, of a year) have the same time: which came first
    decides what the other may show, and an auditor has nothing else to tell it by. Raises TooFewMembers where it would
    show nothing, and StaleStage where something of the same figures was published since the draft was made.
    """
    announcement = _announcement(office, made.benchmark.round)
    benchmark = replace(made.benchmark, published=_next_second(office, announcement, now))
    if made.shows_nothing and benchmark.version > 1:
        raise TooFewMembers(
            f"Of a version {benchmark.version} of round {benchmark.round} nothing could be shown. Version "
            f"{benchmark.version - 1} stays as it is; there is nothing to do."
        )
    if made.shows_nothing:
        raise TooFewMembers(
            f"Of round {benchmark.round} nothing could be shown: every group has too few releases, or would single out "
            f"a few members. {what_another_takes(cross_use=announcement.sketch_deadline is not None)} To end this one: "
            f"kudos-coordinator round abort {benchmark.round} --reason TEXT"
        )
    envelope = publish(benchmark, office.signing_key)
    with office.store.transaction() as connection:
        if publications.digests_of(connection, figures_of(announcement)) != made.basis:
            raise StaleStage(_overtaken(announcement))
        if benchmark.version == 1:
            step(connection, benchmark.round, State.PUBLISHED, now)
        digest = publications.keep(
            connection, benchmark.round, benchmark.version, benchmark.supersedes, envelope, benchmark.published
        )
        note(connection, now, "benchmark.published", f"{benchmark.round}/{benchmark.version}", digest)
        for each in made.dominating:
            said = f"{each.cohort}: {each.categories} of {each.of} categories"
            note(connection, now, "benchmark.dominated", f"{benchmark.round}/{benchmark.version} {each.member}", said)
    return envelope


def _overtaken(announcement: Announcement) -> str:
    of = "year of cross-use" if announcement.sketch_deadline is not None else "window"
    return f"Another benchmark of the same {of} was published meanwhile. Look at the preview again."


def what_another_takes(*, cross_use: bool) -> str:
    """What members would give for another round of the same months, for who is told that this one shows nothing."""
    if cross_use:
        return "Another round of the same year takes the same sketches; with other members it costs them new counts."
    return "Another round of the same months takes the same releases, at no further cost to members."


def _check_stage(round_id: str, state: State) -> None:
    if state not in (State.CLOSED, State.PUBLISHED):
        raise StaleStage(
            f"Round {round_id} was aborted and is never published."
            if state is State.ABORTED
            else f"Round {round_id} is {state}. Close it first: kudos-coordinator round close {round_id}"
        )


def _check_reason(round_id: str, version: int, reason: str | None, without: AbstractSet[str]) -> None:
    """A version that corrects another, or leaves a release out, says why: auditors and members see the reason."""
    if (version > 1 or bool(without)) == (reason is not None):
        return
    if reason is not None:
        raise UsageError("A first version that leaves nobody out has no --reason: it corrects nothing.")
    raise UsageError(
        f"Round {round_id} is published; a further version says why there is one: --reason TEXT"
        if version > 1
        else "A benchmark that leaves a release out says why: --reason TEXT"
    )


def _announcement(office: Office, round_id: str) -> Announcement:
    return read_announcement(rounds.announcement(office.store, round_id), office.signing_key.public_key())


@contextmanager
def _as_refusals() -> Iterator[None]:
    """Every release is verified again, for a store is only a store: what is wrong with one is told as when it came."""
    try:
        yield
    except UnfitRelease as error:
        raise refusal(error) from error
    except NotAsked as error:
        raise StaleStage(str(error)) from error
    except (OtherReleases, NoMarket, BadMarket) as error:
        raise StoreUnusable(f"{error} Restore the store from your backup.") from error


def _check_stored(round_id: str, found: Sequence[StoredRelease]) -> None:
    for each in found:
        if hashlib.sha256(each.envelope).hexdigest() != each.release_digest:
            raise StoreUnusable(
                f"The release that the store has of {each.member} in round {round_id} is not the one that came. "
                "Restore the store from your backup."
            )


def _received(found: Sequence[StoredRelease], ledgers: dict[str, str]) -> tuple[Received, ...]:
    return tuple(Received(each.member, ledgers[each.member], each.envelope) for each in found)


def _earlier(office: Office, publication: publications.Shown) -> Earlier:
    """A publication with its announcement and the releases that it names, as far as the store has them."""
    key = office.signing_key.public_key()
    benchmark = read(publication.envelope, key)
    asked = read_announcement(publication.announcement, key)
    included = {each.member for each in benchmark.releases}
    found = [each for each in releases(office.store, benchmark.round) if each.member in included]
    return Earlier(benchmark, asked, _received(found, publication.ledgers), _market(office, asked))


def _market(office: Office, announced: Announcement) -> Market | None:
    """The market of a round of cross-use, verified as everything is that the store has; None of any other round."""
    if announced.sketch_deadline is None:
        return None
    with office.store.reading() as connection:
        envelope = market_envelope(connection, announced.round)
    if envelope is None:
        return None
    announcement = rounds.announcement(office.store, announced.round)
    return read_market(envelope, office.signing_key.public_key(), announced, announcement)


def _next_second(office: Office, announcement: Announcement, now: datetime) -> datetime:
    """Now, or the round's end, or the second after the newest publication of the same figures: whichever is latest."""
    with office.store.reading() as connection:
        newest = publications.newest_of(connection, figures_of(announcement))
        this = no_earlier(connection, announcement.round, now)
    return this if newest is None else max(this, newest + timedelta(seconds=1))
