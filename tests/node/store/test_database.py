"""The store's file: one process at a time, nobody else's eyes, and clear words where it cannot be opened."""

import stat
from datetime import date
from pathlib import Path

import pytest

from node.controller.objecting import add
from node.controller.people import people_of
from node.errors import StoreBusy, StoreDamaged
from node.store.database import opened
from node.store.frozen import bind, freeze
from privacy.bounds.windows import twelve_months_to
from tests.node.ingest.house import asked, csv, import_, new_home, store_of
from tests.node.store.older import WITH_WORDS


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


WITHOUT_NOTES = """
    ALTER TABLE profiles DROP COLUMN by_phone; ALTER TABLE profiles DROP COLUMN consents;
    ALTER TABLE profiles DROP COLUMN first_on; DROP TABLE import_notes; DROP TABLE qualities;
"""
WITHOUT_LISTS = "DROP TABLE freezes; DROP TABLE frozen;"
WITHOUT_PERFORMANCES = "DROP TABLE performances; ALTER TABLE sales DROP COLUMN event_no;"
WITHOUT_STARTS = "ALTER TABLE order_lines DROP COLUMN event_start; ALTER TABLE events DROP COLUMN listed_start;"


@pytest.mark.parametrize(
    ("version", "lacking", "listed"),
    [
        ("1", WITHOUT_NOTES + WITHOUT_LISTS + WITHOUT_PERFORMANCES + WITHOUT_STARTS, 0),
        ("2", WITHOUT_NOTES + WITHOUT_STARTS, 1),
        ("2", WITHOUT_LISTS + WITHOUT_PERFORMANCES, 0),
    ],
)
def test_a_store_of_an_older_version_is_taken_along(tmp_path: Path, version: str, lacking: str, listed: int) -> None:
    """What was imported stays to the last row, the list of a sketch too, and so does who objects."""
    home = new_home(tmp_path / "home")
    head = "order_id,ordered_at,event_id,amount,email\n"
    rows = "1,2026-01-01 12:00,E1,10.00,a@example.no\n2,2026-01-01 12:00,E1,10.00,b@example.no\n"
    import_(home, csv(tmp_path, "sales.csv", head + rows))
    with opened(home) as connection:
        freeze(connection, home.identity_chain(), "2026", twelve_months_to(date(2026, 1, 31)), 1024)
        bind(connection, "2026", "sha256:00")
    sketch = asked(home, "FROM frozen ORDER BY match_id")
    assert len(sketch) == 2
    add(home, people_of(["b@example.no"]))
    before = store_of(home)
    asked(home, f"{WITH_WORDS} {lacking} UPDATE meta SET value = '{version}' WHERE key = 'schema'; SELECT 1")
    after = store_of(home)
    if "by_phone" in lacking:  # which no older store can tell
        before["profiles"] = [(*each[:4], None, *each[5:]) for each in before["profiles"]]
    assert after == before
    assert asked(home, "SELECT value FROM meta WHERE key = 'schema'") == [("4",)]
    assert asked(home, "SELECT count(*) FROM customers WHERE NOT released") == [(1,)]
    assert asked(home, "FROM frozen ORDER BY match_id") == (sketch if listed else [])
    assert asked(home, "SELECT epoch, sketch_digest FROM freezes") == [("2026", "sha256:00")] * listed
    more = "order_id,ordered_at,event_id,amount,email\n3,2026-01-02 12:00,E1,10.00,c@example.no\n"
    assert import_(home, csv(tmp_path, "more.csv", more)).can_be_undone
    assert asked(home, "SELECT count(*) FROM qualities WHERE import_no = 2") == [(1,)]
    assert asked(home, "SELECT event_id FROM performances") == [("E1",)]
