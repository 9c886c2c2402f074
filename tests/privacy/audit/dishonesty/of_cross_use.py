"""Cross-use: sketches and counts as they are booked, what a round takes and hands out, and what is published of it."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from privacy.estimate.recompute import body_of
from privacy.ledger.contents import release_digest
from privacy.mechanisms.calibration import DiscreteGaussian
from privacy.mechanisms.laplace import DiscreteLaplace
from privacy.mechanisms.response import RandomizedResponse
from privacy.rounds.market import MarketSeat
from privacy.sketch.sketch import sign_sketch
from protos.kudos.v1.cross_use_pb2 import Count, PeerCounted
from tests.privacy.audit import market as made
from tests.privacy.audit.booked import count_parts
from tests.privacy.audit.dishonesty.kinds import Kinds, liar
from tests.privacy.audit.federation import Federation, Sketched
from tests.privacy.audit.houses import WINDOWS, Leaf, Node, key_of
from tests.privacy.audit.market import MONTHS, NAME, STUDY, WINDOW

kind = Kinds([], made.crossing)

LATER = made.COUNTED_AT + timedelta(days=2)


# ---- what is booked


def _summed(node: Node, leaf: Leaf) -> None:
    """The total follows its parts."""
    leaf["epsilon_u"] = sum(part.get("epsilon_u", 0) for part in leaf["parts"])
    leaf["rho_u"] = sum(part.get("rho_u", 0) for part in leaf["parts"])
    node.seal()


@kind("a sketch booked at less than its flips cost", "both", "COST_UNDERSTATED")
def _(network: Federation) -> None:
    node = liar(network)
    made.sketch_leaf(node)["parts"][0]["epsilon_u"] = 500_000
    _summed(node, made.sketch_leaf(node))


@kind("a sketch with fewer flips than its digest says, booked at what they cost", "both", "NOISE_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    (part,) = made.sketch_leaf(node)["parts"]
    part.update(flips=8000, epsilon_u=RandomizedResponse(8000, 16).cost().micro)
    _summed(node, made.sketch_leaf(node))


@kind("a sketch booked with flips that hide nothing", "both", "NOISE_IMPOSSIBLE")
def _(network: Federation) -> None:
    node = liar(network)
    made.sketch_leaf(node)["parts"][0]["flips"] = 0
    node.seal()


@kind("a sketch booked with fewer buckets than it has", "both", "PARTS_DIFFER")
def _(network: Federation) -> None:
    node = liar(network)
    made.sketch_leaf(node)["parts"][0]["cells"] //= 2
    node.seal()


@kind("a second sketch of a year, with fresh flips", "both", "SKETCH_TWICE")
def _(network: Federation) -> None:
    node = liar(network)
    again = {name: value for name, value in made.sketch_leaf(node).items() if name != "time"}
    node.append(again | {"release_digest": "sha256:" + "ab" * 32}, LATER)
    node.seal()


@kind("a count booked without the ε of its histogram", "both", "TOTAL_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    made.count_leaf(node)["epsilon_u"] = 0
    node.seal()


@kind("a histogram booked at less than its noise costs", "both", "COST_UNDERSTATED")
def _(network: Federation) -> None:
    node = liar(network)
    made.count_leaf(node)["parts"][1]["scale"] = "5"
    node.seal()


@kind("a histogram with half of the noise, booked at what that costs", "both", "NOISE_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    histogram = made.count_leaf(node)["parts"][1]
    histogram.update(scale="5", epsilon_u=DiscreteLaplace(Fraction(5)).cost(1).micro)
    _summed(node, made.count_leaf(node))


@kind("a count booked as if a customer changed less than its peers are", "both", "SENSITIVITY_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    sums = made.count_leaf(node)["parts"][0]
    sums.update(l2_squared=4, rho_u=DiscreteGaussian(Fraction(sums["scale"])).cost(4).micro)
    _summed(node, made.count_leaf(node))


@kind("a count booked as if against fewer peers than its market has", "both", "ROUND_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    fewer = Node("none", node.key)
    fewer.book(STUDY.name, STUDY.digest, NAME, WINDOW, count_parts(STUDY, 3), b"", LATER)
    made.count_leaf(node)["parts"] = fewer.leaves[0]["parts"]
    _summed(node, made.count_leaf(node))


@kind("a count booked without its histogram", "both", "PARTS_DIFFER")
def _(network: Federation) -> None:
    node = liar(network)
    del made.count_leaf(node)["parts"][1]
    _summed(node, made.count_leaf(node))


@kind("the same study counted twice over the same window", "both", "RELEASED_TWICE")
def _(network: Federation) -> None:
    node = liar(network)
    again = {name: value for name, value in made.count_leaf(node).items() if name != "time"}
    node.append(again | {"release_digest": "sha256:" + "ab" * 32}, LATER)
    node.seal()


# ---- sketches


def _sealed(network: Federation, sketch: bytes, **changes: Any) -> None:
    """The liar's header is one of that sketch, and the market names both."""
    node, taken = liar(network), network.sketches[NAME]["house-b"]
    taken.header = made.header_of(network, NAME, node, sketch, **changes)
    made.make_market(network, NAME)


def _rebooked(network: Federation, sketch: bytes, **changes: Any) -> None:
    """The entry, too, has the digest of that sketch: only what they say of each other differs."""
    node = liar(network)
    made.sketch_leaf(node)["release_digest"] = release_digest(sketch)
    node.seal()
    _sealed(network, sketch, **changes)


def _honest(network: Federation, **changes: Any) -> bytes:
    node = liar(network)
    return made.sketch_of(node, made.sketch_leaf(node)["seq"], **changes)


@kind("a sketch that no entry booked", "both", "SKETCH_NOT_BOOKED")
def _(network: Federation) -> None:
    node = liar(network)
    bits = made.drawn()[node.id].bits ^ np.uint8(1)
    sketch = sign_sketch(made.terms(), node.origin, made.sketch_leaf(node)["seq"], bits, node.key)
    network.sketches[NAME]["house-b"].header = made.header_of(network, NAME, node, sketch)


@kind("a second sketch of a year, handed to another round", "both", "SKETCH_TWICE")
def _(network: Federation) -> None:
    node = liar(network)
    made.open_round(network, "cross-again")
    bits = made.drawn()[node.id].bits ^ np.uint8(1)
    sketch = sign_sketch(made.terms(), node.origin, made.sketch_leaf(node)["seq"], bits, node.key)
    header = made.header_of(network, "cross-again", node, sketch)
    network.sketches["cross-again"]["house-b"] = Sketched(header, network.sketches[NAME]["house-b"].received)


@kind("a member's sketch swapped for another's", "coordinator", "SKETCH_UNREADABLE")
def _(network: Federation) -> None:
    network.sketches[NAME]["house-b"].header = network.sketches[NAME]["house-c"].header


@kind("a sketch that was sealed for another round", "coordinator", "SKETCH_OF_OTHER_ROUND")
def _(network: Federation) -> None:
    _sealed(network, _honest(network), round="cross-2024")


@kind("a sketch that was sealed under another roster", "coordinator", "SKETCH_OF_OTHER_ROUND")
def _(network: Federation) -> None:
    _sealed(network, _honest(network), announcement_digest=b"\x01" * 32)


@kind("a sketch made with another identity key than the roster has", "both", "SKETCH_DIFFERS")
def _(network: Federation) -> None:
    _rebooked(network, _honest(network, identity_commitment=b"\x44" * 32))


@kind("a sketch of another year", "both", "SKETCH_DIFFERS")
def _(network: Federation) -> None:
    _rebooked(network, _honest(network, epoch="2024", window=WINDOWS["year-2024"]))


@kind("a sketch with other flips than its study has", "both", "SKETCH_DIFFERS")
def _(network: Federation) -> None:
    _rebooked(network, _honest(network, flips=8000))


@kind("a sketch that names another entry than the one that booked it", "both", "SKETCH_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    _rebooked(network, made.sketch_of(node, made.sketch_leaf(node)["seq"] + 1))


@kind("a sketch sealed for somebody whom the round did not ask", "both", "SKETCH_SEALED_WRONG")
def _(network: Federation) -> None:
    _sealed(network, _honest(network), to=("house-a", "npu"))


@kind("a sketch that a recovery had given up, and that came all the same", "both", "RECOVERY_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    leaf = made.sketch_leaf(node)
    at = node.leaves.index(leaf)
    leaf["round"] = None
    entry = {"v": 1, "type": "recovery", "old": "whole", "given_up": ["ab" * 32], "epsilon_u": 0, "rho_u": 0}
    node.leaves.insert(at, entry | {"time": leaf["time"]})
    node.renumber()
    node.sealed = [(size + (size > at), time) for size, time in node.sealed]
    node.seal()


@kind("a sketch taken before its entry was cosigned", "coordinator", "SKETCH_BEFORE_COSIGNATURE")
def _(network: Federation) -> None:
    network.sketches[NAME]["house-b"].received -= timedelta(minutes=11)


@kind("a sketch taken after the deadline for sketches", "coordinator", "SKETCH_LATE")
def _(network: Federation) -> None:
    network.sketches[NAME]["house-b"].received = made.SKETCHES_UNTIL + timedelta(minutes=11)


@kind("a sketch taken before its round was opened", "coordinator", "SKETCH_LATE")
def _(network: Federation) -> None:
    network.sketches[NAME]["house-b"].received = made.OPENED - timedelta(minutes=11)


@kind("a sketch of somebody whom the round did not ask", "coordinator", "SKETCH_UNASKED")
def _(network: Federation) -> None:
    network.sketches[NAME]["house-z"] = network.sketches[NAME]["house-b"]


@kind("sketches taken for a round that is not one of cross-use", "coordinator", "SKETCH_UNASKED")
def _(network: Federation) -> None:
    network.sketches["year-2025"] = dict(network.sketches[NAME])


@kind("a sketch taken from a member whose certificate had expired", "coordinator", "CERTIFICATE_EXPIRED")
def _(network: Federation) -> None:
    taken = network.sketches[NAME]["house-b"].received
    network.certificates = [line for line in network.certificates if line.holder != "house-b" or line.not_after < taken]


# ---- markets


def _market(network: Federation, **changes: Any) -> None:
    said = network.market(NAME)
    assert said is not None
    seats = [replace(seat, **changes) if seat.member == "house-b" else seat for seat in said.seats]
    made.make_market(network, NAME, seats=tuple(seats))


def _seats(network: Federation, without: str) -> tuple[MarketSeat, ...]:
    said = network.market(NAME)
    assert said is not None
    return tuple(seat for seat in said.seats if seat.member != without)


@kind("a market that names another sketch of a member than came", "coordinator", "MARKET_DIFFERS")
def _(network: Federation) -> None:
    _market(network, sketch_digest=b"\x01" * 32)


@kind("a sketch sealed anew under a market that names the first one", "both", "MARKET_DIFFERS")
def _(network: Federation) -> None:
    network.sketches[NAME]["house-b"].header = made.header_of(network, NAME, liar(network), _honest(network))


@kind("a market with a member that sent no sketch", "coordinator", "MARKET_DIFFERS")
def _(network: Federation) -> None:
    del network.sketches[NAME]["house-b"]


@kind("a market that leaves a sketch out silently", "coordinator", "LEFT_OUT")
def _(network: Federation) -> None:
    made.make_market(network, NAME, seats=_seats(network, "house-g"))


@kind("a market of another round", "coordinator", "MARKET_UNREADABLE")
def _(network: Federation) -> None:
    made.make_market(network, NAME, round="cross-2024")


@kind("a market under another roster", "coordinator", "MARKET_UNREADABLE")
def _(network: Federation) -> None:
    made.make_market(network, NAME, announcement_digest=b"\x01" * 32)


@kind("a market signed by somebody else", "node", "MARKET_UNREADABLE")
def _(network: Federation) -> None:
    made.make_market(network, NAME, key=key_of("thief"))


@kind("a market kept back", "coordinator", "MARKET_MISSING")
def _(network: Federation) -> None:
    del network.markets[NAME]


@kind("a market kept back of a round that is shown as still collecting", "coordinator", "MARKET_MISSING")
def _(network: Federation) -> None:
    del network.markets[NAME]
    del network.benchmarks[NAME, 1]
    record = network.rounds[NAME].record
    network.rounds[NAME].record = record.model_copy(update={"state": "collecting", "ended": None})


@kind("a market made before its sketches were there", "coordinator", "MARKET_OUT_OF_ORDER")
def _(network: Federation) -> None:
    made.make_market(network, NAME, made.SKETCHED)


@kind("a market made after its round's deadline", "coordinator", "MARKET_OUT_OF_ORDER")
def _(network: Federation) -> None:
    made.make_market(network, NAME, made.DEADLINE + timedelta(minutes=11))


# ---- counts


def _counted(network: Federation, node: Node, **changes: Any) -> None:
    """A count of other content, and its entry with the digest of that: only what they say of each other differs."""
    leaf, sent = made.count_leaf(node), made.count_sent(node)
    sent.envelope = made.count_of(network, NAME, node, leaf["seq"], **changes)
    leaf["release_digest"] = release_digest(sent.envelope)
    node.seal()


@kind("a count altered after it was booked", "both", "RELEASE_SWAPPED")
def _(network: Federation) -> None:
    node = liar(network)
    histogram = [1000] * len(network.nodes)
    made.count_sent(node).envelope = made.count_of(
        network, NAME, node, made.count_leaf(node)["seq"], histogram=histogram
    )


@kind("a count against the sketches of another market", "both", "COUNT_OF_OTHER_MARKET")
def _(network: Federation) -> None:
    _counted(network, liar(network), sketches_digest=b"\x01" * 32)


@kind("a count of a member that is not in the market", "both", "COUNT_NOT_IN_MARKET")
def _(network: Federation) -> None:
    del network.sketches[NAME]["house-g"]
    made.make_market(network, NAME)


@kind("a count booked for a round in whose market the member is not", "both", "ROUND_DIFFERS")
def _(network: Federation) -> None:
    del network.sketches[NAME]["house-g"]
    made.make_market(network, NAME)


@kind("a count taken before its round had a market", "coordinator", "COUNT_BEFORE_MARKET")
def _(network: Federation) -> None:
    envelope, _ = network.markets[NAME]
    network.markets[NAME] = envelope, made.COUNTED_AT + timedelta(days=1)


@kind("a count with fewer cells than booked", "both", "RELEASE_LAYOUT")
def _(network: Federation) -> None:
    _counted(network, liar(network), cells=[1000] * len(network.nodes))


@kind("a count that says of a sketch what none can be", "node", "RELEASE_UNREADABLE")
def _(network: Federation) -> None:
    others = [name for name in network.nodes if name != "house-b"]
    _counted(network, liar(network), peers=[PeerCounted(member=name, status="ODD") for name in others])


@kind("a count of another window than booked", "both", "RELEASE_DIFFERS")
def _(network: Federation) -> None:
    _counted(network, liar(network), window_last="2025-11-30")


def _ones(network: Federation, node: Node, peer: str, more: int) -> None:
    """A count that says of a peer's sketch that it has more bits set."""
    count = Count.FromString(made.payload_of(made.count_sent(node).envelope))
    for each in count.peers:
        each.ones += more if each.member == peer else 0
    _counted(network, node, peers=list(count.peers))


@kind("a count that found another number of bits in a sketch than all others", "node", "ONES_DIFFER")
def _(network: Federation) -> None:
    _ones(network, liar(network), "house-a", 1)


# ---- what is published


def _cell(content: dict[str, Any], table: str, status: str = "published") -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in content["cells"] if (c["table"], c["status"]) == (table, status))
    return found


@kind("a published overlap changed by one", "coordinator", "FIGURE_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        _cell(content, "pair")["value"] += 1

    network.change_benchmark(NAME, 1, change)


@kind("the error of an overlap made smaller", "coordinator", "ERROR_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        _cell(content, "pair")["standard_error"] = "1.00"

    network.change_benchmark(NAME, 1, change)


@kind("a member of a market said to have been refused", "coordinator", "MARKET_STATUS_DIFFERS")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        content["market"][1]["status"] = "refused"

    network.change_benchmark(NAME, 1, change)


@kind("a member of a market that counted, and is not named", "coordinator", "BENCHMARK_UNREADABLE")
def _(network: Federation) -> None:
    network.change_benchmark(NAME, 1, lambda content: content["market"].pop())


@kind("a share shown that is mostly noise", "coordinator", "SUPPRESSION_SKIPPED")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        like = _cell(content, "multiplicity", "unreliable")
        hidden = _cell(content, "multiplicity", "suppressed")
        hidden.update({name: like[name] for name in ("value", "standard_error", "low", "high", "status", "reason")})

    network.change_benchmark(NAME, 1, change)


@kind("an overlap withheld that could be shown", "coordinator", "SUPPRESSION_ADDED")
def _(network: Federation) -> None:
    def change(content: dict[str, Any]) -> None:
        none = dict.fromkeys(("value", "standard_error", "low", "high"))
        _cell(content, "pair").update(none, status="suppressed", reason="MOSTLY_NOISE")

    network.change_benchmark(NAME, 1, change)


@kind("a pair named of members that did not let themselves be", "coordinator", "CELLS_DIFFER")
def _(network: Federation) -> None:
    node, time = liar(network), network.benchmark(NAME, 1).published
    before = network.benchmark(NAME, 1).body
    _counted(network, node, named_pairs=False)
    del network.benchmarks[NAME, 1]
    network.publish(NAME, 1, time)
    body = network.benchmark(NAME, 1).body
    cells = [cell for cell in before.cells if cell.table == "pair"]
    others = [cell for cell in body.cells if cell.table != "pair"]
    del network.benchmarks[NAME, 1]
    network.publish(NAME, 1, time, body=replace(body, cells=(*cells, *others)))


@kind(
    "a round of other months of the year, published as if nothing had been before", "coordinator", "SUPPRESSION_SKIPPED"
)
def _(network: Federation) -> None:
    made.other_months(network, without=("house-g",))
    asked, received = network.rounds[MONTHS].announcement, network.received(MONTHS)
    body = body_of(asked, received, (), network.market(MONTHS))
    network.publish(MONTHS, 1, made.PUBLISHED + timedelta(days=1), body=body)


@kind("two of cross-use of a year in one second, over other months", "coordinator", "PUBLISHED_OUT_OF_ORDER")
def _(network: Federation) -> None:
    made.other_months(network)
    network.publish(MONTHS, 1, network.benchmark(NAME, 1).published)


@kind("a count left out silently", "coordinator", "LEFT_OUT")
def _(network: Federation) -> None:
    time = network.benchmark(NAME, 1).published
    del network.benchmarks[NAME, 1]
    network.publish(NAME, 1, time, without=("house-g",))
