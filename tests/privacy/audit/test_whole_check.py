"""What is found over the whole of a bundle: whose it is, and what stands in it besides."""

from dataclasses import replace
from pathlib import Path

import pytest

from coordinator.authority import ca
from privacy.audit.bundle import write
from privacy.audit.certificates_check import fingerprint
from privacy.audit.network import audit_network
from privacy.audit.reading import open_bundle
from privacy.audit.verdict import Verdict
from privacy.audit.whole_check import Pinned
from tests.privacy.audit import federation as made
from tests.privacy.audit import houses
from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.test_other_findings import Change, codes


def test_a_bundle_that_names_other_keys_than_the_auditor_has(tmp_path: Path) -> None:
    pinned = Pinned(houses.DOMAIN, coordinator_key="00" * 32)
    assert codes(tmp_path, federation().files(), pinned) == {"PIN_DIFFERS"}


def test_a_bundle_of_another_authority_than_the_auditor_has(tmp_path: Path) -> None:
    """The coordinator has changed its authority, and has issued every certificate anew."""
    network = federation()
    pinned = Pinned(houses.DOMAIN, authority=fingerprint(network.authority.pem))
    assert codes(tmp_path / "1", network.files(), pinned) == set()
    network.authority = ca.make(houses.DOMAIN, houses.START)
    network.certificates = [made.certificate(network.authority, c.holder, c.issued) for c in network.certificates]
    assert codes(tmp_path / "2", network.files()) == set()
    assert codes(tmp_path / "3", network.files(), pinned) == {"PIN_DIFFERS"}


def test_a_bundle_of_another_network_than_the_auditor_has_joined(tmp_path: Path) -> None:
    pinned = Pinned("other.example", coordinator_key="00" * 32)
    assert codes(tmp_path / "1", federation().files(), pinned) == {"OTHER_NETWORK"}
    assert codes(tmp_path / "2", federation().files(), replace(pinned, fetched=True)) == {"PIN_DIFFERS"}


def test_a_bundle_without_its_authority_and_with_a_file_of_its_own(tmp_path: Path) -> None:
    files = [each for each in federation().files() if not each[0].endswith("authority.pem")]
    folder = write(files, tmp_path / "bundle").path
    (folder / "public" / "notes.txt").write_text("x")
    with open_bundle(folder) as bundle:
        assert {each.code for each in audit_network(bundle).findings} == {"AUTHORITY_MISSING", "STRANGE_FILE"}


def hidden_ledger(network: Federation) -> None:
    network.nodes["house-b"].hidden = True


def of_a_node_that_is_no_member(network: Federation) -> None:
    network.source = "node"
    del network.members[1]


@pytest.mark.parametrize(
    ("change", "code", "subject"),
    [(hidden_ledger, "LEDGER_MISSING", "house-b"), (of_a_node_that_is_no_member, "MEMBER_UNKNOWN", "house-b")],
)
def test_a_list_of_members_is_held_against_the_rest(tmp_path: Path, change: Change, code: str, subject: str) -> None:
    """Also in a bundle that says that a node made it."""
    network = federation()
    change(network)
    with open_bundle(network.write(tmp_path / "bundle")) as bundle:
        found = audit_network(bundle)
    assert found.verdict is Verdict.VIOLATION
    assert (code, subject) in {(each.code, each.subject) for each in found.findings}
