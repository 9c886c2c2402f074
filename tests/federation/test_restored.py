"""A member's node out of a backup: it goes on where the backup is the newest, and else is told why it may not spend."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.agent.turn import turn
from node.backup.make import back_up
from node.backup.restore import restore, standing
from node.home import Home
from privacy.ledger.store import Ledger
from tests.federation.history import EARLIER
from tests.federation.house import MEMBERS, WINDOW_LAST, Federation, Serving, agree_by_itself, good, spent, submitted
from tests.node.cli.run import Node

MEMBER = MEMBERS[2]
N = 2
PASSPHRASE = "korrekt hest batteri stift"


@pytest.fixture
def federation(joined: Federation, tmp_path: Path) -> Federation:
    found = joined.copied(tmp_path / "federation")
    agree_by_itself(found.home(MEMBER))
    return found


def _backed_up(federation: Federation, name: str) -> Path:
    file = federation.folder / name
    back_up(federation.home(MEMBER), file, PASSPHRASE, datetime.now(UTC), n=N)
    return file


def _answered(federation: Federation, home: Home, name: str, window_last: str) -> None:
    federation.open_round(name, window_last)
    assert f"round {name}: the release was sent" in turn(home, lambda _text: None).did


def test_the_newest_goes_on_and_an_old_one_may_not_spend_before_it_has_recovered(federation: Federation) -> None:
    home = federation.home(MEMBER)
    with Serving(federation.coordinator):
        assert turn(home, lambda _text: None).faults == []
        old = _backed_up(federation, "old")
        _answered(federation, home, "first", WINDOW_LAST)
        new = _backed_up(federation, "new")
        paid = spent(home)

        there = Home(federation.folder / "newest")
        restore(there, new, PASSPHRASE)
        assert standing(there).may is True
        assert spent(there) == paid
        _answered(federation, there, "second", EARLIER)

        behind = Home(federation.folder / "behind")
        restore(behind, old, PASSPHRASE)
        stands = standing(behind)
        assert (stands.may, stands.reason) == (False, "LEDGER_BEHIND")
        assert "kudos-node ledger recover" in stands.says
        federation.open_round("third", "2025-10-31")
        assert {fault.reason for fault in turn(behind, lambda _text: None).faults} == {"LEDGER_BEHIND"}
        assert submitted(federation.coordinator, "third") == {}

        good(Node(behind.path)("ledger", "recover", "--json"))
        assert standing(behind).may is True
        assert spent(behind) == spent(there)
        after = turn(behind, lambda _text: None)
        assert "round second: the release was sent" in after.did  # the stored bytes again, which costs nothing
        assert [fault.reason for fault in after.faults] == ["BUDGET_EXHAUSTED"]  # it knows again what was spent
        assert spent(behind) == spent(there)
        with Ledger.open(there.ledger_file) as one, Ledger.open(behind.ledger_file) as other:
            hashes = one.contents().hashes
            assert other.contents().hashes[: len(hashes)] == hashes  # one ledger, never two


def test_without_its_coordinator_it_is_told_that_nobody_knows(federation: Federation, tmp_path: Path) -> None:
    file = _backed_up(federation, "some")
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    words = ("restore", file, "--passphrase-file", tmp_path / "passphrase")
    said = good(Node(tmp_path / "json")(*words, "--json")).json
    assert (said["may_spend"], said["reason"], said["member"]) == (None, "NO_CONNECTION", MEMBER)
    assert "the coordinator is asked again" in good(Node(tmp_path / "text")(*words)).out.replace("\n", " ")


def test_status_says_when_the_certificate_ends(federation: Federation) -> None:
    said = federation.node(MEMBER).good("status", "--json").json
    assert said["member"] == MEMBER
    assert said["network"]["trust_domain"] == "npu.example"
    assert said["network"]["renewal_late"] is False
    assert said["network"]["certificate_ends"][:10] in federation.node(MEMBER).good("status").out
