"""Ledgers and their entries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from privacy.ledger.fields import format_time
from privacy.ledger.leaves import leaf_hash
from privacy.mechanisms.calibration import DiscreteGaussian
from tests.privacy.audit import federation as made
from tests.privacy.audit import houses
from tests.privacy.audit.dishonesty.kinds import Kinds, liar, part_of
from tests.privacy.audit.federation import Federation
from tests.privacy.audit.houses import Node

kind = Kinds([])


@kind("an entry dropped", "node", "CHECKPOINT_ROOT")
def _(network: Federation) -> None:
    node = liar(network)
    del node.leaves[3]
    node.renumber()


@kind("an entry dropped, and what follows not renumbered", "both", "SEQUENCE_BROKEN")
def _(network: Federation) -> None:
    node = liar(network)
    del node.leaves[2]
    node.seal()


@kind("the last entry dropped", "node", "CHECKPOINT_BEYOND")
def _(network: Federation) -> None:
    del liar(network).leaves[-1]


@kind("an entry altered", "node", "CHECKPOINT_ROOT")
def _(network: Federation) -> None:
    liar(network).of_type("policy")["cap_rho_u"] = 90_000


@kind("entries reordered", "both", "SEQUENCE_BROKEN")
def _(network: Federation) -> None:
    node = liar(network)
    node.leaves[1], node.leaves[2] = node.leaves[2], node.leaves[1]
    node.seal()


@kind("an entry twice", "both", "SEQUENCE_BROKEN")
def _(network: Federation) -> None:
    node = liar(network)
    node.leaves.insert(2, node.leaves[2])
    node.seal()


@kind("a gap in the numbers", "both", "SEQUENCE_BROKEN")
def _(network: Federation) -> None:
    node = liar(network)
    for leaf in node.leaves[3:]:
        leaf["seq"] += 1
    node.seal()


@kind("a cost understated", "both", "COST_UNDERSTATED")
def _(network: Federation) -> None:
    node = liar(network)
    leaf = node.spends()[0]
    part_of(leaf)["rho_u"] -= 1000
    leaf["rho_u"] -= 1000
    node.seal()


@kind("a total understated", "both", "TOTAL_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    node.spends()[0]["rho_u"] -= 1000
    node.seal()


@kind("a table booked twice in one release", "both", "PART_TWICE")
def _(network: Federation) -> None:
    node = liar(network)
    leaf = node.spends()[0]
    leaf["parts"].append(dict(leaf["parts"][0]))
    leaf["rho_u"] += leaf["parts"][0]["rho_u"]
    node.seal()


@kind("less noise than the study asks for, booked at its true cost", "both", "NOISE_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    leaf = node.spends()[0]
    part = part_of(leaf)
    leaf["rho_u"] -= part["rho_u"]
    part["scale"] = "10000000"
    part["rho_u"] = DiscreteGaussian(Fraction(10_000_000)).cost(int(part["l2_squared"])).micro
    leaf["rho_u"] += part["rho_u"]
    node.seal()


@kind("a sensitivity understated, so that less noise seems to cost the same", "both", "SENSITIVITY_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    part = part_of(node.spends()[0], measure="orders")
    part["l2_squared"] = 1
    leaf = node.spends()[0]
    leaf["rho_u"] -= part["rho_u"]
    part["rho_u"] = DiscreteGaussian(Fraction(part["scale"])).cost(1).micro
    leaf["rho_u"] += part["rho_u"]
    node.seal()


@kind("a table left out of the booking", "both", "PARTS_DIFFER")
def _(network: Federation) -> None:
    node = liar(network)
    leaf = node.spends()[0]
    leaf["rho_u"] -= leaf["parts"].pop()["rho_u"]
    node.seal()


@kind("a leaf in another spelling", "both", "LEAF_NOT_CANONICAL")
def _(network: Federation) -> None:
    node = liar(network)
    first = node.written

    def written() -> list[bytes]:
        found = first()
        found[2] = found[2].replace(b'"seq":2', b'"seq": 2')
        return found

    node.written = written  # type: ignore[method-assign]
    node.seal()


@kind("a leaf that is no entry", "both", "LEAF_UNREADABLE")
def _(network: Federation) -> None:
    node = liar(network)
    node.of_type("policy")["note"] = "nothing to see here"
    node.seal()


@kind("an entry backdated behind a checkpoint", "both", "BACKDATED")
def _(network: Federation) -> None:
    node = liar(network)
    node.spends()[1]["time"] = format_time(made.OPENED["year-2024"] + timedelta(days=2, hours=1, minutes=-30))
    for leaf in node.leaves[:-1]:
        leaf["time"] = min(leaf["time"], node.spends()[1]["time"])
    node.seal()


@kind("an entry earlier than the one before it", "both", "TIME_WENT_BACK")
def _(network: Federation) -> None:
    node = liar(network)
    node.spends()[1]["time"] = format_time(houses.START)
    node.seal()


@kind("an entry dated ahead, by a clock set forward to free the budget", "both", "POSTDATED")
def _(network: Federation) -> None:
    node = liar(network)
    node.spends()[1]["time"] = "2027-03-01T00:00:00Z"
    node.seal()


@kind("the ledger restarted: a second beginning in the same file", "both", "NOT_OPENED")
def _(network: Federation) -> None:
    node = liar(network)
    node.leaves[2:2] = [dict(node.leaves[0])]
    node.renumber()
    node.leaves[2]["time"] = node.leaves[3]["time"]
    node.seal()


@kind("another ledger in place of the member's", "both", "ORIGIN_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    node.leaves[0]["origin"] = f"{houses.DOMAIN}/ledger/house-b-2"
    node.__class__ = _Renamed
    node.seal()


class _Renamed(Node):
    @property
    def origin(self) -> str:
        return f"{houses.DOMAIN}/ledger/house-b-2"


@kind("no ledger at all for a member that released", "coordinator", "LEDGER_MISSING")
def _(network: Federation) -> None:
    liar(network).hidden = True


@kind("an entry moved behind the clocks of node and witness, both set forward to free the budget", "both", "POSTDATED")
def _(network: Federation) -> None:
    node = liar(network)
    node.spends()[1]["time"] = "2027-03-01T00:00:00Z"
    node.sealed[-1] = (node.sealed[-1][0], datetime(2027, 3, 1, 0, 0, 5, tzinfo=UTC))
    node.seal()


@kind("one ledger under the names of two members, so that one institution counts twice", "both", "LEDGER_SHARED")
def _(network: Federation) -> None:
    node = liar(network)
    twin = _Twin("house-h", node.key, node.leaves, node.sealed, node.notes, node.sent)
    network.nodes["house-h"] = twin
    network.members.append(network.members[1].model_copy(update={"member": "house-h"}))


class _Twin(Node):
    @property
    def origin(self) -> str:
        return f"{houses.DOMAIN}/ledger/house-b"


@kind("a ledger of somebody who is no member", "coordinator", "MEMBER_UNKNOWN")
def _(network: Federation) -> None:
    del network.members[1]


@kind("a list of members that has no ledger of one whose ledger is there", "coordinator", "ORIGIN_DIFFERS")
def _(network: Federation) -> None:
    network.members[1] = network.members[1].model_copy(update={"ledger": None})


@kind("a recovery that gives up entries which are still there", "node", "RECOVERY_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    node.append(
        {
            "type": "recovery",
            "old": "whole",
            "given_up": [leaf_hash(node.written()[3]).hex()],
            "epsilon_u": 0,
            "rho_u": 0,
        },
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    node.seal()


@kind("a release sent of what a recovery had booked again without its bytes", "both", "RECOVERY_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    spend = node.leaves.pop()
    node.sealed.pop()
    time = datetime(2026, 2, 4, 9, tzinfo=UTC)
    entry = {"type": "recovery", "old": "whole", "given_up": ["ab" * 32], "epsilon_u": 0, "rho_u": 0}
    node.append(entry, time)
    node.append({**spend, "round": None}, time)
    node.sent[1].received = time + timedelta(hours=1)
    node.seal()


@kind("one member's release dated so that nobody can add its ledger up, to stop the audit of all", "both",
      "LEDGER_NOT_COMPUTABLE")  # fmt: skip
def _(network: Federation) -> None:
    node = liar(network)
    for leaf in node.leaves:
        leaf["time"] = "0001-06-01T00:00:00Z"
    node.seal()


@kind("an entry for a round that the coordinator shows nobody", "coordinator", "ROUND_MISSING")
def _(network: Federation) -> None:
    _keep_a_round_back(network)


@kind("the same, in a bundle that says that a node made it", "coordinator", "ROUND_MISSING")
def _(network: Federation) -> None:
    _keep_a_round_back(network)
    network.source = "node"


def _keep_a_round_back(network: Federation) -> None:
    del network.rounds["year-2025"], network.benchmarks["year-2025", 1], network.benchmarks["year-2025", 2]
    for node in network.nodes.values():
        del node.sent[1]


@kind("an entry booked for a round that asked for another window", "both", "ROUND_DIFFERS")
def _(network: Federation) -> None:
    node = liar(network)
    node.spends()[1]["round"] = "year-2024"
    node.seal()


@kind("an entry booked for a round that had not been opened", "both", "ROUND_DIFFERS")
def _(network: Federation) -> None:
    each = network.rounds["year-2025"]
    later = each.announcement.opened + timedelta(days=6)
    network.announce("year-2025", replace(each.announcement, opened=later))
    each.record = each.record.model_copy(update={"opened": later})
