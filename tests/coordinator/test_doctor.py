"""What the coordinator's doctor finds in a real folder, store and server, and that each fault says what to do."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from coordinator.doctor import LEAST_DISK_GB, apart, examine
from coordinator.errors import NoHome
from coordinator.home import Home
from coordinator.office import Office, opened
from coordinator.probe import probe
from coordinator.service.server import Server
from coordinator.store.events import note
from privacy.finding import Finding
from tests.coordinator.cli.run import Coordinator
from tests.coordinator.house import a_round, joined, make_home

NOW = datetime.now(UTC)


def found(office: Office) -> dict[str, Finding]:
    """The findings by what was looked at; whatever is not good says what to do, or is an error's own sentence."""
    every = {each.what: each for each in examine(office.home) if each.what != "disk"}  # of which the machine decides
    assert all(each.do or len(each.says) > 40 for each in every.values() if not each.good)
    return every


def faults(office: Office) -> list[str]:
    return [what for what, each in found(office).items() if each.status == "fault"]


def test_a_new_coordinator_lacks_nothing_but_a_server(office: Office) -> None:
    every = found(office)
    assert [what for what, each in every.items() if not each.good] == ["federation", "enrolment"]
    assert every["federation"].status == "warning"
    kind = office.store.engine.dialect.name
    assert every["store"].says.lower().startswith(kind)
    assert ("clocks" in every) is (kind == "postgresql")


def test_a_store_that_knows_of_the_future_has_a_wrong_clock(office: Office) -> None:
    with office.store.transaction() as connection:
        note(connection, NOW + timedelta(hours=1), "member.suspended", "fjordteatret")
    assert faults(office) == ["clock"]


def test_a_certificate_that_was_not_renewed(office: Office) -> None:
    joined(office, "fjordteatret", NOW - timedelta(days=85))
    office.server_identity(NOW - timedelta(days=75))
    every = found(office)
    assert (every["members"].status, every["server"].status) == ("warning", "fault")
    assert "fjordteatret" not in " ".join(each.says + each.do for each in every.values())


def test_a_round_that_nobody_closes(office: Office) -> None:
    joined(office, "fjordteatret")
    a_round(office, "one")  # whose deadline was in January 2026
    assert "rounds" in faults(office)


def test_what_others_can_read_and_what_is_missing(office: Office) -> None:
    office.home.signing_key_file.chmod(0o644)
    assert faults(office) == ["files"]
    office.home.signing_key_file.unlink()
    every = found(office)
    assert {"store", "standing"} <= {what for what, each in every.items() if each.status == "fault"}
    assert {"settings", "federation"} <= set(every)


def test_a_damaged_file_of_the_store(tmp_path: Path) -> None:
    with opened(make_home(tmp_path)) as office:
        joined(office, "fjordteatret", NOW)
        content = bytearray(office.home.store_file.read_bytes())
        content[-4096 * 4 :] = b"\xaa" * 4096 * 4
        office.home.store_file.write_bytes(content)
        assert "store" in faults(office)


@pytest.mark.parametrize(("minutes", "status"), [(0, "good"), (1.9, "good"), (-3, "fault"), (300, "fault")])
def test_clocks_that_disagree(minutes: float, status: str) -> None:
    assert apart(timedelta(minutes=minutes)).status == status


@pytest.mark.parametrize(("free", "status"), [(LEAST_DISK_GB - 0.1, "warning"), (LEAST_DISK_GB, "good")])
def test_little_room_is_told(office: Office, monkeypatch: pytest.MonkeyPatch, free: float, status: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free * 1e9))
    [disk] = [each for each in examine(office.home) if each.what == "disk"]
    assert disk.status == status
    assert bool(disk.do) is (status == "warning")


def test_without_a_coordinator_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(NoHome):
        list(examine(Home(tmp_path)))


def test_the_program_ends_with_its_status(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    coordinator = Coordinator(home.path)
    assert coordinator("doctor").status == 0
    home.settings_file.chmod(0o604)
    ended = coordinator("doctor")
    assert ended.status == 1
    assert "chmod -R go-rwx" in ended.out
    assert {each["what"] for each in coordinator("doctor", "--json").json} >= {"settings", "store", "disk"}


@contextmanager
def serving(folder: Path, host: str = "127.0.0.1") -> Iterator[tuple[Office, Server]]:
    with opened(make_home(folder, (f"{host}:0", f"{host}:0"))) as office:
        server = Server(office)
        server.start()
        yield office, server
        server.stop()


def test_a_port_that_answers_as_members_need_it(tmp_path: Path) -> None:
    with serving(tmp_path) as (office, server):
        for port in (server.ports.federation, server.ports.enrolment):
            said = probe("federation", f"localhost:{port}", office.home.authority_file)
            assert said.good, said
            assert "TLSv1.3" in said.says


def test_another_networks_server_and_a_name_that_is_not_in_the_certificate(tmp_path: Path) -> None:
    stranger = make_home(tmp_path / "other").authority_file
    with serving(tmp_path, "127.0.0.2") as (office, server):
        address = f"127.0.0.2:{server.ports.federation}"
        assert probe("federation", address, stranger).status == "fault"
        said = probe("federation", address, office.home.authority_file)
    assert said.status == "fault"
    assert "hosts" in said.do


def test_a_name_that_nobody_has_and_a_port_that_is_closed(tmp_path: Path) -> None:
    authority = make_home(tmp_path).authority_file
    assert probe("federation", "nobody.invalid:8443", authority).status == "fault"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        assert probe("federation", f"127.0.0.1:{taken.getsockname()[1]}", authority).status == "warning"


def test_a_connection_that_is_cut_off(tmp_path: Path) -> None:
    authority = make_home(tmp_path).authority_file
    with socket.create_server(("127.0.0.1", 0)) as listening:
        cutting = threading.Thread(target=lambda: listening.accept()[0].close())
        cutting.start()
        said = probe("federation", f"127.0.0.1:{listening.getsockname()[1]}", authority)
        cutting.join()
    assert said.status == "fault"
    assert "TLS 1.3" in said.do
