"""What people do at their machines: import, let the agent work, join, and mend what the node says must be mended."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from coordinator.members import members
from node.agent.turn import turn
from node.agent.unforeseen import as_told
from node.ingest.run import Request, import_files
from node.membership.errors import RefusedByCoordinator
from node.membership.settings import Files, joined
from node.membership.tls import held
from node.network.identity import after_joining, confirm, take_in
from node.network.joining import join
from node.network.recovery import recover_ledger
from node.network.rounds import DECLINED, decide
from node.wire.federation import connected
from privacy.budget import policy_file
from privacy.errors import KudosError
from privacy.studies.shelf import AnyStudy
from tests.node.ingest.house import Heard
from tests.simulation.machine import Crash, without_limit
from tests.simulation.observer import Violation
from tests.simulation.world import COORDINATOR, World

_ENDED = {"CERTIFICATE_UNKNOWN", "CERTIFICATE_EXPIRED", "MEMBER_REVOKED", "INVITATION_EXPIRED"}
_OLD = {"LEDGER_BEHIND", "LEDGER_FORKED", "LEDGER_ROLLBACK", "LEDGER_FORK"}
_CLOCK = {"CLOCK_APART", "CLOCK_WENT_BACK"}


def _heard(world: World, name: str, error: Exception) -> str:
    """The reason of what went wrong at a node; a defect, which nothing may lead to, ends the simulation."""
    told = as_told(error)
    reason = told.coordinator_reason if isinstance(told, RefusedByCoordinator) else told.reason
    if reason == "DEFECT":
        raise Violation(f"{name} has a defect: {told}") from error
    world.counts[f"node: {reason}"] += 1
    world.members[name].needs.add(reason)
    world.members[name].said[reason] = str(told)
    return reason


def _tried(world: World, name: str, what: Callable[[], object]) -> bool:
    """Has a member's machine do something. What goes wrong is heard; tells whether nothing did."""
    try:
        with world.on(name):
            what()
    except Crash:
        return False
    except Exception as error:  # noqa: BLE001  whatever a command would end with
        _heard(world, name, error)
        return False
    return True


def work(world: World, name: str) -> None:
    """A turn of the agent."""
    member = world.members[name]

    def agent() -> None:
        done = turn(member.home, lambda _text: None)
        for each in done.did:
            world.counts[f"did: {each.partition(': ')[2] or each.partition(' of ')[0]}"[:60]] += 1
        for fault in done.faults:
            _heard(world, name, fault.error)

    _tried(world, name, agent)


def sell(world: World, name: str, number: int, lines: int = 20) -> None:
    """An export with a few further sales is imported."""
    file = world.folder / f"{name}.csv"
    with without_limit():
        file.write_text(sales(name, range(20 * number, 20 * number + lines), world.clock.true.date()), encoding="utf-8")
    _tried(world, name, lambda: import_files(world.members[name].home, Request([file]), Heard()))


def sales(member: str, numbers: Iterable[int], today: date) -> str:
    """Sales of the two years before a day; a third of the customers are also those of others."""
    lines = ["order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode"]
    for index in numbers:
        who = f"everybody{index % 60}" if index % 3 == 0 else f"{member}{index % 60}"
        before = timedelta(days=40 + 37 * index % 300 + (365 if index % 6 == 5 else 0))
        day = f"{today - before}T18:00:00+01:00"
        what = f"E{index % 3},Ordinær,{1 + index % 4},{200 + 10 * (index % 60)}.00,web,paid,{who}@x.no,5003"
        lines.append(f"{today:%y%m}-{index},1,{day},{what}")
    return "\n".join(lines) + "\n"


def turn_down(world: World, name: str, round_name: str) -> None:
    """Somebody declines a round."""
    _tried(world, name, lambda: decide(world.members[name].home, round_name, DECLINED))


def enter(world: World, name: str, sponsor: str | None, study: AnyStudy) -> None:
    """Goes on with joining from wherever it stopped: the invitation, the key by eight words, the policy."""
    member = world.members[name]
    home = member.home
    if not joined(home):
        _tried(world, name, lambda: join(home, member.invitation, (), world.clock.of(name)))
    if not joined(home):
        if member.needs & _ENDED:
            member.needs -= _ENDED
            _again(world, name)
        return
    _tried(world, name, lambda: after_joining(home))
    if sponsor is not None and not home.identity_key_file.exists():
        _tried(world, sponsor, lambda: confirm(world.members[sponsor].home, name, lambda *_: None))
        _tried(world, name, lambda: confirm(home, sponsor, lambda *_: None))
    _tried(world, name, lambda: _agree(world, name, study))


def has_entered(world: World, name: str) -> bool:
    """Whether a member has all that joining takes: its certificate, and the key that only another member can give."""
    home = world.members[name].home
    return joined(home) and home.identity_key_file.exists()


def _agree(world: World, name: str, study: AnyStudy) -> None:
    """Allows the study, without a person's yes to each round; two members of three allow more than is delivered."""
    file = world.members[name].home.policy_file
    text = file.read_text(encoding="utf-8")
    if "required = false" in text:
        return
    text = policy_file.allow(text.replace("required = true", "required = false"), study)
    if int(name[1:]) % 3 < 2:
        text = text.replace('rho = "0.08"', 'rho = "0.6"')
    file.write_text(text, encoding="utf-8")


def mend(world: World, name: str) -> None:
    """Does what the node says must be done, as the operator's guide has it."""
    member = world.members[name]
    needs, member.needs = member.needs, set()
    if needs & _CLOCK and world.clock.errors.pop(name, None) is None:
        world.clock.errors.pop(COORDINATOR, None)  # somebody calls NPU
    if needs & _ENDED or (joined(member.home) and _over(world, name)):
        _again(world, name)
    if needs & _OLD or member.behind:
        recover(world, name)


def _over(world: World, name: str) -> bool:
    return held(Files(world.members[name].home).certificate).ends < world.clock.of(COORDINATOR)


def _again(world: World, name: str) -> None:
    """A further invitation for the same folder, with its ledger and its keys."""
    member = world.members[name]
    if not world.up:
        return
    try:
        with world.machine.at_work():
            member.invitation = members.invite_again(world.office, name, world.clock.of(COORDINATOR)).text
    except KudosError as error:
        world.counts[f"coordinator: {error.reason}"] += 1
        return
    Files(member.home).membership.unlink(missing_ok=True)
    world.counts["invited again"] += 1
    _tried(world, name, lambda: join(member.home, member.invitation, (), world.clock.of(name)))


def recover(world: World, name: str) -> None:
    """kudos-node ledger recover"""
    member = world.members[name]

    def recovering() -> None:
        with connected(member.home) as coordinator:
            recover_ledger(member.home, coordinator, member.home.settings().ledger)

    if _tried(world, name, recovering):
        world.counts["recovered"] += 1
        member.behind = False
    elif "NOTHING_TO_RECOVER" in member.needs:
        member.behind = False


def hand_in(world: World, name: str) -> None:
    """Takes the identity key in, where an offer waits."""

    def taking() -> None:
        with connected(world.members[name].home) as coordinator:
            take_in(world.members[name].home, coordinator)

    _tried(world, name, taking)
