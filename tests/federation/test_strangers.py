"""Strangers who connect and hang up: nothing falls, whatever is renewed meanwhile."""

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.federation.house import Serving, made
from tests.federation.peers import hello, member

STRANGERS = 200
TIMES = 3


@pytest.mark.parametrize("enrolment", [False, True], ids=["federation", "enrolment"])
def test_who_connects_and_hangs_up_ends_nothing(tmp_path: Path, enrolment: bool) -> None:
    """The process ended where gRPC was given a configuration of TLS anew at every handshake."""
    coordinator = made(tmp_path / "coordinator")
    host, _, port = coordinator.addresses[enrolment].rpartition(":")
    with Serving(coordinator), coordinator.office() as office:
        peer = member(office, "alfa")
        for _ in range(TIMES):
            with ExitStack() as open_:
                for _ in range(STRANGERS):
                    open_.enter_context(socket.create_connection((host, int(port)), timeout=10))
            assert hello(coordinator, peer).id == "alfa"
