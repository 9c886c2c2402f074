"""What a release must be to answer a round. The ranges of its figures stand in numbers worked out by hand."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from importlib.resources import files
from math import isqrt

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds.windows import twelve_months_to
from privacy.budget.amounts import Rho
from privacy.catalogue.measures import Measure
from privacy.estimate.body import LARGEST_SUM
from privacy.mechanisms.calibration import calibrate
from privacy.rounds.announcement import LARGEST_ROSTER
from privacy.rounds.fit import LARGEST_BASE, LARGEST_FIGURE, NOISE, Misfit, UnfitRelease, check_release, range_of
from privacy.signing.envelope import RELEASE, sign
from privacy.studies.file import BadStudy
from privacy.studies.price import PricedPart, price
from privacy.studies.study import find, parse
from protos.kudos.v1.release_pb2 import Release

STUDY = find("benchmark")
WINDOW = twelve_months_to(date(2025, 12, 31))
PRICED = price(STUDY).parts


def priced(scale: Fraction, measure: Measure) -> PricedPart:
    """The part of the totals, with noise of this scale."""
    part = next(each for each in price(STUDY).parts if (each.part.table.name, each.part.measure) == ("totals", measure))
    return replace(part, mechanism=replace(part.mechanism, scale=scale))


@pytest.mark.parametrize(
    ("scale", "measure", "least", "most"),
    [
        (Fraction(80), Measure.CUSTOMERS, -2430, 10_002_430),  # 30 · (80 + 1) on either side
        (Fraction(161, 2), Measure.ORDERS, -2430, 80_002_430),  # 8 orders of a customer
        (Fraction(1, 2), Measure.TICKETS, -30, 200_000_030),  # 20 tickets
        (Fraction(1000), Measure.REVENUE, -30_030, 1_800_000_000_000),  # 10 000 kr each would be more than 18 billion
    ],
)
def test_limits_of_a_part(scale: Fraction, measure: Measure, least: int, most: int) -> None:
    allowed = range_of(priced(scale, measure), STUDY)
    assert (allowed[0], allowed[-1]) == (least, most)


def test_the_shipped_study_has_the_limits_that_its_noise_gives() -> None:
    """The whole institution's customers have noise of 80.58 each: 30 · 81 below zero."""
    part = price(STUDY).parts[0]
    assert (part.part.table.name, part.part.measure) == ("totals", Measure.CUSTOMERS)
    assert range_of(part, STUDY) == range(-2430, 10_002_431)


KEY = Ed25519PrivateKey.generate()


@settings(max_examples=30)
@given(st.data())
def test_figures_within_the_stated_ranges_are_taken_and_one_beyond_is_not(data: st.DataObject) -> None:
    cells = [
        data.draw(st.sampled_from([allowed[0], 0, allowed[-1]]))
        for priced in PRICED
        for allowed in [range_of(priced, STUDY)]
        for _ in range(priced.part.table.cells)
    ]
    ranges = [range_of(priced, STUDY) for priced in PRICED for _ in range(priced.part.table.cells)]
    release = Release(
        ledger="l",
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        layout_digest=STUDY.layout_digest,
        window_first=WINDOW.first.isoformat(),
        window_last=WINDOW.last.isoformat(),
        cells=cells,
    )
    good = sign(RELEASE, release.SerializeToString(deterministic=True), KEY)
    assert list(check_release(good, KEY.public_key(), STUDY, WINDOW, "l").cells) == cells
    at = data.draw(st.integers(0, len(cells) - 1))
    release.cells[at] = data.draw(st.sampled_from([ranges[at][0] - 1, ranges[at][-1] + 1]))
    bad = sign(RELEASE, release.SerializeToString(deterministic=True), KEY)
    with pytest.raises(UnfitRelease) as caught:
        check_release(bad, KEY.public_key(), STUDY, WINDOW, "l")
    assert caught.value.misfit is Misfit.ABSURD_VALUE


def test_nothing_that_is_admitted_can_keep_a_sum_or_its_interval_from_being_written() -> None:
    """At the largest bounds and the least budget of a part, which is one micro-unit: for any study that can be read."""
    text = (files("privacy.studies") / "benchmark.toml").read_text(encoding="utf-8")
    for bound, size in (("max_orders", 8), ("max_lines", 20), ("max_tickets", 20)):
        text = text.replace(f"{bound} = {size}", f"{bound} = 10000")
    study = parse(text.replace("max_revenue_kr = 10000", "max_revenue_kr = 500000"), "the largest bounds")
    with pytest.raises(BadStudy, match="max_revenue_kr"):
        parse(text.replace("max_revenue_kr = 10000", "max_revenue_kr = 500001"), "larger ones")
    for part in study.parts:
        l2_squared = part.table.sensitivity(part.measure, study.bounds).l2_squared
        noisy = PricedPart(part, l2_squared, calibrate(l2_squared, Rho(1)), Rho(1))
        allowed, scale = range_of(noisy, study), noisy.mechanism.scale
        assert -LARGEST_FIGURE < allowed[0] <= -NOISE * scale  # no honest noise is cut off
        assert max(allowed[-1], -allowed[0]) <= LARGEST_FIGURE
        for members in (1, 5, LARGEST_ROSTER):
            interval = 2 * isqrt(members * scale.numerator**2 // scale.denominator**2) + 3
            assert members * LARGEST_FIGURE + interval <= LARGEST_SUM


def test_the_ranges_hold_any_honest_institution_and_its_noise() -> None:
    for priced in PRICED:
        allowed = range_of(priced, STUDY)
        assert -allowed[0] >= 30 * priced.mechanism.scale
        assert allowed[-1] >= LARGEST_BASE + 30 * priced.mechanism.scale
