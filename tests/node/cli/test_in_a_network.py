"""What a node in a network advises: releases go to rounds, and a round that the policy denies says how to allow it."""

import shutil
from pathlib import Path

import pytest

from node.cli.allowing import for_round, with_leave
from node.home import Home
from node.membership import settings
from node.network import rounds
from privacy.budget import policy_file
from privacy.budget.policy import PolicyRefused, check_allowed
from privacy.studies.study import find
from tests.node.cli.run import Node, initialised, on_terminal, sales_file
from tests.node.network.test_rounds import NETWORK, announcement, taken

NAME = "benchmark-2025-12"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with sales and a round that waits; nobody answers where its coordinator should be."""
    folder = tmp_path_factory.mktemp("network")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    home = Home(node.home)
    settings.write(home, NETWORK.model_copy(update={"address": "127.0.0.1:9"}))
    taken(home, announcement(home))
    return node.home


@pytest.fixture
def node(whole: Path, tmp_path: Path) -> Node:
    shutil.copytree(whole, tmp_path / "home")
    return Node(tmp_path / "home")


def test_a_review_and_a_policy_point_at_rounds(node: Node) -> None:
    for words in (("review", "benchmark", "--as-of", "2025-12-31"), ("policy", "allow", "benchmark")):
        said = node.good(*words).out
        assert "A round will ask for it: kudos-node --home" in said
        assert "--to-file" not in said
    assert f"approve {NAME}" in node.good("review", NAME).out


def test_who_works_alone_is_still_told_of_a_release(tmp_path: Path) -> None:
    assert "--to-file" in initialised(tmp_path / "home").good("policy", "allow", "benchmark").out


def test_an_unknown_round_is_answered_with_how_to_ask_for_it(node: Node) -> None:
    ended = node("approve", "benchmark-2031-12", "--yes")
    assert ended.status == 1
    first, _, rest = ended.err.partition(". ")
    assert "'benchmark-2031-12'" in first
    assert "run --once" in rest.partition(". ")[0]


def test_a_round_that_the_policy_denies_says_how_to_allow_it(node: Node) -> None:
    home = Home(node.home)
    waits = f"round {NAME} waits for you, until then\n      look at it: x\n      then:       y"
    lines = with_leave(home, NETWORK, ["the clock is wrong", waits])[1].splitlines()
    assert lines[2:] == [f"      allow it:   kudos-node policy allow {NAME}", "      then:       y"]
    policy = policy_file.read(home.policy_file)
    with pytest.raises(PolicyRefused) as refused:
        check_allowed(policy, find("benchmark"))
    said = for_round(refused.value, find("benchmark"), NAME)
    assert f"policy allow {NAME}" in str(said)
    assert f"review {NAME}" in str(said)
    assert said.line == refused.value.line
    node.good("policy", "allow", NAME)
    assert with_leave(home, NETWORK, [waits]) == [waits]


def test_the_outbox_says_where_a_release_has_gone(node: Node) -> None:
    (node.home / "network.toml").rename(node.home / "aside")
    node.good("policy", "allow", "benchmark")
    node.good("release", "benchmark", "--as-of", "2025-12-31")
    (booked,) = node.good("outbox", "list", "--json").json
    assert booked["sent_to"] == []
    assert "sent to" not in node.good("outbox", "list").out
    (node.home / "aside").rename(node.home / "network.toml")
    assert "–" in node.good("outbox", "list").out
    rounds.mark_sent(Home(node.home), NAME, booked["release_digest"].removeprefix("sha256:"))
    (sent,) = node.good("outbox", "list", "--json").json
    assert sent == booked | {"sent_to": [NAME]}
    assert node.good("outbox", "show", "2", "--json").json["sent_to"] == [NAME]
    narrow = on_terminal(node, "outbox", "list", columns=80)
    assert all(whole in narrow.out for whole in (NAME, "2025-12-31", booked["rho"]))


def test_rounds_break_no_name_and_no_day_in_a_narrow_window(node: Node) -> None:
    for columns in (80, 120):
        shown = on_terminal(node, "rounds", columns=columns).out
        assert all(whole in shown for whole in (NAME, "2025-01-01 –", "2025-12-31", "2026-01-30", "missed"))
        assert all(len(line) <= columns for line in shown.splitlines() if "kudos-node" not in line)
