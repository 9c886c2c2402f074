"""Runs kudos-coordinator's commands: in this process, or as an operator does, as a program in one of its own."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coordinator.cli import main, output

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Coordinator:
    """A coordinator's folder, and commands on it."""

    home: Path

    def __call__(self, *words: str | Path) -> Ended:
        """Runs a command here: a tenth of the time of a process."""
        output.state = output.State()
        before, sys.argv = sys.argv, ["kudos-coordinator", "--home", str(self.home), *map(str, words)]
        out, err = io.StringIO(), io.StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(err):
                status = main.run()
        finally:
            sys.argv = before
        assert "defect" not in err.getvalue(), err.getvalue()
        return Ended(status, out.getvalue(), err.getvalue())

    def as_program(self, *words: str | Path, home_in_environment: bool = False) -> Ended:
        """Runs a command in a process of its own."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}
        home = [] if home_in_environment else ["--home", str(self.home)]
        if home_in_environment:
            environment["KUDOS_COORDINATOR_HOME"] = str(self.home)
        program = "import sys; from coordinator.cli.main import main; sys.argv[0] = 'kudos-coordinator'; main()"
        result = subprocess.run(
            [sys.executable, "-c", program, *home, *map(str, words)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in result.stderr, result.stderr
        return Ended(result.returncode, result.stdout, result.stderr)

    def good(self, *words: str | Path) -> Ended:
        """A command that must succeed and complain of nothing."""
        ended = self(*words)
        assert ended.status == 0, ended.err
        assert not ended.err, ended.err
        return ended


def initialised(home: Path) -> Coordinator:
    """A new coordinator."""
    coordinator = Coordinator(home)
    coordinator.good(
        "init", "--trust-domain", "npu.example", "--name", "NPU", "--federation", "localhost:8443",
        "--enrolment", "localhost:8444",
    )  # fmt: skip
    return coordinator
