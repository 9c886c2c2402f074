"""The published portfolio comes back to the krone from a customer file built to it (some fifteen seconds)."""

from collections.abc import Mapping
from typing import Any

import pytest

from privacy.planning.portfolio import F12, LOST, ORIGINS, S12, TIERS
from tests.node.cli.run import Node, initialised
from tests.node.kpis import oracle

Kpi = Mapping[str, Any]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("oracle")
    node = initialised(folder / "home")
    node("import", "--system", "kudos", oracle.write(folder / "customers.csv"))
    return node


@pytest.fixture(scope="module")
def kpi(node: Node) -> Kpi:
    found: Kpi = node.good("kpi", "--as-of", oracle.LAST.isoformat(), "--json").json
    return found


def kroner(ore: int) -> int:
    return (ore + 50) // 100


def test_the_stock_and_its_flows(kpi: Kpi) -> None:
    assert kpi["customers"] == 101_811
    assert kpi["flows"] == {"new": 23_388, "continuing": 60_817, "recovered": 17_606, "lost": 33_570}
    assert round(kpi["retention"], 4) == 0.6443
    assert round(kpi["duration_years"], 3) == 2.812


def test_the_tiers_of_both_years(kpi: Kpi) -> None:
    for tier in TIERS:
        found = kpi["tiers"][tier]
        assert (found["customers"], found["orders"], found["revenue_ore"]) == tuple(
            sum(cell[place] for cell in S12[tier]) * (100 if place == 2 else 1) for place in range(3)
        )
        customers, orders, revenue = F12[tier]
        assert found["before"] == {"customers": customers, "orders": orders, "revenue_ore": revenue * 100}
        assert (found["lost"]["customers"], found["lost"]["revenue_ore"]) == (LOST[tier][0], LOST[tier][1] * 100)
    assert [kpi["tiers"][tier]["customers"] for tier in TIERS] == [5_091, 15_272, 50_906, 30_542]


def test_every_cell_of_tier_and_origin(kpi: Kpi) -> None:
    for tier in TIERS:
        for origin, (customers, orders, revenue) in zip(ORIGINS, S12[tier], strict=True):
            assert kpi["origins"][tier][origin] == {
                "customers": customers,
                "orders": orders,
                "revenue_ore": revenue * 100,
            }


def test_the_migration_and_not_its_misprint(kpi: Kpi) -> None:
    for place, origin in enumerate(ORIGINS):
        moved = {tier: S12[tier][place][0] for tier in TIERS}
        assert kpi["migration"][origin] == moved | ({"lost": LOST[origin][0]} if origin in LOST else {})
    middle = kpi["migration"]["middle"]
    assert round(100 * middle["bottom"] / sum(middle.values()), 1) == 17.6


def test_retention_duration_and_lifetime_value_to_the_krone(kpi: Kpi) -> None:
    for tier in TIERS:
        found = kpi["tiers"][tier]
        assert round(found["retention"], 4) == oracle.RETENTION[tier]
        assert round(found["duration_years"], 3) == oracle.DURATION[tier]
        assert kroner(found["clv_ore"]) == oracle.CLV[tier]
        assert kroner(found["clv_total_ore"]) == oracle.CLV_TOTAL[tier]
    assert kroner(kpi["portfolio_value_ore"]) == oracle.PORTFOLIO_VALUE


def test_the_index_is_100_for_the_average_customer(kpi: Kpi) -> None:
    weighted = sum(kpi["tiers"][tier]["index"] * kpi["tiers"][tier]["customers"] for tier in TIERS)
    assert round(weighted / kpi["customers"], 6) == 100
    assert round(kpi["tiers"]["super"]["index"]) == 842


def test_the_screen_shows_it(node: Node) -> None:
    shown = node.good("kpi", "--as-of", oracle.LAST.isoformat(), "--section", "portfolio").out
    for text in (
        "106 196 kr",
        "28 627 kr",
        "5 534 kr",
        "824 kr",
        "540 642 767 kr",
        "1 284 714 061 kr",
        "88.6 %",
        "2.8",
    ):
        assert text in shown
