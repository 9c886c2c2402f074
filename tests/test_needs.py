"""What is missing is skipped on a machine, and fails in CI where it was installed; CI says so of nothing else."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.needs import needed

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "POSTGRESQL": "postgresql",
    "VERIFIERS": "golang-golang-x-mod-dev",
    "CHROMIUM": "chromium",
    "PDFTOTEXT": "poppler-utils",
    "SYSTEMD": "systemd",
    "IMAGES": "buildah",
    "SPARK": "default-jre-headless",
}
"""A package without which the tests of each cannot be run."""

PROGRAMS = {
    "id": 'echo "$USER_ID"',
    "apt-get": 'for each in "$@"; do case " $ABSENT " in *" $each "*) exit 100;; esac; done',
    "unshare": 'test "$MAY_MOUNT" = yes',
    "make": 'case "$1 $ABSENT" in "spark "*pyspark*) exit 1;; test*) env;; esac',
}
"""What .ci/run meets here in the place of a machine's."""


def test_what_is_missing_is_skipped_or_fails_where_it_was_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUDOS_TESTS_NEED_LYRE", raising=False)
    needed("LYRE", "/usr/bin/lyre", "no lyre")
    with pytest.raises(pytest.skip.Exception, match="no lyre"):
        needed("LYRE", None, "no lyre")
    monkeypatch.setenv("KUDOS_TESTS_NEED_LYRE", "1")
    needed("LYRE", "/usr/bin/lyre", "no lyre")
    with pytest.raises(pytest.fail.Exception, match="no lyre"):
        needed("LYRE", None, "no lyre")


@pytest.mark.parametrize(("flag", "outcome"), [("", "skipped"), ("1", "error")])
def test_a_mark_is_asked_before_anything_is_made_for_the_test(tmp_path: Path, flag: str, outcome: str) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_lyre.py").write_text(
        "import pytest\n"
        "@pytest.fixture(scope='module')\n"
        "def costly():\n    raise ZeroDivisionError\n"
        "@pytest.mark.needs('LYRE', None, 'no lyre')\n"
        "def test_lyre(costly):\n    pass\n"
    )
    words: list[str | Path] = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "--rootdir", tmp_path]
    env = os.environ | {"KUDOS_TESTS_NEED_LYRE": flag}
    said = subprocess.run([*words, tmp_path], cwd=ROOT, env=env, capture_output=True, text=True, check=False).stdout
    assert re.search(rf"\b1 {outcome}", said), said
    assert "no lyre" in said
    assert "ZeroDivisionError" not in said


def flags(
    folder: Path, absent: Sequence[str] = (), *, user: int = 0, may_mount: str = "yes", without: str = ""
) -> set[str]:
    """What .ci/run says is needed, on a machine where the packages `absent` cannot be had."""
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    (folder / "bin").mkdir()
    for name, text in PROGRAMS.items():
        if name != without:
            (folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / "bin" / name).chmod(0o755)
    for name in ("bash", "dirname", "env", "sh", "timeout"):
        found = shutil.which(name)
        assert found is not None
        (folder / "bin" / name).symlink_to(found)
    settings = {"PATH": str(folder / "bin"), "ABSENT": " ".join(absent), "USER_ID": str(user), "MAY_MOUNT": may_mount}
    done = subprocess.run(
        [folder / ".ci" / "run"], env=settings, capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "MAY_MOUNT=" in done.stdout
    return set(re.findall(r"^KUDOS_TESTS_NEED_(\w+)=1$", done.stdout, flags=re.MULTILINE))


def test_ci_needs_all_that_tests_can_lack(tmp_path: Path) -> None:
    asked = re.compile(r'(?:needed|lacking|mark\.needs)\(\s*"(\w+)"')
    files = [file for file in (ROOT / "tests").rglob("*.py") if file != Path(__file__)]
    assert flags(tmp_path) == {name for file in files for name in asked.findall(file.read_text())} == set(PACKAGES)


@pytest.mark.parametrize("name", PACKAGES)
def test_ci_needs_nothing_that_could_not_be_installed(tmp_path: Path, name: str) -> None:
    assert flags(tmp_path, [PACKAGES[name]]) == set(PACKAGES) - {name}


def test_ci_needs_no_spark_that_could_not_be_fetched_and_no_image_where_nothing_can_be_mounted(tmp_path: Path) -> None:
    assert flags(tmp_path / "spark", ["pyspark"]) == set(PACKAGES) - {"SPARK"}
    assert flags(tmp_path / "images", may_mount="no") == set(PACKAGES) - {"IMAGES"}


def test_ci_runs_without_lists_without_apt_and_as_somebody_else_than_root(tmp_path: Path) -> None:
    assert flags(tmp_path / "lists", ["update"]) == set(PACKAGES)
    assert flags(tmp_path / "apt", without="apt-get") == set()
    assert flags(tmp_path / "user", user=1000) == set()
