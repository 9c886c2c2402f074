"""A node comes back from a backup as it was, or not at all. Some ten seconds."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from node.backup.make import Held, back_up
from node.backup.restore import look, restore, standing
from node.errors import NodeError, StoreBusy
from node.home import Home
from node.store.database import opened
from node.store.holdings import holdings
from privacy.backup.archive import packing, unpack
from privacy.backup.errors import BackupDamaged, WrongPassphrase
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.store import Ledger
from tests.node.cli.run import Node, initialised, sales_file

N = 2
PASSPHRASE = "korrekt hest batteri stift"
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A node that works alone, with sales, notes of its own and a release."""
    folder = tmp_path_factory.mktemp("source")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    node.good("policy", "allow", "benchmark")
    node.good("release", "benchmark", "--as-of", "2025-12-31", "--yes")
    (folder / "home" / "profiles").mkdir(exist_ok=True)
    (folder / "home" / "profiles" / "notes.txt").write_text("mine\n")
    return Home(folder / "home")


def files_of(home: Home) -> dict[str, bytes]:
    """What a folder holds, but for what is made again."""
    return {
        name: file.read_bytes()
        for file in home.path.rglob("*")
        if file.is_file()
        and (name := file.relative_to(home.path).as_posix()).split("/")[0] not in ("logs", "tmp", "store.lock")
    }


def backed_up(home: Home, folder: Path, **options: bool) -> Path:
    file = folder / "node.kudos-backup"
    back_up(home, file, PASSPHRASE, NOW, n=N, **options)
    return file


def test_everything_comes_back(source: Home, tmp_path: Path) -> None:
    before, there = files_of(source), Home(tmp_path / "there")
    held = restore(there, backed_up(source, tmp_path), PASSPHRASE)
    assert (held.member, held.network, held.store) == (source.settings().member, False, True)
    after = files_of(there)
    assert {name: after[name] for name in before if not name.endswith((".duckdb", ".sqlite"))} == {
        name: content for name, content in before.items() if not name.endswith((".duckdb", ".sqlite"))
    }
    assert set(after) == set(before)
    with Ledger.open(source.ledger_file) as mine, Ledger.open(there.ledger_file) as other:
        assert other.contents() == mine.contents()
        assert held.entries == len(mine.contents().entries) >= 2
    with opened(source) as mine, opened(there) as other:
        assert holdings(other) == holdings(mine)
    for file in (there.path, *there.path.rglob("*")):
        assert file.stat().st_mode & 0o077 == 0, file
    assert Node(there.path).good("doctor", "--json").json
    assert standing(there).may is None
    assert "works alone" in standing(there).says


STRAY = {
    "policy.toml~": "policy.toml~",
    "#policy.toml#": "#policy.toml#",
    "manifest.json": "manifest.json",
    "profiles/vårt system.toml": "profiles/vårt system.toml",
    "ola@teater.example (1).csv": "xxx@xxxxxx.xxxxxxx (9).csv",
    "a/b/c/d/e/deep.txt": "a/b/c/d/e/deep.txt",
    "two\nlines": "two\nlines",
}
"""What somebody has put into the folder, by how it is named."""

LINKS = ("exports", "broken", "linked.toml")


@pytest.fixture
def littered(source: Home, tmp_path: Path) -> Home:
    """The node again, with files in its folder that have no place in a backup."""
    home = Home(tmp_path / "littered")
    shutil.copytree(source.path, home.path)
    for name in STRAY:
        (home.path / name).parent.mkdir(parents=True, exist_ok=True)
        (home.path / name).write_text("stray\n")
    (home.path / ".git").mkdir()
    (home.path / ".git" / "config").write_text("stray\n")
    (home.path / "exports").symlink_to(tmp_path)
    (home.path / "broken").symlink_to("nowhere")
    (home.path / "linked.toml").symlink_to("policy.toml")
    return home


def test_what_has_no_place_in_a_backup_is_left_out_and_named(source: Home, littered: Home, tmp_path: Path) -> None:
    held = restore(there := Home(tmp_path / "there"), backed_up(littered, tmp_path), PASSPHRASE)
    assert set(held.left_out) == {*STRAY.values(), *LINKS}
    assert set(files_of(there)) == set(files_of(source))
    older = replace(
        held.manifest, about={name: said for name, said in held.manifest.about.items() if name != "left_out"}
    )
    assert Held.of(older).left_out == ()


def test_the_command_says_what_it_left_out(littered: Home, tmp_path: Path) -> None:
    words: list[str | Path] = ["--passphrase-file", tmp_path / "passphrase"]
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    node = Node(littered.path)
    text = node.good("backup", tmp_path / "one", *words).out
    assert "left out: '#policy.toml#', " in text
    assert r"'two\nlines'" in text
    assert "Rename what you need" in text
    assert "ola@" not in text
    for number in range(10):
        (littered.path / f"{number}~").touch()
    said = node.good("backup", tmp_path / "two", *words, "--json").json
    assert {*STRAY.values(), *LINKS, "9~"} <= set(said["left_out"])
    assert f"and {len(said['left_out']) - 10} more" in node.good("backup", "--verify", tmp_path / "two", *words).out


def test_without_the_store_the_exports_are_imported_again(source: Home, tmp_path: Path) -> None:
    there = Home(tmp_path / "there")
    for name in ("store.before-1.duckdb", "store.duckdb.damaged", "likely.parquet", "dashboard/figures/one.json"):
        (source.path / name).parent.mkdir(parents=True, exist_ok=True)
        (source.path / name).write_bytes(b"of customers alone")
    assert not restore(there, backed_up(source, tmp_path, with_store=False), PASSPHRASE).store
    assert not [file for file in there.path.rglob("*") if file.is_file() and b"of customers alone" in file.read_bytes()]
    assert not there.store_file.exists()
    Node(there.path).good("import", sales_file(tmp_path))


def test_where_something_is_nothing_is_written(source: Home, tmp_path: Path) -> None:
    file, before = backed_up(source, tmp_path), files_of(source)
    with pytest.raises(NodeError, match="not empty"):
        restore(source, file, PASSPHRASE)
    assert files_of(source) == before
    (tmp_path / "empty").mkdir()
    restore(Home(tmp_path / "empty"), file, PASSPHRASE)


@pytest.mark.parametrize("how", ["passphrase", "cut", "changed"])
def test_what_does_not_open_restores_nothing(source: Home, tmp_path: Path, how: str) -> None:
    file = backed_up(source, tmp_path)
    content = bytearray(file.read_bytes())
    content[-50] ^= how == "changed"
    file.write_bytes(content[: -1000 if how == "cut" else None])
    with pytest.raises(WrongPassphrase if how == "passphrase" else BackupDamaged):
        restore(Home(tmp_path / "there"), file, "another one" if how == "passphrase" else PASSPHRASE)
    assert {each.name for each in tmp_path.iterdir()} == {file.name}


def rewritten(file: Path, to: Path, change: dict[str, bytes]) -> Path:
    """A backup again, with other pieces, by somebody who has the passphrase."""
    pieces: dict[str, bytes] = {}
    manifest = unpack(file, PASSPHRASE, "node", lambda name, content: pieces.update({name: content.read()}))
    with packing(to, "node", PASSPHRASE, NOW, N) as pack:
        for name, content in (pieces | change).items():
            if content:
                pack.add(name, content)
        pack.about |= dict(manifest.about)
    return to


def test_a_ledger_that_the_keys_do_not_sign_restores_nothing(source: Home, tmp_path: Path) -> None:
    file, other = backed_up(source, tmp_path), initialised(tmp_path / "other")
    foreign = (other.home / "keys" / "signing.pem").read_bytes()
    for change, error in (
        ({"keys/signing.pem": foreign}, BackupDamaged),
        ({"ledger.sqlite": b""}, BackupDamaged),
        ({"settings.toml": b""}, BackupDamaged),
        ({"ledger.sqlite": b"what a disk gives back" * 500}, DamagedLedger),
        ({"ledger.sqlite": (other.home / "ledger.sqlite").read_bytes()}, BackupDamaged),
    ):
        (tmp_path / "wrong").unlink(missing_ok=True)
        with pytest.raises(error):
            restore(Home(tmp_path / "there"), rewritten(file, tmp_path / "wrong", change), PASSPHRASE)
        assert not (tmp_path / "there").exists()


def test_it_waits_for_who_works_in_the_store(source: Home, tmp_path: Path) -> None:
    with FileLock(str(source.path / "store.lock")), pytest.raises(StoreBusy):
        back_up(source, tmp_path / "x", PASSPHRASE, NOW, n=N, wait_s=0.1)
    assert not (tmp_path / "x").exists()


def test_a_damaged_ledger_is_no_backup(source: Home, tmp_path: Path) -> None:
    there = Home(tmp_path / "there")
    restore(there, backed_up(source, tmp_path), PASSPHRASE)
    there.ledger_file.write_bytes(b"what a disk gives back" * 500)
    with pytest.raises((NodeError, DamagedLedger)):
        back_up(there, tmp_path / "x", PASSPHRASE, NOW, n=N)
    assert not (tmp_path / "x").exists()


def test_as_somebody_types_it(source: Home, tmp_path: Path) -> None:
    words: list[str | Path] = ["--passphrase-file", tmp_path / "passphrase"]
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    node, file = Node(source.path), tmp_path / "node.kudos-backup"
    said = node.good("backup", file, *words, "--json").json
    assert said["left_out"] == []
    assert node.good("backup", "--verify", file, *words, "--json").json == said
    text = Node(tmp_path / "there").good("restore", file, *words).out
    assert "works alone" in text
    assert look(file, PASSPHRASE).entries == said["entries"]
    assert node("backup", file, *words).status == 1
