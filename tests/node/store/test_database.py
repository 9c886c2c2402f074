"""The store's file: one process at a time, nobody else's eyes, and clear words where it cannot be opened."""

import stat
from pathlib import Path

import pytest

from node.errors import StoreBusy, StoreDamaged
from node.store.database import opened
from tests.node.ingest.house import asked, csv, import_, new_home, store_of


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    asked(home, "SELECT 1")
    assert stat.S_IMODE(home.store_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.scratch.stat().st_mode) == 0o700


def test_what_a_killed_process_spilled_is_swept_away(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    home.scratch.mkdir()
    (home.scratch / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"something")
    asked(home, "SELECT 1")
    assert list(home.scratch.iterdir()) == []


def test_waiting_ends_with_a_word(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    said: list[str] = []
    with (
        opened(home),
        pytest.raises(StoreBusy, match="still works in the store"),
        opened(home, say=said.append, wait_s=0.01),
    ):
        pass
    assert said == ["Another kudos-node command works in the store; waiting until it is done."]


@pytest.mark.parametrize("content", [b"no database", b"\x00" * 20_000])
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    home = new_home(tmp_path / "home")
    home.store_file.write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"store\.duckdb cannot be opened"):
        asked(home, "SELECT 1")
    assert home.store_file.read_bytes() == content


def test_the_store_of_another_version_is_refused(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    asked(home, "UPDATE meta SET value = '99' WHERE key = 'schema'")
    with pytest.raises(StoreDamaged, match="another version"):
        asked(home, "SELECT 1")


def test_a_store_of_the_version_before_is_taken_along(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    import_(
        home, csv(tmp_path, "sales.csv", "order_id,ordered_at,amount,email\n1,2026-01-01 12:00,10.00,a@example.no\n")
    )
    before = store_of(home)
    asked(
        home,
        "ALTER TABLE profiles DROP COLUMN by_phone; ALTER TABLE profiles DROP COLUMN consents; "
        "ALTER TABLE profiles DROP COLUMN first_on; DROP TABLE import_notes; DROP TABLE qualities; "
        "UPDATE meta SET value = '1' WHERE key = 'schema'; SELECT 1",
    )
    assert asked(home, "SELECT value FROM meta WHERE key = 'schema'") == [("2",)]
    told = asked(home, "SELECT source, customer_key, match_id, placeholder FROM profiles")
    assert told == [each[:4] for each in before["profiles"]]
    assert import_(home, csv(tmp_path, "more.csv", "order_id,ordered_at,amount\n2,2026-01-02 12:00,10.00\n"))
    assert asked(home, "SELECT count(*) FROM qualities") == [(1,)]
