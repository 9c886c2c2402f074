"""Whoever objects is in no release from then on: after later imports, an undone one, a new identity key."""

from datetime import date
from pathlib import Path

import pytest

from node.controller.objecting import add, on_list, only_consenting, withdraw
from node.controller.people import people_of
from node.errors import FileDamaged
from node.home import Home, write_private
from node.release.prepare import exact_vectors
from node.store import leave, undo
from node.store.database import locked, opened
from privacy.bounds.windows import twelve_months_to
from privacy.identity.chain import KeyChain
from privacy.studies.study import find
from tests.node.controller.house import files_with, line, sales
from tests.node.ingest.house import IDENTITY_KEY, asked, import_, new_home

KARI = people_of(["kari.nordmann@example.no"])
STUDY = find("benchmark")
OTHER_KEY = bytes(range(64, 96))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def released(home: Home) -> int:
    """Customers in the exact cells that a release's noise is made for."""
    with opened(home) as connection:
        vectors = exact_vectors(connection, STUDY, twelve_months_to(date(2026, 10, 31)), "Europe/Oslo")
    return int(
        next(cells for (table, measure), cells in vectors.items() if (table, measure.value) == ("totals", "customers"))[
            0
        ]
    )


def three(tmp_path: Path) -> Path:
    return sales(tmp_path, *(line(f"A{who}", who=who) for who in ("kari", "ola", "eva")))


def test_objecting_counts_at_once_and_stays_in_own_figures(home: Home, tmp_path: Path) -> None:
    import_(home, three(tmp_path))
    assert released(home) == 3
    changed = add(home, KARI)
    assert (changed.asked, changed.changed, changed.objecting) == (1, 1, 1)
    assert released(home) == 2
    assert asked(home, "SELECT count(*) FROM customers WHERE identified") == [(3,)]
    assert files_with(home.path, b"nordmann") == []
    assert add(home, KARI).changed == 0
    assert withdraw(home, KARI).objecting == 0
    assert released(home) == 3


def test_before_any_import_and_after_the_next(home: Home, tmp_path: Path) -> None:
    add(home, KARI)
    import_(home, three(tmp_path))
    assert released(home) == 2
    import_(home, sales(tmp_path, line("B1", who="kari"), name="more.csv"))
    import_(home, three(tmp_path), anew=True)
    assert released(home) == 2


def test_an_undone_import_brings_nobody_back_into_releases(home: Home, tmp_path: Path) -> None:
    import_(home, three(tmp_path))
    import_(home, sales(tmp_path, line("B1", who="per"), name="more.csv"))
    add(home, KARI)
    with locked(home):
        undo.undo(home)
    assert released(home) == 2


def test_a_store_from_a_backup_settles_with_the_list(home: Home, tmp_path: Path) -> None:
    import_(home, three(tmp_path))
    backup = home.store_file.read_bytes()
    add(home, KARI)
    home.store_file.write_bytes(backup)
    assert released(home) == 2


def test_a_later_epoch_of_the_identity_key(home: Home, tmp_path: Path) -> None:
    import_(home, three(tmp_path))
    add(home, KARI)
    chain = KeyChain.from_private_bytes(IDENTITY_KEY.hex().encode()).extended()
    write_private(home.identity_key_file, chain.private_bytes())
    assert released(home) == 2
    import_(home, sales(tmp_path, line("B1", who="kari"), name="more.csv"))
    assert released(home) == 2
    assert asked(home, "SELECT count(*) FROM customers WHERE NOT released") == [(1,)]


def test_another_identity_key_finds_them_when_their_addresses_come_again(home: Home, tmp_path: Path) -> None:
    import_(home, three(tmp_path))
    add(home, KARI)
    write_private(home.identity_key_file, OTHER_KEY.hex().encode())
    import_(home, three(tmp_path), anew=True)
    assert released(home) == 2
    assert on_list(home, people_of(["ola.nordmann@example.no", "KARI.nordmann@example.no"])) == [False, True]
    assert withdraw(home, KARI).changed == 1
    assert released(home) == 3


def test_only_who_consents(home: Home, tmp_path: Path) -> None:
    import_(
        home,
        sales(
            tmp_path,
            line("A1", who="kari", consents="true"),
            line("A2", who="ola", consents="false"),
            line("A3", who="eva"),
            line("A4", who="per", consents="true"),
        ),
    )
    assert released(home) == 4
    only_consenting(home, on=True)
    assert released(home) == 2
    add(home, KARI)
    assert released(home) == 1
    only_consenting(home, on=False)
    assert released(home) == 3


def test_a_list_that_cannot_be_read_stops_everything(home: Home, tmp_path: Path) -> None:
    import_(home, three(tmp_path))
    add(home, KARI)
    home.leave_file.write_bytes(home.leave_file.read_bytes()[:-20])
    with pytest.raises(FileDamaged, match="must not be in a release"):
        released(home)
    with pytest.raises(FileDamaged):
        leave.read(home)
