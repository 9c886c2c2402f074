"""Quantiles and what is made of them: drawn where the release is booked, once, and told in falling order."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from node.release.in_view import in_view, own_quantiles
from node.release.prepare import Exact
from node.release.thresholds import amounts, told_before
from privacy.bounds.tiers import tier_vectors
from privacy.bounds.windows import twelve_months_to, year_before
from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.policy import PolicyRefused
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.ledger.leaves import Spent, SpentByCell, SpentPart, SpentQuantile, serialise
from privacy.mechanisms.drawing import LARGEST_VALUE, BadVector
from privacy.rounds.fit import check_release
from privacy.rounds.tiers import tiers_of_study
from privacy.signing.envelope import RELEASE, verify
from privacy.studies.price import price
from privacy.studies.study import Study, parse
from protos.kudos.v1.release_pb2 import Release
from tests.node.release.forged import lose
from tests.node.release.house import (
    BOUNDED,
    BOUNDED_TEXT,
    NOW,
    ORIGIN,
    TIERED,
    TIERED_POLICY,
    WINDOW,
    House,
    build,
    tiered_exact,
)

REVENUE = CANDIDATES[Measure.REVENUE]
BEFORE = year_before(WINDOW)
RICH = replace(TIERED_POLICY, cap=Spend(Epsilon(0), Rho.parse("1")))


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return build(tmp_path_factory.mktemp("house"))


def said(house: House, **asked: Any) -> Release:
    fields: dict[str, Any] = {"study": TIERED, "cells": tiered_exact(), "policy": RICH} | asked
    booked = house.release(**fields)
    return Release.FromString(verify(RELEASE, booked.envelope, house.key.public_key()))


def test_a_release_tells_its_quantiles_near_where_they_are(house: House) -> None:
    """Between the scores of the best candidate and the next lie 20 % of a bin's customers, 40 scales of the noise."""
    exact = tiered_exact(3000)
    message = said(house, cells=exact)
    assert list(message.thresholds[:3]) == own_quantiles(TIERED, exact)[:3]
    assert list(message.thresholds[:3]) == list(message.thresholds_before)
    share = (REVENUE.index(message.thresholds[0]) + 1) / (len(REVENUE) + 1)
    assert abs(share - 0.95) < 1 / len(REVENUE)


def test_its_tables_of_tiers_are_those_of_the_thresholds_that_it_tells(house: House) -> None:
    """Few customers, so that the thresholds are anybody's guess; and so many in each that the tables tell which."""
    exact = tiered_exact(1)
    spread = replace(exact, tiers=tiered_exact(10**6).tiers)
    message = said(house, cells=spread)
    assert spread.tiers is not None
    expected = tier_vectors(spread.tiers, message.thresholds[:3], message.thresholds_before, TIERED.bounded_tables)
    at = 0
    for each in price(TIERED).parts:
        cells = np.array(message.cells[at : at + each.part.table.cells])
        at += each.part.table.cells
        if each.part.measure is Measure.CUSTOMERS and each.part.table.name != "totals":
            off = np.abs(cells - expected[each.part.table.name, each.part.measure])
            assert (off <= 12 * float(each.mechanism.scale)).all()
    assert list(message.thresholds) != own_quantiles(TIERED, exact)  # 471^-3 of a chance


def test_every_cell_has_its_own_noise(house: House) -> None:
    """A cell of the lowest tier is off by its own 12 scales at most, which is a tenth of one scale of the highest."""
    part = next(each for each in price(TIERED).parts if each.part.name == "value_tier/revenue")
    at = sum(each.table.cells for each in TIERED.parts[: TIERED.parts.index(part.part)])
    offs = []
    for months in range(6):
        window = twelve_months_to(date(2025, 12 - months, 28))
        exact = tiered_exact(0)
        message = said(house, cells=exact, window=window)
        offs.append([int(value) for value in message.cells[at : at + 4]])
    scales = [float(mechanism.scale) for mechanism in part.mechanisms]
    assert scales[0] > 100 * scales[3]
    assert all(abs(value) <= 12 * scale for row in offs for value, scale in zip(row, scales, strict=True))
    assert max(abs(row[0]) for row in offs) > 12 * scales[3]  # once in 10^7 otherwise: six within a tenth of a scale


def test_the_entry_says_how_each_part_was_made(house: House) -> None:
    message = said(house)
    spent = house.contents().last
    assert isinstance(spent, Spent)
    assert spent.cost == price(TIERED).spend
    assert [part.name for part in spent.parts] == [
        *(part.name for part in TIERED.quantiles),
        *(part.name for part in TIERED.parts),
    ]
    assert [type(part) for part in spent.parts[:5]] == [SpentQuantile] * 5
    assert {part.table for part in spent.parts if isinstance(part, SpentByCell)} == {"value_tier"}
    assert {part.table for part in spent.parts if isinstance(part, SpentPart)} == {"totals", "migration"}
    assert all(part.cost == part.derived for part in spent.parts)
    assert len(message.thresholds) == 5


def test_it_is_what_a_round_takes(house: House) -> None:
    booked = house.release(TIERED, cells=tiered_exact(3), policy=RICH)
    check_release(booked.envelope, house.key.public_key(), TIERED, WINDOW, ORIGIN)


def test_a_retry_sends_the_stored_bytes_and_draws_nothing(house: House) -> None:
    first = house.release(TIERED, cells=tiered_exact(1), policy=RICH)
    again = house.release(TIERED, cells=tiered_exact(500), policy=RICH, now=NOW + timedelta(days=400))
    assert (again.envelope, again.already) == (first.envelope, True)


def test_nothing_about_its_size_depends_on_data(tmp_path_factory: pytest.TempPathFactory) -> None:
    sizes = set()
    for customers in (0, 1, 10_000):
        house = build(tmp_path_factory.mktemp("house"))
        booked = house.release(TIERED, cells=tiered_exact(customers), policy=RICH)
        sizes.add((len(booked.envelope), tuple(len(serialise(entry)) for entry in house.contents().entries)))
    assert len(sizes) == 1


# The twelve months before.


def test_the_thresholds_told_a_year_before_divide_the_customers_of_then(house: House) -> None:
    first = said(house, cells=tiered_exact(1), window=BEFORE)
    second = said(house, cells=tiered_exact(2))
    assert list(second.thresholds_before) == list(first.thresholds[:3]) != list(second.thresholds[:3])
    assert told_before(house.contents(), BEFORE) == tuple(first.thresholds[:3])


@pytest.mark.parametrize("studies", [(TIERED, BOUNDED), (BOUNDED, TIERED)], ids=["tiered first", "bounded first"])
def test_of_several_releases_over_those_months_the_newest_counts(house: House, studies: tuple[Study, Study]) -> None:
    """Of ten customers and of thousands, and drawn by itself each time: they tell different thresholds."""
    told = [
        tiers_of_study(
            study,
            said(house, study=study, cells=tiered_exact(at, study), window=BEFORE, policy=allowing(BOUNDED)).thresholds,
        )
        for at, study in enumerate(studies, 1)
    ]
    assert told[0] != told[1]
    assert told_before(house.contents(), BEFORE) == told[1]
    assert tuple(said(house, policy=RICH).thresholds_before) == told[1]


def test_a_release_over_other_months_tells_nothing_of_them(house: House) -> None:
    said(house, cells=tiered_exact(1), window=twelve_months_to(date(2024, 11, 30)))
    second = said(house, cells=tiered_exact(2))
    assert list(second.thresholds_before) == list(second.thresholds[:3])


def other_study(old: str, new: str) -> Study:
    text = BOUNDED_TEXT.replace(old, new, 1)
    assert text != BOUNDED_TEXT
    return parse(text, "other.toml")


def allowing(study: Study) -> Any:
    return replace(RICH, allowed=(*RICH.allowed, replace(RICH.allowed[0], study=study.name, digest=study.digest)))


def test_any_study_that_told_the_same_quantiles_will_do(house: House) -> None:
    first = said(house, study=BOUNDED, cells=tiered_exact(1, BOUNDED), window=BEFORE, policy=allowing(BOUNDED))
    assert len(first.cells) == 0
    assert list(said(house).thresholds_before) == list(first.thresholds[1:])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"0.95", "0.8", "0.3"', '"0.95", "0.8"'),
        ('"0.3"', '"0.25"'),
        ('"revenue"', '"orders"'),
        ('"0.3"]', '"0.3", "0.1"]'),
    ],
)
def test_other_quantiles_will_not(house: House, old: str, new: str) -> None:
    study = other_study(old, new)
    said(house, study=study, cells=tiered_exact(1, study), window=BEFORE, policy=allowing(study))
    second = said(house)
    assert list(second.thresholds_before) == list(second.thresholds[:3])


def test_a_release_whose_bytes_are_lost_tells_nothing_of_them(house: House) -> None:
    booked = house.release(TIERED, cells=tiered_exact(1), policy=RICH, window=BEFORE)
    lose(house.ledger, booked.seq)
    second = said(house)
    assert list(second.thresholds_before) == list(second.thresholds[:3])


# The order in which they are told.


def test_of_each_measure_they_are_told_falling_whatever_noise_has_done() -> None:
    parts = TIERED.quantiles
    told = amounts(parts, [5, 400, 17, 3, 9])
    assert told == [REVENUE[400], REVENUE[17], REVENUE[5], 10, 4]
    assert tiers_of_study(TIERED, told) == (REVENUE[400], REVENUE[17], REVENUE[5])
    assert tiers_of_study(BOUNDED, [7, 300, 200, 100]) == (300, 200, 100)


def test_in_view_are_the_tiers_as_they_are() -> None:
    exact = tiered_exact(10)
    vectors = in_view(TIERED, exact)
    assert set(vectors) >= {(part.table.name, part.measure) for part in TIERED.parts}
    tiers = vectors["value_tier", Measure.CUSTOMERS]
    shares = tiers / tiers.sum()
    assert shares == pytest.approx([0.05, 0.15, 0.5, 0.3], abs=0.005)


# What is not of the study's layout.


@pytest.mark.parametrize(
    "spoil",
    [
        lambda exact: replace(exact, tiers=None),
        lambda exact: replace(exact, quantiles={}),
        lambda exact: replace(exact, quantiles={Measure.REVENUE: exact.quantiles[Measure.REVENUE]}),
        lambda exact: replace(exact, quantiles={**exact.quantiles, Measure.REVENUE: np.zeros(7, dtype=np.int64)}),
        lambda exact: replace(exact, quantiles={**exact.quantiles, Measure.ORDERS: np.zeros(89)}),
        lambda exact: replace(exact, quantiles={**exact.quantiles, Measure.ORDERS: np.full(89, -1, dtype=np.int64)}),
        lambda exact: replace(exact, vectors={}),
        lambda exact: replace(
            exact, vectors={key: np.full(1, LARGEST_VALUE + 1, dtype=np.int64) for key in exact.vectors}
        ),
    ],
)
def test_what_is_not_of_its_layout_is_refused_and_spends_nothing(house: House, spoil: Any) -> None:
    exact: Exact = spoil(tiered_exact())
    with pytest.raises(BadVector):
        house.release(TIERED, cells=exact, policy=RICH)
    assert [entry.type for entry in house.contents().entries] == ["open"]


@pytest.mark.parametrize("name", ["revenue_quantiles", "orders_quantiles", "migration"])
def test_a_policy_that_leaves_out_its_quantiles_refuses_it(house: House, name: str) -> None:
    tables = tuple(each for each in TIERED.names if each != name)
    policy = replace(RICH, allowed=(replace(RICH.allowed[-1], tables=tables),))
    with pytest.raises(PolicyRefused, match=name):
        house.release(TIERED, cells=tiered_exact(), policy=policy)
    assert house.release(TIERED, cells=tiered_exact(), policy=RICH).seq == 2
