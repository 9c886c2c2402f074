"""The means of members' quantiles: what is shown of them, and what one member dominates."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from privacy.bounds.windows import Window
from privacy.estimate.benchmark import BadBenchmark, Benchmark, Included, parse, serialise
from privacy.estimate.body import Body
from privacy.estimate.combine import combine, shown
from privacy.estimate.errors import InvalidVectorError
from tests.privacy.estimate.networks import cell, houses
from tests.privacy.estimate.studies import PORTFOLIO

MEMBERS = houses(museum=6, festival=5)
TOLD = np.array([[400_000 + 100 * index, 200_000, 50_000] for index in range(11)], dtype=np.int64)
CELLS = np.full((11, PORTFOLIO.cells), 10**9, dtype=np.int64)
ONLY = replace(PORTFOLIO, parts=())


def signed(body: Body) -> Benchmark:
    return Benchmark(
        coordinator="kudos.example",
        round="one",
        version=1,
        supersedes=None,
        reason=None,
        study=PORTFOLIO.name,
        study_version=1,
        study_digest="sha256:" + "0" * 64,
        window=Window(date(2025, 1, 1), date(2025, 12, 31)),
        published=datetime(2026, 2, 1, tzinfo=UTC),
        releases=tuple(Included(member.member, "sha256:" + "0" * 64) for member in MEMBERS),
        body=body,
    )


def test_a_mean_of_quantiles_has_no_error_and_is_never_certain() -> None:
    body = combine(PORTFOLIO, MEMBERS, CELLS, (), TOLD)
    found = cell(body, "network", "revenue_quantiles", "0.95", "mean_quantile_ore")
    assert (found.value, found.standard_error, found.low, found.high) == ("400500", None, None, None)
    assert (found.status, found.reason) == ("unreliable", "INTERVAL_UNBOUNDED")
    assert parse(serialise(signed(body))) == signed(body)
    wrong = replace(
        body, cells=tuple(replace(each, standard_error="1.00") if each is found else each for each in body.cells)
    )
    with pytest.raises(BadBenchmark, match="more than a value"):
        serialise(signed(wrong))


def test_a_study_of_quantiles_alone() -> None:
    body = combine(ONLY, MEMBERS, CELLS[:, :0], (), TOLD)
    assert len(body.cells) == 3 * len(body.cohorts)
    assert combine(ONLY, MEMBERS, CELLS[:, :0]).cells == ()


def test_what_one_dominates_is_withheld_everywhere_and_stays_so() -> None:
    large = TOLD.copy()
    large[6, 1] *= 20
    body = combine(PORTFOLIO, MEMBERS, CELLS, (), large)
    reasons = {
        each.cohort: str(each.reason)
        for each in body.cells
        if (each.table, each.category) == ("revenue_quantiles", "0.8")
    }
    assert reasons.pop("industry:museum") == "COMPLEMENTARY"
    assert set(reasons.values()) == {"DOMINATED"}
    earlier = shown(body, PORTFOLIO, MEMBERS, CELLS)
    later = combine(PORTFOLIO, MEMBERS, CELLS, earlier, TOLD)
    assert cell(later, "network", "revenue_quantiles", "0.8", "mean_quantile_ore").reason == "COMPLEMENTARY"
    assert cell(later, "network", "revenue_quantiles", "0.3", "mean_quantile_ore").value == "50000"


def test_they_are_those_of_the_study() -> None:
    with pytest.raises(InvalidVectorError):
        combine(PORTFOLIO, MEMBERS, CELLS, (), TOLD[:, 1:])


def test_where_the_whole_is_withheld_so_are_the_means() -> None:
    """One museum has nearly all that its industry has; what the network less the festivals has goes with it.

    The network's means stay, also in a later version: none of the others follows from them.
    """
    values = CELLS.copy()
    values[0] *= 100
    festivals = range(6, 11)
    values[festivals] *= 100
    body = combine(PORTFOLIO, MEMBERS, values, (), TOLD)
    assert cell(body, "industry:museum", "totals", "all", "customers").reason == "DOMINATED"
    assert cell(body, "industry:festival", "totals", "all", "customers").reason == "COMPLEMENTARY"
    assert cell(body, "network", "totals", "all", "customers").reason is None
    earlier = shown(body, PORTFOLIO, MEMBERS, values)
    again = combine(PORTFOLIO, MEMBERS, values, earlier, TOLD)
    assert again == body
    for found in (body, again):
        reasons = {
            (each.cohort, each.category): each.reason for each in found.cells if each.table == "revenue_quantiles"
        }
        for name in ("0.95", "0.8", "0.3"):
            assert reasons["network", name] == "INTERVAL_UNBOUNDED"
            assert reasons["industry:museum", name] == "COMPLEMENTARY"
            assert reasons["industry:festival", name] == "COMPLEMENTARY"
    assert shown(again, PORTFOLIO, MEMBERS, values) == earlier


def test_a_dominated_mean_stays_withheld_also_where_nothing_else_of_its_cohort_was_shown() -> None:
    """First six museums alone, whose whole is one's; then with the festivals, which are larger."""
    values, large = CELLS.copy(), TOLD.copy()
    values[0] *= 100
    values[6:] *= 100
    large[0, 1] *= 20
    first = combine(PORTFOLIO, MEMBERS[:6], values[:6], (), large[:6])
    assert cell(first, "network", "totals", "all", "customers").reason == "DOMINATED"
    assert cell(first, "network", "revenue_quantiles", "0.8", "mean_quantile_ore").reason == "DOMINATED"
    assert cell(first, "network", "revenue_quantiles", "0.3", "mean_quantile_ore").reason == "COMPLEMENTARY"
    later = combine(PORTFOLIO, MEMBERS, values, shown(first, PORTFOLIO, MEMBERS[:6], values[:6]), TOLD)
    assert cell(later, "network", "revenue_quantiles", "0.8", "mean_quantile_ore").reason == "COMPLEMENTARY"
    assert cell(later, "network", "revenue_quantiles", "0.3", "mean_quantile_ore").value == "50000"
