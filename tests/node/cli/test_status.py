"""kudos-node status."""

from pathlib import Path

from tests.node.cli.run import initialised


def test_a_node_that_works_alone_says_so(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    said = node.good("status", "--json").json
    assert (said["name"], said["entries"], said["cosigned"], said["network"], said["store"]) == (
        "Fjordteatret", 1, None, None, False
    )  # fmt: skip
    assert "works alone" in node.good("status").out
