"""A customer file built to a published customer portfolio (`privacy.planning.portfolio`), and what it is worth there.

Figures: B. Elinder, Dina nycklar till framgångsrikare CRM, 2018; whole kronor.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from privacy.planning.portfolio import F12, LOST, S12, TIERS

LAST = date(2025, 12, 31)

RETENTION = {"super": 0.8858, "top": 0.8075, "middle": 0.6460, "bottom": 0.5197}
DURATION = {"super": 8.757, "top": 5.196, "middle": 2.825, "bottom": 2.082}
CLV = {"super": 106_196, "top": 28_627, "middle": 5_534, "bottom": 824}
CLV_TOTAL = {"super": 540_642_767, "top": 437_196_598, "middle": 281_701_853, "bottom": 25_172_843}
PORTFOLIO_VALUE = 1_284_714_061

HEADER = "order_id,line_id,ordered_at,ticket_type,quantity,amount,channel,state,customer_key\n"

Bought = tuple[int, int]
"""Orders, and kroner in all."""


def shared(whole: int, parts: int) -> list[int]:
    """A whole number in parts that differ by one at most, the larger ones first."""
    each, more = divmod(whole, parts)
    return [each + 1] * more + [each] * (parts - more)


def customers() -> Iterator[tuple[Bought | None, Bought | None, bool]]:
    """What every customer bought in F12 and in S12, and whether they had bought before: near the averages of cells.

    The last two of F12's super tier are lost ones of equal revenue, so that they tie.
    """
    orders = {tier: iter(shared(F12[tier][1], F12[tier][0])) for tier in TIERS}
    for place, tier in enumerate(TIERS):
        lost, lost_revenue = LOST[tier]
        for revenue in shared(lost_revenue, lost):
            yield (next(orders[tier]), revenue), None, False
        kept = iter(shared(F12[tier][2] - lost_revenue, F12[tier][0] - lost))
        for to in TIERS:
            number, bought, revenue_now = S12[to][place]
            for now in zip(shared(bought, number), shared(revenue_now, number), strict=True):
                yield (next(orders[tier]), next(kept)), now, False
    for place, before in ((4, True), (5, False)):
        for to in TIERS:
            number, bought, revenue_now = S12[to][place]
            for now in zip(shared(bought, number), shared(revenue_now, number), strict=True):
                yield None, now, before


def write(file: Path) -> Path:
    """The customer file in the Kudos standard: about 600 000 lines."""
    number = 0
    with file.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for who, (then, now, recovered) in enumerate(customers()):
            years = [(2023, (1, 100))] if recovered else []
            years += [(2024, then)] if then else []
            years += [(2025, now)] if now else []
            for year, (orders, kroner) in years:
                for place in range(orders):
                    number += 1
                    day = f"{year}-{1 + (who + place) % 12:02d}-{1 + place % 28:02d}T12:00:00"
                    out.write(f"{number},1,{day},Ordinær,1,{0 if place else kroner}.00,web,paid,K{who}\n")
    return file
