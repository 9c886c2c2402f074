"""The pooled truths of the demo, against sums by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.demo.pooled import Judged, Key, Spread, bounded, invented, judged
from deploy.demo.world import Truth, truth
from privacy.studies.study import shipped
from tests.deploy.worlds import world

STUDY = shipped()["benchmark"]


def _review(factor: int) -> dict[str, Any]:
    """A node's review in which the n-th figure is n times a factor."""

    def tables() -> Iterator[dict[str, Any]]:
        number = 0
        for part in STUDY.parts:
            categories = list(part.table.dimension.categories)
            values = [factor * (number + at) for at in range(1, len(categories) + 1)]
            number += len(categories)
            yield {
                "table": part.table.name,
                "measure": str(part.measure),
                "categories": categories,
                "own_bounded": values,
            }

    return {"tables": list(tables())}


def test_bounded_figures_add_up_and_ratios_are_of_the_sums() -> None:
    alone, pooled = bounded([_review(1)], STUDY), bounded([_review(1), _review(2)], STUDY)
    assert sum(measure in ("customers", "orders", "tickets", "revenue_ore") for _, _, measure in alone) == STUDY.cells
    assert ("totals", "all", "retention") in alone
    for key, value in alone.items():
        sums = key[2] in ("customers", "orders", "tickets", "revenue_ore")
        expected = value if value is None or not sums else 3 * value
        assert pooled[key] == (None if expected is None else pytest.approx(expected))


def test_invented_figures_of_one_are_those_of_its_truth() -> None:
    one = truth(world())
    found = invented([one])
    assert found["customers"] == one.customers
    assert found["first_timer_share"] == one.flows["new"] / one.customers
    assert found["purchase_frequency"] == (one.orders - one.anonymous_orders) / one.customers
    assert found["retention"] == pytest.approx(1 - 1 / found["duration_years"])
    assert invented([one, one])["revenue_ore"] == 2 * one.revenue_ore
    assert invented([one, one])["average_purchase_ore"] == pytest.approx(found["average_purchase_ore"])


def test_every_figure_of_a_benchmark_has_an_invented_one() -> None:
    kpis = {
        measure for table, category, measure in bounded([_review(1)], STUDY) if (table, category) == ("totals", "all")
    }
    nothing: Truth = truth(world())
    assert kpis == set(invented([nothing]))


def test_distances_are_counted_in_published_errors() -> None:
    cell: dict[str, Any] = {"cohort": "network", "table": "totals", "category": "all", "measure": "orders"}
    truths: dict[str, dict[Key, float | None]] = {"network": {("totals", "all", "orders"): 100.0}}
    shown: list[dict[str, Any]] = [
        cell | {"value": 110, "standard_error": 5.0},
        cell | {"value": None, "standard_error": None},
    ]
    assert judged(shown, truths) == [Judged("network", ("totals", "all", "orders"), 110.0, 5.0, 100.0)]
    assert judged(shown, truths)[0].errors_apart == 2.0
    spread = Spread.of([Judged("network", ("t", "c", "m"), value, 1.0, 0.0) for value in (-1.0, 1.0)])
    assert (spread.count, spread.mean) == (2, 0.0)
    assert spread.deviation == pytest.approx(2**0.5)
