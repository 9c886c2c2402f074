"""What a quantile costs, in exact arithmetic, against what OpenDP says that it costs."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_private_quantile
from opendp.measures import zero_concentrated_divergence
from opendp.metrics import symmetric_distance
from opendp.mod import enable_features
from opendp.transformations import make_quantile_score_candidates

from privacy.budget.amounts import MICRO, Rho
from privacy.catalogue.quantiles import CANDIDATES
from privacy.mechanisms.calibration import LARGEST_SCALE, SMALLEST_SCALE, BadMechanism
from privacy.mechanisms.drawing import _as_opendp_reads_it
from privacy.mechanisms.quantile import (
    LARGEST_NUMBER_OF_CANDIDATES,
    PrivateQuantile,
    parse_quantile,
    quantile_for,
    quantile_text,
)

HIGHEST = Fraction(19, 20)
THOUSANDTHS = [Fraction(number, 1000) for number in range(1, 1000)]

alphas = st.sampled_from(THOUSANDTHS)
rhos = st.integers(1, 10 * MICRO).map(Rho)


def in_opendp(mechanism: PrivateQuantile) -> Any:  # OpenDP's measurements have methods without types
    enable_features("contrib")
    return make_private_quantile(
        vector_domain(atom_domain(T="i64")),
        symmetric_distance(),
        zero_concentrated_divergence(),
        list(range(mechanism.candidates)),
        _as_opendp_reads_it(mechanism.alpha),
        float(mechanism.scale),
    )


def test_the_cost_is_known() -> None:
    # One customer moves a score by 0.95, two of them against each other by 1.9: (1.9 / 19)² / 8.
    assert PrivateQuantile(HIGHEST, 471, Fraction(19)).range == Fraction(1, 10)
    assert PrivateQuantile(HIGHEST, 471, Fraction(19)).cost() == Rho(1250)
    assert PrivateQuantile(Fraction(1, 2), 471, Fraction(10)).cost() == Rho(1250)
    assert PrivateQuantile(Fraction(3, 10), 471, Fraction(7)).cost() == Rho(5000)


@pytest.mark.parametrize("alpha", [Fraction(1, 2), HIGHEST])
def test_the_rank_error_is_the_standard_deviation_of_the_rank_that_is_told(alpha: Fraction) -> None:
    """A thousand customers, each between two candidates of its own: candidate c has c customers below it."""
    mechanism = PrivateQuantile(alpha, 1001, Fraction(4))
    below = np.arange(1001)
    chances = np.exp(-np.abs((1 - float(alpha)) * below - float(alpha) * (1000 - below)) / 4)
    chances /= chances.sum()
    error = math.sqrt(float(chances @ (below - 1000 * float(alpha)) ** 2))
    assert mechanism.rank_error == pytest.approx(error, rel=0.005)  # it is discrete: 1/(24·16) less


@given(alphas, rhos)
def test_the_cost_is_what_opendp_says_and_rounding_is_against_us(alpha: Fraction, rho: Rho) -> None:
    mechanism = quantile_for(alpha, 5, rho)
    exact, theirs = mechanism.range**2 / 8, Fraction(in_opendp(mechanism).map(1))
    assert abs(theirs - exact) <= exact / 2**45  # theirs is rounded up in binary64, four times
    assert Fraction(mechanism.cost().micro, MICRO) >= max(exact, theirs - exact / 2**45)


@given(alphas, rhos)
def test_opendp_holds_itself_to_the_cost_and_to_no_less(alpha: Fraction, rho: Rho) -> None:
    mechanism = quantile_for(alpha, 5, rho)
    measurement, cost = in_opendp(mechanism), float(mechanism.range**2 / 8)
    assert measurement.check(1, cost * (1 + 2**-40))
    assert not measurement.check(1, cost * (1 - 2**-40))


@given(st.integers(1, 40), alphas)
def test_so_many_customers_cost_the_square(customers: int, alpha: Fraction) -> None:
    mechanism = quantile_for(alpha, 5, Rho(1000))
    theirs = Fraction(in_opendp(mechanism).map(customers))
    assert theirs == pytest.approx(float(customers**2 * mechanism.range**2 / 8), rel=1e-12)


@pytest.mark.parametrize("first", range(0, 999, 111))
def test_opendp_takes_every_thousandth_for_what_it_is(first: int) -> None:
    """It cuts 10 000·α off in binary: of 0.043 it would take 0.0429, of which a customer moves a score by more."""
    enable_features("contrib")
    for alpha in THOUSANDTHS[first : first + 111]:
        read = _as_opendp_reads_it(alpha)
        assert abs(Fraction(read) - alpha) < Fraction(1, 2**50)
        space = vector_domain(atom_domain(T="i64")), symmetric_distance()
        score: Any = make_quantile_score_candidates(*space, [0, 2], read)
        above, below = score([1])  # one customer, who is above the first candidate and below the second
        assert Fraction(above, above + below) == alpha
        assert score.map(1) == max(above, below)


def test_as_a_float_it_would_not() -> None:
    assert _as_opendp_reads_it(Fraction(43, 1000)) > 0.043


@given(alphas, rhos)
def test_calibration_finds_the_least_scale_that_is_cheap_enough(alpha: Fraction, rho: Rho) -> None:
    mechanism = quantile_for(alpha, 471, rho)
    assert mechanism.cost() <= rho
    if mechanism.scale > SMALLEST_SCALE:
        lower = PrivateQuantile(alpha, 471, mechanism.scale * Fraction(2**21 - 2, 2**21))
        assert lower.cost() > rho or lower.scale >= mechanism.scale * (1 - Fraction(1, 2**20))


@given(alphas, rhos)
def test_what_opendp_multiplies_it_holds_exactly(alpha: Fraction, rho: Rho) -> None:
    scale = quantile_for(alpha, 471, rho).scale
    assert Fraction(float(scale) * 10_000.0) == scale * 10_000


@pytest.mark.parametrize("measure", sorted(CANDIDATES))
def test_the_grids_of_the_catalogue_are_no_longer_than_a_mechanism_takes(measure: Any) -> None:
    assert quantile_for(HIGHEST, len(CANDIDATES[measure]), Rho(1)).candidates == len(CANDIDATES[measure])


@pytest.mark.parametrize(
    ("alpha", "candidates", "scale"),
    [
        (Fraction(0), 5, Fraction(10)),
        (Fraction(1), 5, Fraction(10)),
        (Fraction(-1, 10), 5, Fraction(10)),
        (Fraction(1, 3), 5, Fraction(10)),
        (Fraction(1, 10_000), 5, Fraction(10)),
        (0.95, 5, Fraction(10)),
        (HIGHEST, 0, Fraction(10)),
        (HIGHEST, LARGEST_NUMBER_OF_CANDIDATES + 1, Fraction(10)),
        (HIGHEST, 5.0, Fraction(10)),
        (HIGHEST, True, Fraction(10)),
        (HIGHEST, 5, 10),
        (HIGHEST, 5, Fraction(0)),
        (HIGHEST, 5, SMALLEST_SCALE / 2),
        (HIGHEST, 5, LARGEST_SCALE * 2),
        (HIGHEST, 5, Fraction(1, 3)),
        (HIGHEST, 5, Fraction(2**53 - 1, 2**40)),
    ],
    ids=str,
)
def test_no_other_quantile_can_be_had(alpha: Any, candidates: Any, scale: Any) -> None:
    with pytest.raises(BadMechanism):
        PrivateQuantile(alpha, candidates, scale)


@pytest.mark.parametrize("rho", [Rho(0)])
def test_none_is_to_be_had_for_nothing(rho: Rho) -> None:
    with pytest.raises(BadMechanism, match="part of the budget"):
        quantile_for(HIGHEST, 5, rho)


@given(alphas)
def test_a_quantile_has_one_spelling(alpha: Fraction) -> None:
    text = quantile_text(alpha)
    assert parse_quantile(text) == alpha == Fraction(Decimal(text))


@pytest.mark.parametrize(
    "text", ["", "0", "1", "0.", ".95", "0.950", "00.95", "0.0", "0.9500", "0,95", "1.5", "19/20", "0.٩", "-0.5", 0.95]
)
def test_no_other_spelling_is_read(text: Any) -> None:
    with pytest.raises(BadMechanism):
        parse_quantile(text)
