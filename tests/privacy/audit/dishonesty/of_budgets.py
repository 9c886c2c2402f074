"""Policies, caps, and what was booked."""

from datetime import UTC, datetime

from tests.privacy.audit import houses
from tests.privacy.audit.dishonesty.kinds import Kinds, liar, part_of
from tests.privacy.audit.federation import Federation
from tests.privacy.audit.houses import STUDY

kind = Kinds([])


@kind("no policy booked before the release", "both", "NO_POLICY")
def _(network: Federation) -> None:
    node = liar(network)
    node.leaves.remove(node.of_type("policy"))
    node.renumber()
    node.sealed = [(2, node.sealed[0][1]), (3, node.sealed[1][1]), (4, node.sealed[2][1])]
    node.seal()


@kind("the cap of twelve months exceeded", "both", "CAP_EXCEEDED")
def _(network: Federation) -> None:
    node = liar(network)
    node.of_type("policy")["cap_rho_u"] = 20_000
    node.seal()


@kind("a single release larger than the policy allows", "both", "LARGEST_EXCEEDED")
def _(network: Federation) -> None:
    node = liar(network)
    node.of_type("policy")["largest_rho_u"] = 20_000
    node.seal()


@kind("the same study released twice over the same window, with new noise", "both", "RELEASED_TWICE")
def _(network: Federation) -> None:
    node = liar(network)
    time = datetime(2026, 3, 1, tzinfo=UTC)
    node.release(STUDY, houses.WINDOWS["year-2025"], None, time, [10**6] * STUDY.cells)
    node.seal()


@kind("a policy booked only after the release", "both", "NO_POLICY")
def _(network: Federation) -> None:
    node = liar(network)
    policy = node.of_type("policy")
    node.leaves.remove(policy)
    node.append(policy, datetime(2026, 3, 1, tzinfo=UTC))
    node.seal()


@kind("a cap lowered, and the release after it booked as before", "both", "CAP_EXCEEDED")
def _(network: Federation) -> None:
    node = liar(network)
    lower = {**node.of_type("policy"), "cap_rho_u": 20_000, "time": node.spends()[1]["time"]}
    node.leaves.insert(4, lower)
    node.renumber()
    node.sealed[-1] = (6, node.sealed[-1][1])
    node.seal()


@kind("a cap raised only after the release that exceeded it", "both", "CAP_EXCEEDED")
def _(network: Federation) -> None:
    node = liar(network)
    higher = dict(node.of_type("policy"))
    node.of_type("policy")["cap_rho_u"] = 20_000
    node.append(higher, datetime(2026, 3, 1, tzinfo=UTC))
    node.seal()


@kind("fewer figures booked than the study has", "both", "PARTS_DIFFER")
def _(network: Federation) -> None:
    node = liar(network)
    part_of(node.spends()[0])["cells"] -= 1
    node.seal()


@kind("a study under another study's name", "both", "PARTS_DIFFER")
def _(network: Federation) -> None:
    node = liar(network)
    node.spends()[0]["study"] = "benchmark"
    node.seal()
