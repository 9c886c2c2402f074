"""Releases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from privacy.ledger.contents import release_digest
from tests.privacy.audit import houses
from tests.privacy.audit.dishonesty.kinds import Kinds, liar
from tests.privacy.audit.federation import Federation
from tests.privacy.audit.houses import STUDY, key_of

kind = Kinds([])


@kind("a release swapped for another draw of the same figures", "both", "RELEASE_SWAPPED")
def _(network: Federation) -> None:
    node = liar(network)
    sent = node.sent[0]
    entry = node.spends()[0]["seq"]
    cells = [10**6] * STUDY.cells
    sent.envelope = houses.release_bytes(node.origin, entry, STUDY, houses.WINDOWS["year-2024"], cells, node.key)


@kind("a release that no entry booked", "both", "RELEASE_WITHOUT_ENTRY")
def _(network: Federation) -> None:
    node = liar(network)
    cells = [10**6] * STUDY.cells
    envelope = houses.release_bytes(node.origin, 99, STUDY, houses.WINDOWS["year-2025"], cells, node.key)
    node.sent.append(houses.Sent(None, datetime(2026, 3, 1, tzinfo=UTC), envelope))


def _rebooked(network: Federation, **changes: Any) -> None:
    """A release of other content, and its entry with the digest of that: only what they say of each other differs."""
    node = liar(network)
    leaf, sent = node.spends()[1], node.sent[1]
    key = changes.pop("key", node.key)
    cells = changes.pop("cells", [10**6] * STUDY.cells)
    window = houses.WINDOWS["year-2025"]
    sent.envelope = houses.release_bytes(node.origin, leaf["seq"], STUDY, window, cells, key, **changes)
    leaf["release_digest"] = release_digest(sent.envelope)
    node.seal()


@kind("a release signed by another key", "both", "RELEASE_SIGNATURE")
def _(network: Federation) -> None:
    _rebooked(network, key=key_of("thief"))


@kind("a release that names another ledger", "both", "RELEASE_DIFFERS")
def _(network: Federation) -> None:
    _rebooked(network, ledger=f"{houses.DOMAIN}/ledger/house-c")


@kind("a release over another window than booked", "both", "RELEASE_DIFFERS")
def _(network: Federation) -> None:
    _rebooked(network, window_last="2025-11-30")


@kind("a release that names another entry", "both", "RELEASE_DIFFERS")
def _(network: Federation) -> None:
    _rebooked(network, entry=3)


@kind("a release of another layout", "both", "RELEASE_LAYOUT")
def _(network: Federation) -> None:
    _rebooked(network, layout_digest="sha256:" + "0" * 64)


@kind("a release with more cells than booked", "both", "RELEASE_LAYOUT")
def _(network: Federation) -> None:
    _rebooked(network, cells=[10**6] * (STUDY.cells + 1))


@kind("a release taken before its entry was cosigned", "coordinator", "RELEASE_BEFORE_COSIGNATURE")
def _(network: Federation) -> None:
    sent = liar(network).sent[1]
    assert sent.received is not None
    sent.received -= timedelta(minutes=11)


@kind("two releases of one member for one round", "both", "RELEASE_TWICE")
def _(network: Federation) -> None:
    node = liar(network)
    node.sent[0].round = "year-2025"


@kind("a release taken for a round of another window", "coordinator", "RELEASE_OF_OTHER_ROUND")
def _(network: Federation) -> None:
    node = liar(network)
    del node.sent[1]
    node.sent[0].round = "year-2025"


@kind("a release taken for a round that did not ask", "coordinator", "RELEASE_UNASKED")
def _(network: Federation) -> None:
    asked = network.rounds["year-2025"].announcement
    network.announce("year-2025", replace(asked, roster=tuple(s for s in asked.roster if s.member != "house-b")))


@kind("a release listed as another member's", "coordinator", "RELEASE_SWAPPED")
def _(network: Federation) -> None:
    sent = liar(network).sent[1]
    network.nodes["house-c"].sent.append(houses.Sent(None, sent.received, sent.envelope))


@kind("a release taken after the deadline", "coordinator", "RELEASE_LATE")
def _(network: Federation) -> None:
    liar(network).sent[1].received = network.rounds["year-2025"].announcement.deadline + timedelta(minutes=11)


@kind("a release taken after the round had been closed before its deadline", "coordinator", "RELEASE_LATE")
def _(network: Federation) -> None:
    each = network.rounds["year-2025"]
    each.record = each.record.model_copy(update={"ended": each.announcement.opened + timedelta(days=2)})


@kind("a release listed for no round, so that nobody misses it in a benchmark", "coordinator", "RELEASE_UNPLACED")
def _(network: Federation) -> None:
    _left_out(network)
    network.nodes["house-g"].sent[0].round = None


@kind("a release listed for a round that is not there", "coordinator", "RELEASE_UNPLACED")
def _(network: Federation) -> None:
    _left_out(network)
    network.nodes["house-g"].sent[0].round = "year-1924"


def _left_out(network: Federation) -> None:
    time = network.benchmark("year-2024", 1).published
    del network.benchmarks["year-2024", 1]
    network.publish("year-2024", 1, time, without=("house-g",))


@kind("a release listed without when it came", "coordinator", "RELEASE_UNPLACED")
def _(network: Federation) -> None:
    liar(network).sent[1].received = None


@kind("every checkpoint kept back, and a release taken all the same", "coordinator", "RELEASE_BEFORE_COSIGNATURE")
def _(network: Federation) -> None:
    node = liar(network)
    node.notes, node.sealed = {}, []


@kind("a release with a figure that no institution could have", "node", "RELEASE_UNREADABLE")
def _(network: Federation) -> None:
    _rebooked(network, cells=[2**60] * STUDY.cells)
