"""What `kudos-node review` says of quantiles: one's own, and which may come out as anything."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.cli import output
from node.cli.output import count, kroner

if TYPE_CHECKING:
    from node.benchmark.ends import NearEnd
    from privacy.studies.price import Price


def warn_of_ends(ends: "Sequence[NearEnd]") -> None:
    """That quantiles may come out as anything up to the last candidate: nobody should choose bounds by them."""
    if not ends:
        return
    by_measure: dict[str, list[str]] = {}
    for each in ends:
        by_measure.setdefault(str(each.part.measure), []).append(f"{float(each.part.at):g}")
    said = "; ".join(f"{measure} {', '.join(points)}" for measure, points in by_measure.items())
    least = min(ends, key=lambda each: each.above)
    last = kroner(least.last) if least.part.measure == "revenue" else count(least.last)
    where = f"{least.part.measure} {float(least.part.at):g}"
    above, error = count(round(least.above)), count(round(least.rank_error))
    output.prose(
        f"  ! Of so few customers these quantiles are within noise of the largest candidate: {said}. Above {where}, "
        f"say, are {above} of your customers, and noise moves it by ±{error}: what is told may be anything up to "
        f"{last}. Choose no bound by it; in the mean over the members it weighs like any other."
    )


def quantiles_json(priced: "Price", told: "Sequence[int]", ends: "Sequence[NearEnd]") -> list[dict[str, object]]:
    """One's own quantiles for programs."""
    within = {each.part for each in ends}
    return [
        {
            "measure": str(each.part.measure),
            "at": float(each.part.at),
            "own": value,
            "rho": str(each.cost),
            "within_noise_of_last": each.part in within,
        }
        for each, value in zip(priced.quantiles, told, strict=True)
    ]
