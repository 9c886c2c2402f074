"""kudos-coordinator backup and restore, as an operator types them."""

from pathlib import Path

import pytest

from tests.coordinator.cli.run import Coordinator, initialised

PASSPHRASE = "korrekt hest batteri stift"


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The option that names the passphrase."""
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    return ["--passphrase-file", str(file)]


def test_from_backup_to_restore(tmp_path: Path, words: list[str]) -> None:
    coordinator, file = initialised(tmp_path / "one"), tmp_path / "some.kudos-backup"
    coordinator.good("member", "invite", "--name", "Fjordteatret", "--industry", "museum", "--county", "Vestland")
    said = coordinator.good("backup", file, *words, "--json").json
    assert said["rows"]["members"] == 1
    assert coordinator.good("backup", "--verify", file, *words, "--json").json == said
    other = Coordinator(tmp_path / "other")
    text = other.good("restore", file, *words).out
    assert "brought to date" not in text
    assert "members 1" in text
    assert other.good("member", "list", "--json").json == coordinator.good("member", "list", "--json").json
    again = other("restore", file, *words)
    assert again.status == 1
    assert "holds a coordinator already" in again.err


def test_a_passphrase_that_protects_nothing_is_refused(tmp_path: Path, words: list[str]) -> None:
    coordinator, file = initialised(tmp_path / "one"), tmp_path / "some.kudos-backup"
    (tmp_path / "passphrase").write_text("short\n")
    for ended in (coordinator("backup", file, *words), coordinator.as_program("backup", file)):
        assert ended.status == 2
        assert "assphrase" in ended.err
    assert not file.exists()


def test_the_wrong_passphrase_is_told_from_a_damaged_file(tmp_path: Path, words: list[str]) -> None:
    coordinator, file = initialised(tmp_path / "one"), tmp_path / "some.kudos-backup"
    coordinator.good("backup", file, *words)
    content = file.read_bytes()
    file.write_bytes(content[:-20])
    assert coordinator("backup", "--verify", file, *words, "--json").json["error"]["reason"] == "BACKUP_DAMAGED"
    file.write_bytes(content)
    (tmp_path / "passphrase").write_text("korrekt hest batteri stif")
    assert coordinator("backup", "--verify", file, *words, "--json").json["error"]["reason"] == "WRONG_PASSPHRASE"
