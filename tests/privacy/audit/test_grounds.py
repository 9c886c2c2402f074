"""What a report rests on, what it says of itself besides the verdict, and bundles packed by others."""

import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from privacy.audit.joined import Home, Membership
from privacy.files import write_private
from privacy.signing.envelope import public_key_text
from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.houses import COORDINATOR, DOMAIN, VERIFIER, key_of
from tests.privacy.audit.test_cli import audit

Pack = Callable[[Path, Path], Path]


@pytest.fixture
def network() -> Federation:
    return federation()


def joined(folder: Path, network: Federation, **other: str) -> Path:
    """The folder of an auditor of the network, or of one that has other keys."""
    known = {"coordinator_key": public_key_text(COORDINATOR.public_key()), "witness": VERIFIER} | other
    home = Home(folder)
    home.write(Membership(trust_domain=DOMAIN, address="localhost:1", id="npu", name="The auditor", **known))
    write_private(home.authority, network.authority.pem)
    return folder


def test_keys_that_nothing_vouches_for_are_told(network: Federation, tmp_path: Path) -> None:
    bundle = network.write(tmp_path / "bundle")
    key = public_key_text(COORDINATOR.public_key())
    ended = audit(tmp_path / "nobody", "network", bundle, "--report", tmp_path / "r.html")
    assert "that the keys are the network's" in ended.out
    assert key[:16] in ended.out
    report = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert key in report
    assert "nothing that the auditor has vouches for them" in report
    said = audit(tmp_path / "nobody", "ledger", bundle, "--json").json
    assert (said["pinned"], said["coordinator_key"], said["witness"]) == (False, key, VERIFIER)
    known = joined(tmp_path / "home", network)
    assert audit(known, "network", bundle, "--json").json["pinned"]
    assert "that the keys are the network's" not in audit(known, "network", bundle).out


def test_another_key_than_the_one_of_joining_is_named_with_it(network: Federation, tmp_path: Path) -> None:
    other = public_key_text(key_of("another").public_key())
    home = joined(tmp_path / "home", network, coordinator_key=other)
    ended = audit(home, "network", network.write(tmp_path / "bundle"), "--json")
    assert ended.status == 3
    (found,) = (each for each in ended.json["findings"] if each["code"] == "PIN_DIFFERS")
    assert other in found["sentence"]
    assert public_key_text(COORDINATOR.public_key()) in found["sentence"]


def test_the_digest_is_what_sha256sum_says(network: Federation, tmp_path: Path) -> None:
    folder, packed = network.write(tmp_path / "bundle"), network.write(tmp_path / "bundle.tar")
    told = "find public restricted -type f | LC_ALL=C sort | xargs sha256sum | sha256sum"
    expected = subprocess.run(
        ["sh", "-c", told], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.split()[0]
    for each in (folder, packed):
        (bundle,) = audit(tmp_path / "home", "ledger", each, "--json").json["bundles"]
        assert (bundle["path"], bundle["sha256"]) == (str(each), expected)


@pytest.mark.parametrize("command", [("network",), ("round",), ("ledger",)])
def test_a_report_without_a_folder_is_refused_first(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = audit(tmp_path / "home", *command, tmp_path / "no-bundle", "--report", tmp_path / "none" / "r.html")
    assert ended.status == 2
    assert str(tmp_path / "none") in ended.err


def test_a_report_on_ledgers_alone(network: Federation, tmp_path: Path) -> None:
    bundle = network.write(tmp_path / "bundle")
    ended = audit(tmp_path / "home", "ledger", bundle, "--member", "House B", "--report", tmp_path / "r.html")
    assert ended.out.startswith("SOUND   1 member ")
    report = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "1 ledger, 2 ledger-years" in report
    assert "Highest spending: House B" in report


def test_a_round_in_a_line(network: Federation, tmp_path: Path) -> None:
    ended = audit(tmp_path / "home", "round", network.write(tmp_path / "bundle"), "year-2025")
    line = "year-2025 · 2025-01-01/2025-12-31 · 7 of 7 released · version 1: 124 figures, all equal · version 2: 124"
    assert line in " ".join(ended.out.split())


def test_a_round_that_is_not_published(network: Federation, tmp_path: Path) -> None:
    asked = network.rounds["year-2025"]
    asked.record = asked.record.model_copy(update={"state": "open", "ended": None})
    network.benchmarks = {key: each for key, each in network.benchmarks.items() if key[0] != "year-2025"}
    network.nodes["house-g"].sent.pop()
    ended = audit(tmp_path / "home", "round", network.write(tmp_path / "bundle"), "year-2025")
    said = " ".join(ended.out.split())
    assert f"6 of 7 released · open until {asked.record.deadline:%Y-%m-%d %H:%M} UTC, not published yet" in said


def test_what_is_wrong_with_the_whole_ledger_is_wrong_with_its_entries(network: Federation, tmp_path: Path) -> None:
    node = network.nodes["house-b"]
    node.notes[max(node.notes)] = network.nodes["house-c"].notes[max(node.notes)]
    bundle = network.write(tmp_path / "bundle")
    assert audit(tmp_path / "home", "ledger", bundle, "--member", "house-b").status == 3
    ended = audit(tmp_path / "home", "explain", "1", "--bundle", bundle, "--member", "house-b")
    assert ended.status == 3
    assert ended.out.startswith("VIOLATION   House B, entry 1\n")
    assert "The whole ledger: " in ended.out


def test_tables_are_counted_once(network: Federation, tmp_path: Path) -> None:
    bundle = network.write(tmp_path / "bundle")
    said = " ".join(audit(tmp_path / "home", "explain", "3", "--bundle", bundle, "--member", "house b").out.split())
    assert "50 figures in 3 tables" in said
    assert "1 in 1 000 000" in said


def folder_in_a_tar(bundle: Path, out: Path) -> Path:
    with tarfile.open(out.with_suffix(".tar"), "w") as tar:
        tar.add(bundle, "npu-2026")
    return out.with_suffix(".tar")


def folder_in_a_folder(bundle: Path, out: Path) -> Path:
    shutil.copytree(bundle, out / "npu-2026")
    return out


@pytest.mark.parametrize("pack", [folder_in_a_tar, folder_in_a_folder])
def test_a_bundle_one_folder_down(network: Federation, tmp_path: Path, pack: Pack) -> None:
    packed = pack(network.write(tmp_path / "bundle"), tmp_path / "packed")
    assert audit(tmp_path / "home", "network", packed).status == 0


def test_a_compressed_tar_is_to_be_unpacked(network: Federation, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bundle.tgz", "w:gz") as tar:
        tar.add(network.write(tmp_path / "bundle"), ".")
    ended = audit(tmp_path / "home", "network", tmp_path / "bundle.tgz")
    assert ended.status == 2
    assert "Unpack it" in ended.err
