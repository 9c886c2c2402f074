"""How a study of cross-use is shown: what its sketch and its counts are, and what each costs."""

from typing import TYPE_CHECKING

from coordinator.cli import output
from coordinator.cli.output import count

if TYPE_CHECKING:
    from privacy.studies.cross_use import CrossUseStudy

PEERS = (4, 9, 99)
"""Against how many peers the noise of a count is shown: it grows with their number."""


def say_cost(study: "CrossUseStudy") -> None:
    """What taking part costs a member."""
    from privacy.studies.cross_use_price import most, sketch_spend

    output.say(
        f"The sketch costs ε {sketch_spend(study).epsilon} of each member's budget, once a year, for all studies that "
        f"share it. A count costs ε {study.histogram_epsilon} and ρ {study.rho} at the most."
    )
    together = most(study)
    output.say(f"Together, in a year without a sketch yet: ε {together.epsilon} and ρ {together.rho}.")


def show(study: "CrossUseStudy") -> None:
    """All of it, for people."""
    from privacy.studies.cross_use_price import count_price, sketch_spend

    output.say(f"{study.title}   ({study.name} version {study.version}, {study.digest[:23]}…)")
    prices = [count_price(study, peers) for peers in PEERS]
    noise = " / ".join(count(round(each.sums.scale)) for each in prices)
    output.table(
        ["what", "how", "noise", "ε>", "ρ>"],
        [
            (
                "sketch, once a year",
                f"{count(study.buckets)} buckets",
                f"{float(study.flip_probability):.1%} of bits flipped",
                str(sketch_spend(study).epsilon),
                "0",
            ),
            (
                "sums and sizes",
                f"of all and of {len(study.groups)} groups by {study.partition.name}",
                f"σ {noise}",
                "0",
                str(max(each.rho for each in prices)),
            ),
            (
                "histogram",
                "how many institutions people use",
                f"scale {count(round(prices[0].histogram.scale))}",
                str(prices[0].epsilon),
                "0",
            ),
        ],
    )
    output.say(f"The noise of sums is against {', '.join(map(str, PEERS[:-1]))} and {PEERS[-1]} peers.")
    disclosure = study.disclosure
    output.say(
        f"Published for {', '.join(study.cohorts)}: at least {disclosure.min_members} members in each group; a figure "
        f"whose error is {disclosure.noise_percent} % of it or more is withheld."
    )
    say_cost(study)


def as_json(study: "CrossUseStudy") -> dict[str, object]:
    """All of it, for programs."""
    from privacy.studies.cross_use import KIND
    from privacy.studies.cross_use_price import count_price, sketch_spend

    return {
        "kind": KIND,
        "name": study.name,
        "version": study.version,
        "title": study.title,
        "digest": study.digest,
        "layout_digest": study.layout_digest,
        "buckets": study.buckets,
        "flips": study.response.flips,
        "flip_bits": study.response.bits,
        "sketch_digest": study.sketch_digest,
        "partition": study.partition.name,
        "groups": list(study.groups),
        "cohorts": list(study.cohorts),
        "min_members": study.disclosure.min_members,
        "sketch_epsilon": str(sketch_spend(study).epsilon),
        "histogram_epsilon": str(study.histogram_epsilon),
        "rho": str(study.rho),
        "noise": [
            {"peers": peers, "sums": str(priced.sums.scale), "histogram": str(priced.histogram.scale)}
            for peers, priced in ((peers, count_price(study, peers)) for peers in PEERS)
        ],
    }
