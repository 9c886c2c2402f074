"""Do intervals hold as often as they say? Releases with fresh noise, through least squares, against the bounded truth.

The issue asks for 93 to 97 % over 1 000 runs. Seeds are fixed. All figures of a kind together are held to that, and
each figure by itself to what chance allows: under another seed one would leave that about once in a million.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from privacy.catalogue.tables import TABLES
from privacy.estimate.clipping.rules import uncut
from privacy.estimate.derived import DECIMALS
from privacy.estimate.disclosure import relative_error_exceeds
from privacy.estimate.equalities import totals_of
from privacy.estimate.figure import critical_value
from privacy.estimate.layout import layout_of
from privacy.studies.study import Study
from tests.privacy.estimate.networks import variances
from tests.privacy.estimate.populations import exact, people_of
from tests.privacy.estimate.studies import PORTFOLIO, WIDE_TOTALS

RUNS = 1000
ONE_IN_A_MILLION = 1e-6
PERCENT = 25
Z = critical_value(0.95)
STUDIES = {"wide": WIDE_TOTALS, "portfolio": PORTFOLIO}
COHORTS = {"big": (10, 20_000), "small": (5, 1_500)}


@dataclass(frozen=True, eq=False)
class Runs:
    """truth: of the cohort's sums; estimates: int64, shape (runs, cells)."""

    study: Study
    members: int
    truth: NDArray[np.int64]
    estimates: NDArray[np.int64]


@cache
def runs_of(study: str, cohort: str) -> Runs:
    members, size = COHORTS[cohort]
    random = np.random.default_rng(20261101)
    truth = sum(exact(STUDIES[study], people_of(random, size)) for _ in range(members))
    assert isinstance(truth, np.ndarray)
    noise = np.rint(random.normal(0, np.sqrt(members * variances(STUDIES[study])), (RUNS, len(truth)))).astype(np.int64)
    return Runs(STUDIES[study], members, truth, layout_of(STUDIES[study]).estimates(truth + noise, members))


Held = dict[str, list[bool]]
"""Of each figure, of the runs in which it was reliable, whether the interval held the truth."""


def sums_of(runs: Runs) -> Held:
    layout = layout_of(runs.study)
    errors = np.sqrt(runs.members * layout.variances)
    held: Held = {}
    for cell, source in enumerate(layout.sources):
        values = runs.estimates[:, cell]
        reliable = [not relative_error_exceeds(value, errors[cell], PERCENT) for value in values.tolist()]
        within = np.abs(values - runs.truth[cell]) <= np.rint(Z * errors[cell])
        held["/".join(source)] = within[reliable].tolist()
    return held


def ratios_of(runs: Runs) -> Held:
    layout = layout_of(runs.study)
    place = {source: cell for cell, source in enumerate(layout.sources)}
    held: Held = {}
    for each, noise in zip(layout.derived, layout.noises, strict=True):
        if each.kpi == "revenue_beyond_wide":  # its truth is a model's
            continue
        cells = [place[source] for source in each.sources]
        truth = each.rule.ratio(runs.truth[cells].tolist(), noise, runs.members).value
        assert truth is not None
        found = held.setdefault(f"{'/'.join(each.category)}/{each.kpi}", [])
        for values in runs.estimates[:, cells].tolist():
            result = each.rule.ratio(values, noise, runs.members)
            if result.value is None or result.standard_error is None or result.interval is None:
                continue
            if not relative_error_exceeds(result.value, result.standard_error, PERCENT):
                found.append(result.interval[0] <= truth <= result.interval[1])
    return held


@pytest.mark.parametrize("kind", [sums_of, ratios_of])
@pytest.mark.parametrize("cohort", COHORTS)
@pytest.mark.parametrize("study", STUDIES)
def test_intervals_hold_as_often_as_they_say(study: str, cohort: str, kind: object) -> None:
    assert callable(kind)
    held: Held = kind(runs_of(study, cohort))
    together = [hold for each in held.values() for hold in each]
    assert len(together) > 10 * RUNS
    assert 0.93 < sum(together) / len(together) < 0.97
    for name, each in held.items():
        if len(each) == RUNS and name not in NOTHING:
            low, high = stats.binom.ppf([ONE_IN_A_MILLION / 2, 1 - ONE_IN_A_MILLION / 2], RUNS, 0.95)
            assert low <= sum(each) <= high, (name, sum(each))


NOTHING = {f"flow/lost/{measure}" for measure in ("orders", "tickets", "revenue")}


def test_every_kind_of_key_figure_is_among_them() -> None:
    there = {each.kpi for study in STUDIES.values() for each in layout_of(study).derived}
    assert set(DECIMALS) - there == {"revenue_per_ticket_ore"}


def test_intervals_of_the_noise_before_least_squares_would_be_too_wide() -> None:
    """The check has teeth, and least squares a use."""
    runs = runs_of("wide", "big")
    plain = np.sqrt(runs.members * variances(runs.study))
    held = np.abs(runs.estimates - runs.truth) <= Z * plain
    assert held.mean() > 0.97


def test_least_squares_takes_errors_down_and_never_up() -> None:
    layout = layout_of(WIDE_TOTALS)
    ratio = np.sqrt(layout.variances / variances(WIDE_TOTALS))
    assert ratio.max() <= 1 + 1e-12
    assert np.median(ratio) < 0.9


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_the_made_up_institutions_add_up(study: Study) -> None:
    vector = exact(study, people_of(np.random.default_rng(3), 400))
    for total in totals_of(study):
        assert len({int(vector[list(way)].sum()) for way in total.ways}) == 1


def test_a_portfolio_is_worth_what_its_tiers_are() -> None:
    """CLV × customers, added up over the tiers, without noise."""
    runs, layout = runs_of("portfolio", "big"), layout_of(PORTFOLIO)
    place = {source: cell for cell, source in enumerate(layout.sources)}

    def of(kpi: str, category: str) -> float:
        each = next(each for each in layout.derived if (each.kpi, each.category[1]) == (kpi, category))
        exactly = [[0.0] * len(each.sources)] * len(each.sources)
        value = each.rule.ratio(
            [float(runs.truth[place[source]]) for source in each.sources], each.rule.noise(exactly)
        ).value
        assert value is not None
        return value

    tiers = TABLES["value_tier"].dimension.categories
    customers = [
        int(runs.truth[layout.sources.index(("value_tier", tier, runs.study.parts[0].measure))]) for tier in tiers
    ]
    total = sum(of("clv_ore", tier) * number for tier, number in zip(tiers, customers, strict=True))
    assert of("portfolio_value_ore", "all") == pytest.approx(total)
    assert 1 / (1 - of("retention", "super")) == pytest.approx(of("duration_years", "super"))
    assert sum(of("customer_share", tier) for tier in tiers) == pytest.approx(1)


def test_errors_of_what_is_put_back_are_those_of_the_noise() -> None:
    """The spread over the runs, against what each run says, where it is below a tenth and all is linear.

    Of the big cohort: in the small one noise takes each factor below one in many runs, and there it is cut.
    """
    runs = runs_of("wide", "big")
    figures = runs.estimates.T.astype(np.float64)
    found = uncut(runs.study, figures, np.ones(figures.shape, dtype=np.bool_), [runs.members] * RUNS)
    compared = 0
    for cell in np.flatnonzero(found.changed.all(axis=1)).tolist():
        low, whole, high = np.percentile(found.values[cell], [15.866, 50, 84.134])  # a few runs see a tail
        spread = (high - low) / 2
        if spread > 0.1 * whole or (found.values[cell] == figures[cell]).mean() > 0.02:  # a factor below one is cut
            continue
        said = np.sqrt(runs.members * np.median(found.covariance(cell, cell)))
        assert said == pytest.approx(spread, rel=0.12)  # two quantiles' own error is 2.6 %: more than four
        compared += 1
    assert compared > 10
