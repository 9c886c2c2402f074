"""A node whose ledger is an old copy, a second one, damaged or gone: it stops, says how to go on, and hides nothing."""

import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from coordinator.members.members import invite_again
from node.agent.turn import turn
from node.release import book
from node.release.accounts import accounts
from node.release.prepare import Exact
from privacy.bounds.windows import Window, twelve_months_to
from privacy.budget import policy_file
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import KeyAdopted, Recovered
from privacy.ledger.store import Ledger
from privacy.signing.keyfile import load_signing_key
from privacy.studies.price import price
from privacy.studies.study import find
from tests.federation import killed
from tests.federation.history import EARLIER
from tests.federation.house import MEMBERS, WINDOW_LAST, Federation, Serving, agree_by_itself, good, spent, submitted

MEMBER = MEMBERS[2]


@pytest.fixture
def federation(joined: Federation, tmp_path: Path) -> Federation:
    found = joined.copied(tmp_path / "federation")
    agree_by_itself(found.home(MEMBER))
    return found


def _contents(federation: Federation, member: str = MEMBER) -> Contents:
    with Ledger.open(federation.home(member).ledger_file) as ledger:
        return ledger.contents()


def _answered(federation: Federation, name: str, window_last: str) -> None:
    federation.open_round(name, window_last)
    done = turn(federation.home(MEMBER), lambda _text: None)
    assert done.faults == []
    assert f"round {name}: the release was sent" in done.did


def _total_rho(contents: Contents) -> int:
    return sum(entry.cost.rho.micro for entry in contents.entries)


def _window(last: str) -> Window:
    return twelve_months_to(datetime.fromisoformat(last).date())


def _booked_aside(federation: Federation, window_last: str) -> None:
    """A release that a copy of the folder books by itself, as a node would that nobody stops."""
    home = federation.home(MEMBER)
    study = find(str(federation.study))
    vectors = {(part.table.name, part.measure): np.zeros(part.table.cells, np.int64) for part in study.parts}
    with Ledger.open(home.ledger_file) as ledger:
        book.release(
            study,
            _window(window_last),
            Exact(vectors, None, {}),
            policy_file.read(home.policy_file),
            ledger,
            load_signing_key(home.signing_key_file),
            lambda: datetime.now(UTC),
        )


def _restored(federation: Federation, backup: Path) -> None:
    shutil.copy2(backup, federation.home(MEMBER).ledger_file)


def test_an_old_copy_is_noticed_before_anything_is_booked_and_goes_on_from_the_witness(federation: Federation) -> None:
    node, home = federation.node(MEMBER), federation.home(MEMBER)
    with Serving(federation.coordinator):
        assert turn(home, lambda _text: None).faults == []
        backup = home.path / "backup.sqlite"
        shutil.copy2(home.ledger_file, backup)
        _answered(federation, "first", WINDOW_LAST)
        paid, before = spent(home), _contents(federation)
        _restored(federation, backup)
        federation.open_round("second", EARLIER)

        done = turn(home, lambda _text: None)
        assert {fault.reason for fault in done.faults} == {"LEDGER_BEHIND"}
        by_hand = node("approve", "second", "--yes", "--json")
        assert (by_hand.status, by_hand.json["error"]["reason"]) == (3, "LEDGER_BEHIND")
        assert "kudos-node ledger recover" in by_hand.err.replace(f" --home {home.path}", "")
        assert home.ledger_file.read_bytes() == backup.read_bytes()
        assert "old copy" in node("budget").err
        assert "old copy" in node("outbox", "list").err
        assert node("ledger", "status").status == 3
        assert submitted(federation.coordinator, "second") == {}

        said = good(node("ledger", "recover", "--json")).json
        assert (said["entries"], said["given_up"], said["lost_releases"]) == (len(before.entries), 0, 0)
        assert spent(home) == paid
        assert turn(home, lambda _text: None).did == ["round second: the release was sent"]
        after = _contents(federation)
        assert after.hashes[: len(before.hashes)] == before.hashes
        assert isinstance(after.entries[len(before.entries)], Recovered)
        assert after.covers(after.last.seq)


def test_a_fork_is_noticed_and_what_it_had_booked_counts_as_spent(federation: Federation, tmp_path: Path) -> None:
    node, home = federation.node(MEMBER), federation.home(MEMBER)
    with Serving(federation.coordinator):
        assert turn(home, lambda _text: None).faults == []
        shutil.copy2(home.ledger_file, tmp_path / "second")
        _answered(federation, "first", WINDOW_LAST)
        theirs = _contents(federation)
        shutil.copy2(tmp_path / "second", home.ledger_file)
        _booked_aside(federation, EARLIER)
        _booked_aside(federation, "2023-12-31")
        mine = _contents(federation)

        assert {fault.reason for fault in turn(home, lambda _text: None).faults} == {"LEDGER_FORKED"}
        said = good(node("ledger", "recover", "--json")).json
        agreed = next(at for at, (a, b) in enumerate(zip(mine.hashes, theirs.hashes, strict=False)) if a != b)
        assert said["given_up"] == len(mine.entries) - agreed
        assert Path(said["aside"]).exists()
        after = _contents(federation)
        cost = price(find(str(federation.study))).spend.rho.micro
        assert _total_rho(after) == _total_rho(theirs) + 2 * cost
        recovery = after.last
        assert isinstance(recovery, Recovered)
        assert recovery.given_up == tuple(each.hex() for each in mine.hashes[agreed:])
        policy = policy_file.read(home.policy_file)
        assert accounts(after, policy).spent.rho.micro == 3 * cost
        assert turn(home, lambda _text: None).faults == []
        again = node("ledger", "recover", "--json")
        assert (again.status, again.json["error"]["reason"]) == (1, "NOTHING_TO_RECOVER")


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100])
def test_a_damaged_ledger_comes_back_from_the_witness(federation: Federation, damage: bytes) -> None:
    node, home = federation.node(MEMBER), federation.home(MEMBER)
    with Serving(federation.coordinator):
        _answered(federation, "first", WINDOW_LAST)
        paid = spent(home)
        home.ledger_file.write_bytes(damage)
        assert good(node("ledger", "recover", "--json")).json["lost_releases"] == 0
        assert spent(home) == paid, "fetched back from the coordinator"
        good(node("budget"))
        assert "cosigned" in good(node("ledger", "status")).out


def test_a_release_that_was_never_sent_is_lost_and_never_drawn_anew(federation: Federation) -> None:
    node, home = federation.node(MEMBER), federation.home(MEMBER)
    with Serving(federation.coordinator):
        good(node("release", federation.study, "--as-of", WINDOW_LAST, "--yes"))
        home.ledger_file.unlink()
        assert good(node("ledger", "recover", "--json")).json["lost_releases"] == 1
        rows = good(node("outbox", "list", "--json")).json
        assert [row["state"] for row in rows] == ["lost"]
        spent_before = good(node("budget", "--json")).json["spent"]
        refused = node("release", federation.study, "--as-of", WINDOW_LAST, "--yes", "--json")
        assert (refused.status, refused.json["error"]["reason"]) == (3, "RELEASE_LOST")
        assert good(node("budget", "--json")).json["spent"] == spent_before


def test_a_new_machine_goes_on_with_the_ledger(federation: Federation) -> None:
    home = federation.home(MEMBER)
    with Serving(federation.coordinator):
        _answered(federation, "first", WINDOW_LAST)
        before, paid = _contents(federation), spent(home)
        shutil.move(home.path, home.path.with_name("old-machine"))
        invitation = federation.coordinator.good("member", "invite", "--again", MEMBER)["invitation"]
        joined = good(federation.node(MEMBER)("join", invitation, "--json")).json
        assert joined["ledger_continued"] == len(before.entries)
        after = _contents(federation)
        assert after.hashes[: len(before.hashes)] == before.hashes
        assert [type(each) for each in after.entries[len(before.entries) :]][:2] == [KeyAdopted, Recovered]
        assert spent(home) == paid
        assert turn(home, lambda _text: None).faults == []
        assert _contents(federation).covers(after.last.seq)


def test_nothing_is_booked_while_the_witness_cannot_be_asked(federation: Federation) -> None:
    node = federation.node(MEMBER)
    before = _contents(federation)
    ended = node("release", federation.study, "--as-of", WINDOW_LAST, "--yes", "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (1, "NO_CONNECTION")
    assert _contents(federation).hashes == before.hashes


def test_a_witness_that_was_put_back_is_handed_the_rest_again(federation: Federation) -> None:
    home, store = federation.home(MEMBER), federation.coordinator.home / "store.sqlite"
    with Serving(federation.coordinator) as server:
        assert turn(home, lambda _text: None).faults == []
        server.stop()
    shutil.copy2(store, store.with_name("backup"))
    with Serving(federation.coordinator) as server:
        _answered(federation, "first", WINDOW_LAST)
        server.stop()
    shutil.copy2(store.with_name("backup"), store)
    with Serving(federation.coordinator):
        _answered(federation, "second", EARLIER)
    assert [each.window_last for each in spent(home)] == [WINDOW_LAST, EARLIER]


def _new_machine(federation: Federation, member: str) -> str:
    """The member's folder is gone; the line with which it joins again."""
    path = federation.home(member).path
    shutil.move(path, path.with_name(f"old-{member}"))
    return str(federation.coordinator.good("member", "invite", "--again", member)["invitation"])


@pytest.mark.parametrize("point", ["ledger continued", "ledger cosigned"])
def test_a_new_machine_that_is_killed_on_the_way_goes_on_when_it_joins_again(
    federation: Federation, point: str
) -> None:
    with Serving(federation.coordinator):
        _answered(federation, "first", WINDOW_LAST)
        before = _contents(federation)
        invitation = _new_machine(federation, MEMBER)
        words = [sys.executable, killed.__file__, "node", point, "--home", str(federation.home(MEMBER).path), "join"]
        assert subprocess.run([*words, invitation], capture_output=True).returncode == -signal.SIGKILL
        good(federation.node(MEMBER)("join", invitation))
        after = _contents(federation)
        assert after.hashes[: len(before.hashes)] == before.hashes
        assert len([each for each in after.entries if isinstance(each, Recovered)]) == 1
        assert after.covers(after.last.seq)


def test_what_was_released_alone_is_not_drawn_anew_by_a_new_machine(federation: Federation) -> None:
    """Joining shows the whole ledger to the witness, so that a machine lost right after it cannot begin it anew."""
    node = federation.node("nord")
    good(node("init", "--standalone", "--name", "Nord", "--industry", "museum", "--county", "Vestland"))
    good(node("policy", "allow", federation.study))
    good(node("release", federation.study, "--as-of", WINDOW_LAST, "--yes"))
    with Serving(federation.coordinator):
        words = ("--name", "Nord", "--industry", "museum", "--county", "Vestland", "--id", "nord")
        invitation = federation.coordinator.good("member", "invite", *words)["invitation"]
        good(node("join", invitation))
        joined = _contents(federation, "nord")
        assert joined.covers(joined.last.seq)
        good(node("join", _new_machine(federation, "nord")))
        good(node("policy", "allow", federation.study))
        assert [row["state"] for row in good(node("outbox", "list", "--json")).json] == ["lost"]
        again = node("release", federation.study, "--as-of", WINDOW_LAST, "--yes", "--json")
        assert (again.status, again.json["error"]["reason"]) == (3, "RELEASE_LOST")


def test_a_damaged_ledger_is_not_given_up_for_a_witness_that_hides_what_it_cosigned(federation: Federation) -> None:
    """The coordinator was put back; the node's file is damaged, and the checkpoint beside it tells what there was."""
    node, home, store = federation.node(MEMBER), federation.home(MEMBER), federation.coordinator.home / "store.sqlite"
    with Serving(federation.coordinator) as server:
        assert turn(home, lambda _text: None).faults == []
        server.stop()
    shutil.copy2(store, store.with_name("backup"))
    with Serving(federation.coordinator) as server:
        _answered(federation, "first", WINDOW_LAST)
        server.stop()
    shutil.copy2(store.with_name("backup"), store)
    home.ledger_file.write_bytes(b"")
    with Serving(federation.coordinator):
        refused = node("ledger", "recover", "--json")
        assert (refused.status, refused.json["error"]["reason"]) == (3, "LEDGER_TWO_HISTORIES")
    assert home.ledger_file.read_bytes() == b""


def test_node_and_coordinator_that_were_put_back_together_draw_nothing_anew(federation: Federation) -> None:
    """Both agree on the old ledger; the checkpoint beside it says that more was cosigned."""
    home, store = federation.home(MEMBER), federation.coordinator.home / "store.sqlite"
    with Serving(federation.coordinator) as server:
        assert turn(home, lambda _text: None).faults == []
        server.stop()
    for file in (store, home.ledger_file):
        shutil.copy2(file, file.with_name("backup"))
    with Serving(federation.coordinator) as server:
        _answered(federation, "first", WINDOW_LAST)
        server.stop()
    for file in (store, home.ledger_file):
        shutil.copy2(file.with_name("backup"), file)
    seen = home.cosigned_file.read_bytes()
    with Serving(federation.coordinator):
        federation.open_round("second", EARLIER)
        assert {fault.reason for fault in turn(home, lambda _text: None).faults} == {"LEDGER_BEHIND"}
        refused = federation.node(MEMBER)("ledger", "recover", "--json")
        assert (refused.status, refused.json["error"]["reason"]) == (3, "LEDGER_TWO_HISTORIES")
    assert spent(home) == []
    assert home.cosigned_file.read_bytes() == seen


def test_a_restored_folder_whose_certificate_was_replaced_joins_again_and_is_then_recovered(
    federation: Federation, tmp_path: Path
) -> None:
    """The old ledger is told once the node is in its network again: before, nothing could have recovered it."""
    node, home = federation.node(MEMBER), federation.home(MEMBER)
    with Serving(federation.coordinator):
        assert turn(home, lambda _text: None).faults == []
        backup = tmp_path / "backup"
        shutil.copytree(home.path, backup)
        _answered(federation, "first", WINDOW_LAST)
        paid = spent(home)
        with federation.coordinator.office() as office:
            invitation = invite_again(office, MEMBER, datetime.now(UTC)).text
        shutil.rmtree(home.path)
        shutil.copytree(backup, home.path)
        (home.path / "network.toml").unlink()
        told = node("join", invitation, "--json")
        assert (told.status, told.json["error"]["reason"]) == (3, "LEDGER_BEHIND")
        good(node("ledger", "recover"))
        assert spent(home) == paid
        assert turn(home, lambda _text: None).faults == []
