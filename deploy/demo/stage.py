"""Where the demo shows itself: a sentence, a prompt with a real command, and what the command says."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text


class Failed(Exception):
    """A command of the demo did not do what it should."""


def program() -> Path:
    """The kudos-node program of the environment that runs the demo. Raises Failed where it is not installed."""
    found = Path(sys.executable).with_name("kudos-node")
    if not found.is_file():
        raise Failed(f"{found} is missing: kudos is not installed beside this Python. Run: make demo")
    return found


def as_typed(found: Path) -> str:
    """How somebody in this folder would type the program's name."""
    known = shutil.which("kudos-node")
    if known is not None and Path(known).samefile(found):
        return "kudos-node"
    near = os.path.relpath(found)
    return str(found) if near.startswith("..") else near


@dataclass(frozen=True)
class Stage:
    """Speaks to the person at the screen, in colour on a terminal only, and runs kudos-node with one node's folder."""

    home: Path
    program: Path = field(default_factory=program)
    console: Console = field(default_factory=lambda: Console(highlight=False))

    def says(self, text: str = "", style: str = "") -> None:
        """A sentence."""
        self.console.print(Text(text, style=style), soft_wrap=True)

    def heading(self, text: str) -> None:
        """The sentence above a step."""
        self.says()
        self.says(f"# {text}", "bold cyan")

    def command(self, words: str) -> str:
        """A command line for this node, as it can be typed here."""
        return f"{as_typed(self.program)} --home {shlex.quote(str(self.home))} {words}"

    def runs(self, words: str, arguments: Sequence[str] | None = None) -> None:
        """Shows a command as a prompt line and runs it; its output goes where the demo's own goes.

        `arguments` are what a shell would make of `words`, where that is not plain splitting. Raises Failed.
        """
        self.says(f"$ {self.command(words)}", "bold")
        sys.stdout.flush()
        status = subprocess.run(self._line(arguments or shlex.split(words)), check=False).returncode
        if status != 0:
            raise Failed(f"That command ended with exit status {status}; the demo stops here.")

    def reads(self, words: str) -> Any:
        """What a command says to programs. Raises Failed where it fails."""
        line = self._line([*shlex.split(words), "--json"])
        result = subprocess.run(line, check=False, capture_output=True, text=True, encoding="utf-8")
        if result.returncode != 0:
            raise Failed(f"{self.command(words)} --json ended with exit status {result.returncode}: {result.stderr}")
        return json.loads(result.stdout)

    def _line(self, arguments: Sequence[str]) -> list[str]:
        return [str(self.program), "--home", str(self.home), *arguments]
