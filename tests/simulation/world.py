"""A federation of real nodes and a real coordinator in one process: their code, their stores and their files, with
machines, clocks and a network between them that fail when the simulation says so."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import grpc

from coordinator.home import Home as OfficeHome
from coordinator.office import Office, opened
from coordinator.rounds import rounds
from node.home import Home
from privacy.ledger.leaves import Spent
from privacy.ledger.store import Ledger
from protos.refusals import refusal_of
from tests.coordinator.ledger import cosigned_leaves
from tests.simulation.clock import Clock, simulated
from tests.simulation.machine import Crash, Machine, without_limit
from tests.simulation.observer import Observer, hold
from tests.simulation.wire import Credentials, Failed, Service, Weather, dialling, vouched_for

COORDINATOR = "coordinator"
WITNESS = "/kudos.v1.LedgerService/WitnessLedger"


@dataclass
class Member:
    """A member's machine, and what the simulation knows of it."""

    machine: Machine
    invitation: str = ""
    away: bool = False
    behind: bool = False
    """Whether an old copy of its folder was put back and nobody has recovered the ledger yet."""
    entries: int = 0
    """Of its ledger, when that was looked at last."""
    needs: set[str] = field(default_factory=set)
    """Reasons for which somebody has to do something, as the node said them."""
    said: dict[str, str] = field(default_factory=dict)
    """The last sentence of each reason."""

    @property
    def home(self) -> Home:
        return Home(self.machine.folder)


class World:
    """What there is, and how calls go from one machine to another."""

    def __init__(self, folder: Path, seed: int, clock: Clock) -> None:
        self.folder, self.seed, self.clock = folder, seed, clock
        self.draw = Random(seed)
        self.machine = Machine(COORDINATOR, folder / COORDINATOR, clock)
        self.members: dict[str, Member] = {}
        self.observer = Observer()
        self.counts: Counter[str] = Counter()
        """Steps, faults and what nodes said, by name."""
        self.last_refusal = ""
        """What the coordinator's operator was told last."""
        self.storm = 0.0
        """How likely a call is not to go as it should."""
        self.held: list[tuple[Credentials, str, list[bytes]]] = []
        self.meanwhile: Callable[[str], None] | None = None
        """What a second program of a node does while its first one waits for an answer."""
        self._at_work: str | None = None
        self._service: Service | None = None
        self._open = ExitStack()

    # machines

    def add(self, name: str) -> Member:
        """A further member's machine."""
        self.members[name] = Member(Machine(name, self.folder / name, self.clock))
        return self.members[name]

    @property
    def up(self) -> bool:
        """Whether the coordinator answers."""
        return self._service is not None

    @property
    def office(self) -> Office:
        """The coordinator at work."""
        assert self._service is not None
        return self._service.office

    def start(self) -> None:
        """Starts the coordinator, if it is not there."""
        if self._service is None:
            with self.machine.at_work(), without_limit():
                self._service = Service(self._open.enter_context(opened(OfficeHome(self.machine.folder))))

    def stop(self) -> None:
        """Stops the coordinator, if it is there."""
        self._service = None
        self._open.close()

    def fallen(self, crash: Crash) -> None:
        """Sees to a machine that went down."""
        self.counts[f"crash: {crash}".split(" at ")[1]] += 1
        if crash.machine is self.machine:
            self.stop()
        crash.machine.fallen()

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """While this lasts, a member's machine is at work. Raises Crash once it has gone down and lies as it fell."""
        before, self._at_work = self._at_work, name
        try:
            with self.members[name].machine.at_work():
                yield
        except Crash as crash:
            self.fallen(crash)
            raise
        finally:
            self._at_work = before

    # calls

    def carry(self, credentials: Credentials, method: str, requests: list[bytes]) -> Iterator[bytes]:
        """As `wire.Line`."""
        who = self._at_work
        assert who is not None
        self.clock.true += timedelta(seconds=1)
        weather = self._weather(method)
        if not self.up or weather is Weather.LOST:
            raise Failed(grpc.StatusCode.UNAVAILABLE)
        self._handshake(credentials, who)
        if self.meanwhile is not None:
            second, self.meanwhile = self.meanwhile, None
            second(who)
        self.observer.leaving(who, method, requests)
        if weather in (Weather.STALLED, Weather.HELD):
            self.clock.true += timedelta(seconds=30)
            if weather is Weather.HELD:
                self.held.append((credentials, method, requests))
            raise Failed(grpc.StatusCode.DEADLINE_EXCEEDED)
        if weather is Weather.TWICE:
            self.deliver(credentials, method, requests)
        cut = weather is Weather.CUT
        answers = self.deliver(
            credentials, method, requests, cut=self.draw.randrange(len(requests) + 1) if cut else None
        )
        if weather is Weather.UNANSWERED:
            raise Failed(grpc.StatusCode.UNAVAILABLE)
        if weather is Weather.STALLED_AFTER:
            self.clock.true += timedelta(seconds=30)
            raise Failed(grpc.StatusCode.DEADLINE_EXCEEDED)
        return self._answering(answers, self.draw.randrange(len(answers) + 1) if cut else None)

    def deliver(
        self, credentials: Credentials, method: str, requests: list[bytes], *, cut: int | None = None
    ) -> list[bytes]:
        """What the coordinator answers, if it is there. With `cut` no more than so many messages of a stream come."""
        if self._service is None:
            raise Failed(grpc.StatusCode.UNAVAILABLE)
        try:
            with self.machine.at_work():
                return list(self._service.handle(method, _coming(requests, cut), credentials.certificate))
        except Crash as crash:
            if crash.machine is not self.machine:
                raise
            self.fallen(crash)
            raise Failed(grpc.StatusCode.UNAVAILABLE) from None
        except Failed as failed:
            refusal = refusal_of(failed)
            self.counts[f"refused: {failed.code().name if refusal is None else refusal.reason}"] += 1
            hold(refusal is None or refusal.reason != "DEFECT", f"the coordinator has a defect in {method}")
            raise
        finally:
            if method == WITNESS and self._service is not None:
                self.observer.cosigned(self.office)

    def _weather(self, method: str) -> Weather:
        if self.draw.random() >= self.storm:
            return Weather.FAIR
        streams = method.endswith(("GetBenchmark", "GetOwnLedger", "PutSketch", "GetSketch"))
        kinds = [each for each in Weather if each is not Weather.FAIR and (streams or each is not Weather.CUT)]
        found = self.draw.choice(kinds)
        self.counts[f"call: {found}"] += 1
        return found

    def _handshake(self, credentials: Credentials, who: str) -> None:
        """What TLS checks on both sides."""
        authority = self.office.authority.pem
        with self.machine.at_work(), without_limit():
            shown = self.office.server_identity(self.clock.of(COORDINATOR))  # as the server does at each handshake
        good = vouched_for(shown.certificate_pem, credentials.authority, self.clock.of(who))
        if credentials.certificate is not None:
            good = good and vouched_for(credentials.certificate, authority, self.clock.of(COORDINATOR))
        if not good:
            self.counts["handshake refused"] += 1
            raise Failed(grpc.StatusCode.UNAVAILABLE)

    @staticmethod
    def _answering(answers: list[bytes], cut: int | None) -> Iterator[bytes]:
        yield from answers[:cut]
        if cut is not None:
            raise Failed(grpc.StatusCode.UNAVAILABLE)

    # backups

    def back_up(self, name: str) -> None:
        """Copies a machine's folder, while nothing is at work in it."""
        machine = self.machine if name == COORDINATOR else self.members[name].machine
        machine.backed_up(self.folder / "backups" / name)

    def backups_of_coordinator_end(self) -> None:
        """After a publication, and once somebody was let in, NPU's operator makes a new backup: an older one is thrown
        away, as the guide says, for what was published cannot be made again."""
        shutil.rmtree(self.folder / "backups" / COORDINATOR, ignore_errors=True)

    def restore_node(self, name: str) -> bool:
        """Puts an old copy of a node's folder back; not while the witness itself is behind, which nobody survives."""
        backup, member = self.folder / "backups" / name, self.members[name]
        if not backup.exists() or not self.up or member.behind or self._witness_is_behind():
            return False
        member.machine.restored(backup)
        with Ledger.open(member.home.ledger_file) as ledger:
            member.entries = len(ledger.contents().entries)
        member.behind = member.entries < len(self.observer.witnessed.get(name, ()))
        self.counts["old copies of a ledger put back"] += member.behind
        return True

    def restore_coordinator(self) -> bool:
        """Puts an old copy of the coordinator's folder back; not while a node is behind."""
        backup = self.folder / "backups" / COORDINATOR
        if not backup.exists() or not self.up or any(each.behind for each in self.members.values()):
            return False
        before = {each.id for each in rounds.listed(self.office.store)}
        self.stop()
        self.machine.restored(backup)
        self.start()
        self.observer.forgotten |= before - {each.id for each in rounds.listed(self.office.store)}
        self.observer.cosigned(self.office)
        return True

    def _witness_is_behind(self) -> bool:
        return any(
            len(cosigned_leaves(self.office, name)) < len(leaves) for name, leaves in self.observer.witnessed.items()
        )

    # looking

    def look(self, name: str) -> None:
        """Holds a member's ledger against all that was seen."""
        member = self.members[name]
        contents = self.observer.node(name, member.home, behind=member.behind)
        if member.behind:
            hold(len(contents.entries) <= member.entries, f"{name} has booked on an old copy of its ledger")
        member.entries = len(contents.entries)
        sent = {digest for (who, *_), digest in self.observer.sent.items() if who == name}
        booked = {each.release_digest for each in contents.entries if isinstance(each, Spent)}
        hold(member.behind or sent <= booked, f"{name} sent what its ledger has not booked")


def _coming(requests: list[bytes], cut: int | None) -> Iterator[bytes]:
    yield from requests[:cut]
    if cut is not None and cut < len(requests):
        raise Failed(grpc.StatusCode.CANCELLED)


@contextmanager
def running(folder: Path, seed: int, clock: Clock | None = None) -> Iterator[World]:
    """A world whose coordinator is stopped in the end."""
    ours = clock or Clock()
    world = World(folder, seed, ours)
    with simulated(ours), dialling(world):
        try:
            yield world
        finally:
            world.stop()
