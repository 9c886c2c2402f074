"""A bundle that a node made, between those of the coordinator: what it has is compared, what it lacks is not gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from privacy.audit.bundle import write
from privacy.audit.network import audit_network
from privacy.audit.reading import open_bundle
from privacy.audit.verdict import Verdict, verdict
from privacy.audit.watching import Visit, visit
from tests.privacy.audit import houses
from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.houses import Node, Sent
from tests.privacy.audit.test_watching import booked_unseen, earlier, forked, rolled_back, visited

LATER = datetime(2026, 3, 9, tzinfo=UTC)


def visited_node(folder: Path, network: Federation, name: str = "house-b", *, fetched: bool = False) -> Visit:
    """A visit with what `kudos-node ledger export --restricted` writes on one member's node."""
    node = network.nodes[name]
    alone = replace(
        network,
        nodes={name: replace(node, sent=[Sent(each.round, None, each.envelope) for each in node.sent])},
        members=[each for each in network.members if each.member == name],
        rounds={},
        benchmarks={},
        source="node",
    )
    files = [each for each in alone.files() if not each[0].endswith(("authority.pem", "certificates.jsonl"))]
    out = write(files, folder / f"bundle-{len(list(folder.iterdir()))}.tar").path
    with open_bundle(out) as bundle:
        report = audit_network(bundle)
        assert report.verdict is not Verdict.VIOLATION, report.findings
        return visit(folder / "seen", bundle, report, fetched=fetched)


def seen(folder: Path, place: str = houses.DOMAIN) -> bytes:
    return (folder / "seen" / place / "seen.json").read_bytes()


def test_a_node_between_two_visits_to_the_coordinator_takes_nothing_away(tmp_path: Path) -> None:
    visited(tmp_path, federation())
    before = seen(tmp_path)
    between = visited_node(tmp_path, federation())
    assert (between.findings, between.first, between.whole, between.kept) == ((), False, False, True)
    assert (between.ledgers, between.entries) == (1, 5)
    assert seen(tmp_path) == before
    last = visited(tmp_path, federation())
    assert (last.findings, last.first, last.whole, last.kept) == ((), False, True, True)
    assert seen(tmp_path) == before


def test_a_node_first_and_the_coordinator_afterwards(tmp_path: Path) -> None:
    assert visited_node(tmp_path, federation()).first
    assert visited_node(tmp_path, federation(), "house-c").first, "of this one nothing had been seen"
    assert visited(tmp_path, federation()).findings == ()
    assert visited_node(tmp_path, federation(), "house-c").findings == ()


def test_what_a_node_showed_first_is_not_gone_from_the_coordinator_unnoticed(tmp_path: Path) -> None:
    visited_node(tmp_path, federation())
    network = federation()
    del network.nodes["house-b"]
    found = visited(tmp_path, network)
    assert [(each.code, each.subject) for each in found.findings] == [("LEDGER_VANISHED", "house-b")]


@pytest.mark.parametrize(("change", "code"), [(forked, "FORKED"), (rolled_back, "ROLLED_BACK")])
def test_a_node_that_shows_another_ledger_than_the_coordinator_did(
    tmp_path: Path, change: Callable[[Federation], None], code: str
) -> None:
    visited(tmp_path, federation())
    before = seen(tmp_path)
    network = federation()
    change(network)
    if code == "ROLLED_BACK":
        del network.nodes["house-b"].sent[-1]
    found = visited_node(tmp_path, network)
    assert [(each.code, each.subject) for each in found.findings] == [(code, "house-b")]
    assert (verdict(found.findings), found.kept) == (Verdict.VIOLATION, False)
    assert seen(tmp_path) == before


@pytest.mark.parametrize(("change", "code"), [(forked, "FORKED"), (rolled_back, "ROLLED_BACK")])
def test_a_coordinator_that_shows_another_ledger_than_the_node_did(
    tmp_path: Path, change: Callable[[Federation], None], code: str
) -> None:
    visited_node(tmp_path, federation())
    network = federation()
    change(network)
    assert (code, "house-b") in {(each.code, each.subject) for each in visited(tmp_path, network).findings}


def test_a_node_may_be_ahead_of_the_coordinators_copy(tmp_path: Path) -> None:
    """Entries that nobody has cosigned yet are in no copy of the coordinator's: that is no going back."""
    ahead = federation()
    booked_unseen(ahead)
    assert visited(tmp_path, federation()).kept
    assert visited_node(tmp_path, ahead).findings == ()
    kept = seen(tmp_path)
    assert visited(tmp_path, federation()).findings == ()
    assert seen(tmp_path) == kept, "what the node had ahead stays known"
    assert visited_node(tmp_path, ahead).findings == ()
    other = federation()
    other.nodes["house-b"].append(other.nodes["house-b"].of_type("policy"), LATER)
    other.nodes["house-b"].seal()
    found = visited(tmp_path, other)
    assert [each.code for each in found.findings] == ["ROLLED_BACK"], "the copy went on without it, and says nothing"


def test_a_node_that_takes_back_what_it_had_ahead_is_found(tmp_path: Path) -> None:
    ahead = federation()
    booked_unseen(ahead)
    visited_node(tmp_path, ahead)
    visited(tmp_path, federation())
    assert [each.code for each in visited_node(tmp_path, federation()).findings] == ["ROLLED_BACK"]


def test_what_was_ahead_and_is_cosigned_since_is_known_by_its_root(tmp_path: Path) -> None:
    ahead = federation()
    booked_unseen(ahead)
    visited_node(tmp_path, ahead)
    node = ahead.nodes["house-b"]
    node.sealed.append((len(node.leaves), LATER))
    node.seal()
    assert visited(tmp_path, ahead).findings == ()
    assert b'"size": 6' in seen(tmp_path)
    assert [each.code for each in visited_node(tmp_path, federation()).findings] == ["ROLLED_BACK"]


def test_a_release_that_still_waits_at_a_node_was_never_received(tmp_path: Path) -> None:
    network = federation()
    waiting = network.nodes["house-b"].sent.pop()
    del network.benchmarks["year-2025", 1], network.benchmarks["year-2025", 2]
    network.rounds["year-2025"].record = network.rounds["year-2025"].record.model_copy(update={"state": "closed"})
    network.nodes["house-b"].sent.append(waiting)
    visited_node(tmp_path, network)
    network.nodes["house-b"].sent.pop()
    assert visited(tmp_path, network).findings == ()


def test_what_the_coordinator_sends_now_is_whole_whoever_it_says_has_made_it(tmp_path: Path) -> None:
    visited(tmp_path, federation())
    found = visited_node(tmp_path, federation(), fetched=True)
    assert "LEDGER_VANISHED" in {each.code for each in found.findings}
    assert not found.kept


def test_a_benchmark_that_a_nodes_bundle_has_otherwise_is_found(tmp_path: Path) -> None:
    """Who made a bundle is its maker's word: what it has is compared all the same."""
    visited(tmp_path, federation())
    network = replace(federation(), source="node")
    network.change_benchmark("year-2025", 2, lambda content: content.update(published="2026-03-21T00:00:00Z"))
    assert [each.code for each in visited(tmp_path, network).findings] == ["BENCHMARK_REWRITTEN"]


# ---- nodes that work alone


class _Alone(Node):
    """A node in no network, that has chosen its id itself."""

    number = "1a2b3c4d"

    @property
    def origin(self) -> str:
        return f"standalone/ledger/{self.id}-{self.number}"


def standing_alone(node: Node, number: str) -> Node:
    alone = _Alone(node.id, node.key, node.leaves)
    alone.number = number
    alone.leaves = [leaf for leaf in alone.leaves if leaf["type"] in {"open", "policy"}]
    alone.leaves[0]["origin"] = alone.origin
    alone.renumber()
    return alone


def visited_alone(folder: Path, node: Node) -> Visit:
    network = federation()
    line = network.members[1].model_copy(update={"ledger": node.origin})
    network.nodes, network.members, network.rounds, network.benchmarks = {node.id: node}, [line], {}, {}
    header = (b'"trust_domain":"npu.example"', b'"trust_domain":"standalone"')
    witness = (f'"witness":"{houses.VERIFIER}"'.encode(), b'"witness":null')
    files = [
        (path, content.replace(*header).replace(*witness) if path.endswith("bundle.json") else content)
        for path, content in replace(network, source="node", releases_shown=False).files()
        if not path.endswith(("authority.pem", "certificates.jsonl"))
    ]
    with open_bundle(write(files, folder / f"bundle-{len(list(folder.iterdir()))}.tar").path) as bundle:
        report = audit_network(bundle)
        assert (report.trust_domain, report.verdict) == ("standalone", Verdict.CANNOT_TELL), report.findings
        return visit(folder / "seen", bundle, report)


def test_two_that_chose_the_same_id_are_two(tmp_path: Path) -> None:
    one, other = (standing_alone(federation().nodes["house-b"], number) for number in ("1a2b3c4d", "5e6f7a8b"))
    assert visited_alone(tmp_path, one).findings == ()
    found = visited_alone(tmp_path, other)
    assert (found.findings, found.first) == ((), True)
    again = visited_alone(tmp_path, one)
    assert (again.findings, again.first) == ((), False)
    assert seen(tmp_path, "standalone").count(b'"standalone/ledger/house-b-') == 2


def test_one_that_works_alone_and_goes_back_is_found(tmp_path: Path) -> None:
    node = standing_alone(federation().nodes["house-b"], "1a2b3c4d")
    visited_alone(tmp_path, node)
    del node.leaves[-1]
    assert [each.code for each in visited_alone(tmp_path, node).findings] == ["ROLLED_BACK"]


def test_one_that_works_alone_is_not_mixed_up_with_a_member_of_its_id(tmp_path: Path) -> None:
    visited(tmp_path, earlier())
    found = visited_alone(tmp_path, standing_alone(federation().nodes["house-b"], "1a2b3c4d"))
    assert [each.code for each in found.findings] == ["OTHER_NETWORK"]
    assert visited(tmp_path, federation()).findings == ()
