import pytest

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.mechanisms.calibration import DiscreteGaussian
from privacy.studies.price import price
from privacy.studies.study import Study, shipped
from tests.node.release.house import STUDY

STUDIES = [STUDY, *shipped().values()]


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_no_part_and_no_whole_costs_more_than_the_study_says(study: Study) -> None:
    priced = price(study)
    assert [each.part for each in priced.parts] == list(study.parts)
    assert all(each.cost <= each.part.rho for each in priced.parts)
    assert priced.spend.fits_in(Spend(Epsilon(0), study.rho))


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_no_noise_is_wasted(study: Study) -> None:
    """A scale one part in a hundred thousand smaller would cost more than the part has."""
    for each in price(study).parts:
        exact = DiscreteGaussian(each.mechanism.scale * (2**17 - 1) / 2**17)
        assert exact.cost(each.l2_squared) > each.part.rho


def test_the_sensitivity_is_that_of_the_catalogue_at_the_bounds_of_the_study() -> None:
    by_name = {each.part.name: each.l2_squared for each in price(STUDY).parts}
    assert by_name == {
        "month/customers": 8,
        "month/revenue": 1_000_000**2,
        "totals/customers": 1,
        "totals/orders": 8**2,
        "totals/tickets": 20**2,
        "totals/revenue": 1_000_000**2,
    }


def test_a_cost_is_never_rounded_in_our_favour() -> None:
    for each in price(STUDY).parts:
        exact = each.l2_squared / (2 * each.mechanism.scale**2)
        assert each.cost == Rho.round_up(exact)
