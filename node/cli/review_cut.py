"""What `kudos-node review` says of the bounds of a study: what each cuts off, and whether that is more than noise."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from node.cli import output
from node.cli.output import count, kroner, percent, things

if TYPE_CHECKING:
    from node.benchmark.bias import Bias
    from node.benchmark.cut import Cut, CutByEach
    from privacy.catalogue.tables import Bounds

_WORDS = {"max_orders": "orders", "max_lines": "lines", "max_tickets": "tickets", "max_revenue_ore": "kr"}


def show_cuts(cuts: "Sequence[CutByEach]", biases: "Sequence[Bias]", by_cell: "Sequence[str]" = ()) -> None:
    """Prints what the narrow and the wide bounds cut off, together and each by itself, and a warning where due.

    `by_cell`: the tables whose categories have bounds of their own, which are in none of this.
    """
    if not cuts and not by_cell:
        output.say("No bound cuts a figure of this study.")
    for each in cuts:
        whose = "In the tables within wide bounds at most" if each.wide else "Of one customer at most"
        output.say(f"{whose} {_bounds(each.bounds)} count.")
        if not _any(each.together):
            output.say("  that cuts nothing of yours")
            continue
        cut = each.together
        output.say(
            f"  that cuts {percent(cut.revenue, 1)} of your revenue, {percent(cut.tickets, 1)} of the tickets and "
            f"{percent(cut.orders, 1)} of the orders ({_above(cut.customers)})"
        )
        output.table(
            ["  each bound alone", "customers above>", "revenue>", "tickets>", "orders>"],
            [
                (
                    f"  {_bound(name, getattr(each.bounds, name))}",
                    count(alone.customers),
                    *(percent(share, 1) for share in (alone.revenue, alone.tickets, alone.orders)),
                )
                for name, alone in each.alone.items()
            ],
        )
    if by_cell:
        output.prose(f"Each category has bounds of its own, and is in none of this, of: {', '.join(by_cell)}.")
    _warn(biases)


def _above(customers: int) -> str:
    return f"{things(customers, 'customer')} {'is' if customers == 1 else 'are'} above a bound"


def cuts_json(cuts: "Sequence[CutByEach]", biases: "Sequence[Bias]") -> dict[str, Any]:
    """The same for programs. `cut` is what the narrow bounds do, and null where no figure is within these."""
    narrow = next((each.together for each in cuts if not each.wide), None)
    return {
        "cut": None if narrow is None else vars(narrow),
        "cut_by_bound": [
            {
                "wide": each.wide,
                "bounds": vars(each.bounds),
                "together": vars(each.together),
                "alone": {name: vars(alone) for name, alone in each.alone.items()},
            }
            for each in cuts
        ],
        "clipping_bias": [
            {
                "wide": each.wide,
                "measure": str(each.measure),
                "cut": None if math.isinf(each.cut) else round(each.cut, 2),
                "share": each.share,
                "noise": round(each.noise, 2),
                "exceeds_noise": each.exceeds_noise,
            }
            for each in biases
        ],
    }


def _warn(biases: "Sequence[Bias]") -> None:
    over = [each for each in biases if each.exceeds_noise]
    if not over:
        return
    said = "; ".join(
        f"{each.measure}{' (wide bounds)' if each.wide else ''} {_amount(each.cut, each)} ({percent(each.share, 1)}), "
        f"noise ±{_amount(each.noise, each)}"
        for each in over
    )
    output.prose(f"  ! Of your total more is cut off than the noise hides: {said}.")
    output.prose(
        "    In a cohort's sum the noise evens out, and what is cut off does not: such figures are too low, and their "
        "± does not say so. A benchmark estimates it where its study asks for that."
    )


def _amount(value: float, each: "Bias") -> str:
    return kroner(value) if each.measure == "revenue" else count(round(value))


def _bounds(bounds: "Bounds") -> str:
    said = [_bound(name, value) for name, value in vars(bounds).items()]
    return f"{', '.join(said[:-1])} and {said[-1]}"


def _bound(name: str, value: int) -> str:
    return kroner(value) if name == "max_revenue_ore" else f"{count(value)} {_WORDS[name]}"


def _any(cut: "Cut") -> bool:
    return bool(cut.customers or cut.orders or cut.tickets or cut.revenue)
