"""Parts of a release by each mechanism: read back as they were booked, at what the mechanism costs, or not at all."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import rfc8785

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.leaves import (
    LARGEST_LEAF,
    MOST_CELLS,
    AnyPart,
    Spent,
    SpentByCell,
    SpentLaplace,
    SpentQuantile,
    SpentResponse,
    parse,
    serialise,
)
from tests.privacy.ledger import examples

SKETCH = SpentResponse(table="sketch", measure="customers", cells=2**23, flips=17626, flip_bits=16, epsilon_u=999_996)
HISTOGRAM = SpentLaplace(table="cross_use", measure="histogram", cells=10, l1=1, scale=Fraction(10), epsilon_u=100_000)

QUANTILE = SpentQuantile(
    table="revenue_quantiles",
    measure="revenue",
    cells=1,
    alpha=Fraction(19, 20),
    candidates=471,
    scale=Fraction(19),
    rho_u=1250,
)
BY_CELL = SpentByCell(
    table="value_tier",
    measure="revenue",
    cells=3,
    l2_squared=(100, 10_000, 2**60),
    scale=(Fraction(100), Fraction(2001, 2), Fraction(2**35)),
    rho_u=5_000,
)


def entry(*parts: Any) -> Spent:
    cost = sum((part.cost for part in parts), start=Spend.nothing())
    return replace(examples.spent(3), parts=parts, epsilon_u=cost.epsilon.micro, rho_u=cost.rho.micro)


def test_the_cost_is_what_follows_from_the_parameters() -> None:
    assert HISTOGRAM.derived == HISTOGRAM.cost == Spend(Epsilon.parse("0.1"), Rho(0))
    booked = replace(SKETCH, epsilon_u=SKETCH.derived.epsilon.micro)
    assert Epsilon.parse("0.9999") < booked.cost.epsilon <= Epsilon.parse("1")


@pytest.mark.parametrize(
    "part", [replace(SKETCH, epsilon_u=SKETCH.derived.epsilon.micro), HISTOGRAM, QUANTILE, BY_CELL], ids=str
)
def test_each_mechanism_is_read_back(part: Any) -> None:
    booked = entry(part, examples.part("cross_use", "sums", 20, 40))
    assert parse(serialise(booked)) == booked
    assert booked.cost == part.cost + booked.parts[1].cost


@pytest.mark.parametrize(
    "change",
    [
        {"flips": 17627},
        {"flips": 0},
        {"flips": 65536},
        {"flip_bits": 15},
        {"flip_bits": 0},
        {"epsilon_u": 999_995},
        {"mechanism": "discrete_gaussian"},
        {"mechanism": "coin"},
        {"l1": 1},
        {"scale": "10"},
    ],
    ids=str,
)
def test_a_sketch_booked_otherwise_is_no_entry(change: dict[str, Any]) -> None:
    booked = entry(replace(SKETCH, epsilon_u=SKETCH.derived.epsilon.micro))
    fields = json.loads(serialise(booked))
    fields["parts"][0] |= change
    fields["epsilon_u"] = fields["parts"][0]["epsilon_u"]
    with pytest.raises(DamagedLedger):
        parse(rfc8785.dumps(fields))


@pytest.mark.parametrize("change", [{"scale": "11"}, {"l1": 2}, {"l1": 0}, {"epsilon_u": 99_999}], ids=str)
def test_a_histogram_booked_otherwise_is_no_entry(change: dict[str, Any]) -> None:
    fields = json.loads(serialise(entry(HISTOGRAM)))
    fields["parts"][0] |= change
    fields["epsilon_u"] = fields["parts"][0]["epsilon_u"]
    with pytest.raises(DamagedLedger, match="cross_use/histogram"):
        parse(rfc8785.dumps(fields))


def written(part: Any) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(serialise(entry(part)))["parts"][0]
    return fields


def test_a_quantile_and_noise_by_cell_are_written_so() -> None:
    assert written(QUANTILE) == {
        "table": "revenue_quantiles",
        "measure": "revenue",
        "mechanism": "private_quantile",
        "cells": 1,
        "alpha": "0.95",
        "candidates": 471,
        "scale": "19",
        "rho_u": 1250,
    }
    assert written(BY_CELL) == {
        "table": "value_tier",
        "measure": "revenue",
        "mechanism": "discrete_gaussian_by_cell",
        "cells": 3,
        "l2_squared": [100, 10_000, str(2**60)],
        "scale": ["100", "2001/2", str(2**35)],
        "rho_u": 5_000,
    }


def test_a_customer_is_in_one_cell_so_the_dearest_is_what_it_costs() -> None:
    # 100/(2·100²) = 0.005; 10 000/(2·1000.5²) = 0.004995; 2^60/(2·2^70) = 0.000488
    assert BY_CELL.derived == Spend(Epsilon(0), Rho(5_000))
    assert replace(BY_CELL, l2_squared=(0, 10_000, 0)).derived.rho == Rho(4_996)


def test_the_quantiles_of_a_table_are_told_apart() -> None:
    quantiles = [replace(QUANTILE, alpha=Fraction(at)) for at in ("0.95", "0.955", "0.9")]
    costs = [replace(each, rho_u=each.derived.rho.micro) for each in quantiles]
    booked = entry(*costs)
    assert parse(serialise(booked)) == booked
    assert [each.name for each in costs] == [f"revenue_quantiles/{at}" for at in ("0.95", "0.955", "0.9")]
    with pytest.raises(ValueError, match="twice"):
        serialise(entry(costs[0], costs[0]))


def test_a_table_is_booked_once_whatever_its_mechanism() -> None:
    with pytest.raises(ValueError, match="twice"):
        serialise(entry(BY_CELL, examples.part("value_tier", "revenue", 20, 40)))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (QUANTILE, {"alpha": "0.94"}),
        (QUANTILE, {"alpha": "0.950"}),
        (QUANTILE, {"alpha": "19/20"}),
        (QUANTILE, {"alpha": 0.95}),
        (QUANTILE, {"alpha": "1"}),
        (QUANTILE, {"alpha": "0.9501"}),
        (QUANTILE, {"cells": 2}),
        (QUANTILE, {"candidates": 0}),
        (QUANTILE, {"candidates": 10_001}),
        (QUANTILE, {"candidates": "471"}),
        (QUANTILE, {"scale": "18"}),
        (QUANTILE, {"scale": f"{2**53 - 1}/{2**48}"}),
        (QUANTILE, {"rho_u": 1249}),
        (QUANTILE, {"rho_u": 1251}),
        (QUANTILE, {"l2_squared": 1}),
        (QUANTILE, {"mechanism": "discrete_gaussian"}),
        (BY_CELL, {"cells": 2}),
        (BY_CELL, {"l2_squared": [100, 10_000]}),
        (BY_CELL, {"l2_squared": []}),
        (BY_CELL, {"l2_squared": 100}),
        (BY_CELL, {"l2_squared": [100, 10_000, 2**53 - 1, 1]}),
        (BY_CELL, {"l2_squared": [101, 10_000, 1]}),
        (BY_CELL, {"scale": ["100", "2001/2"]}),
        (BY_CELL, {"scale": ["100", "4002/4", "1"]}),
        (BY_CELL, {"scale": ["99", "2001/2", str(2**35)]}),
        (BY_CELL, {"scale": "100"}),
        (BY_CELL, {"rho_u": 4_999}),
        (BY_CELL, {"rho_u": 5_001}),
        (BY_CELL, {"rho_u": 10_485}),
        (BY_CELL, {"mechanism": "discrete_gaussian"}),
        (BY_CELL, {"alpha": "0.95"}),
    ],
    ids=str,
)
def test_booked_otherwise_it_is_no_entry(part: Any, change: dict[str, Any]) -> None:
    fields = json.loads(serialise(entry(part)))
    fields["parts"][0] |= change
    fields["rho_u"] = fields["parts"][0]["rho_u"]
    with pytest.raises(DamagedLedger):
        parse(rfc8785.dumps(fields))


def test_a_study_of_many_parts_and_cells_is_one_leaf() -> None:
    """256 parts, 16 of them with the noise of each cell of the largest table that customers divide."""
    cells = replace(BY_CELL, cells=28, l2_squared=(10**24,) * 28, scale=(Fraction(2**53 - 1, 2),) * 28)
    priced = replace(cells, rho_u=cells.derived.rho.micro)
    parts: list[AnyPart] = [replace(priced, table=f"migration-{number}") for number in range(16)]
    parts += [replace(QUANTILE, table=f"quantiles-{number}") for number in range(240)]
    leaf = serialise(entry(*parts))
    assert len(leaf) < LARGEST_LEAF / 4
    assert parse(leaf) == entry(*parts)


def test_no_part_has_more_cells_than_can_be_booked() -> None:
    many = MOST_CELLS + 1
    cells = replace(BY_CELL, cells=many, l2_squared=(100,) * many, scale=(Fraction(100),) * many)
    with pytest.raises(ValueError, match="l2_squared"):
        serialise(entry(cells))
