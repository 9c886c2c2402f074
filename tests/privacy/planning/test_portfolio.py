"""The published portfolio, number by number: each is in a row and in a column, whose sums were added up by hand.

A number that is changed, or two that are exchanged, change a sum. The sums are of the source's own table.
"""

import pytest

from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES
from privacy.planning.institution import LOST_SHARE, cells
from privacy.planning.portfolio import F12, LOST, ORIGINS, S12, TIERS, summed

TIER_SUMS = {
    "super": (5091, 38626, 61738655),
    "top": (15272, 68832, 84147530),
    "middle": (50906, 120577, 99718421),
    "bottom": (30542, 40075, 12090788),
}
ORIGIN_SUMS = {
    "super": (4181, 24149, 25744836),
    "top": (11433, 45678, 42633707),
    "middle": (30488, 87522, 75989510),
    "bottom": (14715, 33749, 26599322),
    "recovered": (17606, 31452, 31593404),
    "new": (23388, 45560, 55134615),
}
F12_SUM, LOST_SUM = (94387, 247934, 233167960), (33570, 54125759)


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_adds_up(tier: str) -> None:
    assert summed(S12[tier]) == TIER_SUMS[tier]


@pytest.mark.parametrize(("place", "origin"), list(enumerate(ORIGINS)))
def test_every_origin_adds_up(place: int, origin: str) -> None:
    assert summed(S12[tier][place] for tier in TIERS) == ORIGIN_SUMS[origin]


def test_the_year_before_adds_up() -> None:
    """What it adds up to in all; and of each tier who stayed and who is lost, which is printed tier by tier."""
    assert summed(F12.values()) == F12_SUM
    assert tuple(sum(each[place] for each in LOST.values()) for place in (0, 1)) == LOST_SUM
    for tier in TIERS:
        assert F12[tier][0] == ORIGIN_SUMS[tier][0] + LOST[tier][0]


@pytest.mark.parametrize(("tier", "value"), [("super", 106_196), ("top", 28_627), ("middle", 5_534), ("bottom", 824)])
def test_the_published_lifetime_values_follow(tier: str, value: int) -> None:
    customers, _, revenue = summed(S12[tier])
    assert round(revenue / customers * F12[tier][0] / LOST[tier][0]) == value


def test_the_portfolio_is_worth_more_than_the_pooled_product() -> None:
    """As docs/kpis.md says: both are lifetime values, and they differ by nearly a half."""
    by_tier = sum(summed(S12[tier])[2] * F12[tier][0] / LOST[tier][0] for tier in TIERS)
    pooled = sum(summed(S12[tier])[2] for tier in TIERS) * F12_SUM[0] / LOST_SUM[0]
    assert (round(by_tier), round(pooled)) == (1_284_714_061, 724_548_560)


def test_the_planned_categories_are_those_of_the_portfolio() -> None:
    """Shares of the customers as the source's figures give them, to the fourth decimal; migration to the person."""
    customers = 101_811
    flow = cells(TABLES["flow"], Measure.CUSTOMERS, customers)
    assert flow == pytest.approx([23_388, 60_817, 17_606, 33_570])
    assert cells(TABLES["value_tier"], Measure.CUSTOMERS, customers) == pytest.approx([5_091, 15_272, 50_906, 30_542])
    migration = cells(TABLES["migration"], Measure.CUSTOMERS, customers).tolist()
    names = TABLES["migration"].dimension.categories
    assert migration == pytest.approx(
        [
            LOST[origin][0] if to == "lost" else S12[to][ORIGINS.index(origin)][0]
            for origin, _, to in (name.partition(":") for name in names)
        ]
    )
    assert pytest.approx(0.3297, abs=0.00005) == LOST_SHARE
