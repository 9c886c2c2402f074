"""What happens while the question is open counts: the policy is read again once it is answered."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.node.cli.run import Node, initialised, sales_file
from tests.node.cli.terminal import answered

RELEASE = ("release", "benchmark", "--as-of", "2025-12-31")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    node.good("policy", "allow", "benchmark")
    return node.home


@pytest.fixture
def node(whole: Path, tmp_path: Path) -> Node:
    shutil.copytree(whole, tmp_path / "home")
    return Node(tmp_path / "home")


def spent(node: Node) -> list[str]:
    return [entry["rho"] for entry in node.good("outbox", "list", "--json").json]


def edited(node: Node, old: str, new: str) -> None:
    """The policy with all that matches `old` replaced."""
    policy = node.home / "policy.toml"
    before = policy.read_text(encoding="utf-8")
    after = re.sub(old, new, before, flags=re.DOTALL | re.MULTILINE)
    assert after != before
    policy.write_text(after, encoding="utf-8")


def withdraws_the_study(node: Node) -> None:
    edited(node, r"^\[\[allow\]\].*", "")


def withdraws_a_table(node: Node) -> None:
    edited(node, r'"month", ', "")


def lowers_the_cap(node: Node) -> None:
    edited(node, r'^rho = "0\.08"', 'rho = "0.01"')


def lowers_what_one_release_may_cost(node: Node) -> None:
    edited(node, r'^rho = "0\.065"', 'rho = "0.01"')


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (withdraws_the_study, "policy allow benchmark"),
        (withdraws_a_table, "month"),
        (lowers_the_cap, "cap.rho"),
        (lowers_what_one_release_may_cost, "largest_release.rho"),
    ],
)
def test_a_policy_that_changes_while_the_question_is_open_refuses(
    node: Node, change: Callable[[Node], None], says: str
) -> None:
    asked, ended = answered(node, *RELEASE, answer="y", meanwhile=lambda: change(node))
    assert "ρ 0.029982" in asked
    assert asked.endswith("2025-01-01/2025-12-31?")
    assert ended.status == 3
    assert says in ended.err
    assert spent(node) == []


def test_a_policy_that_is_gone_by_then_refuses(node: Node) -> None:
    _, ended = answered(node, *RELEASE, answer="y", meanwhile=(node.home / "policy.toml").unlink)
    assert ended.status == 1
    assert "everything is refused" in ended.err
    assert spent(node) == []


def test_yes_releases_and_spends(node: Node) -> None:
    asked, ended = answered(node, *RELEASE, answer="y", meanwhile=lambda: None)
    assert asked.endswith("?")
    assert ended.status == 0
    assert spent(node) == ["0.029982"]


@pytest.mark.parametrize("answer", ["n", "", "\x04"])
def test_anything_but_yes_spends_nothing(node: Node, answer: str) -> None:
    _, ended = answered(node, *RELEASE, answer=answer, meanwhile=lambda: None)
    assert ended.status == 1
    assert spent(node) == []


def test_what_is_refused_anyway_is_not_asked_about(node: Node) -> None:
    withdraws_the_study(node)
    asked, ended = answered(node, *RELEASE, answer="y", meanwhile=lambda: None)
    assert not asked
    assert ended.status == 3


def test_what_is_paid_for_is_not_asked_about(node: Node) -> None:
    asked, ended = answered(node, *RELEASE, "--yes", answer="n", meanwhile=lambda: None)
    assert ended.status == 0
    assert "[y/N]" not in asked
    asked, ended = answered(node, *RELEASE, answer="n", meanwhile=lambda: None)
    assert ended.status == 0
    assert "[y/N]" not in asked
    assert spent(node) == ["0.029982"]
