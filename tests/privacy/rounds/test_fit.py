"""What a release must be to answer a round. The ranges of its figures stand in numbers worked out by hand."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from importlib.resources import files
from math import isqrt
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds.windows import twelve_months_to
from privacy.budget.amounts import Rho
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.estimate.body import LARGEST_SUM
from privacy.mechanisms.calibration import DiscreteGaussian, calibrate
from privacy.rounds.announcement import LARGEST_ROSTER
from privacy.rounds.fit import LARGEST_BASE, LARGEST_FIGURE, NOISE, Misfit, UnfitRelease, check_release, ranges_of
from privacy.signing.envelope import RELEASE, sign, verify
from privacy.studies.file import BadStudy
from privacy.studies.price import Noise, PricedPart, price
from privacy.studies.study import Study, find, parse
from protos.kudos.v1.release_pb2 import Release
from tests.node.release.house import BOUNDED, TIERED

STUDY = find("benchmark")
WINDOW = twelve_months_to(date(2025, 12, 31))
PRICED = price(STUDY).parts


def priced(scale: Fraction, measure: Measure) -> PricedPart:
    """The part of the totals, with noise of this scale."""
    part = next(each for each in price(STUDY).parts if (each.part.table.name, each.part.measure) == ("totals", measure))
    return replace(part, noises=(replace(part.noises[0], mechanism=DiscreteGaussian(scale)),))


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
    (allowed,) = ranges_of(priced(scale, measure))
    assert (allowed[0], allowed[-1]) == (least, most)


def test_the_shipped_study_has_the_limits_that_its_noise_gives() -> None:
    """The whole institution's customers have noise of 80.58 each: 30 · 81 below zero."""
    part = price(STUDY).parts[0]
    assert (part.part.table.name, part.part.measure) == ("totals", Measure.CUSTOMERS)
    assert ranges_of(part) == (range(-2430, 10_002_431),)
    assert ranges_of(price(STUDY).parts[-1]) == ranges_of(price(STUDY).parts[-1])[:1] * 6


def test_each_cell_has_the_limits_of_its_own_bounds_and_noise() -> None:
    """12, 6 and 3 orders of each customer less than 50: of revenue only the lowest tiers stay below 18 billion kroner.

    The scales are those of ρ 0.006: 60 000 kr / √(2 · 0.006), and so on.
    """
    part = next(each for each in price(TIERED).parts if each.part.name == "value_tier/revenue")
    found = ranges_of(part)
    assert [each[0] for each in found] == [-30 * (54_772_256 + 1), -30 * 7_302_969, -30 * 1_825_743, -30 * 456_436]
    assert [each[-1] for each in found] == [LARGEST_FIGURE] * 3 + [500_000_000_000 + 30 * 456_436]


KEY = Ed25519PrivateKey.generate()


@settings(max_examples=30)
@given(st.data())
def test_figures_within_the_stated_ranges_are_taken_and_one_beyond_is_not(data: st.DataObject) -> None:
    cells = [
        data.draw(st.sampled_from([allowed[0], 0, allowed[-1]])) for priced in PRICED for allowed in ranges_of(priced)
    ]
    ranges = [allowed for priced in PRICED for allowed in ranges_of(priced)]
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
        noisy = PricedPart(part, (Noise(l2_squared, calibrate(l2_squared, Rho(1))),), Rho(1))
        allowed, scale = ranges_of(noisy)[0], noisy.mechanism.scale
        assert -LARGEST_FIGURE < allowed[0] <= -NOISE * scale  # no honest noise is cut off
        assert max(allowed[-1], -allowed[0]) <= LARGEST_FIGURE
        for members in (1, 5, LARGEST_ROSTER):
            interval = 2 * isqrt(members * scale.numerator**2 // scale.denominator**2) + 3
            assert members * LARGEST_FIGURE + interval <= LARGEST_SUM


def test_the_ranges_hold_any_honest_institution_and_its_noise() -> None:
    for priced in PRICED:
        allowed = ranges_of(priced)[0]
        assert -allowed[0] >= 30 * priced.mechanism.scale
        assert allowed[-1] >= LARGEST_BASE + 30 * priced.mechanism.scale


# Quantiles, and the thresholds of the twelve months before.

REVENUE, ORDERS = CANDIDATES[Measure.REVENUE], CANDIDATES[Measure.ORDERS]
TOLD = [REVENUE[300], REVENUE[300], REVENUE[10], ORDERS[40], ORDERS[0]]
BEFORE = [REVENUE[-1], REVENUE[20], REVENUE[0]]


def tiered(study: Study = TIERED, **changes: Any) -> bytes:
    """A release of a study with quantiles, signed."""
    fields: dict[str, Any] = {
        "ledger": "l",
        "entry": 7,
        "study": study.name,
        "study_version": study.version,
        "study_digest": study.digest,
        "layout_digest": study.layout_digest,
        "window_first": WINDOW.first.isoformat(),
        "window_last": WINDOW.last.isoformat(),
        "cells": [0] * study.cells,
        "thresholds": TOLD,
        "thresholds_before": BEFORE,
    }
    return sign(RELEASE, Release(**(fields | changes)).SerializeToString(deterministic=True), KEY)


def misfit(envelope: bytes, study: Study = TIERED) -> Misfit:
    with pytest.raises(UnfitRelease) as caught:
        check_release(envelope, KEY.public_key(), study, WINDOW, "l")
    assert not set(str(caught.value)) & {"\x1b", "\n"}
    return caught.value.misfit


def test_a_release_with_quantiles_is_taken() -> None:
    release = check_release(tiered(), KEY.public_key(), TIERED, WINDOW, "l")
    assert (list(release.thresholds), list(release.thresholds_before)) == (TOLD, BEFORE)


@pytest.mark.parametrize(
    "changes",
    [
        {"thresholds": []},
        {"thresholds": TOLD[:-1]},
        {"thresholds": [*TOLD, ORDERS[0]]},
        {"thresholds_before": []},
        {"thresholds_before": BEFORE[:2]},
        {"thresholds_before": [*BEFORE, REVENUE[0]]},
        {"cells": [0] * (TIERED.cells + 1)},
        {"cells": [0] * (TIERED.cells - 1)},
        {"cells": [0] * (TIERED.cells - 1), "thresholds": [*TOLD, ORDERS[0]]},
    ],
    ids=str,
)
def test_another_number_of_them_is_another_layout(changes: dict[str, Any]) -> None:
    assert misfit(tiered(**changes)) is Misfit.WRONG_LAYOUT


@pytest.mark.parametrize(
    "changes",
    [
        {"thresholds": [REVENUE[10], REVENUE[300], REVENUE[300], *TOLD[3:]]},
        {"thresholds": [*TOLD[:3], ORDERS[0], ORDERS[40]]},
        {"thresholds": [REVENUE[300] + 1, *TOLD[1:]]},
        {"thresholds": [*TOLD[:3], REVENUE[0], ORDERS[0]]},
        {"thresholds": [*TOLD[:4], 0]},
        {"thresholds": [*TOLD[:4], -1]},
        {"thresholds": [2**63 - 1, *TOLD[1:]]},
        {"thresholds": [-(2**63), *TOLD[1:]]},
        {"thresholds_before": BEFORE[::-1]},
        {"thresholds_before": [REVENUE[-1] + 100, *BEFORE[1:]]},
        {"thresholds_before": [*BEFORE[:2], ORDERS[0]]},
        {"thresholds_before": [0, 0, 0]},
    ],
    ids=str,
)
def test_what_is_no_falling_number_of_the_grid_is_absurd(changes: dict[str, Any]) -> None:
    assert misfit(tiered(**changes)) is Misfit.ABSURD_VALUE


def test_a_study_without_quantiles_has_none_of_them() -> None:
    plain: dict[str, Any] = {"thresholds": [], "thresholds_before": []}
    check_release(tiered(STUDY, **plain), KEY.public_key(), STUDY, WINDOW, "l")
    assert misfit(tiered(STUDY, **plain | {"thresholds": [REVENUE[0]]}), STUDY) is Misfit.WRONG_LAYOUT
    assert misfit(tiered(STUDY, **plain | {"thresholds_before": BEFORE}), STUDY) is Misfit.WRONG_LAYOUT


def test_a_study_of_quantiles_alone_has_no_cells() -> None:
    tickets = CANDIDATES[Measure.TICKETS][9]
    told: dict[str, Any] = {
        "cells": [],
        "thresholds": [tickets, REVENUE[3], REVENUE[2], REVENUE[1]],
        "thresholds_before": [],
    }
    check_release(tiered(BOUNDED, **told), KEY.public_key(), BOUNDED, WINDOW, "l")
    assert misfit(tiered(BOUNDED, **told | {"cells": [0]}), BOUNDED) is Misfit.WRONG_LAYOUT


def test_it_is_written_in_one_way_alone() -> None:
    """Numbers that are not packed, or in two runs, and what is too long for any release of the study."""
    payload = Release.FromString(verify(RELEASE, tiered(), KEY.public_key())).SerializeToString(deterministic=True)
    twice = payload + b"\x52\x08" + (REVENUE[0]).to_bytes(8, "little")
    unpacked = payload + b"\x51" + (REVENUE[0]).to_bytes(8, "little")
    for bytes_ in (twice, unpacked):
        assert misfit(sign(RELEASE, bytes_, KEY)) is Misfit.BAD_RELEASE
    assert misfit(tiered(thresholds=[REVENUE[0]] * 1000)) is Misfit.TOO_LARGE


@pytest.mark.parametrize("cell", range(4))
def test_a_cell_is_held_to_its_own_limits(cell: int) -> None:
    part = next(each for each in price(TIERED).parts if each.part.name == "value_tier/revenue")
    first = sum(each.table.cells for each in TIERED.parts[: TIERED.parts.index(part.part)])
    allowed = ranges_of(part)[cell]
    for value, fits in ((allowed[0], True), (allowed[-1], True), (allowed[0] - 1, False), (allowed[-1] + 1, False)):
        cells = [0] * TIERED.cells
        cells[first + cell] = value
        if fits:
            check_release(tiered(cells=cells), KEY.public_key(), TIERED, WINDOW, "l")
        else:
            assert misfit(tiered(cells=cells)) is Misfit.ABSURD_VALUE
