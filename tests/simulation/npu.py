"""What NPU does at the coordinator: opens, closes, aborts and publishes rounds, suspends members and lets them in."""

from collections.abc import Callable
from datetime import date, timedelta

from coordinator.errors import CoordinatorError
from coordinator.members import members
from coordinator.members.members import Institution
from coordinator.publish.publishing import draft, publish_round
from coordinator.rounds import rounds
from coordinator.rounds.studies import StudyText
from coordinator.service.due import due
from privacy.errors import KudosError
from privacy.rounds.states import LIVE, State
from tests.simulation.machine import Crash
from tests.simulation.world import COORDINATOR, World


def at_coordinator(world: World, what: Callable[[], object]) -> bool:
    """Has the coordinator's machine do something, if it is up. Tells whether it was done."""
    if not world.up:
        return False
    try:
        with world.machine.at_work():
            what()
    except Crash as crash:
        world.fallen(crash)
        return False
    except (CoordinatorError, KudosError, OSError) as error:
        world.last_refusal = str(error)
        world.counts[f"coordinator: {getattr(error, 'reason', type(error).__name__)}"] += 1
        return False
    finally:
        if world.up:
            world.observer.cosigned(world.office)
            world.observer.publications(world.office)
    return True


def tick(world: World) -> None:
    """What the server's loop does."""

    def look() -> None:
        for step, _ in due(world.office, world.clock.of(COORDINATOR)):
            world.counts[f"due: {step}"] += 1

    at_coordinator(world, look)


def month_ends(today: date, number: int) -> list[date]:
    """The last days of the newest months that are over."""
    found = []
    day = today.replace(day=1)
    for _ in range(number):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append((day + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    return found


def open_round(world: World, study: StudyText, quorum: int = 1, days: float | None = None) -> str | None:
    """A round over some year that is over, for some days; its name."""
    now = world.clock.of(COORDINATOR)
    last = world.draw.choice(month_ends(now.date(), 5))
    days = days or world.draw.choice((0.3, 1.0, 3.0, 10.0))
    name = f"r{world.counts['rounds opened']}-{world.counts['step']}"
    opened = at_coordinator(
        world, lambda: rounds.open_round(world.office, study, last, now + timedelta(days=days), now, quorum, name)
    )
    if opened:
        world.counts["rounds opened"] += 1
    return name if opened else None


def in_state(world: World, *states: State) -> list[str]:
    """The rounds that stand so, the oldest first."""
    if not world.up:
        return []
    return [each.id for each in reversed(rounds.listed(world.office.store)) if each.state in states]


def publish(world: World, name: str) -> None:
    """Publishes a closed round, or aborts one that nobody has answered."""
    world.last_refusal = ""
    if at_coordinator(world, lambda: _publish(world, name)):
        world.counts["rounds published"] += 1
    elif world.up and "round abort" in world.last_refusal:
        abort(world, name)  # as it says


def _publish(world: World, name: str) -> None:
    now = world.clock.of(COORDINATOR)
    publish_round(world.office, draft(world.office, name, now), now)


def abort(world: World, name: str) -> None:
    """Ends a round without publication."""
    now = world.clock.of(COORDINATOR)
    if at_coordinator(world, lambda: rounds.abort(world.office.store, name, "nobody answers", now)):
        world.counts["rounds aborted"] += 1


def invite(world: World, name: str) -> None:
    """Invites an institution; its machine is there, with nothing on it."""
    industry = "museum" if int(name[1:]) % 4 == 3 else "performing-arts"
    wanted = Institution(name, name.title(), industry, "46")
    handed = []
    now = world.clock.of(COORDINATOR)
    if at_coordinator(world, lambda: handed.append(members.invite(world.office, wanted, now))):
        world.add(name).invitation = handed[0].text


def suspend(world: World, name: str) -> None:
    """Suspends an active member, or lets a suspended one in again."""
    now = world.clock.of(COORDINATOR)
    if not world.up:
        return
    store, state = world.office.store, members.get(world.office.store, name, now).state
    if state is members.State.SUSPENDED:
        at_coordinator(world, lambda: members.resume(store, name, now))
    elif state is members.State.ACTIVE:
        at_coordinator(world, lambda: members.suspend(store, name, now))


def resume_all(world: World) -> None:
    """Lets every suspended member in again."""
    now = world.clock.of(COORDINATOR)
    for each in members.listed(world.office.store, now):
        if each.state is members.State.SUSPENDED:
            at_coordinator(world, lambda each=each: members.resume(world.office.store, each.id, now))  # type: ignore[misc]


def live(world: World) -> list[str]:
    """The rounds that still take releases."""
    return in_state(world, *LIVE)
