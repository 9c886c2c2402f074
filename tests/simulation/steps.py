"""The steps of the simulation: what members and NPU do, and what happens to their machines; drawn by weight."""

from collections.abc import Callable
from datetime import timedelta

from coordinator.rounds.studies import StudyText
from node.membership.settings import joined
from privacy.rounds.states import State
from tests.federation import points
from tests.node.release.house import BOOKING
from tests.simulation import npu, people
from tests.simulation.wire import Failed
from tests.simulation.world import COORDINATOR, World

MOST_MEMBERS = 8


class Steps:
    """Everything that can happen, bound to a world. `study` is what its rounds ask for."""

    def __init__(self, world: World, study: StudyText) -> None:
        self.world, self.study = world, study
        self._node_points = points.of_node()
        self._coordinator_points = points.of_coordinator()
        self.table: dict[str, tuple[int, Callable[[], None]]] = {
            "turn": (420, self.turn),
            "time passes": (110, self.time_passes),
            "tick": (60, self.tick),
            "open a round": (30, self.open_round),
            "publish": (50, self.publish),
            "abort": (4, self.abort),
            "import": (14, self.sell),
            "decline": (6, self.decline),
            "suspend or resume": (10, self.suspend),
            "a newcomer": (6, self.newcomer),
            "mend": (60, self.mend),
            "audit": (4, self.audit),
            "fault: a node crashes at a step": (50, self.node_crashes),
            "fault: the coordinator crashes at a step": (50, self.coordinator_crashes),
            "fault: the coordinator restarts": (12, self.restart),
            "fault: the coordinator is down": (8, self.down),
            "fault: calls are lost, stalled, doubled, held back, cut off": (20, self.storm),
            "fault: a call arrives late, out of order": (20, self.late),
            "fault: a node's disk fills": (16, self.node_disk),
            "fault: the coordinator's disk fills": (8, self.coordinator_disk),
            "fault: a node's clock jumps": (12, self.node_clock),
            "fault: the coordinator's clock jumps": (3, self.coordinator_clock),
            "fault: a member goes offline": (8, self.offline),
            "fault: a certificate runs out": (2, self.long_away),
            "fault: a second program of one node": (16, self.second),
            "fault: a node's backup is restored": (10, self.restore_node),
            "fault: the coordinator's backup is restored": (3, self.restore_coordinator),
            "fault: a file of a node is damaged": (6, self.damage),
            "backup": (20, self.backup),
            "fair weather": (80, self.fair),
        }

    def draw(self) -> str:
        """The next step's name."""
        names = list(self.table)
        return self.world.draw.choices(names, [self.table[name][0] for name in names])[0]

    def do(self, name: str) -> None:
        """One step, and a look at whom it touched."""
        self.world.counts["step"] += 1
        self.world.counts[f"step: {name}"] += 1
        self.table[name][1]()

    # who

    def _anybody(self) -> str | None:
        there = sorted(name for name, each in self.world.members.items() if not each.away and joined(each.home))
        return self.world.draw.choice(there) if there else None

    def _with(self, what: Callable[[str], None]) -> None:
        who = self._anybody()
        if who is not None:
            what(who)
            if joined(self.world.members[who].home):
                self.world.look(who)

    # work

    def turn(self) -> None:
        self._with(lambda who: people.work(self.world, who))

    def time_passes(self) -> None:
        unit = self.world.draw.choices((60, 3600, 86_400, 864_000), (40, 40, 17, 3))[0]
        self.world.clock.true += timedelta(seconds=self.world.draw.uniform(0.1, 3) * unit)

    def tick(self) -> None:
        npu.tick(self.world)

    def open_round(self) -> None:
        if len(npu.live(self.world)) < 5:
            npu.open_round(self.world, self.study, self.world.draw.choice((1, 1, 3)))

    def publish(self) -> None:
        closed = npu.in_state(self.world, State.CLOSED)
        if closed:
            npu.publish(self.world, closed[0])
            self.world.backups_of_coordinator_end()

    def abort(self) -> None:
        live = npu.live(self.world)
        if live:
            npu.abort(self.world, self.world.draw.choice(live))

    def sell(self) -> None:
        self._with(lambda who: people.sell(self.world, who, self.world.draw.randrange(3, 12)))

    def decline(self) -> None:
        live = npu.live(self.world)
        if live:
            self._with(lambda who: people.turn_down(self.world, who, self.world.draw.choice(live)))

    def suspend(self) -> None:
        self._with(lambda who: npu.suspend(self.world, who))

    def newcomer(self) -> None:
        """A further institution is invited, or one goes on with joining."""
        late = [name for name, each in sorted(self.world.members.items()) if not joined(each.home)]
        if not late and len(self.world.members) < MOST_MEMBERS and self.world.up:
            npu.invite(self.world, f"m{len(self.world.members)}")
            self.world.backups_of_coordinator_end()
            late = [name for name, each in sorted(self.world.members.items()) if not joined(each.home)]
        for name in late[:1]:
            people.enter(self.world, name, self._sponsor(), self.study.study)

    def _sponsor(self) -> str | None:
        there = (name for name, each in sorted(self.world.members.items()) if joined(each.home) and not each.away)
        return next((name for name in there if self.world.members[name].home.identity_key_file.exists()), None)

    def mend(self) -> None:
        wanting = [name for name, each in sorted(self.world.members.items()) if each.needs and joined(each.home)]
        if wanting:
            who = self.world.draw.choice(wanting)
            people.mend(self.world, who)
            if joined(self.world.members[who].home):
                self.world.look(who)

    def audit(self) -> None:
        if self.world.up:
            self.world.observer.audit(self.world.office, self.world.clock, self.world.folder)

    # faults

    def node_crashes(self) -> None:
        who = self._anybody()
        if who is None:
            return
        member, world = self.world.members[who], self.world

        def die() -> None:
            member.machine.crash(step)

        step = world.draw.choice([*BOOKING, *self._node_points])
        booking = step in BOOKING
        with points.armed_booking(step, die) if booking else points.armed(self._node_points[step], die):
            people.work(world, who)
        world.look(who)

    def coordinator_crashes(self) -> None:
        world = self.world
        if not world.up:
            return
        step = world.draw.choice(list(self._coordinator_points))
        with points.armed(self._coordinator_points[step], lambda: world.machine.crash(step)):
            if step in ("publishing", "published"):
                self.publish()
            elif step == "closing":
                self.tick()
            else:
                self.turn()

    def restart(self) -> None:
        self.world.stop()
        self._start()

    def down(self) -> None:
        self.world.stop()

    def _start(self) -> None:
        if self.world.machine.room is None:
            self.world.start()

    def storm(self) -> None:
        self.world.storm = self.world.draw.choice((0.05, 0.2, 0.6))

    def late(self) -> None:
        """What was held back arrives now, after what was sent later."""
        held, self.world.held = self.world.held, []
        self.world.draw.shuffle(held)
        for call in held:
            try:
                self.world.deliver(*call)
                self.world.counts["late calls taken"] += 1
            except Failed:
                self.world.counts["late calls refused"] += 1

    def node_disk(self) -> None:
        who = self._anybody()
        if who is not None:
            self.world.members[who].machine.room = self.world.draw.choice((0, 4_096, 20_000, 60_000))
            people.work(self.world, who)
            if self.world.draw.random() < 0.3:
                people.sell(self.world, who, self.world.draw.randrange(3, 12))
            self.world.look(who)

    def coordinator_disk(self) -> None:
        self.world.machine.room = self.world.draw.choice((0, 4_096, 200_000))
        self.turn()

    def node_clock(self) -> None:
        who = self._anybody()
        if who is not None:
            hours = self.world.draw.choice((-48, -2, -0.2, 0.05, 0.2, 2, 48, 24 * 100))
            self.world.clock.errors[who] = timedelta(hours=hours)
            people.work(self.world, who)

    def coordinator_clock(self) -> None:
        self.world.clock.errors[COORDINATOR] = timedelta(hours=self.world.draw.choice((-3, -0.1, 0.1, 3, 30)))
        self.turn()

    def offline(self) -> None:
        who = self._anybody()
        if who is not None:
            self.world.members[who].away = True

    def long_away(self) -> None:
        """A member hears of nothing for so long that its certificate ends; the others go on."""
        who = self._anybody()
        if who is not None:
            self.world.members[who].away = True
            for _ in range(5):
                self.world.clock.true += timedelta(days=20)
                self.tick()
                for name in sorted(self.world.members):
                    if not self.world.members[name].away and joined(self.world.members[name].home):
                        people.work(self.world, name)
            self.world.members[who].away = False
            self.world.members[who].needs.add("CERTIFICATE_EXPIRED")

    def second(self) -> None:
        """While an agent waits for an answer, another program of the same node does a whole turn."""
        self.world.meanwhile = lambda who: people.work(self.world, who)
        try:
            self.turn()
        finally:
            self.world.meanwhile = None

    def backup(self) -> None:
        if self.world.draw.random() < 0.3 and self.world.up:
            self.world.back_up(COORDINATOR)
        else:
            self._with(self.world.back_up)

    def restore_node(self) -> None:
        who = self._anybody()
        if who is not None and self.world.restore_node(who):
            people.work(self.world, who)
            self.world.look(who)

    def restore_coordinator(self) -> None:
        if self.world.restore_coordinator():
            self._start()
            self.turn()

    def damage(self) -> None:
        """A bit flips in a file that a node can fetch or be told again."""
        who = self._anybody()
        if who is None:
            return
        folder = self.world.members[who].machine.folder
        files = sorted(
            [*folder.glob("rounds/*/announcement"), *folder.glob("rounds/*/told"), *folder.glob("benchmarks/*")]
        )
        files = [file for file in files if file.is_file() and file.stat().st_size]
        if files:
            file = self.world.draw.choice(files)
            content = bytearray(file.read_bytes())
            content[self.world.draw.randrange(len(content))] ^= 1 << self.world.draw.randrange(8)
            file.write_bytes(bytes(content))
            people.work(self.world, who)

    def fair(self) -> None:
        """What is broken is whole again, on some machines."""
        world = self.world
        world.storm = 0.0
        for machine in (world.machine, *(each.machine for each in world.members.values())):
            if world.draw.random() < 0.6:
                machine.room = None
        for name in sorted(world.clock.errors):
            if world.draw.random() < 0.8:
                del world.clock.errors[name]
        for each in world.members.values():
            each.away = each.away and world.draw.random() < 0.4
        self._start()
        if self.world.draw.random() < 0.3:
            npu.resume_all(self.world) if self.world.up else None
