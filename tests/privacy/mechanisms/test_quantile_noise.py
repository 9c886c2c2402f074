"""Quantiles are chosen as they were paid for, and these tests notice if they are not.

Some 45 000 answers at 0.1 to 0.5 ms: 15 s in all.
"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from privacy.audit.mechanism import QUANTILE, QUANTILE_COUNTS, changed, quantile_checks
from privacy.audit.yardsticks import demonstrated_range, quantile_odds, quantile_p
from privacy.mechanisms.calibration import SMALLEST_SCALE
from privacy.mechanisms.drawing import BadVector, draw_quantile
from privacy.mechanisms.quantile import PrivateQuantile
from tests.privacy.mechanisms.noise import P_VALUE

SHARP = PrivateQuantile(Fraction(1, 2), 4, SMALLEST_SCALE)
"""So little noise that the candidate of the best score is chosen: exp(-500) of a chance of any other."""


def int64(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


def test_they_pass_and_what_is_off_does_not() -> None:
    """At 5 % off the χ² of 10 000 answers is 5 deviations beyond its limit, at 25 % off the range 7 beyond its own."""
    found = list(quantile_checks(QUANTILE, 10_000))
    assert [(each.mechanism, each.name) for each in found] == [
        ("private_quantile", "distribution"),
        ("private_quantile", "trade-off"),
    ]
    assert all(each.sound for each in found), found
    assert found[1].figure > found[1].limit - 0.6, "an attacker that proves little tests little"


def test_the_yardstick_is_the_mechanism_by_hand() -> None:
    # 3 of 4 lie below the second candidate and 1 does not: |0.2·3 − 0.8·1| = 0.2; of the first |0.2·1 − 0.8·3| = 2.2.
    odds = quantile_odds(int64(1, 2, 1), Fraction(4, 5), Fraction(1, 2))
    assert odds == pytest.approx([np.exp(-4) / (1 + np.exp(-4)), 1 / (1 + np.exp(-4))])


@pytest.mark.parametrize("alpha", [Fraction(3, 10), Fraction(1, 2), Fraction(43, 1000)])
def test_other_quantiles_follow_their_exact_distribution(alpha: Fraction) -> None:
    counts = int64(3, 5, 2, 7, 0, 4, 9)
    mechanism = PrivateQuantile(alpha, 6, Fraction(7, 2))
    chosen = np.array([draw_quantile(counts, mechanism) for _ in range(3000)])
    odds = quantile_odds(counts, alpha, mechanism.scale)
    assert quantile_p(chosen, odds, np.arange(6)) > P_VALUE
    other = quantile_odds(counts, alpha + Fraction(1, 5), mechanism.scale)
    assert quantile_p(chosen, other, np.arange(6)) < P_VALUE


def test_of_nobody_every_candidate_is_as_likely() -> None:
    mechanism = replace(QUANTILE, candidates=8)
    chosen = np.array([draw_quantile(np.zeros(9, dtype=np.int64), mechanism) for _ in range(4000)])
    assert quantile_p(chosen, np.full(8, 1 / 8), np.arange(8)) > P_VALUE


def test_who_has_just_what_a_candidate_says_is_not_below_it() -> None:
    # Of 4 customers two have less than candidate 2 and two have it or more.
    assert draw_quantile(int64(0, 0, 2, 2, 0), SHARP) == 2
    assert draw_quantile(int64(2, 2, 0, 0, 0), SHARP) == 0
    assert draw_quantile(int64(0, 0, 0, 2, 2), SHARP) == 3


@pytest.mark.parametrize("alpha", [Fraction(3, 10), Fraction(4, 5), Fraction(19, 20)])
def test_with_little_noise_it_is_the_quantile(alpha: Fraction) -> None:
    counts = np.ones(101, dtype=np.int64)  # customer i has what candidate i - 1 says: the first has less than any
    chosen = draw_quantile(counts, PrivateQuantile(alpha, 100, SMALLEST_SCALE))
    below = chosen + 1  # candidate i has i + 1 customers below it
    assert abs(below - alpha * 101) <= 1


def test_half_a_million_customers_take_little_memory_and_time() -> None:
    counts = np.random.default_rng(1).multinomial(500_000, np.ones(472) / 472).astype(np.int64)
    chosen = draw_quantile(counts, PrivateQuantile(Fraction(19, 20), 471, Fraction(20)))
    assert 0.94 < counts[: chosen + 1].sum() / 500_000 < 0.96


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros(4, dtype=np.int64),
        np.zeros(6, dtype=np.int64),
        np.zeros((5, 1), dtype=np.int64),
        np.zeros(5),
        np.zeros(5, dtype=np.int32),
        [0] * 5,
        int64(0, 0, -1, 0, 0),
        int64(0, 0, 2**53 + 1, 0, 0),
    ],
    ids=["too few", "too many", "two dimensions", "float", "int32", "list", "negative", "too large"],
)
def test_takes_counts_around_its_candidates_only(counts: Any) -> None:
    with pytest.raises(BadVector) as caught:
        draw_quantile(counts, SHARP)
    assert "-1" not in str(caught.value)


def test_nothing_is_proven_of_what_never_differs() -> None:
    assert demonstrated_range(np.zeros(100, dtype=np.int64), np.zeros(100, dtype=np.int64), P_VALUE) == 0
    assert changed(Fraction(10), -25) == Fraction(15, 2)
    assert QUANTILE_COUNTS.shape == (QUANTILE.candidates + 1,)
