"""A federation at rest: six members that have joined, hold the network's key, and have imported a handful of sales."""

from datetime import UTC, datetime
from pathlib import Path

from coordinator.members.members import Institution, invite
from node.home import Home
from node.ingest.run import Request, import_files
from node.membership.settings import membership
from node.network.identity import after_joining, confirm
from node.network.joining import join
from privacy.budget import policy_file
from privacy.studies.study import find
from tests.federation.house import MEMBERS, STUDY, Federation, Serving, good, made
from tests.node.ingest.house import Heard

INSTITUTIONS = {
    member: Institution(member, member.title(), "museum" if member == "tinden" else "performing-arts", "46", "small")
    for member in MEMBERS
}


def make(folder: Path) -> None:
    """Makes it. The first two members are led in by the programs, the others by the same functions, for speed."""
    folder.mkdir()
    federation = Federation(folder)
    federation.study.write_text(STUDY, encoding="utf-8")
    coordinator = made(federation.coordinator.home)
    with Serving(coordinator) as server:
        for member in MEMBERS[:2]:
            _by_hand(federation, member)
        for member in MEMBERS[2:]:
            _in_process(federation, member)
        for member in MEMBERS:
            node = federation.node(member)
            file = folder / f"{member}.csv"
            file.write_text(sales(member), encoding="utf-8")
            if member in MEMBERS[:2]:
                good(node("import", file))
                good(node("policy", "allow", federation.study))
            else:
                home = federation.home(member)
                import_files(home, Request([file]), Heard())
                text = policy_file.allow(home.policy_file.read_text(encoding="utf-8"), find(str(federation.study)))
                home.policy_file.write_text(text, encoding="utf-8")
        assert server.stop() == 0


def _by_hand(federation: Federation, member: str) -> None:
    """Invitation, join and the eight words, as people do it."""
    coordinator, node, first = federation.coordinator, federation.node(member), federation.node(MEMBERS[0])
    what = INSTITUTIONS[member]
    words = ("--name", what.name, "--industry", what.industry, "--county", "Vestland", "--size", "small")
    invitation = coordinator.good("member", "invite", *words, "--id", member)["invitation"]
    joined = good(node("join", invitation, "--json")).json
    assert joined["member"] == member
    if member == MEMBERS[0]:
        assert joined["identity"]["state"] == "first"
        return
    assert joined["identity"]["state"] == "waiting"
    spoken = " ".join(joined["identity"]["words"])
    good(first("identity", "confirm", member, "--words", spoken))
    said = good(node("identity", "confirm", MEMBERS[0], "--words", spoken, "--json")).json
    assert said["state"] == "holder"


def _in_process(federation: Federation, member: str) -> None:
    with federation.coordinator.office() as office:
        text = invite(office, INSTITUTIONS[member], datetime.now(UTC)).text
    enter(federation.home(member), federation.home(MEMBERS[0]), text)


def enter(home: Home, sponsor: Home, invitation: str) -> None:
    """Joins, and gets the network's key from a sponsor; both sides see the same words."""
    join(home, invitation, (), datetime.now(UTC))
    assert after_joining(home).state == "waiting"
    me, other = membership(home).id, membership(sponsor).id
    seen: list[tuple[str, ...]] = []
    confirm(sponsor, me, lambda _other, words: seen.append(words))
    confirm(home, other, lambda _other, words: seen.append(words))
    assert seen[0] == seen[1]
    assert after_joining(home).state == "holder"


def sales(member: str) -> str:
    """Sixty sales of one institution; a third of the customers are also those of the others."""
    lines = ["order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode"]
    for index in range(60):
        who = f"everybody{index}" if index % 3 == 0 else f"{member}{index}"
        year = 2024 if index % 6 == 5 else 2025
        day = f"{year}-{1 + index % 12:02d}-{1 + index % 28:02d}T18:00:00+01:00"
        what = f"E{index % 3},Ordinær,{1 + index % 4},{200 + 10 * index}.00,web,paid,{who}@x.no,5003"
        lines.append(f"A{index},1,{day},{what}")
    return "\n".join(lines) + "\n"
