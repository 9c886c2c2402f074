"""Copies of what the checks of tools/ look at, in a folder of their own, and the checks run there."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Tree:
    """A folder with a copy of tools/ and of whatever else a check needs."""

    path: Path

    def check(self, tool: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs one of the copied tools, as the makefile does."""
        return subprocess.run(
            [sys.executable, "-m", f"tools.{tool}", *words], cwd=self.path, capture_output=True, text=True, timeout=120
        )

    def passes(self, tool: str, *words: str) -> None:
        """The check must end well."""
        ended = self.check(tool, *words)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def fails(self, tool: str, *words: str) -> str:
        """The check must end with 1 and without a traceback; what it said."""
        ended = self.check(tool, *words)
        assert ended.returncode == 1, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended.stdout + ended.stderr

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces a text that stands in a file exactly once."""
        file = self.path / name
        before = file.read_text(encoding="utf-8")
        assert before.count(old) == 1
        file.write_text(before.replace(old, new), encoding="utf-8")

    def commit(self) -> str:
        """The commit of everything as it is now, in a repository of the folder's own."""
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "as it is now")
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *words: str) -> str:
        """A git command in the folder, with nobody's own settings; what it said."""
        somebody = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        nobodys = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        ended = subprocess.run(
            ["git", *words],
            cwd=self.path,
            env=inherited | somebody | nobodys,
            check=True,
            capture_output=True,
            text=True,
        )
        return ended.stdout


def copied(folder: Path, *names: str) -> Tree:
    """A new tree with tools/ and these files and folders of the project."""
    folder.mkdir()
    for name in ("tools", *names):
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return Tree(folder)
