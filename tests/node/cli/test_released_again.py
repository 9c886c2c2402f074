"""A release that is paid for is handed out again byte for byte: without the store, and never once it was changed."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.signing.envelope import RELEASE, sign
from protos.kudos.v1.envelope_pb2 import Envelope
from tests.node.cli.run import Node, initialised, sales_file
from tests.node.release.forged import put, with_another_figure

AGAIN = ("release", "benchmark", "--as-of", "2025-12-31", "--json")


@dataclass(frozen=True)
class Released:
    """A node with one release, the entry that booked it, and its bytes."""

    node: Node
    entry: int
    envelope: bytes


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Released:
    folder = tmp_path_factory.mktemp("released")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    node.good("policy", "allow", "benchmark")
    entry = node.good(*AGAIN, "--to-file", folder / "release").json["entry"]
    return Released(node, entry, (folder / "release").read_bytes())


@pytest.fixture
def released(whole: Released, tmp_path: Path) -> Released:
    shutil.copytree(whole.node.home, tmp_path / "home")
    return Released(Node(tmp_path / "home"), whole.entry, whole.envelope)


def no_store(home: Path) -> None:
    (home / "store.duckdb").unlink()


def a_broken_store(home: Path) -> None:
    (home / "store.duckdb").write_bytes(b"what a disk gives back" * 1000)


@pytest.mark.parametrize("change", [no_store, a_broken_store])
def test_stored_bytes_come_without_the_store(
    released: Released, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    change(released.node.home)
    before = {file.name for file in released.node.home.iterdir()}
    again = released.node.good(*AGAIN, "--to-file", tmp_path / "again").json
    assert (again["already"], again["entry"]) == (True, released.entry)
    assert (tmp_path / "again").read_bytes() == released.envelope
    assert {file.name for file in released.node.home.iterdir()} == before, "no store was begun"


def by_another_key(envelope: bytes) -> bytes:
    return sign(RELEASE, Envelope.FromString(envelope).payload, Ed25519PrivateKey.generate())


@pytest.mark.parametrize("change", [with_another_figure, by_another_key])
def test_a_changed_release_is_neither_handed_out_nor_shown(
    released: Released, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    put(released.node.home / "ledger.sqlite", released.entry, change(released.envelope))
    ended = released.node(*AGAIN, "--to-file", tmp_path / "again")
    assert ended.status == 1
    assert ended.json["error"]["reason"] == "BAD_ENVELOPE"
    assert not (tmp_path / "again").exists()
    shown = released.node("outbox", "show", str(released.entry), "--json")
    assert shown.status == 1
    assert shown.json["error"]["reason"] == "BAD_ENVELOPE"


def test_what_the_policy_no_longer_allows_is_not_handed_out_again(released: Released, tmp_path: Path) -> None:
    policy = released.node.home / "policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8").partition("\n[[allow]]")[0], encoding="utf-8")
    ended = released.node(*AGAIN, "--to-file", tmp_path / "again")
    assert ended.status == 3
    assert ended.json["error"]["reason"] == "POLICY_REFUSED"
    assert not (tmp_path / "again").exists()
    assert released.node("outbox", "show", str(released.entry)).status == 0
