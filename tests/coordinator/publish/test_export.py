"""What an auditor takes along: everything, in the form that the auditor's own code reads, and not a byte too much."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from coordinator.errors import ClockApart
from coordinator.ledgers import replica
from coordinator.members import members
from coordinator.office import Office
from coordinator.publish import export, publications
from coordinator.publish.publishing import draft, publish_round
from coordinator.rounds import rounds
from coordinator.rounds.submissions import releases
from privacy.audit.bundle import envelope_of, write
from privacy.audit.reading import Bundle
from privacy.audit.records import Dsse, ReleaseLine
from tests.coordinator.house import NOW, a_message, a_round, institution, joined, signed
from tests.coordinator.ledger import a_ledger, send
from tests.coordinator.publish.test_publishing import LATER, figures


@pytest.fixture
def network(office: Office) -> Office:
    """Six members, a published round and one that is not, a member that never came, and one that wrote much."""
    museums = [joined(office, f"house-{index}") for index in range(6)]
    a_round(office, "one")
    for number, each in enumerate(museums):
        send(office, each, "one", signed(each, a_message(each, figures(number))))
    rounds.close(office.store, "one", LATER)
    publish_round(office, draft(office, "one", LATER), LATER)
    a_round(office, "two")
    send(office, museums[0], "two", signed(museums[0], a_message(museums[0], figures(0))))
    rounds.abort(office.store, "two", "a wrong deadline", NOW)
    members.invite(office, institution("invited"), NOW)
    museum = joined(office, "writes-much")
    ledger = a_ledger(office, museum).grow(400)
    for old, size in ((0, 201), (201, 402)):
        ledger.request(old, size).send(office, museum.caller)
    return office


def taken(office: Office, *, restricted: bool) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path, content in export.files(office, LATER, restricted=restricted):
        assert path not in files or list(files)[-1] == path
        files[path] = files.get(path, b"") + content
    return files


def lines(content: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in content.splitlines()]


def test_the_public_part_has_everything_but_releases(network: Office) -> None:
    files = taken(network, restricted=False)
    assert all(path.startswith("public/") for path in files)
    said = json.loads(files["public/bundle.json"])
    assert (said["kind"], said["source"], said["trust_domain"]) == ("public", "coordinator", "npu.example")
    assert (said["coordinator_key"], said["witness"]) == (network.public_key.hex(), network.witness)
    assert files["public/authority.pem"] == network.authority.pem
    listed = {each["member"]: each["state"] for each in lines(files["public/members.jsonl"])}
    assert listed == {f"house-{index}": "active" for index in range(6)} | {
        "invited": "invited",
        "writes-much": "active",
    }
    assert {each["holder"] for each in lines(files["public/certificates.jsonl"])} == set(listed) - {"invited"}
    ledgers = {path.split("/")[2] for path in files if path.startswith("public/ledgers/")}
    assert ledgers == set(listed) - {"invited"}
    assert json.loads(files["public/rounds/two/round.json"])["reason"] == "a wrong deadline"
    releases_as_sent = [each.envelope for each in releases(network.store, "one")]
    assert not any(envelope[200:400] in content for envelope in releases_as_sent for content in files.values())


def test_leaves_and_notes_are_what_was_cosigned_byte_for_byte(network: Office) -> None:
    files = taken(network, restricted=False)
    for member, sizes in (("house-0", [3]), ("writes-much", [201, 402])):
        leaves = files[f"public/ledgers/{member}/leaves.jsonl"].split(b"\n")
        assert leaves.pop() == b""
        assert leaves == list(replica.leaves(network.store, member, sizes[-1]))
        notes = {path.rpartition("/")[2]: files[path] for path in files if f"/{member}/checkpoints/" in path}
        assert notes == {f"{size}.note": note for size, note in replica.notes(network.store, member, sizes[-1])}
        assert list(notes) == [f"{size}.note" for size in sizes]


def test_what_was_signed_can_be_built_again_from_it(network: Office, tmp_path: Path) -> None:
    write(export.files(network, LATER, restricted=True), tmp_path / "bundle")

    def envelope(path: Path) -> bytes:
        return envelope_of(Dsse.model_validate_json(path.read_bytes()))

    public = tmp_path / "bundle" / "public"
    for name in ("one", "two"):
        assert envelope(public / "rounds" / name / "announcement.json") == rounds.announcement(network.store, name)
    assert envelope(public / "benchmarks" / "one" / "1.json") == publications.envelope(network.store, "one")
    for number in range(6):
        file = tmp_path / "bundle" / "restricted" / "releases" / f"house-{number}.jsonl"
        records = [ReleaseLine.model_validate_json(line) for line in file.read_bytes().splitlines()]
        assert [each.round for each in records] == (["one", "two"] if number == 0 else ["one"])
        (sent,) = [each for each in releases(network.store, "one") if each.member == f"house-{number}"]
        assert (envelope_of(records[0]), records[0].received) == (sent.envelope, sent.received)


def test_the_auditors_code_reads_it_from_a_folder_and_from_a_tar(network: Office, tmp_path: Path) -> None:
    for name in ("bundle", "bundle.tar"):
        write(export.files(network, LATER, restricted=True), tmp_path / name)
        with Bundle(tmp_path / name) as bundle:
            assert not bundle.strangers


def test_what_comes_in_while_it_is_read_is_not_in_it(network: Office) -> None:
    """And it waits for nobody: a member's ledger grows between two files."""
    before = taken(network, restricted=True)
    reading = export.files(network, LATER, restricted=True)
    files = dict([next(reading)])
    late = joined(network, "late")
    a_ledger(network, late).request(0).send(network, late.caller)
    leaves = before["public/ledgers/writes-much/leaves.jsonl"].splitlines()
    for path, content in reading:
        files[path] = files.get(path, b"") + content
    assert files == before
    assert len(leaves) == 402


def test_no_bundle_is_older_than_what_is_in_it(network: Office) -> None:
    """A clock that was ahead has dated something to come: an auditor would take that for forged."""
    with pytest.raises(ClockApart, match="when that time has come"):
        next(export.files(network, LATER - timedelta(hours=1), restricted=False))
    assert next(export.files(network, LATER - timedelta(seconds=30), restricted=False))


def test_an_empty_network_has_a_bundle_too(office: Office) -> None:
    files = taken(office, restricted=True)
    assert list(files) == [
        "public/bundle.json",
        "public/authority.pem",
        "public/certificates.jsonl",
        "public/members.jsonl",
        "restricted/bundle.json",
    ]
    assert files["public/members.jsonl"] == b""
