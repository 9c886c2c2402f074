"""What the doctor finds on the way to the coordinator, and what it says to do."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from coordinator.authority import ca
from coordinator.members.members import suspend
from node.doctor import Finding, examine
from node.home import Home
from node.membership.settings import Files
from tests.federation.ageing import aged
from tests.federation.house import Federation, free_ports, now
from tests.federation.liar import Stage, lying
from tests.node.cli.run import initialised

WHO = "havn"


@pytest.fixture
def stage(joined: Federation, tmp_path: Path) -> Iterator[Stage]:
    with lying(joined.copied(tmp_path / "federation")) as found:
        yield found


def _found(home: Home) -> dict[str, Finding]:
    """The findings about the network, by what was looked at."""
    every = list(examine(home))
    begin = next(index for index, each in enumerate(every) if each.what == "network")
    return {each.what: each for each in every[begin:]}


def _faults(found: dict[str, Finding]) -> list[str]:
    return [each.what for each in found.values() if each.status == "fault"]


def _dial(home: Home, address: str) -> None:
    file = Files(home).membership
    before = file.read_text()
    old = next(line for line in before.splitlines() if line.startswith("address"))
    file.write_text(before.replace(old, f'address = "{address}"'))


def test_all_is_well(stage: Stage) -> None:
    found = _found(stage.federation.home(WHO))
    assert {what: each.status for what, each in found.items()} == dict.fromkeys(
        ("network", "certificate", "name", "port", "TLS", "coordinator", "witness"), "good"
    )
    assert "TLSv1.3" in found["TLS"].says


def test_the_program_says_so_too_with_its_exit_status(stage: Stage) -> None:
    node = stage.federation.node(WHO)
    assert node("doctor", "--json").status == 0
    _dial(stage.federation.home(WHO), f"127.0.0.1:{free_ports(1)[0]}")
    ended = node("doctor", "--json")
    assert ended.status == 1
    assert [each["what"] for each in ended.json if each["status"] == "fault"] == ["port"]


def test_the_coordinator_is_down(joined: Federation, tmp_path: Path) -> None:
    found = _found(joined.copied(tmp_path / "federation").home(WHO))
    assert _faults(found) == ["port"]
    assert "does not answer" in found["port"].says
    assert "TCP" in found["port"].do


def test_a_name_that_nobody_has(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    _dial(home, "kudos.invalid:8443")
    found = _found(home)
    assert _faults(found) == ["name"]
    assert "DNS" in found["name"].do


def test_the_port_of_something_else(stage: Stage) -> None:
    """Something answers there, and speaks no TLS."""
    home = stage.federation.home(WHO)
    with socket.create_server(("127.0.0.1", 0)) as other:
        _dial(home, f"127.0.0.1:{other.getsockname()[1]}")

        def rude() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"220 mail.example ready\r\n")

        answering = threading.Thread(target=rude)
        answering.start()
        found = _found(home)
        answering.join()
    assert _faults(found) == ["TLS"]
    assert "proxy" in found["TLS"].do


def test_the_certificate_of_another_authority_is_shown(stage: Stage) -> None:
    """As a proxy that opens connections shows it: the doctor names who issued it."""
    home = stage.federation.home(WHO)
    Files(home).authority.write_bytes(ca.make("npu.example", now()).pem)
    found = _found(home)
    assert _faults(found) == ["TLS"]
    assert "issued by npu.example Kudos authority" in found["TLS"].says


def test_a_certificate_that_has_ended_or_should_have_been_renewed(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    aged(stage.office, home, 70)
    assert _found(home)["certificate"].status == "warning"
    aged(stage.office, home, 91)
    found = _found(home)
    assert _faults(found) == ["certificate"]
    assert "new invitation" in found["certificate"].do


def test_a_coordinator_that_does_not_know_this_node(stage: Stage) -> None:
    home = stage.federation.home(WHO)
    suspend(stage.office.store, WHO, now())
    found = _found(home)
    assert _faults(found) == ["coordinator"]
    assert "MEMBER_SUSPENDED" in found["coordinator"].says


def test_clocks_that_differ(stage: Stage) -> None:
    def lie(answer: Any) -> Any:
        answer.time_s -= int(timedelta(minutes=10).total_seconds())
        return answer

    stage.lies["Hello"] = lie
    found = _found(stage.federation.home(WHO))
    assert found["coordinator"].status == "warning"
    assert "10 minutes apart" in found["coordinator"].says


def test_a_node_that_works_alone(tmp_path: Path) -> None:
    node = initialised(tmp_path / "alone")
    assert _found(Home(node.home))["network"].says == "works alone, in no network"
