"""From `make offline` to programs that run: on a bare machine without a network, and as a container image.

No engine is needed: mmdebstrap makes a base, buildah builds from it with nothing but the bundle, and what it built runs
with a read-only root, as nobody. That takes root, Debian's packages, and two to three minutes of two processors.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = "KUDOS_TESTS_NEED_IMAGES"
"""Set where missing tools are a failure and not a reason to skip: in CI."""

_TOOLS = ("mmdebstrap", "buildah", "unshare", "chroot")


def _lacking(what: str) -> None:
    """Skips aloud, or fails where nothing may be lacking."""
    if os.environ.get(NEEDED):
        pytest.fail(what)
    warnings.warn(what, stacklevel=2)
    pytest.skip(what)


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
        _lacking("NO OFFLINE INSTALLATION WAS TRIED: unshare cannot take the network away")
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


@pytest.fixture(scope="module")
def image(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """The coordinator's image, built without a network but for the base."""
    missing = [each for each in _TOOLS if shutil.which(each) is None]
    if missing or os.geteuid() != 0 or sys.version_info[:2] != (3, 11):
        _lacking(f"NO IMAGE WAS BUILT: it takes root, Python 3.11 and {', '.join(missing or _TOOLS)}")
    folder = tmp_path_factory.mktemp("image")
    where: list[str | Path] = [
        "buildah",
        "--root",
        folder / "store",
        "--runroot",
        folder / "run",
        "--storage-driver",
        "vfs",
    ]
    base = folder / "base.tar"
    try:
        python = "python3,python3-venv,python-is-python3"
        done("mmdebstrap", "--quiet", "--variant=apt", f"--include={python}", "bookworm", base)
        scratch = done(*where, "from", "scratch")
        done(*where, "add", "--quiet", scratch, base, "/")
        done(*where, "commit", "--quiet", "--rm", scratch, "kudos-base")
        base.unlink()
        arguments = {"BASE": "localhost/kudos-base", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
        given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        given += ["--volume", f"{bundle / 'wheels'}:/wheels:ro", "--ignorefile", str(ROOT / ".dockerignore")]
        file = ROOT / "deploy" / "containers" / "Containerfile"
        done(
            *where,
            "bud",
            "--quiet",
            "--isolation",
            "chroot",
            *given,
            "--target",
            "coordinator",
            "-t",
            "kudos",
            "-f",
            file,
            ROOT,
        )
        container = done(*where, "from", "kudos")
        config = json.loads(done(*where, "inspect", "--type", "image", "kudos"))["OCIv1"]["config"]
        yield Image(Path(done(*where, "mount", container)), config)
        done(*where, "umount", container)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_the_image_serves_with_a_read_only_root_as_nobody_and_stops_when_told(image: Image, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, 10001, 10001)
    tmp_path.chmod(0o711)
    init = ["init", "--trust-domain", "npu.example", "--name", "NPU", "--federation", "localhost:18443"]
    listening = [
        "--enrolment",
        "localhost:18444",
        "--listen-federation",
        "127.0.0.1:0",
        "--listen-enrolment",
        "127.0.0.1:0",
    ]
    entry = image.config["Entrypoint"]
    done(*image.command(state, [*entry, *init, *listening]))
    assert (state / "coordinator" / "config.toml").stat().st_uid == 10001
    written = subprocess.run(
        image.command(state, ["touch", "/opt/kudos/x"]), capture_output=True, text=True, check=False
    )
    assert "Read-only file system" in written.stderr
    assert done(*image.command(state, ["id", "-u"])) == "10001"

    serving = subprocess.Popen(
        image.command(state, [*entry, *image.config["Cmd"]]), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert serving.stdout is not None
    assert any("metrics:" in line for line in serving.stdout), serving.communicate()[1]
    children = Path(f"/proc/{serving.pid}/task/{serving.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    _, log = serving.communicate(timeout=60)
    assert json.loads(log.splitlines()[-1])["event"] == "stopped"
    assert serving.returncode == 0


def test_nothing_that_builds_is_left_in_it(image: Image) -> None:
    assert not (image.files / "src").exists()
    assert not (image.files / "wheels").exists() or not any((image.files / "wheels").iterdir())
    assert not list((image.files / "opt" / "kudos").rglob("requirements*.txt"))
