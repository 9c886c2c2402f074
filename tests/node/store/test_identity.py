"""Stores and the identity key that they were filled under: no mixing, imports anew, rotation without the exports."""

import subprocess
import sys
from pathlib import Path

import pytest

from node.errors import ImportRefused, NodeError
from node.home import Home
from node.store import rotate as rotating
from node.store.database import opened
from node.store.identity import forget, holds_rows, identity_of
from node.store.rotate import RotationRefused, advance, rotate, settle
from privacy.identity.chain import KeyChain, chained
from privacy.identity.match import IdentityKey
from tests.node.ingest.house import IDENTITY_KEY, asked, csv, import_, matched, new_home, store_of, totals

CHAIN = KeyChain((IdentityKey(IDENTITY_KEY),))
ROTATED = KeyChain((*CHAIN.keys, IdentityKey(b"\x01" * 32), IdentityKey(b"\x02" * 32)))
OTHER = KeyChain((IdentityKey(b"\x03" * 32),))

HEAD = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,customer_key,email,phone\n"
SALES = HEAD + (
    "A,1,2025-03-01T18:00:00Z,E1,Voksen,1,100.00,1001,kari@example.no,\n"
    "A,2,2025-03-01T18:00:00Z,E1,Voksen,1,100.00,1001,kari@example.no,\n"
    "B,1,2025-03-02T18:00:00Z,E1,Voksen,2,200.00,,ola@example.no,\n"
    "C,1,2025-03-03T18:00:00Z,E1,Barn,1,50.00,,,40612345\n"
    "D,1,2025-03-04T18:00:00Z,E1,Barn,1,50.00,Kari Nordmann,KARI@example.no,\n"
    "E,1,2025-03-05T18:00:00Z,E1,Barn,1,50.00,2002,,\n"
    "F,1,2025-03-05T18:00:00Z,E1,Barn,1,50.00,,billett@fjordteatret.no,\n"
    "G,1,2025-03-05T18:00:00Z,E1,Barn,1,50.00,,,\n"
)
LATER = HEAD + "H,1,2025-04-01T18:00:00Z,E2,Voksen,1,100.00,,ola@example.no,\n"


def give(home: Home, chain: KeyChain) -> None:
    """The node's key file, with another chain."""
    home.identity_key_file.write_bytes(chain.private_bytes())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return csv(tmp_path, "salg.csv", SALES)


def kept(home: Home) -> bytes | None:
    with opened(home) as connection:
        return identity_of(connection)


def ids(home: Home) -> dict[str, bytes | None]:
    """Match ids by their profile's key."""
    found = asked(home, "SELECT customer_key, match_id FROM profiles")
    return {key: None if matched is None else bytes(matched) for key, matched in found}


def test_a_file_of_one_key_and_one_of_several(home: Home) -> None:
    assert home.identity_chain() == CHAIN
    give(home, ROTATED)
    assert home.identity_chain() == ROTATED
    for damaged in (b"", b"11" * 31, b"11" * 32 + b"\nx"):
        home.identity_key_file.write_bytes(damaged)
        with pytest.raises(NodeError, match="backup") as refusal:
            home.identity_chain()
        assert "1111" not in str(refusal.value)
    home.identity_key_file.unlink()
    with pytest.raises(NodeError, match="backup"):
        home.identity_chain()


def test_names_of_profiles_are_the_same_in_every_epoch(home: Home, sales: Path, tmp_path: Path) -> None:
    import_(home, sales)
    later = new_home(tmp_path / "later")
    give(later, ROTATED)
    import_(later, sales)
    old, new = ids(home), ids(later)
    assert old.keys() == new.keys()
    assert len(old) == 6
    for key, before in old.items():
        assert new[key] == (None if before is None else chained(ROTATED, [before])[0])
    assert chained(ROTATED, [matched("kari@example.no")])[0] == new["1001"]
    assert asked(home, "SELECT order_id, customer_key FROM order_lines ORDER BY ALL") == asked(
        later, "SELECT order_id, customer_key FROM order_lines ORDER BY ALL"
    )


def test_an_import_writes_down_its_key(home: Home, sales: Path) -> None:
    import_(home, sales)
    assert kept(home) == CHAIN.commitment()
    assert asked(home, "SELECT value FROM meta WHERE key = 'identity'") == [(CHAIN.commitment().hex(),)]


def test_another_key_is_refused(home: Home, sales: Path, tmp_path: Path) -> None:
    import_(home, sales)
    before = store_of(home)
    give(home, OTHER)
    with pytest.raises(ImportRefused, match="--anew") as refusal:
        import_(home, csv(tmp_path, "senere.csv", LATER))
    assert refusal.value.reason == "IMPORT_REFUSED"
    assert store_of(home) == before
    assert kept(home) == CHAIN.commitment()
    give(home, CHAIN)
    assert import_(home, sales).files[0].lines_unchanged == 8


def test_a_shorter_chain_than_the_stores_is_refused(home: Home, sales: Path) -> None:
    give(home, ROTATED)
    import_(home, sales)
    give(home, ROTATED.until(1))
    with pytest.raises(ImportRefused):
        import_(home, sales)


def test_anew_takes_out_everything_first(home: Home, sales: Path, tmp_path: Path) -> None:
    import_(home, sales)
    import_(home, csv(tmp_path, "senere.csv", LATER), source="other")
    give(home, OTHER)
    report = import_(home, sales, anew=True)
    assert report.files[0].lines_new == 8
    clean = new_home(tmp_path / "clean")
    give(clean, OTHER)
    import_(clean, sales)
    assert store_of(home) == store_of(clean)
    assert kept(home) == OTHER.commitment()
    assert asked(home, "SELECT count(*), max(import_no) FROM imports") == [(1, 3)]
    assert import_(home, sales).files[0].lines_unchanged == 8


def test_anew_that_fails_leaves_everything(home: Home, sales: Path, tmp_path: Path) -> None:
    import_(home, sales)
    before = store_of(home)
    give(home, OTHER)
    broken = csv(tmp_path, "feil.csv", HEAD + "A,1,not a time,E1,Voksen,1,100.00,,,\n" * 9)
    with pytest.raises(ImportRefused):
        import_(home, broken, anew=True)
    assert store_of(home) == before
    assert kept(home) == CHAIN.commitment()


def test_a_store_without_rows_takes_any_key(home: Home, sales: Path) -> None:
    import_(home, sales)
    with opened(home) as connection:
        forget(connection)
        assert not holds_rows(connection)
    give(home, OTHER)
    import_(home, sales)
    assert kept(home) == OTHER.commitment()


def test_a_store_from_before_is_of_the_one_key(home: Home, sales: Path) -> None:
    import_(home, sales)
    asked(home, "DELETE FROM meta WHERE key = 'identity'")
    assert import_(home, sales).files[0].lines_unchanged == 8
    assert kept(home) == CHAIN.commitment()
    asked(home, "DELETE FROM meta WHERE key = 'identity'")
    give(home, ROTATED)
    with pytest.raises(ImportRefused):
        import_(home, sales)
    with pytest.raises(RotationRefused):
        rotate(home)
    give(home, CHAIN)
    assert rotate(home) == 0
    give(home, ROTATED)
    assert rotate(home) == 2


def test_a_rotated_store_is_one_imported_with_the_longer_chain(home: Home, sales: Path, tmp_path: Path) -> None:
    import_(home, sales)
    give(home, ROTATED)
    assert rotate(home) == 2
    clean = new_home(tmp_path / "clean")
    give(clean, ROTATED)
    import_(clean, sales)
    assert store_of(home) == store_of(clean)
    assert kept(home) == ROTATED.commitment()
    assert rotate(home) == 0
    assert store_of(home) == store_of(clean)


def test_after_a_rotation_customers_and_lines_are_known_again(home: Home, sales: Path, tmp_path: Path) -> None:
    import_(home, sales)
    give(home, ROTATED.until(1))
    assert rotate(home) == 1
    before = store_of(home)
    item = import_(home, sales).files[0]
    assert (item.lines_new, item.lines_updated, item.lines_unchanged) == (0, 0, 8)
    assert store_of(home) == before
    assert asked(home, "SELECT DISTINCT import_no FROM profiles") == [(1,)]
    customers = asked(home, "SELECT count(*) FROM customers")
    import_(home, csv(tmp_path, "senere.csv", LATER))
    assert asked(home, "SELECT count(*) FROM customers") == customers
    assert totals(home)[0] == 8


def test_an_import_under_a_longer_chain_rotates_the_store_first(home: Home, sales: Path, tmp_path: Path) -> None:
    """As after a node that was killed between writing the key and rotating, or a store from a backup."""
    import_(home, sales)
    give(home, ROTATED)
    import_(home, csv(tmp_path, "senere.csv", LATER))
    clean = new_home(tmp_path / "clean")
    give(clean, ROTATED)
    import_(clean, sales)
    import_(clean, tmp_path / "senere.csv")
    assert store_of(home) == store_of(clean)


def test_no_rotation_to_a_key_that_is_none_of_the_chain(home: Home, sales: Path) -> None:
    assert rotate(home) == 0
    assert not home.store_file.exists()
    import_(home, sales)
    before = store_of(home)
    for chain in (OTHER, OTHER.extended(), KeyChain((*OTHER.keys, *CHAIN.keys))):
        give(home, chain)
        with pytest.raises(RotationRefused) as refusal:
            rotate(home)
        assert refusal.value.reason == "ROTATION_REFUSED"
        assert store_of(home) == before


class Halfway(Exception):
    """Something went wrong."""


def rotate_halfway(home: Home) -> None:
    """A rotation up to an error."""
    with opened(home) as connection:
        connection.execute("BEGIN")
        assert advance(connection, ROTATED, say=lambda _: None) == 2
        assert identity_of(connection) == ROTATED.commitment()
        raise Halfway


def test_an_error_in_a_rotation_leaves_the_store(home: Home, sales: Path) -> None:
    import_(home, sales)
    before = store_of(home)
    give(home, ROTATED)
    with pytest.raises(Halfway):
        rotate_halfway(home)
    assert store_of(home) == before
    assert kept(home) == CHAIN.commitment()


KILLED = """
import os, sys
from pathlib import Path
from node.home import Home
from node.store import rotate as rotating

def killed(*_):
    os.kill(os.getpid(), 9)

rotating.derive = killed
rotating.rotate(Home(Path(sys.argv[1])))
"""


def test_a_rotation_killed_before_its_end_leaves_the_store(home: Home, sales: Path) -> None:
    import_(home, sales)
    before = store_of(home)
    give(home, ROTATED)
    assert subprocess.run([sys.executable, "-c", KILLED, str(home.path)]).returncode == -9
    assert store_of(home) == before
    assert kept(home) == CHAIN.commitment()
    assert rotating.rotate(home) == 2
    assert kept(home) == ROTATED.commitment()


def test_a_store_that_stands_where_its_chain_ends_is_not_touched(home: Home, sales: Path) -> None:
    import_(home, sales)
    with opened(home) as connection:
        said: list[str] = []
        settle(connection, CHAIN, anew=False, say=said.append)
        assert said == []
        assert advance(connection, CHAIN, say=said.append) == 0
