"""A member's `benchmark-year` by Kudos and by a general engine: error and time, on the same tables and budget.

    python -m tests.bench.peer

Makes an environment for the engine in .venv/engine where there is none (`requirements-engine.txt`). The engine bounds
each customer's sum in a cell, and the number of cells: of tables of customers one cell and the study's bound; of orders
and lines four cells and half of the bound in each, which has the same sensitivity as the whole bound in one.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
import venv
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privacy.budget.composition import total_epsilon
from privacy.catalogue.dimensions import Level
from privacy.catalogue.measures import Measure
from privacy.estimate.least_squares import projection
from privacy.studies.price import price
from privacy.studies.study import Part, find
from tests.bench.catalogue_errors import Release
from tests.bench.corrections import corrected
from tests.bench.customer_base import base
from tests.bench.customer_cells import Sales, identified_only
from tests.bench.expected import Truth, group_of

Ints = NDArray[np.int64]

ROOT = Path(__file__).parents[2]
CARRIED_OUT = ("totals", "age_band", "flow", "month", "channel", "genre", "age_band-county", "genre-age_band")
CELLS = 4
"""Of orders and lines, in how many cells a customer may be."""
DELTA = Fraction(1, 10**6)


def interpreter() -> Path:
    """The engine's Python; made once."""
    folder = ROOT / ".venv" / "engine"
    python = folder / "bin" / "python"
    if not (folder / ".done").exists():
        venv.create(folder, with_pip=True, clear=True)
        wanted = ROOT / "tests" / "bench" / "requirements-engine.txt"
        subprocess.run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                wanted,
            ],
            check=True,
        )
        (folder / ".done").touch()
    return python


def aggregation(sales: Sales, part: Part, *, carried_out: bool) -> dict[str, object]:
    """One table of one measure, as the engine takes it: rows of unit, cell and value."""
    table, base_ = part.table, sales.base
    bounds, of_customers = part.bounded.bounds[-1], table.dimension.level is Level.CUSTOMER
    bound = {
        Measure.CUSTOMERS: 1,
        Measure.ORDERS: bounds.max_orders,
        Measure.TICKETS: bounds.max_tickets,
        Measure.REVENUE: bounds.max_revenue_ore,
    }[part.measure]
    rows: list[tuple[int, int, int]] = []
    if carried_out:
        first = np.concatenate([[True], base_.order[1:] != base_.order[:-1]])
        counts = (base_.unit < base_.customers) | (not identified_only(table.dimension))
        if part.measure is Measure.CUSTOMERS:
            counts = base_.unit < base_.customers
        value = {Measure.TICKETS: base_.tickets, Measure.REVENUE: base_.revenue}.get(
            part.measure, first.astype(np.int64)
        )
        kept = counts & (first if part.measure is Measure.ORDERS else True)
        columns = (base_.unit, sales.by_line(table.dimension), value)
        rows = list(zip(*(column[kept].tolist() for column in columns), strict=True))
    return {
        "measure": str(part.measure),
        "cells": table.cells,
        "l0": 1 if of_customers else min(CELLS, table.cells),
        "most": bound if of_customers else bound / 2,
        "rows": rows,
    }


def by_engine(asked: list[dict[str, object]], epsilon: float) -> dict[str, Any]:
    """What the engine prints."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "asked.pickle"
        file.write_bytes(pickle.dumps({"epsilon": epsilon, "delta": float(DELTA), "aggregations": asked}))
        ran = subprocess.run(
            [interpreter(), ROOT / "tests" / "bench" / "general_engine.py", file],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
    if ran.returncode:
        sys.exit(ran.stderr)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Prints the medians of both, and the times."""
    study = find("benchmark-year")
    sales = Sales(base(members=1))
    truth = Truth.of(sales, [table.name for table in study.tables])
    asked = [aggregation(sales, part, carried_out=part.table.name in CARRIED_OUT) for part in study.parts]
    told = by_engine(asked, total_epsilon(price(study).spend, DELTA).micro / 1e6)
    started = time.perf_counter()
    release = Release.of(study, truth)
    plain = release.figures(projection(study).projected(release.noisy(1, 1)))
    seconds = time.perf_counter() - started
    mended = corrected(study, plain)
    off: dict[str, list[NDArray[np.float64]]] = {}
    for place, part in enumerate(study.parts):
        key = (part.table.name, part.measure)
        if part.table.name not in CARRIED_OUT or part.table.name == "totals":
            continue
        counted = truth.counted(key)
        figures = (np.array(told["released"][str(place)]), plain[key][:, 0], mended[key][:, 0])
        errors = [np.abs(each[counted] / truth.cells[key][counted] - 1) for each in figures]
        off.setdefault(group_of(part), []).append(np.array(errors))
    for name, errors_of in off.items():
        engine, ours, best = np.median(np.concatenate(errors_of, axis=1), axis=1)
        print(f"{name}: engine {engine:.2%}, ours {ours:.2%}, ours corrected {best:.2%}")
    done = sum(1 for each in asked if each["rows"])
    print(
        f"engine: {told['seconds']:.1f} s for {done} of {len(asked)} aggregations, {told['peak_mb']:.0f} MB; "
        f"ours: {seconds:.1f} s for all, in plain arrays"
    )


if __name__ == "__main__":
    main()
