"""kudos-node doctor finds each thing that can be broken, alone, and says what to do."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from node.doctor import LEAST_DISK_GB, examine
from node.home import Home, write_private
from privacy.ledger.store import Ledger
from privacy.signing.keyfile import create_signing_key
from tests.node.cli.run import Node, initialised, not_good, sales_file


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node that has imported something."""
    folder = tmp_path_factory.mktemp("whole")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    return node.home


def wrong_signing_key(home: Home) -> None:
    home.signing_key_file.unlink()
    create_signing_key(home.signing_key_file)


def no_signing_key(home: Home) -> None:
    home.signing_key_file.unlink()


def no_identity_key(home: Home) -> None:
    home.identity_key_file.unlink()


def half_an_ordering_key(home: Home) -> None:
    home.ordering_key_file.write_text(home.ordering_key_file.read_text(encoding="ascii")[:32], encoding="ascii")


def policy_that_is_no_toml(home: Home) -> None:
    home.policy_file.write_text("this is = = no policy\n", encoding="utf-8")


def profile_without_layouts(home: Home) -> None:
    write_private(home.profiles / "mine.toml", b'name = "mine"\n')


def store_of_noise(home: Home) -> None:
    home.store_file.write_bytes(b"what a disk gives back" * 1000)


def store_cut_short(home: Home) -> None:
    home.store_file.write_bytes(home.store_file.read_bytes()[:5000])


def ledger_from_the_future(home: Home) -> None:
    with Ledger.open(home.ledger_file) as ledger:
        opened = ledger.contents().opened
    home.ledger_file.unlink()
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=400)
    Ledger.create(
        home.ledger_file, origin=opened.origin, public_key=opened.public_key, version=opened.version, now=later
    ).close()


def settings_with_a_slip(home: Home) -> None:
    home.settings_file.write_text(home.settings_file.read_text(encoding="utf-8") + "\ncolour = 3\n", encoding="utf-8")


def readable_by_others(home: Home) -> None:
    home.identity_key_file.chmod(0o644)


BROKEN: list[tuple[Callable[[Home], None], str, str]] = [
    (wrong_signing_key, "keys", "backup"),
    (no_signing_key, "keys", "backup"),
    (no_identity_key, "keys", "backup"),
    (half_an_ordering_key, "keys", "ordering.key"),
    (policy_that_is_no_toml, "policy", "policy.toml"),
    (profile_without_layouts, "profiles", "mine"),
    (store_of_noise, "store", "store.duckdb"),
    (store_cut_short, "store", "store.duckdb"),
    (ledger_from_the_future, "clock", "set the clock"),
    (readable_by_others, "files", "chmod"),
]


def found(node: Node) -> tuple[int, dict[str, dict[str, Any]]]:
    ended = node("doctor", "--json")
    assert "Traceback" not in ended.err
    return ended.status, {each["what"]: each for each in ended.json}


@pytest.mark.parametrize(("free", "status"), [(LEAST_DISK_GB - 0.1, "warning"), (LEAST_DISK_GB, "good")])
def test_little_room_is_told(whole: Path, monkeypatch: pytest.MonkeyPatch, free: float, status: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free * 1e9))
    [disk] = [each for each in examine(Home(whole)) if each.what == "disk"]
    assert disk.status == status
    assert bool(disk.do) is (status == "warning")


def test_a_whole_node_is_good(whole: Path) -> None:
    status, findings = found(Node(whole))
    assert status == 0
    assert not_good(findings.values()) == []
    assert {what for _, what, _ in BROKEN} <= set(findings)


@pytest.mark.parametrize(("breaks", "what", "advice"), BROKEN)
def test_one_broken_thing_is_found_alone(
    whole: Path, tmp_path: Path, breaks: Callable[[Home], None], what: str, advice: str
) -> None:
    shutil.copytree(whole, tmp_path / "home")
    home = Home(tmp_path / "home")
    breaks(home)
    status, findings = found(Node(home.path))
    assert status == 1
    assert [name for name, each in findings.items() if each["status"] == "fault"] == [what]
    assert advice in findings[what]["says"] + findings[what]["do"]


def test_settings_that_do_not_read_are_found_and_named(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "home")
    settings_with_a_slip(Home(tmp_path / "home"))
    status, findings = found(Node(tmp_path / "home"))
    assert status == 1
    assert findings["settings"]["status"] == "fault"
    assert "colour" in findings["settings"]["says"]
    assert findings["ledger"]["status"] == "good"


def test_what_is_found_stands_in_a_column(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "home")
    node = Node(tmp_path / "home")
    said = {each["what"]: each["says"] for each in node("doctor", "--json").json}
    lines = node("doctor").out.splitlines()
    starts = {next(line for line in lines if line[2:].startswith(what)).index(says) for what, says in said.items()}
    assert len(starts) == 1
