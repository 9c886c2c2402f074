"""The budget in words that a board understands: how many releases fit, when more do, and what ε is."""

import re
from pathlib import Path

from tests.node.cli.run import initialised


def test_before_and_after_releases(tmp_path: Path) -> None:
    """e^3 is 20.09 and e^1.12 is 3.06; both are rounded up."""
    node = initialised(tmp_path / "home")
    said = " ".join(node.good("budget").out.split())
    assert "benchmark: 2 more releases fit today" in said
    assert "What ε 3.00 means" in said
    assert "at most 21 times better" in said
    assert "about 1 in 1 000 000" in said
    node.good("policy", "allow", "benchmark")
    node.good("release", "benchmark", "--as-of", "2025-12-31")
    said = " ".join(node.good("budget").out.split())
    assert re.search(r"benchmark: 1 more release fits today; room for another comes free after \d+ \w+ 20\d\d", said)
    assert "at most 3.1 times better" in said
    node.good("release", "benchmark", "--as-of", "2025-11-30")
    assert "benchmark: no more release fits today; room for one comes free after " in " ".join(
        node.good("budget").out.split()
    )
    (found,) = node.good("budget", "--json").json["room"]
    assert (found["study"], found["fits"]) == ("benchmark", 0)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["more_at"])
    assert node("release", "benchmark", "--as-of", "2025-10-31").status == 3


def test_a_study_that_the_policy_can_never_pay_for(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    file = node.home / "policy.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"0.08"', '"0.01"'), encoding="utf-8")
    assert "waiting does not help" in " ".join(node.good("budget").out.split())
