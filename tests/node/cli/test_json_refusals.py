"""For programs a command line that cannot be read is one JSON object too, and nothing besides."""

from pathlib import Path

import pytest

from tests.node.cli.run import Node, initialised


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return initialised(tmp_path_factory.mktemp("json") / "home")


USAGE = [
    (["kpi", "--as-of", "31.12.2025", "--json"], "YYYY-MM-DD"),
    (["kpi", "--json", "--as-of", "31.12.2025"], "YYYY-MM-DD"),
    (["import", "--json"], "FILES"),
    (["import", "sales.csv", "--max-rejects", "many", "--json"], "share of the rows"),
    (["import", "sales.csv", "--source", "Not so short", "--json"], "--source"),
    (["release", "--json"], "STUDY"),
    (["release", "benchmark", "--as-of", "2999-12-31", "--json"], "not over yet"),
    (["review", "benchmark", "--as-of", "2025-12-30", "--json"], "not the last day"),
    (["outbox", "show", "--json", "seven"], "seven"),
    (["outbox", "show", "99", "--json"], "outbox list"),
    (["policy", "frobnicate", "--json"], "frobnicate"),
    (["budget", "--frobnicate", "--json"], "--frobnicate"),
    (["frobnicate", "--json"], "frobnicate"),
    (["--json", "kpi"], "--json"),
    (["init", "--name", "X", "--industry", "circus", "--county", "03", "--json"], "circus"),
]


@pytest.mark.parametrize(("words", "says"), USAGE)
def test_wrong_usage_is_an_object_with_reason_and_message(node: Node, words: list[str], says: str) -> None:
    ended = node(*words)
    assert ended.status == 2
    assert list(ended.json) == ["error"]
    assert set(ended.json["error"]) == {"reason", "message"}
    assert ended.json["error"]["reason"] == "USAGE"
    assert says in ended.json["error"]["message"]
    assert says in ended.err, "people read it too"


@pytest.mark.parametrize("words", [["kpi", "--as-of", "31.12.2025"], ["outbox", "show", "99"]])
def test_without_json_the_result_is_empty(node: Node, words: list[str]) -> None:
    ended = node(*words)
    assert ended.status == 2
    assert not ended.out


def test_other_failures_have_their_own_reason_and_status(node: Node, tmp_path: Path) -> None:
    no_node = Node(tmp_path / "none")("kpi", "--json")
    assert (no_node.status, no_node.json["error"]["reason"]) == (1, "NO_NODE")
    refused = node("release", "benchmark", "--as-of", "2025-12-31", "--json")
    assert (refused.status, refused.json["error"]["reason"]) == (3, "POLICY_REFUSED")
