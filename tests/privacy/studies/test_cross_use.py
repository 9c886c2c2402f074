"""A study of cross-use is read whole or refused, and its digest is that of what it says."""

from collections.abc import Callable
from fractions import Fraction
from importlib import resources

import pytest

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.composition import total_epsilon
from privacy.studies import shelf, study
from privacy.studies.cross_use import MOST_MEMBERS, PARTITIONS, CrossUseStudy, sketch_digest
from privacy.studies.cross_use_price import count_price, most, sketch_spend
from privacy.studies.file import BadStudy, UnknownStudy

TEXT = resources.files("privacy.studies").joinpath("cross-use-year.toml").read_text("utf-8")


def parsed(text: str) -> CrossUseStudy:
    found = shelf.parse(text, "study.toml")
    assert isinstance(found, CrossUseStudy)
    return found


def refused(text: str) -> str:
    with pytest.raises(BadStudy) as caught:
        shelf.parse(text, "study.toml")
    assert str(caught.value).startswith("study.toml: ")
    return str(caught.value)


def test_the_shipped_one_costs_what_the_year_has_left_beside_the_benchmarks() -> None:
    shipped = parsed(TEXT)
    assert sketch_spend(shipped).fits_in(Spend(Epsilon.parse("1"), Rho(0)))
    assert shipped.rho <= Rho.parse("0.009")
    assert shipped.histogram_epsilon <= Epsilon.parse("0.1")
    year = most(shipped) + Spend(Epsilon(0), Rho.parse("0.071"))
    assert total_epsilon(year, Fraction(1, 10**6)) <= Epsilon.parse("3.01")
    assert year.fits_in(Spend(Epsilon.parse("1.1"), Rho.parse("0.08")))  # a policy as it is delivered


def test_one_flip_fewer_would_cost_more_than_a_sketch_may() -> None:
    fewer = parsed(TEXT.replace("flips = 17626", "flips = 17625"))
    assert sketch_spend(fewer).epsilon > Epsilon.parse("1") >= sketch_spend(parsed(TEXT)).epsilon


def test_the_groups_are_the_categories_of_the_partition() -> None:
    for name, dimension in PARTITIONS.items():
        found = parsed(TEXT.replace('partition = "county"', f'partition = "{name}"'))
        assert found.partition is dimension
        assert found.groups == dimension.categories
        assert found.layout_digest != ""
        assert found.digest.startswith("sha256:")


def test_the_digest_covers_every_number_and_no_comment() -> None:
    digest = parsed(TEXT).digest
    assert parsed("# another comment\n" + TEXT).digest == digest
    changes = ("8388608", "4194304"), ("17626", "17627"), ('"0.009"', '"0.008"'), ('"0.1"', '"0.09"'), ("= 50", "= 51")
    changed = {parsed(TEXT.replace(*change)).digest for change in changes}
    assert len(changed | {digest}) == len(changes) + 1


def test_studies_with_the_same_sketch_share_it() -> None:
    one, other = parsed(TEXT), parsed(TEXT.replace('"0.009"', '"0.005"').replace('= "county"', '= "age_band"'))
    assert one.digest != other.digest
    assert one.sketch_digest == other.sketch_digest == sketch_digest(one.buckets, one.response)
    assert parsed(TEXT.replace("17626", "17627")).sketch_digest != one.sketch_digest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("8388608", "8388607"), "no power of two"),
        (lambda text: text.replace("8388608", "512"), "sketch.buckets"),
        (lambda text: text.replace("17626", "0"), "sketch.flips"),
        (lambda text: text.replace("17626", "32768"), "sketch.flips"),  # a fair coin says nothing
        (lambda text: text.replace('partition = "county"', 'partition = "genre"'), "count.partition"),
        (lambda text: text.replace('rho = "0.009"', 'rho = "0"'), "above 0"),
        (lambda text: text.replace('histogram_epsilon = "0.1"', 'histogram_epsilon = "0"'), "above 0"),
        (lambda text: text.replace('rho = "0.009"', "rho = 0.009"), "count.rho"),
        (lambda text: text.replace('"network", "industry"', '"network", "network"'), "twice"),
        (lambda text: text.replace("noise_percent = 50", ""), "noise_percent"),
        (lambda text: text + "\n[bounds]\nmax_orders = 8\n", "bounds"),
        (lambda text: text.replace('"cross-use"', '"cross-talk"'), "kind"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(change: Callable[[str], str], said: str) -> None:
    assert change(TEXT) != TEXT
    assert said in refused(change(TEXT))


def test_the_noise_of_a_count_grows_with_the_market_and_its_cost_does_not() -> None:
    shipped = parsed(TEXT)
    small, large = count_price(shipped, 1), count_price(shipped, MOST_MEMBERS - 1)
    assert (small.l2_squared, large.l2_squared) == (4, 2 * MOST_MEMBERS)
    assert small.sums.scale < large.sums.scale
    for each in (small, large):
        assert each.rho <= shipped.rho
        assert each.epsilon <= shipped.histogram_epsilon
        assert each.histogram.scale == 10
        assert each.spend.fits_in(most(shipped))


def test_the_shelf_has_studies_of_both_kinds() -> None:
    found = shelf.shipped()
    assert isinstance(found["cross-use-year"], CrossUseStudy)
    assert set(study.shipped()) == {name for name, each in found.items() if isinstance(each, study.Study)}
    assert shelf.find("cross-use-year") == found["cross-use-year"]
    with pytest.raises(UnknownStudy, match="cross-use-year"):
        shelf.find("no-such-study")


def test_a_study_of_tables_is_no_study_of_cross_use() -> None:
    with pytest.raises(BadStudy):
        study.parse(TEXT, "study.toml")
