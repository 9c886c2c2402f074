"""Are a benchmark's standard errors the spread of its figures? From releases with noise to published cells.

Every run adds fresh noise to the same truths and combines; a published figure's residual is (figure - truth) /
standard error. Seeds are fixed, so nothing flakes; the bounds are those of chance at one in a million. The runs take
some eight seconds: fewer could not tell an error a tenth off.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from privacy.catalogue.measures import Measure
from privacy.estimate.combine import combine
from privacy.estimate.derived import QUARTILES, SPREAD_DECIMALS
from privacy.mechanisms.drawing import draw
from privacy.studies.price import price
from privacy.studies.study import Study
from tests.privacy.estimate.networks import STUDY, consistent, houses, position, variances

RUNS = 4000
KPIS = sorted({name.rpartition("_")[0] for name in SPREAD_DECIMALS if name.endswith(QUARTILES[0])})
"""Of the whole, and of any study."""
ONE_IN_A_MILLION = 1e-6
MEMBERS = houses(museum=6)
CUSTOMERS, ORDERS, TICKETS, REVENUE = Measure

SMALL: Study = replace(
    STUDY,
    cohorts=("network",),
    parts=tuple(
        part
        for part in STUDY.parts
        if (part.table.name, str(part.measure)) in {("flow", "customers"), ("ticket_type", "tickets")}
        or part.table.name in {"totals", "identity"}
    ),
)
"""The parts of the key figures of the whole."""

FREE = position(SMALL, "ticket_type", "complimentary", TICKETS)


def truths() -> NDArray[np.int64]:
    """One member's cells: large beside the noise, so that what the delta method neglects is small beside its error."""
    totals = {CUSTOMERS: 60_000, ORDERS: 150_000, TICKETS: 480_000, REVENUE: 6_000_000_000}
    identified = {ORDERS: 110_000, TICKETS: 300_000, REVENUE: 4_000_000_000}
    values: NDArray[np.int64] = consistent(SMALL, 1, totals, identified, {("flow", CUSTOMERS): [2, 3, 1]})[0]
    values[position(SMALL, "flow", "lost", CUSTOMERS)] = 25_000
    return values


def expected() -> dict[str, float]:
    """The key figures of the truths, by their definitions."""
    cells = truths()

    def of(table: str, category: str, measure: Measure) -> int:
        return int(cells[position(SMALL, table, category, measure)])

    customers, orders, tickets, revenue = (of("totals", "all", measure) for measure in Measure)
    known, unknown = of("identity", "identified", ORDERS), of("identity", "anonymous", ORDERS)
    new, continuing, recovered, lost = (
        of("flow", name, CUSTOMERS) for name in ("new", "continuing", "recovered", "lost")
    )
    return {
        "average_ticket_price_ore": revenue / (tickets - int(cells[FREE])),
        "average_purchase_ore": revenue / orders,
        "revenue_per_customer_ore": of("identity", "identified", REVENUE) / customers,
        "purchase_frequency": known / customers,
        "tickets_per_order": tickets / orders,
        "first_timer_share": new / (new + continuing + recovered),
        "retention": 1 - lost / (lost + continuing),
        "duration_years": (continuing + lost) / lost,
        "identified_share": known / (known + unknown),
        "complimentary_share": int(cells[FREE]) / tickets,
    }


Residuals = dict[str, list[float]]
"""By table/category/measure."""


def add_residuals(found: Residuals, values: NDArray[np.int64]) -> None:
    """Combines one run's releases and adds what is published of them."""
    cells, kpis = truths(), expected()
    for cell in combine(SMALL, MEMBERS, values).cells:
        if cell.value is None or cell.standard_error is None or (cell.measure in KPIS and cell.table != "totals"):
            continue
        truth = kpis.get(cell.measure)
        if truth is None:
            measure = REVENUE if cell.measure == "revenue_ore" else Measure(cell.measure)
            truth = len(MEMBERS) * int(cells[position(SMALL, cell.table, cell.category, measure)])
        name = f"{cell.table}/{cell.category}/{cell.measure}"
        found.setdefault(name, []).append((float(cell.value) - truth) / float(cell.standard_error))


@pytest.fixture(scope="module")
def residuals() -> Residuals:
    """From normal noise rounded to integers, at the scales of the study."""
    random, scale = np.random.default_rng(20260301), np.sqrt(variances(SMALL))
    found: Residuals = {}
    for _ in range(RUNS):
        noise = np.rint(random.normal(0, scale, (len(MEMBERS), SMALL.cells))).astype(np.int64)
        add_residuals(found, truths() + noise)
    return found


def assert_standard_normal_moments(values: list[float]) -> None:
    n = len(values)
    residuals = np.array(values)
    assert abs(residuals.mean()) < stats.norm.isf(ONE_IN_A_MILLION / 2) / math.sqrt(n)
    low, high = stats.chi2.ppf([ONE_IN_A_MILLION / 2, 1 - ONE_IN_A_MILLION / 2], n - 1) / (n - 1)
    assert low < residuals.var(ddof=1) < high


def test_every_figure_is_there_in_every_run(residuals: Residuals) -> None:
    assert set(residuals) >= {f"totals/all/{kpi}" for kpi in KPIS}
    assert len(residuals) == SMALL.cells + len(KPIS)
    assert {len(values) for values in residuals.values()} == {RUNS}


def test_every_standard_error_is_the_spread_of_its_figure(residuals: Residuals) -> None:
    for values in residuals.values():
        assert_standard_normal_moments(values)


@pytest.mark.parametrize("off", [0.9, 1.1])
@pytest.mark.parametrize("kpi", KPIS)
def test_errors_a_tenth_off_would_be_noticed(residuals: Residuals, kpi: str, off: float) -> None:
    with pytest.raises(AssertionError):
        assert_standard_normal_moments([value / off for value in residuals[f"totals/all/{kpi}"]])


@pytest.mark.parametrize("off", [0.9, 1.1])
def test_errors_of_sums_a_tenth_off_would_be_noticed(residuals: Residuals, off: float) -> None:
    sums = [name for name in residuals if name.rpartition("/")[2] not in KPIS]
    for name in sums:
        with pytest.raises(AssertionError):
            assert_standard_normal_moments([value / off for value in residuals[name]])


def test_the_noise_of_real_releases_is_the_one_stated() -> None:
    """As nodes draw it. Chance fails this once in a million runs, about."""
    runs, found = 150, dict[str, list[float]]()
    noise = [
        draw(np.zeros(runs * len(MEMBERS) * priced.part.table.cells, dtype=np.int64), priced.mechanism).reshape(
            runs, len(MEMBERS), priced.part.table.cells
        )
        for priced in price(SMALL).parts
    ]
    for run in np.concatenate(noise, axis=2):
        add_residuals(found, truths() + run)
    sums = [value for name, values in found.items() if name.rpartition("/")[2] not in KPIS for value in values]
    assert len(sums) == runs * SMALL.cells
    assert_standard_normal_moments(sums)
    for off in (0.9, 1.1):
        with pytest.raises(AssertionError):
            assert_standard_normal_moments([value / off for value in sums])
