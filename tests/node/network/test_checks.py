"""What the doctor says of files of the network that are damaged on this machine."""

from node.home import Home
from node.membership.settings import Files, write
from node.network.checks import look
from tests.node.network.test_rounds import NETWORK, home

__all__ = ["home"]  # a fixture


def test_a_damaged_benchmark_has_a_remedy_that_names_its_file(home: Home) -> None:
    write(home, NETWORK)
    file = Files(home).benchmarks / "r.1.kudos"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"{}")
    found = next(each for each in look(home) if each.what == "kept files")
    assert found.status == "fault"
    assert found.do == f"remove {file}, and then: kudos-node run --once"
