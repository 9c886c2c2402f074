"""How large the errors of `benchmark-year` are: a simulated base, its releases, and estimates beside the truth.

    python -m tests.bench.catalogue_errors [draws]

Of ten members with 20 000 customers each (`tests.bench.customer_base`) the exact bounded cells get discrete Gaussian
noise of the study's scales (a rounded normal in its place: the scales are 7 and more), a draw at a time; the estimates
are the product's least squares, corrected for clipping by the release's own figures (`tests.bench.corrections`). Beside
it, on the same cells: the same without least squares, the same uncorrected, and a trusted curator with all members'
customers and the same budget once. What a general engine gives: `tests.bench.general_engine`.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table as Shown

from privacy.catalogue.measures import Measure
from privacy.estimate.least_squares import projection
from privacy.studies.price import price
from privacy.studies.study import Study, find
from tests.bench.corrections import corrected
from tests.bench.customer_base import base, months
from tests.bench.customer_cells import Sales
from tests.bench.expected import MEMBERS, Truth, group_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[str, Measure]

DRAWS = 500
OTHER_SEED = 7
NEAR = 1.5
"""Cells of a share are told by those within this factor of it."""


@dataclass(frozen=True)
class Errors:
    """Relative errors of the cells that count of one group: medians, and the largest of both together."""

    cells: int
    noise: float
    bias: float
    both: float
    worst: float
    worst_cell: str


@dataclass(frozen=True, eq=False)
class Release:
    """A study's exact cells over all members, in the order of its vector."""

    study: Study
    truth: Truth
    exact: Ints

    @staticmethod
    def of(study: Study, truth: Truth) -> "Release":
        """Makes the cells."""
        bounded = truth.bounded(study)
        vectors = [bounded[part.table.name, part.measure] for part in study.parts]
        return Release(study, truth, np.concatenate(vectors).astype(np.int64))

    def noisy(self, draws: int, members: int, seed: int = 1) -> Ints:
        """Sums over so many members' noises. Shape (draws, cells)."""
        scales = [float(each.scale) for priced in price(self.study).parts for each in priced.mechanisms]
        random = np.random.default_rng(seed)
        drawn = random.normal(0, np.sqrt(members) * np.array(scales), (draws, len(scales)))
        return self.exact + np.rint(drawn).astype(np.int64)

    def figures(self, values: Floats) -> dict[Key, Floats]:
        """By table and measure, shape (cells, draws). values: shape (draws, cells)."""
        found, start = {}, 0
        for part in self.study.parts:
            found[part.table.name, part.measure] = values[:, start : start + part.table.cells].T.astype(np.float64)
            start += part.table.cells
        return found


def relative(release: Release, values: Floats, mend: bool = True) -> dict[Key, tuple[Floats, Floats]]:
    """Of each part, by cell: the standard deviation over the draws and the bias of what the exact cells give."""
    found, plain = release.figures(values), release.figures(release.exact[None, :].astype(np.float64))
    if mend:
        found, plain = corrected(release.study, found), corrected(release.study, plain)
    errors = {}
    for key, draws in found.items():
        truth = np.maximum(release.truth.cells[key], 1e-9)
        errors[key] = (draws.std(axis=1) / truth, np.abs(plain[key][:, 0] - truth) / truth)
    return errors


def summed(release: Release, errors: Mapping[Key, tuple[Floats, Floats]]) -> dict[str, Errors]:
    """By group of figures that have a target."""
    gathered: dict[str, list[tuple[float, float, str]]] = {}
    for part in release.study.parts:
        key = (part.table.name, part.measure)
        if part.table.name == "identity":
            continue
        for cell in np.flatnonzero(release.truth.counted(key)).tolist():
            name = f"{part.table.name} {part.table.dimension.categories[cell]}, {part.measure}"
            noise, bias = (float(each[cell]) for each in errors[key])
            gathered.setdefault(group_of(part), []).append((noise, bias, name))
    return {name: _errors(cells) for name, cells in gathered.items()}


def of_share(release: Release, errors: Mapping[Key, tuple[Floats, Floats]], share: float) -> dict[str, Errors]:
    """Cells with this share of the customers: the error of those near it, noise scaled to just that share."""
    gathered: dict[str, list[tuple[float, float, str]]] = {}
    for part in release.study.parts:
        key = (part.table.name, part.measure)
        if part.table.name in ("identity", "totals"):
            continue
        shares = release.truth.shares(part.table.name)
        near = (shares > share / NEAR) & (shares < share * NEAR) & (release.truth.cells[key] > 0)
        for cell in np.flatnonzero(near).tolist():
            noise, bias = (float(each[cell]) for each in errors[key])
            name = f"{part.table.name} {part.table.dimension.categories[cell]}, {part.measure}"
            gathered.setdefault(group_of(part), []).append((noise * shares[cell] / share, bias, name))
    return {f"{name} of {share:.0%}": _errors(cells) for name, cells in gathered.items()}


def _errors(cells: list[tuple[float, float, str]]) -> Errors:
    noise, bias = (np.array([each[at] for each in cells], dtype=np.float64) for at in (0, 1))
    both = np.hypot(noise, bias)
    return Errors(
        len(cells),
        float(np.median(noise)),
        float(np.median(bias)),
        float(np.median(both)),
        float(both.max()),
        cells[int(both.argmax())][2],
    )


def releases(seed: int = 6) -> dict[str, Release]:
    """Those of the shipped studies that have tables."""
    whole = Sales(base(seed=seed))
    last = Sales(months(whole.base, 10, 12))
    found = {}
    for name in ("benchmark-year", "benchmark-quarter", "portfolio-year"):
        study = find(name)
        truth = Truth.of(last if study.period == "quarter" else whole, [table.name for table in study.tables])
        found[name] = Release.of(study, truth)
    return found


def methods(release: Release, draws: int) -> dict[str, dict[str, Errors]]:
    """The estimates that are compared, each by group."""
    projected: Callable[[Ints], Floats] = projection(release.study).projected
    noisy, once = release.noisy(draws, MEMBERS), release.noisy(draws, 1)
    ours, plain, curator = projected(noisy), noisy.astype(np.float64), projected(once)
    return {
        "ours": summed(release, relative(release, ours)),
        "ours, as published: not corrected": summed(release, relative(release, ours, mend=False)),
        "(a) without least squares": summed(release, relative(release, plain)),
        "(b) a trusted curator": summed(release, relative(release, curator)),
    }


def main() -> None:
    """Prints the tables of docs/catalogue-errors.md."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    console = Console(width=180)
    for name, release in releases().items():
        started = time.perf_counter()
        for method, found in methods(release, draws).items():
            shown = found
            if method == "ours":
                errors = relative(release, projection(release.study).projected(release.noisy(draws, MEMBERS)))
                shown = found | of_share(release, errors, 0.05) | of_share(release, errors, 0.01)
            console.print(_table(f"{name}: {method}", shown))
        console.print(f"{time.perf_counter() - started:.1f} s, {draws} draws")
    other = releases(OTHER_SEED)["benchmark-year"]
    values = projection(other.study).projected(other.noisy(draws, MEMBERS))
    console.print(
        _table("benchmark-year: on a base that nothing was chosen on", summed(other, relative(other, values)))
    )


def _table(title: str, found: Mapping[str, Errors]) -> Shown:
    table = Shown(title=title, title_justify="left")
    for name in ("figures", "cells", "noise", "bias", "both", "largest", "where"):
        table.add_column(name, justify="left" if name in ("figures", "where") else "right")
    for name, each in sorted(found.items()):
        told = [f"{100 * value:.2f} %" for value in (each.noise, each.bias, each.both, each.worst)]
        table.add_row(name, str(each.cells), *told, each.worst_cell)
    return table


if __name__ == "__main__":
    main()
