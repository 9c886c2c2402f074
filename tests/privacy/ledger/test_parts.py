"""Parts of a release by each mechanism: read back as they were booked, at what the mechanism costs, or not at all."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import rfc8785

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.leaves import Spent, SpentLaplace, SpentResponse, parse, serialise
from tests.privacy.ledger import examples

SKETCH = SpentResponse(table="sketch", measure="customers", cells=2**23, flips=17626, flip_bits=16, epsilon_u=999_996)
HISTOGRAM = SpentLaplace(table="cross_use", measure="histogram", cells=10, l1=1, scale=Fraction(10), epsilon_u=100_000)


def entry(*parts: Any) -> Spent:
    cost = sum((part.cost for part in parts), start=Spend.nothing())
    return replace(examples.spent(3), parts=parts, epsilon_u=cost.epsilon.micro, rho_u=cost.rho.micro)


def test_the_cost_is_what_follows_from_the_parameters() -> None:
    assert HISTOGRAM.derived == HISTOGRAM.cost == Spend(Epsilon.parse("0.1"), Rho(0))
    booked = replace(SKETCH, epsilon_u=SKETCH.derived.epsilon.micro)
    assert Epsilon.parse("0.9999") < booked.cost.epsilon <= Epsilon.parse("1")


@pytest.mark.parametrize("part", [replace(SKETCH, epsilon_u=SKETCH.derived.epsilon.micro), HISTOGRAM], ids=str)
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
