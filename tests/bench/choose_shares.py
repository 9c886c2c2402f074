"""Chooses the bounds and the shares of the shipped studies by calculation, and writes their files.

    python -m tests.bench.choose_shares [--write]

What is least: the largest ratio of error to target over the groups of figures that have one (totals, tables of one
dimension, crossings; customers and the other measures), and a tenth of their mean beside it. An error is the median
over the cells that count, of noise after least squares and of what clipping leaves once it is corrected by the
release's own figures (`tests.bench.corrections`), together; of totals the noise, and the bias for itself. Of the
portfolio, which has few cells, it is the root mean square instead: a median would let the dearest tier go.

1. Shares, for given bounds. Weighted by group, the sum of squared relative errors is tr(W·S(ρ)), S the covariance of
   the least-squares estimates: an A-optimal design, convex in ρ. The multiplicative algorithm (Silvey, Titterington and
   Torsney 1978, with power 1/2) finds its least: each part's ρ is multiplied by √(its part of the sum / ρ), and all are
   scaled to the whole. Where no cells add up to others, one step is the closed form: ρ in proportion to
   √(D²·mean(1/cell²))/target, D² the squared sensitivity. Groups are then weighted by their ratio, and so on.
2. Bounds, one after the other: a step on a grid is taken where 1 comes out less with it, until none does. Of all
   sales the narrow bounds cut LARGEST_CUT at the most.
3. The year. Each quarter and the portfolio get the ρ at which their largest ratio is 1; benchmark-year gets the rest.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.dimensions import Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds
from privacy.studies.price import price
from tests.bench.customer_base import base, months
from tests.bench.customer_cells import Sales
from tests.bench.expected import MEMBERS, Outlook, Truth, cell_bounds, group_of
from tests.bench.study_design import BOUGHT, BOUNDS, PORTFOLIO, QUARTER, YEAR, Design

Floats = NDArray[np.float64]

YEAR_TOTAL = 71_000
"""Micro-units of ρ that a year of the three studies may cost."""
QUARTERS = 4
LEAST = 25
"""Micro-units that every part gets at the least, so that its table is there."""
BIAS_OF_TOTALS = 0.02
LARGEST_CUT = 0.15
"""Of all sales, by the narrow bounds: what a correction puts back is no more than this."""
GRIDS = {
    "max_revenue_ore": tuple(
        100 * kroner for kroner in (2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 10_000, 12_000)
    ),
    "max_tickets": (8, 10, 12, 16, 20, 25, 30),
    "max_orders": (3, 4, 5, 6, 8, 10, 12, 16),
}
WIDE_GRIDS = {
    "max_revenue_ore": tuple(100 * kroner for kroner in (8_000, 10_000, 12_000, 16_000, 20_000, 24_000, 30_000)),
    "max_tickets": (20, 30, 40, 50, 60, 80, 100),
    "max_orders": (5, 6, 8, 10, 12, 16, 20, 24),
}


@dataclass(frozen=True, eq=False)
class Chosen:
    """Shares of parts, then of quantiles, adding up to 1; and the ratio of error to target of each group."""

    outlook: Outlook
    shares: Floats
    ratios: Mapping[str, float]

    @property
    def score(self) -> float:
        """What is to be least."""
        found = list(self.ratios.values())
        return max(found) + 0.1 * sum(found) / len(found)


def choose(design: Design, truth: Truth, rho: float, outer: int = 24, inner: int = 25) -> Chosen:
    """The best shares of a design with its bounds. rho: of the whole study, as a number."""
    outlook = Outlook.of(design, truth)
    groups = dict.fromkeys(map(group_of, outlook.study.parts), 1.0)
    ranks = _ranks(design, truth)
    count = len(outlook.study.parts)
    shares = np.full(count + len(ranks), 1 / (count + len(ranks)))
    ratios: dict[str, float] = {}
    for _ in range(outer):
        weights = outlook.weights(groups)
        for _ in range(inner):
            told = np.concatenate([outlook.influence(shares[:count], weights), ranks / shares[count:]])
            shares = np.maximum(np.sqrt(shares * told), 1e-9)
            shares = np.maximum(shares / shares.sum(), LEAST / (rho * 1e6))
            shares /= shares.sum()
        ratios = _ratios(outlook, outlook.variances(shares[:count] * rho))
        whole = sum(groups[name] * ratios[name] for name in groups)
        groups = {name: len(groups) * groups[name] * ratios[name] / whole for name in groups}
    return Chosen(outlook, shares, ratios)


def _ranks(design: Design, truth: Truth) -> Floats:
    """Of each quantile the c of its c/ρ: the variance of its rank is max(a, 1 - a)²/ρ, in one member's customers."""
    customers = truth.cells["totals", Measure.CUSTOMERS][0] / MEMBERS
    points = [float(at) for _, each in design.quantiles for at in each]
    return np.array([max(at, 1 - at) ** 2 / (customers * design.targets.rank) ** 2 for at in points])


def _ratios(outlook: Outlook, variances: Floats) -> dict[str, float]:
    """Of each group the error of its cells that count, in units of the target: the median, or the root mean square."""
    errors = outlook.errors(variances)
    gathered: dict[str, list[Floats]] = {}
    for part in outlook.study.parts:
        key, name = (part.table.name, part.measure), group_of(part)
        if part.table.name == "identity":  # there to tell the totals apart
            continue
        noise, bias = (each[outlook.truth.counted(key)] for each in errors[key])
        target = outlook.design.targets.of(*key)
        allowed = BIAS_OF_TOTALS if name == "totals others" else target
        both = np.maximum if name.startswith("totals") else np.hypot
        gathered.setdefault(name, []).append(both(noise / target, bias / allowed))
    middle = _root_mean_square if outlook.design.each_counts else np.median
    found = {name: float(middle(np.concatenate(cells))) for name, cells in gathered.items()}
    return {name: found.get(name, 0.0) for name in dict.fromkeys(map(group_of, outlook.study.parts))}


def _root_mean_square(errors: Floats) -> float:
    return float(np.sqrt((errors**2).mean()))


def choose_bounds(design: Design, truth: Truth, rho: float) -> Chosen:
    """One bound after the other, of the narrow and then the wide ones, until none changes."""
    design = _with_cells(design, truth, rho)
    found = choose(design, truth, rho, 3, 12)
    while True:
        before = found.score
        for field, grids in (("narrow", GRIDS), ("wide", WIDE_GRIDS)):
            for name, grid in grids.items():
                for value in _beside(grid, getattr(getattr(design, field), name)):
                    one = _with_bound(design, field, name, value)
                    if not _allowed(one, truth):
                        continue
                    tried = choose(one, truth, rho, 3, 12)
                    if tried.score < found.score - 1e-4:
                        found = tried
                design = found.outlook.design
                _say(f"  {design.name} {field} {name} {getattr(getattr(design, field), name)}: {found.score:.3f}")
        if found.score > before - 5e-3:
            return choose(found.outlook.design, truth, rho)


def _beside(grid: tuple[int, ...], value: int) -> list[int]:
    """The next values of a grid below and above."""
    below, above = [each for each in grid if each < value], [each for each in grid if each > value]
    return below[-1:] + above[:1]


def _with_bound(design: Design, field: str, name: str, value: int) -> Design:
    """The design with one of its bounds changed. A unit has four times as many lines as orders: they bind nobody."""
    bounds: Bounds = replace(
        design.narrow if field == "narrow" or design.wide is None else design.wide, **{name: value}
    )
    bounds = replace(bounds, max_lines=4 * bounds.max_orders)
    return replace(design, narrow=bounds) if field == "narrow" else replace(design, wide=bounds)


def _allowed(design: Design, truth: Truth) -> bool:
    """Whether the wide bounds are the wider ones, and the narrow ones cut no more than they may."""
    inside = design.wide is None or all(
        one < other for one, other in zip(vars(design.narrow).values(), vars(design.wide).values(), strict=True)
    )
    bounded = truth.bounded(design.study())
    kept = [
        bounded[each.table, measure].sum() / truth.cells[each.table, measure].sum()
        for each in design.asked
        for measure in BOUGHT
        if each.bounds == "narrow" and TABLES[each.table].dimension.level is not Level.CUSTOMER
    ]
    return inside and all(share >= 1 - LARGEST_CUT for share in kept)


def _with_cells(design: Design, truth: Truth, rho: float) -> Design:
    usual = rho / sum(len(each.measures) for each in design.asked)
    tables = [TABLES[each.table] for each in design.asked if each.bounds == "cells"]
    return replace(design, cells={table.name: cell_bounds(truth, table, usual) for table in tables})


def enough(design: Design, truth: Truth, start: float) -> tuple[Chosen, int]:
    """The bounds and the micro-units of ρ at which the largest ratio is 1."""
    chosen = choose_bounds(design, truth, start)
    low, high = start / 8, start * 8
    for _ in range(12):
        middle = (low * high) ** 0.5
        low, high = (
            (middle, high) if max(choose(chosen.outlook.design, truth, middle).ratios.values()) > 1 else (low, middle)
        )
    micro = -(-int(high * 1e6) // 50) * 50
    return choose(chosen.outlook.design, truth, micro / 1e6), micro


def finished(chosen: Chosen, micro: int) -> Design:
    """The design with its shares, each in micro-units of ρ."""
    design, parts = chosen.outlook.design, chosen.outlook.study.parts
    shares = {
        (part.table.name, part.measure): max(LEAST, round(share * micro))
        for part, share in zip(parts, chosen.shares, strict=False)
    }
    rest = iter(chosen.shares[len(parts) :])
    for measure, points in design.quantiles:
        shares["quantiles", measure] = max(LEAST, round(max(next(rest) for _ in points) * micro))
    return replace(design, rho=f"{micro / 1e6:.6f}".rstrip("0"), shares=shares)


def main() -> None:
    """Chooses all, says how far each group is from its target, and writes the files."""
    whole = Sales(base())
    last = Sales(months(whole.base, 10, 12))
    truths = {
        design.name: Truth.of(last if design.window == "quarter" else whole, [each.table for each in design.asked])
        for design in (YEAR, QUARTER, PORTFOLIO)
    }
    quarter, of_quarter = enough(QUARTER, truths[QUARTER.name], 0.003)
    portfolio, of_portfolio = enough(PORTFOLIO, truths[PORTFOLIO.name], 0.006)
    rest = YEAR_TOTAL - QUARTERS * of_quarter - of_portfolio
    year = choose_bounds(YEAR, truths[YEAR.name], rest / 1e6)
    for chosen, micro in ((year, rest), (quarter, of_quarter), (portfolio, of_portfolio)):
        design = finished(chosen, micro)
        cost, cells = price(design.study()).spend.rho, chosen.outlook.study.cells
        _say(f"{design.name}: rho {design.rho}, costs {cost}, {cells} cells")
        for name, ratio in chosen.ratios.items():
            _say(f"  {name}: {ratio:.2f} of the target")
        _out(design)
    _out(BOUNDS)


def _out(design: Design) -> None:
    if "--write" in sys.argv:
        folder = Path(__file__).parents[2] / "privacy" / "studies"
        (folder / f"{design.name}.toml").write_text(design.text(), encoding="utf-8")
    else:
        print(design.text())


_say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731


if __name__ == "__main__":
    main()
