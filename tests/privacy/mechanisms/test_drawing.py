"""What `draw` takes and gives; what the noise looks like is in test_noise."""

import inspect
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from privacy.mechanisms import drawing
from privacy.mechanisms.calibration import LARGEST_SCALE, SMALLEST_SCALE, DiscreteGaussian
from privacy.mechanisms.drawing import LARGEST_VALUE, BadVector, draw

FORTY_ONE = DiscreteGaussian(Fraction(41))
NONE = DiscreteGaussian(SMALLEST_SCALE)  # exp(-2^19) of a chance of anything but 0: shows what reaches the noise


@pytest.mark.parametrize("cells", [0, 1, 5_000])
def test_gives_as_many_integers_as_it_takes(cells: int) -> None:
    noisy = draw(np.zeros(cells, dtype=np.int64), FORTY_ONE)
    assert noisy.shape == (cells,)
    assert noisy.dtype == np.int64


def test_leaves_its_argument_alone() -> None:
    values = np.arange(1000, dtype=np.int64)
    noisy = draw(values, FORTY_ONE)
    assert (values == np.arange(1000)).all()
    assert not (noisy == values).all()
    assert not np.shares_memory(values, noisy)


def test_each_cell_keeps_its_place_whatever_the_memory_looks_like() -> None:
    values = np.arange(-500, 500, dtype=np.int64)
    frozen = values.copy()
    frozen.flags.writeable = False
    column = np.arange(3000, dtype=np.int64).reshape(1000, 3)[:, 1]
    for view in (values, values[::-1], values[::7], frozen, column):
        assert (draw(view, NONE) == view).all()


def test_reaches_the_ends_of_its_range_exactly() -> None:
    ends = np.array([LARGEST_VALUE, -LARGEST_VALUE, 0], dtype=np.int64)
    assert (draw(ends, NONE) == ends).all()


def test_the_largest_noise_does_not_saturate() -> None:
    noisy = draw(np.full(1000, LARGEST_VALUE, dtype=np.int64), DiscreteGaussian(LARGEST_SCALE))
    assert np.abs(noisy.astype(np.float64)).max() < 2.0**60  # 127 scales away; saturation is at 2^63
    assert np.unique(noisy).size == 1000


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(3, dtype=np.int32),
        np.zeros(3, dtype=np.uint64),
        np.zeros(3, dtype=np.float64),
        np.array([np.nan, np.inf]),
        np.zeros(3, dtype=np.bool_),
        np.zeros(3, dtype=np.dtype(np.int64).newbyteorder()),
        np.zeros(3, dtype=object),
        np.zeros((3, 1), dtype=np.int64),
        np.zeros((0, 2), dtype=np.int64),
        np.array(7, dtype=np.int64),
        np.ma.masked_array(np.zeros(3, dtype=np.int64), mask=[True, False, False]),
        [1, 2, 3],
        7,
        None,
    ],
    ids=lambda values: f"{type(values).__name__}-{getattr(values, 'dtype', '')}-{getattr(values, 'ndim', '')}",
)
def test_takes_one_dimensional_int64_arrays_only(values: Any) -> None:
    with pytest.raises(BadVector) as refusal:
        draw(values, FORTY_ONE)
    assert refusal.value.reason == "BAD_VECTOR"


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)])
def test_refuses_what_could_saturate_and_does_not_tell_it(value: int) -> None:
    with pytest.raises(BadVector) as refusal:
        draw(np.array([12345, value], dtype=np.int64), FORTY_ONE)
    assert "12345" not in str(refusal.value)
    assert str(abs(value)) not in str(refusal.value)


def test_there_is_no_way_to_hand_in_a_seed_or_a_source_of_noise() -> None:
    assert list(inspect.signature(draw).parameters) == ["values", "mechanism"]


def test_a_seeded_process_draws_different_noise_each_time() -> None:
    script = (
        "import random, numpy as np; from fractions import Fraction;"
        "random.seed(1); np.random.seed(1);"
        "from privacy.mechanisms.calibration import DiscreteGaussian;"
        "from privacy.mechanisms.drawing import draw;"
        "print(*draw(np.zeros(20, dtype=np.int64), DiscreteGaussian(Fraction(10**6))))"
    )
    runs = [subprocess.run([sys.executable, "-c", script], check=True, capture_output=True) for _ in range(2)]
    assert runs[0].stdout != runs[1].stdout


def test_opendp_is_loaded_by_the_first_draw_only() -> None:
    script = f"import sys, {drawing.__name__}; assert 'opendp' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
