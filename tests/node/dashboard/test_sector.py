"""What a member's figures are held against before it chooses."""

from pathlib import Path

from node.dashboard.sector import of_node
from tests.node.dashboard.member import made


def test_a_size_class_is_chosen_and_never_the_usual_cohort(tmp_path: Path) -> None:
    tables = of_node(made(tmp_path)).tables
    assert tables
    for published in tables:
        lines = {line.cohort: line for line in published.cohorts if line.status == "published"}
        usual = published.usual_cohort()
        assert "size:small" in set(published.mine) & set(lines)
        assert lines["size:small"].members <= lines[usual].members
        assert usual in published.mine
        assert usual not in ("network", "size:small")
