"""The programs of Kudos as the demo runs them: to their end, or beside it until it stops them."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.forks import forked

_LOOK_S = 0.1
_STOP_S = 15.0


class Failed(Exception):
    """A command of the demo did not do what it should."""


def installed(name: str) -> Path:
    """The program of a name beside the Python that runs the demo. Raises Failed where it is not installed."""
    found = Path(sys.executable).with_name(name)
    if not found.is_file():
        raise Failed(f"{found} is missing: kudos is not installed beside this Python. Run: make demo")
    return found


def as_typed(found: Path) -> str:
    """How somebody in this folder would type the program's name."""
    known = shutil.which(found.name)
    if known is not None and Path(known).samefile(found):
        return found.name
    near = os.path.relpath(found)
    return str(found) if near.startswith("..") else near


@dataclass(frozen=True)
class Program:
    """A program (`kudos-node`, `kudos-coordinator`, `kudos-audit`) and the folder that it works in."""

    name: str
    home: Path

    def typed(self, words: str) -> str:
        """A command line, as it can be typed here."""
        return f"{as_typed(installed(self.name))} --home {shlex.quote(str(self.home))} {words}"

    def runs(self, *arguments: str | Path) -> str:
        """Runs a command and returns what it says. Raises Failed where it does not end well, with what it said."""
        status, said, complained = forked(self.name, self.line(arguments))
        if status != 0:
            words = shlex.join(str(word) for word in arguments[:2])
            raise Failed(f"{self.typed(words)} … ended with exit status {status}: {complained.strip() or said.strip()}")
        return said

    def reads(self, *arguments: str | Path) -> Any:
        """What a command says to programs. Raises Failed where it does not end well."""
        return json.loads(self.runs(*arguments, "--json"))

    def line(self, arguments: Sequence[str | Path]) -> list[str]:
        """The command line for the operating system."""
        return [str(installed(self.name)), "--home", str(self.home), *map(str, arguments)]


@dataclass(frozen=True)
class Beside:
    """A program that works beside the demo, and the file that everything it says goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    def await_words(self, text: str, limit_s: float) -> None:
        """Waits until it has said a text. Raises Failed where it has ended instead, or is too slow."""
        if not self.wait_for(text, limit_s):
            raise Failed(f"{self.log} has no {text!r} after {limit_s:.0f} s; the demo stops here.")

    def wait_for(self, text: str, limit_s: float) -> bool:
        """Waits for a text, so many seconds at most; tells whether it was said. Raises Failed where it has ended."""
        end = time.monotonic() + limit_s
        while not self.has_said(text):
            self.check()
            if time.monotonic() > end:
                return False
            time.sleep(_LOOK_S)
        return True

    def has_said(self, text: str) -> bool:
        """Whether it has said a text."""
        return text in self.log.read_text(encoding="utf-8")

    def check(self) -> None:
        """Raises Failed where it works no more."""
        if self.process.poll() is not None:
            last = self.log.read_text(encoding="utf-8").strip().splitlines()[-3:]
            raise Failed(f"A program ended before its time ({self.log}): {' / '.join(last)}")

    def ask_to_stop(self) -> None:
        """Sends it the signal to stop, as a service manager does."""
        if self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Stops it and waits; what does not stop in time is killed."""
        self.ask_to_stop()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def beside(program: Program, log: Path, *arguments: str) -> Iterator[Beside]:
    """Starts a program that works until the block ends, however it ends."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        process = subprocess.Popen(
            program.line(arguments), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    running = Beside(process, log)
    try:
        yield running
    finally:
        running.stop()
