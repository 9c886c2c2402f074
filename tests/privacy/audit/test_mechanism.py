"""What `kudos-audit mechanism` does for flips and discrete Laplace noise: passes what is right, refuses what is not.

Gaussian noise: tests/privacy/mechanisms/test_noise.py, by the same functions. Some 8 s, for 700 000 draws.
"""

from fractions import Fraction

import numpy as np
import pytest

from privacy.audit.mechanism import FLIPS, P_VALUE, RESPONSE, laplace_checks, response_checks
from privacy.audit.yardsticks import demonstrated_epsilon, flips_p, laplace_p
from privacy.mechanisms.bit_planes import flipped
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price
from privacy.studies.shelf import shipped


def test_flips_are_sound() -> None:
    found = list(response_checks(RESPONSE))
    assert [(each.mechanism, each.name) for each in found] == [
        ("randomized_response", "distribution"),
        ("randomized_response", "trade-off"),
    ]
    assert all(each.sound for each in found), found
    assert found[1].figure > found[1].limit - 0.05, "an attacker that proves little tests little"


def test_laplace_noise_is_sound() -> None:
    found = list(laplace_checks(Fraction(10), 50_000))
    assert all(each.passed for each in found), found
    assert found[1].power
    assert found[1].figure > found[1].limit - 0.2


def test_they_are_those_of_the_shipped_study() -> None:
    study = shipped()["cross-use-year"]
    assert isinstance(study, CrossUseStudy)
    assert study.response == RESPONSE
    assert count_price(study, 9).histogram.scale == 10


def test_flips_that_hang_together_are_noticed() -> None:
    """As many as there should be, but every bit of a byte with its neighbour's."""
    whole = flipped(np.zeros(FLIPS // 8, dtype=np.uint8), RESPONSE)
    pairs = whole & np.uint8(0b01010101)
    assert flips_p(whole, RESPONSE.probability) > P_VALUE
    assert flips_p(pairs | pairs << np.uint8(1), RESPONSE.probability) < P_VALUE


@pytest.mark.parametrize("moved", [0, 1])
def test_a_moved_centre_of_laplace_noise_is_noticed(moved: int) -> None:
    # The difference of two geometric numbers is discrete Laplace; from a seed, as no privacy rests on it.
    random, stay = np.random.default_rng(1), 1 - np.exp(-0.1)
    noise = random.geometric(stay, 100_000) - random.geometric(stay, 100_000) + moved
    assert (laplace_p(noise, Fraction(10)) > P_VALUE) == (moved == 0)


def test_nothing_is_proven_of_what_never_happens() -> None:
    nothing = np.zeros(1000, dtype=np.int64)
    assert demonstrated_epsilon(nothing, nothing, [1], P_VALUE) <= 0
