"""Where an own figure lies among the quartiles of a cohort's members."""

import pytest

from node.benchmark.position import Place, is_quartile, positions
from privacy.estimate.benchmark import Benchmark
from tests.privacy.estimate.rounds_of import a_round, figure, withheld


def quartiles(error: float = 0.001, **changes: object) -> Benchmark:
    ends = {"_q1": 0.30, "_median": 0.40, "_q3": 0.50}
    cells = [figure(f"retention{end}", value, error, **changes) for end, value in ends.items()]  # type: ignore[arg-type]
    return a_round(2025, [figure("retention", 0.45, 0.001), *cells])


def placed(own: float | None, benchmark: Benchmark) -> list[tuple[Place, bool]]:
    found = positions(benchmark, {("totals", "all", "retention"): own}, ["network"])
    return [(each.place, each.certain) for each in found]


@pytest.mark.parametrize(
    ("own", "place"),
    [(0.1, Place.LOWEST), (0.35, Place.LOWER), (0.45, Place.UPPER), (0.9, Place.HIGHEST), (0.0, Place.LOWEST)],
)
def test_each_place(own: float, place: Place) -> None:
    assert placed(own, quartiles()) == [(place, True)]


def test_near_a_quartile_it_may_as_well_be_the_other_side() -> None:
    assert placed(0.30, quartiles()) == [(Place.LOWER, False)]
    assert placed(0.2985, quartiles()) == [(Place.LOWEST, False)]
    assert placed(0.2975, quartiles()) == [(Place.LOWEST, True)]
    assert placed(0.45, quartiles(error=0.04)) == [(Place.UPPER, False)]


def test_without_an_own_figure_or_all_three_there_is_no_place() -> None:
    assert placed(None, quartiles()) == []
    assert placed(0.4, quartiles(unreliable=True)) == []
    assert placed(0.4, quartiles(cohort="county:46")) == []
    assert placed(0.4, a_round(2025, [figure("retention_q1", 0.3), withheld("retention_median")])) == []
    assert placed(0.4, a_round(2025, [figure("retention", 0.3)])) == []


def test_which_measures_are_quartiles() -> None:
    assert [is_quartile(name) for name in ("retention_q1", "retention_median", "average_purchase_ore_q3")] == [True] * 3
    assert not any(map(is_quartile, ("retention", "customers", "average_purchase_ore")))
