"""One turn of the agent: renew the certificate, answer rounds, fetch benchmarks. A fault in one part stops no other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from node.agent.unforeseen import as_told
from node.home import Home
from node.membership.errors import NoConnection, RefusedByCoordinator
from node.network import assessments, benchmarks, identity, insights, renewal, rounds
from node.network.rounds import APPROVED, DECLINED
from node.network.taking_part import Answered, answer, open_now, paid_bytes_are
from node.network.told import ABORTED, LIVE
from node.network.witness import NetworkWitness
from node.wire.connection import NO_SUCH_CALL
from node.wire.federation import Federation, connected
from privacy.budget import policy_file
from privacy.errors import KudosError
from privacy.ledger.store import Ledger
from protos.kudos.v1.federation_pb2 import BenchmarkListed, RoundState

LARGEST_CLOCK_ERROR_S = 300


@dataclass(frozen=True)
class Fault:
    """What could not be done, and of which round, where it was of one."""

    error: KudosError
    round: str | None = None

    @property
    def reason(self) -> str:
        """The stable code of the error."""
        return self.error.reason

    def __str__(self) -> str:
        """The sentence, with the round's name where it has none."""
        said = str(self.error)
        return said if self.round is None or self.round in said else f"round {self.round}: {said}"


@dataclass
class Turn:
    """What a turn did, in sentences, what it could not do, and when the coordinator wants to be asked again.

    about: the round that it is busy with.
    """

    did: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    retry_after_s: int = 60
    about: str | None = None


def turn(home: Home, say: Callable[[str], None]) -> Turn:
    """Does what is to be done now. Raises NotJoined, NodeError and NoConnection; all else is told in the turn."""
    done = Turn()
    with connected(home) as coordinator:
        _greet(coordinator, done)
        tried(done, lambda: _renewed(home, coordinator, done))
        tried(done, lambda: _identity(home, coordinator, done))
        tried(done, lambda: _witnessed(home, coordinator))
        answer = coordinator.rounds()
        done.retry_after_s = min(max(answer.retry_after_s, 1), 24 * 3600)
        for state in answer.rounds:
            tried(done, lambda state=state: _answer(home, coordinator, state, done, say))  # type: ignore[misc]
        for listed in coordinator.benchmarks():
            tried(done, lambda listed=listed: _fetched(home, coordinator, listed, done))  # type: ignore[misc]
        tried(done, lambda: _self_assessed(home, coordinator, done))
        tried(done, lambda: _told_each_other(home, coordinator, done))
    return done


def _greet(coordinator: Federation, done: Turn) -> None:
    apart = abs(datetime.now(UTC).timestamp() - coordinator.hello().time_s)
    if apart > LARGEST_CLOCK_ERROR_S:
        done.waiting.append(
            f"this machine's clock and the coordinator's are {apart / 60:.0f} minutes apart: certificates and "
            "deadlines go by the clock; set it right"
        )


def tried(done: Turn, part: Callable[[], None]) -> None:
    """Does a part; what goes wrong is told at the end, a defect too. A connection that is gone ends the turn."""
    done.about = None
    try:
        part()
    except NoConnection:
        raise
    except Exception as error:  # noqa: BLE001  one part that fails, on a full disk or by a defect, stops no other
        fault = Fault(as_told(error), done.about)
        if (fault.reason, str(fault)) not in [(each.reason, str(each)) for each in done.faults]:
            done.faults.append(fault)


def _renewed(home: Home, coordinator: Federation, done: Turn) -> None:
    if renewal.renew(home, coordinator, datetime.now(UTC)):
        done.did.append("the certificate was renewed")


def _witnessed(home: Home, coordinator: Federation) -> None:
    """Has cosigned what an earlier turn could not; a ledger that is not the one that the witness knows is told."""
    with Ledger.open(home.ledger_file) as ledger:
        NetworkWitness(home, coordinator).cosign(ledger)


def _identity(home: Home, coordinator: Federation, done: Turn) -> None:
    if identity.take_in(home, coordinator):
        from node.store.rotate import filled_otherwise  # brings the engine along

        again = "; import all your sales again: kudos-node import --anew FILE…" if filled_otherwise(home) else ""
        done.did.append(f"the network's identity key is here{again}")


def _self_assessed(home: Home, coordinator: Federation, done: Turn) -> None:
    with _carried_by_newer_coordinators():
        assessments.exchange(home, coordinator, done.did.append)


def _told_each_other(home: Home, coordinator: Federation, done: Turn) -> None:
    with _carried_by_newer_coordinators():
        new = insights.exchange(home, coordinator, done.did.append)
        if new:
            done.did.append(f"{new} new {'text' if new == 1 else 'texts'} of other members: kudos-node insight list")


@contextmanager
def _carried_by_newer_coordinators() -> Iterator[None]:
    """What members tell each other. A coordinator of an older version carries none of it, and that is no fault."""
    try:
        yield
    except RefusedByCoordinator as refused:
        if refused.coordinator_reason != NO_SUCH_CALL:
            raise


def _answer(home: Home, coordinator: Federation, state: RoundState, done: Turn, say: Callable[[str], None]) -> None:
    there = paid_bytes_are(home, state)  # a new machine has another seat than the one that sent them
    live = state.state in LIVE and not there
    known = rounds.take_in(home, coordinator.network, state.announcement, live=live, say=done.did.append)
    done.about = known.name
    wanted = rounds.note_told(home, known, state.state, state.reason)
    if wanted.told != known.told and wanted.told is not None and wanted.told.state == ABORTED:
        done.did.append(f"round {wanted.name} was {wanted.told.ended(coordinator.network.trust_domain)}")
    if there and not wanted.sent:
        rounds.mark_sent(home, wanted.name, state.release_digest)
        done.did.append(f"round {wanted.name}: the release was sent")
        return
    # A coordinator that was put back from a backup may have lost what it confirmed: the same bytes go again.
    if (wanted.sent and state.own == "released") or not open_now(wanted, state.state, datetime.now(UTC)):
        return
    if wanted.decision == DECLINED:
        if state.own != "declined":
            coordinator.decline(wanted.name)
            done.did.append(f"round {wanted.name}: declined")
        return
    if wanted.sketches_over(datetime.now(UTC)) and not state.sketch_digest:
        return  # missed
    if wanted.decision != APPROVED and policy_file.read(home.policy_file).approval_required:
        done.waiting.append(
            f"round {wanted.name} waits for you, until {wanted.answer_by:%Y-%m-%d %H:%M} UTC\n"
            f"      look at it: kudos-node review {wanted.name}\n"
            f"      then:       kudos-node approve {wanted.name}"
        )
        return
    answered = answer(home, coordinator, wanted, state, say=say)
    if answered is not None:
        done.did.extend(_sent(wanted, answered))


def _sent(wanted: rounds.Round, answered: Answered) -> Iterator[str]:
    if not answered.sketch:
        yield f"round {wanted.name}: the {'counts were' if wanted.announcement.sketch_deadline else 'release was'} sent"
        return
    yield f"round {wanted.name}: the sketch was sent; counts follow after {wanted.answer_by:%Y-%m-%d %H:%M} UTC"
    for each in answered.readers:
        if each.why_not is not None:
            yield f"round {wanted.name}: {each.seat.name} ({each.seat.member}) does not get it: {each.why_not}"


def _fetched(home: Home, coordinator: Federation, listed: BenchmarkListed, done: Turn) -> None:
    done.about = listed.round if benchmarks.named(listed) else None
    new = benchmarks.fetch(home, coordinator, listed, done.did.append)
    if new is not None:
        command = "cross-use" if new.body.market else "benchmark"
        done.did.append(f"benchmark of {new.round} (version {new.version}) is here: kudos-node {command} {new.round}")
