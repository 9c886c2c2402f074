"""The coordinator's folder: the key of the witness is made once, and never in place of one that has cosigned."""

from pathlib import Path

import pytest

from coordinator.errors import CoordinatorError
from coordinator.office import opened
from privacy.ledger.note import Algorithm, Verifier
from privacy.signing.keyfile import BadSigningKey
from tests.coordinator.house import joined, make_home
from tests.coordinator.ledger import a_ledger
from tests.databases import Databases


def test_a_new_coordinator_is_a_witness_under_its_own_key(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    assert home.witness_key_file.stat().st_mode & 0o777 == 0o600
    with opened(home) as office:
        vkey = Verifier.parse(office.witness)
        assert (vkey.name, vkey.algorithm) == ("npu.example/witness", Algorithm.COSIGNATURE_V1)
        assert vkey.public_key == office.witness_key.public_key().public_bytes_raw() != office.public_key
        first = office.witness
    with opened(home) as office:
        assert office.witness == first


def test_an_older_folder_gets_a_witness_once(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    home.witness_key_file.unlink()
    with opened(home) as office:
        first = office.witness
    with opened(home) as office:
        assert office.witness == first


def test_a_lost_key_that_has_cosigned_is_never_made_anew(databases: Databases, tmp_path: Path) -> None:
    with databases.one() as store:
        home = make_home(tmp_path, store=store)
        with opened(home) as office:
            museum = joined(office, "museum")
            a_ledger(office, museum).request(0).send(office, museum.caller)
        home.witness_key_file.unlink()
        with pytest.raises(BadSigningKey, match="backup"), opened(home):
            pass
        assert not home.witness_key_file.exists()


def test_a_store_in_use_is_no_place_for_a_new_coordinator(databases: Databases, tmp_path: Path) -> None:
    with databases.one() as store:
        home = make_home(tmp_path, store=store)
        with opened(home) as office:
            joined(office, "museum")
        home.settings_file.unlink()
        with pytest.raises(CoordinatorError, match="backup"):
            make_home(tmp_path, store=store)
