"""Doubts and notes, files that are broken, and findings that only some auditors can make."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from privacy.audit.bundle import File, checkpoint_file, header_file, leaves_file, write
from privacy.audit.codes import CODES, Severity
from privacy.audit.errors import UsageError
from privacy.audit.network import audit_ledgers, audit_network
from privacy.audit.reading import open_bundle
from privacy.audit.records import Header
from privacy.audit.verdict import Verdict
from privacy.audit.whole_check import Pinned
from privacy.bounds.windows import Window
from privacy.ledger.checkpoint import sign_checkpoint
from privacy.ledger.fields import format_time
from privacy.signing.envelope import RELEASE, sign
from privacy.studies.study import parse
from tests.privacy.audit import federation as made
from tests.privacy.audit import houses
from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.houses import STUDY, Node

Change = Callable[[Federation], None]
LATER = datetime(2026, 3, 1, tzinfo=UTC)


def house(network: Federation) -> Node:
    return network.nodes["house-b"]


def codes(folder: Path, files: list[File], pinned: Pinned | None = None) -> set[str]:
    with open_bundle(write(files, folder / "bundle").path) as bundle:
        report = audit_network(bundle, pinned=pinned)
    found = {each.code for each in report.findings}
    severities = {CODES[code].severity for code in found}
    violated, doubted = Severity.VIOLATION in severities, Severity.DOUBT in severities
    expected = Verdict.VIOLATION if violated else Verdict.CANNOT_TELL if doubted else Verdict.SOUND
    assert report.verdict is expected
    return found


# ---- violations that are broken files


def cost_overstated(network: Federation) -> None:
    leaf = house(network).spends()[0]
    leaf["parts"][0]["rho_u"] += 1
    leaf["rho_u"] += 1
    house(network).seal()


def release_early(network: Federation) -> None:
    house(network).sent[1].received = network.rounds["year-2025"].announcement.opened - timedelta(days=1)


def release_unreadable(network: Federation) -> None:
    house(network).sent[0].envelope = sign(RELEASE, b"", house(network).key)


def certificate_unreadable(network: Federation) -> None:
    network.certificates[0] = network.certificates[0].model_copy(update={"der": "AAAA"})


# ---- doubts


def study_unknown(network: Federation) -> None:
    other = parse(houses.TEXT.replace("version = 1", "version = 2", 1), "other.toml")
    house(network).release(other, houses.WINDOWS["year-2024"], None, LATER, [10**6] * other.cells)
    house(network).seal()


def not_covered(network: Federation) -> None:
    house(network).append(house(network).of_type("policy"), LATER)
    del house(network).sealed[-1]
    house(network).seal()


def capped_by_the_witness_alone(network: Federation) -> None:
    """Two releases that are dated more than a year apart, and were cosigned on one day."""
    node = house(network)
    node.of_type("policy")["cap_rho_u"] = 40_000
    node.sealed = [node.sealed[0], node.sealed[-1]]
    node.seal()


def no_checkpoint(network: Federation) -> None:
    house(network).notes, house(network).sealed = {}, []
    house(network).sent.clear()


def no_releases(network: Federation) -> None:
    network.releases_shown = False


def earlier_not_computable(network: Federation) -> None:
    """The second version is without a release that the first one had, and that nobody shows any more."""
    time = network.benchmark("year-2025", 2).published
    del network.benchmarks["year-2025", 2]
    network.publish("year-2025", 2, time, without=("house-b",))
    del house(network).sent[1]


# ---- notes


def recovered(network: Federation) -> None:
    given_up = {"type": "recovery", "old": "whole", "given_up": ["ab" * 32], "epsilon_u": 0, "rho_u": 1000}
    house(network).append(given_up, LATER)
    house(network).seal()


def recovered_blind(network: Federation) -> None:
    """The node's own copy was gone, and its key was not: what that copy had booked besides is gone with it."""
    given_up = {"type": "recovery", "old": "absent", "given_up": [], "epsilon_u": 0, "rho_u": 0}
    house(network).append(given_up, LATER)
    house(network).seal()


def recovered_unreadable(network: Federation) -> None:
    given_up = {"type": "recovery", "old": "unreadable", "given_up": [], "epsilon_u": 0, "rho_u": 0}
    house(network).append(given_up, LATER)
    house(network).seal()


def of_a_node(network: Federation) -> None:
    network.source = "node"


def delta_tiny(network: Federation) -> None:
    """The second accountant's numerical noise would else object to an honest member."""
    house(network).of_type("policy")["delta"] = "1/10000000000000000"
    house(network).seal()


def key_changed(network: Federation) -> None:
    house(network).append({"type": "key", "public_key": "ab" * 32}, LATER)
    house(network).sealed.pop()
    house(network).seal()


def policy_loosened(network: Federation) -> None:
    house(network).append({**house(network).of_type("policy"), "cap_rho_u": 10**6}, LATER)
    house(network).seal()


def delta_large(network: Federation) -> None:
    house(network).of_type("policy")["delta"] = "1/2"
    house(network).seal()


def witnessed_late(network: Federation) -> None:
    node = house(network)
    node.append({**node.of_type("policy"), "time": format_time(LATER)}, LATER)
    node.sealed[-1] = (len(node.leaves), LATER + timedelta(days=9))
    node.seal()


def seat_differs(network: Federation) -> None:
    network.members[1] = network.members[1].model_copy(update={"county": "03"})


def unsent(network: Federation) -> None:
    other = STUDY
    house(network).release(other, Window(date(2023, 1, 1), date(2023, 12, 31)), None, LATER, [10**6])
    house(network).seal()


def left_out_with_reason(network: Federation) -> None:
    """A first version may leave somebody out too, if it says why."""
    time = network.benchmark("year-2024", 1).published
    del network.benchmarks["year-2024", 1]
    network.publish("year-2024", 1, time, without=("house-g",), reason="Its import was wrong.")


VIOLATIONS: list[tuple[Change, str]] = [
    (cost_overstated, "COST_OVERSTATED"),
    (release_early, "RELEASE_LATE"),
    (release_unreadable, "RELEASE_UNREADABLE"),
    (certificate_unreadable, "CERTIFICATE_UNREADABLE"),
]
OTHERS: list[tuple[Change, str]] = [
    (study_unknown, "STUDY_UNKNOWN"),
    (not_covered, "NOT_COVERED"),
    (capped_by_the_witness_alone, "CAP_BY_WITNESSED_TIME"),
    (no_checkpoint, "NO_CHECKPOINT"),
    (no_releases, "RELEASES_NOT_SHOWN"),
    (recovered_blind, "RECOVERED_BLIND"),
    (recovered_unreadable, "RECOVERED_BLIND"),
    (of_a_node, "NODE_ALONE"),
    (delta_tiny, "SECOND_NOT_COMPUTABLE"),
    (earlier_not_computable, "EARLIER_NOT_COMPUTABLE"),
    (recovered, "RECOVERED"),
    (key_changed, "KEY_CHANGED"),
    (policy_loosened, "POLICY_LOOSENED"),
    (delta_large, "DELTA_LARGE"),
    (witnessed_late, "WITNESSED_LATE"),
    (seat_differs, "SEAT_DIFFERS"),
    (unsent, "UNSENT"),
    (left_out_with_reason, "LEFT_OUT_WITH_REASON"),
]


@pytest.mark.parametrize(("change", "code"), [*VIOLATIONS, *OTHERS])
def test_it_is_found(tmp_path: Path, change: Change, code: str) -> None:
    network = federation()
    change(network)
    assert code in codes(tmp_path, network.files())


@pytest.mark.parametrize("change", [recovered_blind, recovered_unreadable, of_a_node, delta_tiny])
def test_a_doubt_alone_is_no_violation(tmp_path: Path, change: Change) -> None:
    network = federation()
    change(network)
    assert {CODES[each].severity for each in codes(tmp_path, network.files())} == {Severity.DOUBT}


NOTES = [each for each in OTHERS if CODES[each[1]].severity is Severity.NOTE]


@pytest.mark.parametrize(("change", "code"), NOTES)
def test_a_note_alone_changes_no_verdict(tmp_path: Path, change: Change, code: str) -> None:
    network = federation()
    change(network)
    if code == "KEY_CHANGED":  # nobody has that key: what it should have signed is another matter
        return
    assert {CODES[each].severity for each in codes(tmp_path, network.files())} == {Severity.NOTE}


APART = ("LEDGER_EMPTY", "AUTHORITY_UNREADABLE", "PIN_DIFFERS", "AUTHORITY_MISSING", "STRANGE_FILE",
         "COORDINATOR_KEY_UNKNOWN", "OTHER_NETWORK",
         "THRESHOLDS_FOREIGN")  # fmt: skip
"""Found by the tests below, and by those of `test_whole_check` and `test_tiers`."""


def test_an_empty_ledger_and_an_authority_that_is_none(tmp_path: Path) -> None:
    files = [
        (path, b"" if path.endswith("house-b/leaves.jsonl") else b"x" if path.endswith("authority.pem") else content)
        for path, content in federation().files()
    ]
    assert {"LEDGER_EMPTY", "AUTHORITY_UNREADABLE"} <= codes(tmp_path, files)


def test_a_ledger_that_only_its_own_key_seals(tmp_path: Path) -> None:
    """A node writes its ledger anew, without a witness, and signs the checkpoint itself: that seals nothing."""
    network = federation()
    node = house(network)
    node.leaves = [leaf for leaf in node.leaves[:-1] if leaf["type"] != "witness"]
    node.renumber()
    note = sign_checkpoint(houses.checkpoint_of(node, len(node.leaves)), node.key)
    header = Header.model_validate_json(dict(network.files())["public/bundle.json"])
    for domain, pinned, found in (
        ("standalone", None, set()),
        ("standalone", Pinned(houses.DOMAIN, witness=houses.VERIFIER), {"OTHER_NETWORK"}),
        (houses.DOMAIN, Pinned(houses.DOMAIN, witness=houses.VERIFIER), {"PIN_DIFFERS"}),
    ):
        alone = header.model_copy(
            update={"source": "node", "witness": None, "coordinator_key": None, "trust_domain": domain}
        )
        files = [header_file(alone), *leaves_file(node.id, node.written())]
        files.append(checkpoint_file(node.id, len(node.leaves), note))
        with open_bundle(write(files, tmp_path / f"{domain}-{len(found)}").path) as bundle:
            report = audit_ledgers(bundle, given=[STUDY], pinned=pinned)
        assert {each.code for each in report.findings} == {"NO_CHECKPOINT", *found}


def test_what_is_no_ledger_is_not_read_to_its_end(tmp_path: Path) -> None:
    files = [
        (path, b"x\n" * 10_000 if path.endswith("house-b/leaves.jsonl") else content)
        for path, content in federation().files()
    ]
    with open_bundle(write(files, tmp_path / "bundle").path) as bundle:
        report = audit_network(bundle)
    assert sum(each.code == "LEAF_UNREADABLE" for each in report.findings) == 101
    assert {each.member for each in report.accounts if each.years} == set(made.MEMBERS) - {"house-b"}


@pytest.mark.parametrize("delta", ["999/1000", "999999999/1000000000"])
def test_a_large_delta_over_two_years_is_added_up(tmp_path: Path, delta: str) -> None:
    network = federation()
    house(network).of_type("policy")["delta"] = delta
    house(network).seal()
    assert codes(tmp_path, network.files()) == {"DELTA_LARGE"}


def test_a_bundle_that_names_no_coordinator(tmp_path: Path) -> None:
    network = federation()
    network.coordinator_shown = False
    assert "COORDINATOR_KEY_UNKNOWN" in codes(tmp_path, network.files())


def test_two_parts_of_different_moments_are_no_pair(tmp_path: Path) -> None:
    write(federation().files(), tmp_path / "now")
    later = replace(federation(), made=made.MADE + timedelta(days=1))
    write(later.files(), tmp_path / "later")
    with (
        open_bundle(tmp_path / "now" / "public") as bundle,
        open_bundle(tmp_path / "later" / "restricted") as restricted,
        pytest.raises(UsageError, match="exported together"),
    ):
        audit_network(bundle, restricted)
