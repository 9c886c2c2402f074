"""What is installed: every dependency has its reason, and the bill of materials is the lock's, byte for byte."""

import json
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import sbom

ROOT = Path(__file__).parents[2]
LOCKED = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(), re.M))


def _asked_for() -> set[str]:
    """Every package that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return {canonicalize_name(Requirement(each).name) for names in lists for each in names}


def _explained() -> dict[str, str]:
    """The reasons of docs/dependencies.md, by package."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"), re.M)
    return {canonicalize_name(name.strip()): why.strip() for names, why in rows for name in names.split(",")}


def test_every_dependency_has_its_reason() -> None:
    asked, explained = _asked_for(), _explained()
    assert asked - set(explained) == set()
    assert all(len(explained[name]) > 4 for name in asked)


def test_no_reason_is_for_what_is_gone() -> None:
    assert set(_explained()) - _asked_for() - {"package", "-"} == set()


def test_everything_that_is_installed_comes_with_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        blocks = re.split(r"^(?=[A-Za-z0-9])", (ROOT / name).read_text(), flags=re.M)[1:]
        assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_bill_of_materials_is_the_lock_and_always_the_same(tmp_path: Path) -> None:
    for name in ("first", "second"):
        sbom.made(tmp_path / name)
    first = (tmp_path / "first").read_bytes()
    assert first == (tmp_path / "second").read_bytes()
    said = json.loads(first)
    assert (said["bomFormat"], said["specVersion"]) == ("CycloneDX", sbom.SPECIFICATION)
    assert "timestamp" not in said["metadata"]
    assert "serialNumber" not in said
    assert said["metadata"]["component"]["name"] == "kudos"
    assert {each["name"]: each["version"] for each in said["components"]} == LOCKED
    assert all(each["externalReferences"][0]["hashes"] for each in said["components"])
