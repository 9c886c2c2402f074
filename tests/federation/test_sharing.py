"""What institutions tell each other, over real processes: texts and levels, and a coordinator that lies about them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coordinator.sharing.assessments import publish_due
from node.membership.settings import Files, membership
from node.network import assessments, insights
from privacy.sharing.assessment import DRIVERS
from privacy.sharing.distribution import CohortLevels, Distribution
from privacy.sharing.distribution import make as make_distribution
from privacy.sharing.insight import Insight, digest_of, make, open_insight
from privacy.signing.keyfile import load_signing_key
from protos.kudos.v1.sharing_pb2 import GetAssessmentsResponse, ListInsightsResponse
from tests.federation.history import SECOND
from tests.federation.house import MEMBERS, Federation, Serving, good, now
from tests.federation.liar import Lie, Stage, lying
from tests.node.cli.run import Node

ONE, TWO = MEMBERS[0], MEMBERS[1]
TEXT = "Vi flyttet familieforestillingene til søndag formiddag.\nFlere kom igjen."


@pytest.fixture
def federation(past: Federation, tmp_path: Path) -> Federation:
    return past.copied(tmp_path / "past")


def publish(federation: Federation) -> None:
    """What the coordinator's loop does every few seconds."""
    with federation.coordinator.office() as office:
        publish_due(office, now())


def listed(node: Node) -> list[dict[str, Any]]:
    """The texts that a node has, after a turn of its agent."""
    good(node("run", "--once"))
    found: list[dict[str, Any]] = node.good("insight", "list", "--json").json
    return found


def test_a_text_goes_to_the_cohort_is_hidden_restored_and_withdrawn(federation: Federation) -> None:
    one, two = federation.node(ONE), federation.node(TWO)
    with Serving(federation.coordinator):
        shared = good(one("insight", "share", TEXT, "--round", SECOND, "--json")).json
        assert shared["sent"]
        (seen,) = listed(two)
        assert (seen["text"], seen["own"], seen["state"], seen["round"]) == (TEXT, False, "shared", SECOND)
        assert seen["member"] == ONE
        assert seen["written"].startswith("20")
        (told,) = federation.coordinator.good("insight", "list")
        assert (told["text"], told["readers"], told["state"]) == (TEXT, len(MEMBERS), "shared")
        federation.coordinator.good("insight", "hide", shared["digest"][:12], "--reason", "Names a person")
        assert listed(two) == []
        (mine,) = listed(one)
        assert (mine["state"], mine["reason"]) == ("hidden", "Names a person")
        federation.coordinator.good("insight", "restore", shared["digest"])
        assert len(listed(two)) == 1
        good(one("insight", "withdraw", shared["digest"][:12]))
        assert listed(two) == []
        assert [each["state"] for each in listed(one)] == ["withdrawn"]
        assert federation.coordinator.good("insight", "list")[0]["text"] is None


def test_a_text_waits_for_the_coordinator_and_can_be_taken_back_before(federation: Federation) -> None:
    one = federation.node(ONE)
    said = [one("insight", "share", f"Tekst {number}", "--json") for number in range(2)]
    assert [ended.json["sent"] for ended in said] == [False, False]
    assert [each["state"] for each in one.good("insight", "list", "--json").json] == ["waiting", "waiting"]
    assert one("insight", "withdraw", said[0].json["digest"][:12]).status == 0
    with Serving(federation.coordinator):
        assert [each["text"] for each in listed(one)] == ["Tekst 1"]


@pytest.mark.parametrize("text", ["\u202egnihtemos", "x\x1b[2J", "x" * 1001, "\u200b"])
def test_a_hostile_text_never_leaves(federation: Federation, text: str) -> None:
    ended = federation.node(ONE)("insight", "share", text)
    assert ended.status == 2
    assert text not in ended.err
    assert not list(Files(federation.home(ONE)).insights.glob("*"))


def test_levels_are_shared_where_the_policy_says_so_and_told_of_five(federation: Federation) -> None:
    levels = ("--leadership", "native", "--planning", "2", "--systems", "starter", "--analysis", "5")
    with Serving(federation.coordinator):
        for member in MEMBERS:
            node = federation.node(member)
            good(node("selfassess", "set", *levels, "--note", "hemmelig"))
            if member != ONE:
                good(node("selfassess", "share", "on"))
            good(node("run", "--once"))
        rows = federation.coordinator.rows()
        assert len(rows["assessments"]) == len(MEMBERS) - 1
        assert "hemmelig" not in repr(rows)
        publish(federation)
        one = federation.node(ONE)
        good(one("run", "--once"))
        said = one.good("selfassess", "show", "--json").json
        assert not said["shared"]
        (network, *_) = said["cohorts"]
        assert (network["cohort"], network["members"]) == ("network", 5)
        assert network["levels"]["leadership"] == [0, 0, 5, 0, 0]
        good(federation.node(TWO)("selfassess", "share", "off"))
        good(federation.node(TWO)("run", "--once"))
        assert len(federation.coordinator.rows()["assessments"]) == len(MEMBERS) - 2


@pytest.fixture
def stage(federation: Federation) -> Iterator[Stage]:
    """The federation with a coordinator that can lie, and one text of the first member about the second round."""
    with lying(federation) as found:
        good(federation.node(ONE)("insight", "share", TEXT, "--round", SECOND))
        yield found


def forged(stage: Stage, **changes: object) -> bytes:
    """The text with a change, signed by a key that the coordinator has made."""
    (file,) = Files(stage.federation.home(ONE)).insights.glob("*.json")
    envelope = bytes.fromhex(json.loads(file.read_text())["envelope"])
    said = open_insight(envelope, load_signing_key(stage.federation.home(ONE).signing_key_file).public_key())
    return make(Insight(**{**vars(said), **changes}), Ed25519PrivateKey.generate())


def told(stage: Stage, envelope: bytes, state: str = "shared") -> list[str]:
    """What the second member's node has after a turn in which the coordinator tells this of texts."""
    answer = ListInsightsResponse(envelope=envelope, digest=digest_of(envelope), received_s=1, state=state)
    stage.lies["ListInsights"] = lambda _honest: [answer]
    turn = stage.turn(TWO)
    home = stage.federation.home(TWO)
    assert envelope == b"" or any("left out" in each for each in turn.did)
    return [each.insight.text if each.insight else "" for each in insights.listed(home, membership(home))]


def test_words_are_put_into_nobodys_mouth(stage: Stage) -> None:
    stage.turn(TWO)
    home = stage.federation.home(TWO)
    (honest,) = insights.listed(home, membership(home))
    assert honest.insight is not None
    assert honest.insight.text == TEXT
    for envelope in (
        forged(stage),
        forged(stage, text="Noe annet"),
        forged(stage, member=TWO),
        forged(stage, member="nobody"),
        forged(stage, benchmark="0" * 64),
        b"\0" * 100,
    ):
        assert told(stage, envelope) == []


def test_a_text_for_others_or_that_is_hidden_is_not_shown(stage: Stage) -> None:
    (file,) = Files(stage.federation.home(ONE)).insights.glob("*.json")
    envelope = bytes.fromhex(json.loads(file.read_text())["envelope"])
    assert told(stage, envelope, state="hidden") == []
    assert told(stage, envelope, state="nonsense") == []


def test_what_lies_here_is_verified_again_when_it_is_read(stage: Stage) -> None:
    stage.turn(TWO)
    home = stage.federation.home(TWO)
    (file,) = Files(home).insights.glob("*.json")
    said = json.loads(file.read_text())
    for changes in ({"envelope": "00"}, {"name": ""}, {"state": "<b>"}, {"key": "0" * 64}, {"extra": 1}):
        file.write_text(json.dumps(said | changes))
        assert insights.listed(home, membership(home)) == ()
    stage.turn(TWO)
    assert len(insights.listed(home, membership(home))) == 1


def test_what_is_published_of_levels_never_goes_back(stage: Stage) -> None:
    for member in MEMBERS[:5]:
        good(stage.federation.node(member)("selfassess", "set", *["--leadership", "1", "--planning", "1"], *LAST))
        good(stage.federation.node(member)("selfassess", "share", "on"))
        stage.turn(member)
    publish(stage.federation)
    home = stage.federation.home(TWO)
    assert not stage.turn(TWO).faults
    found = assessments.distribution(home, membership(home))
    assert found is not None
    for lie in (b"\0", forged(stage)):
        stage.lies["GetAssessments"] = _with(lie)
        assert stage.turn(TWO).faults
        assert assessments.distribution(home, membership(home)) == found


def test_a_coordinator_that_went_back_in_its_assessments_still_carries_texts(stage: Stage) -> None:
    """One that was restored from an older backup: the fault is told, and a text is taken back all the same."""
    home = stage.federation.home(ONE)
    with stage.federation.coordinator.office() as office:
        line = (CohortLevels("network", 5, dict.fromkeys(DRIVERS, (5, 0, 0, 0, 0))),)
        older, newer = (
            make_distribution(Distribution(office.trust_domain, version, now(), line), office.signing_key)
            for version in (2, 3)
        )
    stage.lies["GetAssessments"] = _with(newer)
    assert not stage.turn(ONE).faults
    stage.lies["GetAssessments"] = _with(older)
    (text,) = insights.listed(home, membership(home))
    good(stage.federation.node(ONE)("insight", "withdraw", text.digest))
    (fault,) = stage.turn(ONE).faults
    assert fault.reason == "COORDINATOR_CONTRADICTS"
    assert [each.state for each in insights.listed(home, membership(home))] == ["withdrawn"]


def test_one_who_shares_too_often_is_told_and_waits(stage: Stage) -> None:
    node = stage.federation.node(TWO)
    good(node("selfassess", "share", "on"))
    told = []
    for level in ("1", "2", "3", "4"):
        good(node("selfassess", "set", "--leadership", level, "--planning", "1", *LAST))
        turn = stage.turn(TWO)
        assert not turn.faults
        told += [each for each in turn.did if "self-assessment" in each]
    assert ["shared" in each for each in told] == [True, True, True, True]
    assert ["waits" in each for each in told] == [False, False, False, True]


def _with(envelope: bytes) -> Lie:
    return lambda honest: GetAssessmentsResponse(envelope=envelope, own_digest=honest.own_digest)


LAST = ["--systems", "1", "--analysis", "1"]
