"""The units that are handed out leave a service little to do harm with: systemd's own measure of it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from coordinator.cli.names import COMMANDS as COORDINATOR
from node.cli.names import COMMANDS as NODE

FOLDER = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
HIGHEST = 20
"""Ten times the exposure that systemd-analyze calls OK; 9.6 is a service of which nothing is said."""

needs_systemd = pytest.mark.needs(
    "SYSTEMD", shutil.which("systemd-analyze"), "NO UNIT WAS MEASURED: systemd-analyze is missing"
)


def measured(file: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={HIGHEST}", "--no-pager", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )


@needs_systemd
@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_a_service_is_exposed_below_two(file: Path) -> None:
    done = measured(file)
    assert "Overall exposure level" in done.stdout + done.stderr, done.stderr
    assert done.returncode == 0, done.stdout


@needs_systemd
def test_the_measure_can_fail(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    text = (FOLDER / "kudos-node.service").read_text()
    bare.write_text(
        text.replace("ProtectSystem=strict", "").replace("PrivateUsers=yes", "").replace("CapabilityBoundingSet=", "")
    )
    assert measured(bare).returncode == 1


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_it_runs_a_command_that_there_is_as_nobody_else(file: Path) -> None:
    text = file.read_text()
    (program, command), *_ = re.findall(r"/opt/kudos/\.venv/bin/(kudos-\w+) (\w+)", text)
    assert command in (COORDINATOR if program == "kudos-coordinator" else NODE)
    assert f"\nUser={program}\n" in text
    assert "DynamicUser=yes" in text
    assert f"/var/lib/{program}\n" in text


def test_every_timer_has_its_service() -> None:
    assert {file.stem for file in FOLDER.glob("*.timer")} <= {file.stem for file in SERVICES}
