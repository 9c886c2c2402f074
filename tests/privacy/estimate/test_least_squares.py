"""The projection against the formula by NumPy's linear algebra, and what makes it the same everywhere."""

import numpy as np
import pytest

from privacy.estimate.equalities import nothings_of
from privacy.estimate.layout import layout_of
from privacy.estimate.least_squares import projection
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.study import Study
from tests.privacy.estimate.networks import STUDY, variances
from tests.privacy.estimate.studies import PORTFOLIO, WIDE_TOTALS

STUDIES = [STUDY, WIDE_TOTALS, PORTFOLIO]
pytestmark = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)


def some(study: Study, rows: int) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    return np.random.default_rng(7).integers(-(10**6), 10**9, (rows, study.cells))


def test_it_is_the_textbooks(study: Study) -> None:
    values, found = some(study, 3), projection(study)
    estimates = found.projected(values)
    for block in found.blocks:
        noise, equal = np.diag(variances(study)[block.cells]), block.equalities.astype(float)
        gain = noise @ equal.T @ np.linalg.pinv(equal @ noise @ equal.T)
        expected = values[:, block.cells] - values[:, block.cells] @ (gain @ equal).T
        assert np.allclose(estimates[:, block.cells], expected, rtol=1e-9, atol=1e-3)
        assert np.allclose(block.covariance, noise - gain @ equal @ noise, rtol=1e-7, atol=1e-7 * noise.max())


def test_a_row_by_itself_is_the_same_to_the_last_bit(study: Study) -> None:
    values, found = some(study, 9), projection(study)
    together = found.projected(values)
    assert all(np.array_equal(found.projected(values[[row]])[0], together[row]) for row in range(9))


def test_estimates_add_up_and_stay_where_they_are(study: Study) -> None:
    found = projection(study)
    once = found.projected(some(study, 4))
    for block in found.blocks:
        assert np.abs(once[:, block.cells] @ block.equalities.T).max(initial=0) < 1e-3
    again = found.projected(np.rint(once).astype(np.int64))
    assert np.abs(again - once).max() < 50  # the rounding alone


def test_members_add_up_to_the_cohort(study: Study) -> None:
    values = some(study, 12)
    layout = layout_of(study)
    apart = layout.estimates(values, 1).sum(axis=0)
    assert np.abs(layout.estimates(values.sum(axis=0, keepdims=True), 12)[0] - apart).max() <= 12


def test_what_is_nothing_by_definition_is_nothing(study: Study) -> None:
    nothing = list(nothings_of(study))
    assert not projection(study).projected(some(study, 2))[:, nothing].any()
    assert not projection(study).variances[nothing].any()


def test_no_lie_takes_a_sum_out_of_what_json_can_say(study: Study) -> None:
    values = np.full((1, study.cells), LARGEST_FIGURE) * np.random.default_rng(1).choice([-1, 1], study.cells)
    assert np.abs(layout_of(study).estimates(values * 5000, 5000)).max() <= LARGEST_FIGURE * 5000
