"""What was seen before is compared; where it does not agree, it is kept as evidence.

A node's own bundle, which has little of what was seen: `test_watching_nodes`.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import rfc8785

from privacy.audit.bundle import write
from privacy.audit.network import audit_network
from privacy.audit.reading import open_bundle
from privacy.audit.watching import Visit, visit
from privacy.bounds.windows import Window
from privacy.ledger.leaves import leaf_hash
from tests.privacy.audit import houses
from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.houses import Leaf


def visited(folder: Path, network: Federation) -> Visit:
    out = network.write(folder / f"bundle-{len(list(folder.iterdir()))}.tar")
    with open_bundle(out) as bundle:
        return visit(folder / "seen", bundle, audit_network(bundle))


def earlier() -> Federation:
    """The same federation as it was before the second round."""
    network = federation()
    del network.rounds["year-2025"], network.benchmarks["year-2025", 1], network.benchmarks["year-2025", 2]
    for node in network.nodes.values():
        del node.leaves[-1], node.sealed[-1], node.sent[-1]
        node.seal()
    return network


def test_growth_is_sound(tmp_path: Path) -> None:
    assert visited(tmp_path, earlier()).first
    again = visited(tmp_path, federation())
    assert not again.first
    assert again.findings == ()
    assert visited(tmp_path, federation()).kept
    note = tmp_path / "seen" / houses.DOMAIN / "ledgers" / "house-a.note"
    assert note.read_bytes() == federation().nodes["house-a"].notes[5]


def rolled_back(network: Federation) -> None:
    node = network.nodes["house-b"]
    del node.leaves[-1], node.sealed[-1]
    node.seal()


def forked(network: Federation) -> None:
    node = network.nodes["house-b"]
    node.of_type("policy")["digest"] = "sha256:" + "99" * 32
    node.seal()


def vanished(network: Federation) -> None:
    del network.nodes["house-b"]


def rewritten(network: Federation) -> None:
    network.change_benchmark("year-2024", 1, lambda content: content.update(published="2025-03-05T00:00:00Z"))


def other_round(network: Federation) -> None:
    network.change_announcement("year-2024", lambda content: content.update(deadline="2025-03-09T09:00:00Z"))


def lost_release(network: Federation) -> None:
    del network.nodes["house-b"].sent[0]


def first_entries_changed(network: Federation) -> None:
    node = network.nodes["house-b"]
    node.leaves[1]["time"] = "2025-01-07T09:00:01Z"
    node.seal()


def version_kept_back(network: Federation) -> None:
    del network.benchmarks["year-2025", 2]


WATCHED: list[tuple[Callable[[Federation], None], str]] = [
    (rolled_back, "ROLLED_BACK"),
    (forked, "FORKED"),
    (first_entries_changed, "FORKED"),
    (vanished, "LEDGER_VANISHED"),
    (rewritten, "BENCHMARK_REWRITTEN"),
    (version_kept_back, "BENCHMARK_REWRITTEN"),
    (other_round, "ROUND_REWRITTEN"),
    (lost_release, "RELEASE_VANISHED"),
]


@pytest.mark.parametrize(("change", "code"), WATCHED)
def test_what_changed_between_visits_is_found(tmp_path: Path, change: Callable[[Federation], None], code: str) -> None:
    visited(tmp_path, federation())
    kept = (tmp_path / "seen" / houses.DOMAIN / "seen.json").read_bytes()
    network = federation()
    change(network)
    found = visited(tmp_path, network)
    assert code in {each.code for each in found.findings}
    assert not found.kept
    assert (tmp_path / "seen" / houses.DOMAIN / "seen.json").read_bytes() == kept


def test_of_a_bundle_in_violation_nothing_is_kept(tmp_path: Path) -> None:
    network = federation()
    network.nodes["house-b"].spends()[0]["rho_u"] -= 1000
    network.nodes["house-b"].seal()
    found = visited(tmp_path, network)
    assert found.first
    assert not found.kept
    assert visited(tmp_path, federation()).first


def test_a_first_visit_under_another_name_is_told(tmp_path: Path) -> None:
    """A ledger that was rolled back could else come as that of a network that was never seen."""
    visited(tmp_path, federation())
    network = federation()
    rolled_back(network)
    files = [(path, content.replace(b'"npu.example"', b'"npu2.example"')) for path, content in network.files()]
    with open_bundle(write(files, tmp_path / "other").path) as bundle:
        found = visit(tmp_path / "seen", bundle, audit_network(bundle))
    assert [each.code for each in found.findings] == ["OTHER_NETWORK"]


def test_what_a_recovery_books_again_is_not_understated(tmp_path: Path) -> None:
    network = federation()
    leaf = booked_unseen(network)
    visited(tmp_path, network)
    time = datetime(2026, 3, 2, tzinfo=UTC)
    for again, codes in ((leaf, []), ({**leaf, "release_digest": "sha256:" + "0" * 64}, ["RECOVERY_UNDERSTATED"])):
        network = federation()
        node = network.nodes["house-b"]
        given_up = [leaf_hash(rfc8785.dumps(leaf)).hex()]
        node.append({"type": "recovery", "old": "whole", "given_up": given_up, "epsilon_u": 0, "rho_u": 0}, time)
        node.append(dict(again), time)
        node.seal()
        with open_bundle(network.write(tmp_path / f"again-{len(codes)}.tar")) as bundle:
            report = audit_network(bundle)
            assert {each.code for each in report.findings} == {"RECOVERED", "UNSENT"}
            found = visit(tmp_path / "seen", bundle, report)
        assert [each.code for each in found.findings] == codes
        (tmp_path / "seen" / houses.DOMAIN / "seen.json").unlink()
        before = federation()
        booked_unseen(before)
        visited(tmp_path, before)


def booked_unseen(network: Federation) -> Leaf:
    """A release of house-b that its own bundle shows before the witness has cosigned it."""
    node = network.nodes["house-b"]
    window = Window(date(2023, 1, 1), date(2023, 12, 31))
    node.release(houses.STUDY, window, None, datetime(2026, 3, 1, tzinfo=UTC), [10**6])
    node.sealed.pop()
    node.seal()
    return node.leaves[-1]


@pytest.mark.parametrize(
    ("counted", "named", "code"),
    [(29_995, True, None), (29_994, True, "RECOVERY_UNDERSTATED"), (0, False, "ROLLED_BACK")],
)
def test_what_a_recovery_gave_up_is_compared(tmp_path: Path, counted: int, named: bool, code: str | None) -> None:
    network = federation()
    leaf = booked_unseen(network)
    assert leaf["rho_u"] == 29_995
    visited(tmp_path, network)
    network = federation()
    given_up = [leaf_hash(rfc8785.dumps(leaf)).hex()] if named else ["ab" * 32]
    entry = {"type": "recovery", "old": "whole", "given_up": given_up, "epsilon_u": 0, "rho_u": counted}
    network.nodes["house-b"].append(entry, datetime(2026, 3, 2, tzinfo=UTC))
    network.nodes["house-b"].seal()
    assert [each.code for each in visited(tmp_path, network).findings] == ([] if code is None else [code])
