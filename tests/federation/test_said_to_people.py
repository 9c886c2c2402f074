"""What the agent and `approve` say to the person at the terminal: what waits, what it costs, and who gets it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.federation.house import Federation
from tests.federation.liar import Stage, lying
from tests.node.cli.terminal import answered

WHO = "lade"


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    with lying(joined.copied(tmp_path / "federation")) as found:
        yield found


def denied(stage: Stage) -> None:
    """The policy, as it is delivered: it allows no study."""
    policy = stage.federation.home(WHO).policy_file
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text[: text.index("[[allow]]")], encoding="utf-8")


def test_a_turn_says_what_is_to_be_done_and_no_more_than_it_knows(stage: Stage) -> None:
    node = stage.federation.node(WHO)
    idle = node.good("run", "--once").out
    assert "Nothing to do now." in idle
    assert "identity" not in idle
    stage.federation.home(WHO).identity_key_file.unlink()
    assert "identity key is not here" in node("run", "--once").out


def test_a_round_that_the_policy_denies_is_announced_with_how_to_allow_it(stage: Stage) -> None:
    denied(stage)
    stage.open_round("round")
    node = stage.federation.node(WHO)
    for said in (node.good("run", "--once").out, node.good("rounds").out):
        assert re.search(r"kudos-node --home \S+ policy allow round\n", said)
    refused = node("approve", "round", "--yes")
    assert refused.status == 3
    assert "Round round is not answered" in refused.err
    assert re.search(r"policy allow round$", refused.err.strip())
    (waiting,) = node("run", "--once", "--json").json["waiting"]
    assert "policy allow round" in waiting
    node.good("policy", "allow", "round")
    assert "policy allow" not in node.good("run", "--once").out + node.good("rounds").out


def test_who_approves_is_asked_by_the_name_of_round_and_network(stage: Stage) -> None:
    stage.open_round("round")
    node = stage.federation.node(WHO)
    node.good("run", "--once")
    node.good("policy", "allow", "round")
    question = r"This costs ε \d+\.\d\d of your \d+\.\d\d, for good\. Send it to npu\.example's round round\?$"
    asked, ended = answered(node, "approve", "round", answer="n", meanwhile=lambda: None)
    assert re.search(question, asked.replace("\n", " ")), asked
    assert ended.status == 1
    assert node.good("outbox", "list", "--json").json == []
    _, ended = answered(node, "approve", "round", answer="y", meanwhile=lambda: None)
    assert ended.status == 0, ended.err
    (sent,) = node.good("outbox", "list", "--json").json
    assert sent["sent_to"] == ["round"]
