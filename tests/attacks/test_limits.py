"""What one member may take of what all members share: calls, room for its ledger, rounds."""

from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Barrier, Thread

import pytest

from coordinator.errors import InvitationUnknown, InvitationUsed, LedgerFull, TooManyRounds
from coordinator.ledgers import witness
from coordinator.members.enrol import enrol
from coordinator.members.members import invite
from coordinator.office import Office
from coordinator.rounds import rounds
from coordinator.service.rates import MOST_CALLERS, Meter, Rate
from coordinator.store.tables import certificates
from node.home import Home
from node.membership.errors import CoordinatorContradicts
from node.network import rounds as of_node
from tests.coordinator.conftest import databases as databases
from tests.coordinator.conftest import office as office
from tests.coordinator.house import (
    BENCHMARK,
    DEADLINE,
    NOW,
    WINDOW_LAST,
    Keys,
    contents,
    institution,
    joined,
    token_of,
)
from tests.coordinator.ledger import a_ledger

RATE = Rate(burst=3, each_s=2)


def test_a_burst_is_taken_and_then_so_many_a_second() -> None:
    now = [0.0]
    meter = Meter(lambda: now[0])
    assert [meter.take("a", RATE) for _ in range(5)] == [True, True, True, False, False]
    assert meter.take("b", RATE)
    now[0] = 1.0
    assert [meter.take("a", RATE) for _ in range(3)] == [True, True, False]
    now[0] = 1000.0
    assert [meter.take("a", RATE) for _ in range(4)] == [True, True, True, False]


def test_callers_without_number_are_not_remembered_without_end() -> None:
    ticks = count()
    meter = Meter(lambda: next(ticks) / 1000)
    for number in range(MOST_CALLERS + 500):
        assert meter.take(str(number), RATE)
    assert len(meter._left) == MOST_CALLERS


def test_a_ledger_has_a_largest_number_of_entries(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    member = joined(office, "fjordteatret")
    ledger = a_ledger(office, member)
    ledger.request(0).send(office, member.caller)
    monkeypatch.setattr(witness, "MOST_ENTRIES", 4)
    ledger.grow(2).request(2).send(office, member.caller)
    before = contents(office.store)
    with pytest.raises(LedgerFull, match="at most 4 entries"):
        ledger.grow(1).request(4).send(office, member.caller)
    assert contents(office.store) == before


def test_a_ledger_has_a_largest_number_of_bytes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    member = joined(office, "fjordteatret")
    ledger = a_ledger(office, member)
    ledger.request(0).send(office, member.caller)
    monkeypatch.setattr(witness, "LARGEST_LEDGER", sum(map(len, ledger.leaves)) + 10)
    with pytest.raises(LedgerFull):
        ledger.grow(1).request(2).send(office, member.caller)


def test_members_are_asked_for_so_many_rounds_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_LIVE", 2)
    joined(office, "fjordteatret")
    for month, day in ((9, 30), (10, 31)):
        last = WINDOW_LAST.replace(month=month, day=day)
        rounds.open_round(office, BENCHMARK, last, DEADLINE, NOW, 1, f"r{month}")
    with pytest.raises(TooManyRounds):
        rounds.open_round(office, BENCHMARK, WINDOW_LAST, DEADLINE, NOW, 1, "third")
    rounds.close_due(office.store, DEADLINE)
    later = DEADLINE + timedelta(days=9)
    assert rounds.open_round(office, BENCHMARK, WINDOW_LAST, later, DEADLINE, 1, "third").id == "third"


def test_a_token_that_many_use_at_once_lets_one_in(office: Office) -> None:
    token = token_of(invite(office, institution("raced"), NOW))
    machines = [Keys() for _ in range(8)]
    together = Barrier(len(machines))
    ended: list[str] = []

    def use(keys: Keys) -> None:
        csr = keys.csr()
        signature = keys.enrolling(csr)
        together.wait()
        try:
            enrol(office, token, csr, signature, "", NOW)
            ended.append("in")
        except InvitationUsed as error:
            ended.append(error.reason)

    threads = [Thread(target=use, args=(keys,)) for keys in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["INVITATION_USED"] * (len(machines) - 1) + ["in"]
    assert len(contents(office.store)[certificates.name]) == 1


def test_guesses_of_a_token_find_none_and_leave_nothing(office: Office) -> None:
    """At the ten a second that one address may make, 2¹²⁸ tokens take 10³⁰ years: each guess has to be refused."""
    invite(office, institution("guessed"), NOW)
    keys = Keys()
    csr = keys.csr()
    signature = keys.enrolling(csr)
    before = contents(office.store)
    for number in range(200):
        with pytest.raises(InvitationUnknown):
            enrol(office, number.to_bytes(16, "big"), csr, signature, "", NOW)
    assert contents(office.store) == before


def test_a_coordinator_that_announces_rounds_without_end_does_not_fill_a_nodes_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    for number in range(3):
        (tmp_path / "rounds" / f"r{number}").mkdir(parents=True)
    monkeypatch.setattr(of_node, "MOST_ROUNDS", 4)
    of_node._check_room(home, "fourth")
    monkeypatch.setattr(of_node, "MOST_ROUNDS", 3)
    with pytest.raises(CoordinatorContradicts, match="fourth"):
        of_node._check_room(home, "fourth")
