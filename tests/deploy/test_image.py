"""From `make offline` to programs that run: on a bare machine without a network, and as a container image.

No engine is needed: mmdebstrap makes a base, buildah builds from it with nothing but the bundle, and what it built runs
with a read-only root, as nobody. That takes root, Debian's packages, and two to three minutes of two processors; what
both programs share is built once.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.needs import lacking, needed

ROOT = Path(__file__).parents[2]
_CONTAINERFILE = ROOT / "deploy" / "containers" / "Containerfile"
_PROGRAMS = "FROM program AS node\n"
"""Where the Containerfile goes over from what both programs share to each of them."""

_TOOLS = ("mmdebstrap", "buildah", "unshare", "chroot")


def done(*words: str | Path, **options: Any) -> str:
    """What a command says that must succeed."""
    ended = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)
    assert ended.returncode == 0, f"{words}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}"
    return str(ended.stdout).strip()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make offline` makes."""
    folder = tmp_path_factory.mktemp("offline")
    done("sh", ROOT / "tools" / "offline.sh", sys.executable, folder)
    return folder


def test_it_installs_where_there_is_no_network(bundle: Path, tmp_path: Path) -> None:
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True).returncode:
        lacking("IMAGES", "NO OFFLINE INSTALLATION WAS TRIED: unshare cannot take the network away")
    folder = tmp_path / "opt"
    said = done(*alone, "sh", bundle / "install.sh", folder, env=os.environ | {"PYTHON": sys.executable})
    assert said.endswith("kudos 0.1.0")
    done(folder / ".venv" / "bin" / "kudos-node", "--home", tmp_path / "node", "doctor", "--help")
    assert not list((folder / ".venv").rglob("*.direct_url.json"))


def test_a_bundle_that_was_changed_on_its_way_installs_nothing(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy, copy_function=os.link)
    requirements = copy / "requirements.txt"
    text = requirements.read_text()
    requirements.unlink()
    requirements.write_text(text + "\n# mended\n")
    ended = subprocess.run(["sh", copy / "install.sh", tmp_path / "opt"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Carry it over again" in ended.stderr
    assert not (tmp_path / "opt").exists()


@dataclass(frozen=True)
class Image:
    """An image's files, mounted, and what it says of how it is run."""

    files: Path
    config: dict[str, Any]

    def command(self, state: Path, words: Sequence[str]) -> list[str]:
        """The words that run it as an engine would: read-only, as its user, with its environment alone."""
        assert self.config["User"] == "10001:10001"
        inside = ["sh", str(ROOT / "tests" / "deploy" / "inside.sh"), str(self.files), str(state)]
        alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "env", "-i", *self.config["Env"]]
        return [*alone, *inside, *words]


@dataclass(frozen=True)
class Builder:
    """buildah, with a store of its own."""

    folder: Path

    def __call__(self, *words: str | Path) -> str:
        """What it says of a command."""
        store: list[str | Path] = ["--root", self.folder / "store", "--runroot", self.folder / "run"]
        return done("buildah", *store, *words)

    def build(self, file: Path, target: str, *words: str | Path) -> None:
        """Builds a target, and names the image so."""
        given: list[str | Path] = ["--quiet", "--isolation", "chroot", "--ignorefile", ROOT / ".dockerignore", *words]
        self("bud", *given, "--target", target, "-t", target, "-f", file, ROOT)

    def mounted(self, target: str) -> Image:
        """A container of an image; its files are there until the builder's folder goes."""
        config = json.loads(self("inspect", "--type", "image", target))["OCIv1"]["config"]
        return Image(Path(self("mount", self("from", target))), config)


@pytest.fixture(scope="module")
def builder(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Builds from what both programs share, which was built without a network but for the base."""
    missing = [each for each in _TOOLS if shutil.which(each) is None]
    reason = f"NO IMAGE WAS BUILT: it takes root, Python 3.11 and {', '.join(missing or _TOOLS)}"
    needed("IMAGES", not missing and os.geteuid() == 0, reason)
    if sys.version_info[:2] != (3, 11):
        pytest.skip(reason)  # the bundle's wheels are for the Python that runs the tests, and the base has 3.11
    builder = Builder(tmp_path_factory.mktemp("image"))
    base = builder.folder / "base.tar"
    try:
        python = "python3,python3-venv,python-is-python3"
        done("mmdebstrap", "--quiet", "--variant=apt", f"--include={python}", "bookworm", base)
        scratch = builder("from", "scratch")
        builder("add", "--quiet", scratch, base, "/")
        builder("commit", "--quiet", "--rm", scratch, "kudos-base")
        base.unlink()
        arguments = {"BASE": "localhost/kudos-base", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
        given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        builder.build(_CONTAINERFILE, "program", *given, "--volume", f"{bundle / 'wheels'}:/wheels:ro")
        yield builder
        builder("umount", "--all")
    finally:
        shutil.rmtree(builder.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def programs(builder: Builder) -> Path:
    """The rest of the Containerfile, from the image of what is shared: else all would be built again for each."""
    _, programs = _CONTAINERFILE.read_text().split(_PROGRAMS)
    file = builder.folder / "Containerfile"
    file.write_text((_PROGRAMS + programs).replace("FROM program", "FROM localhost/program"))
    return file


@pytest.fixture(scope="module")
def coordinator(builder: Builder, programs: Path) -> Image:
    """The coordinator's image."""
    builder.build(programs, "coordinator")
    return builder.mounted("coordinator")


@pytest.fixture(scope="module")
def node(builder: Builder, programs: Path) -> Image:
    """The node's image."""
    builder.build(programs, "node")
    return builder.mounted("node")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A volume of the image's user."""
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, 10001, 10001)
    tmp_path.chmod(0o711)
    return state


def _writes_nothing_as_nobody(image: Image, state: Path) -> None:
    touched = subprocess.run(
        image.command(state, ["touch", "/opt/kudos/x"]), capture_output=True, text=True, check=False
    )
    assert "Read-only file system" in touched.stderr
    assert done(*image.command(state, ["id", "-u"])) == "10001"


def test_the_coordinator_serves_with_a_read_only_root_as_nobody_and_stops_when_told(
    coordinator: Image, state: Path
) -> None:
    init = ["init", "--trust-domain", "npu.example", "--name", "NPU", "--federation", "localhost:18443"]
    listening = [
        "--enrolment",
        "localhost:18444",
        "--listen-federation",
        "127.0.0.1:0",
        "--listen-enrolment",
        "127.0.0.1:0",
    ]
    entry = coordinator.config["Entrypoint"]
    done(*coordinator.command(state, [*entry, *init, *listening]))
    assert (state / "coordinator" / "config.toml").stat().st_uid == 10001
    _writes_nothing_as_nobody(coordinator, state)

    serving = subprocess.Popen(
        coordinator.command(state, [*entry, *coordinator.config["Cmd"]]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert serving.stdout is not None
    assert any("metrics:" in line for line in serving.stdout), serving.communicate()[1]
    children = Path(f"/proc/{serving.pid}/task/{serving.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    _, log = serving.communicate(timeout=60)
    assert json.loads(log.splitlines()[-1])["event"] == "stopped"
    assert serving.returncode == 0


def test_the_node_is_made_and_well_with_a_read_only_root_as_nobody(node: Image, state: Path) -> None:
    entry = node.config["Entrypoint"]
    assert node.config["Cmd"] == ["run"]
    assert done(*node.command(state, [*entry, "--version"])) == "kudos 0.1.0"
    named = ["--name", "Fjordteatret", "--industry", "performing-arts", "--county", "Vestland"]
    done(*node.command(state, [*entry, "init", "--standalone", *named]))
    assert (state / "node" / "settings.toml").stat().st_uid == 10001
    found = json.loads(done(*node.command(state, [*entry, "doctor", "--json"])))
    said = {each["what"]: each["status"] for each in found}
    assert said.pop("store") == "warning"  # nothing was imported yet
    assert said.pop("disk") in ("good", "warning")
    assert set(said.values()) == {"good"}
    _writes_nothing_as_nobody(node, state)


@pytest.mark.parametrize("target", ["node", "coordinator"])
def test_nothing_that_builds_is_left_in_it(request: pytest.FixtureRequest, target: str) -> None:
    image: Image = request.getfixturevalue(target)
    assert not (image.files / "src").exists()
    assert not (image.files / "wheels").exists() or not any((image.files / "wheels").iterdir())
    assert not list((image.files / "opt" / "kudos").rglob("requirements*.txt"))
