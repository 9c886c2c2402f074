"""From counts to a body: right, in any order, and nothing silent where somebody lies or is missing. About 10 s."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounds.windows import Window
from privacy.estimate.benchmark import Benchmark, Included, parse, serialise
from privacy.estimate.body import ERROR_DECIMALS, Body, Cell
from privacy.estimate.cross_use import deconvolution
from privacy.estimate.cross_use.combine import combine_cross_use
from privacy.estimate.cross_use.counts import Counted
from privacy.estimate.cross_use.shown import Shown, shown_by
from privacy.estimate.derived import EVERY_DECIMALS
from privacy.estimate.errors import EstimateError, ImpossibleValueError, InvalidCohortsError, InvalidVectorError
from privacy.estimate.reasons import Reason
from privacy.rounds.fit import LARGEST_FIGURE
from privacy.studies.cross_use import PARTITIONS, CrossUseStudy
from tests.privacy.estimate.cross_use.world import (
    Houses,
    World,
    drawn,
    quiet_study,
    study_with,
    terms_of,
    world_of,
)

MARKET = [3000, 1500, 800, 300, 200, 100, 50, 20, 10, 5]
SEGMENTS = PARTITIONS["segment"]


def body_of(study: CrossUseStudy, world: World, counts: Sequence[Counted], earlier: Sequence[Shown] = ()) -> Body:
    members = Houses().members(world.ids)
    there = {each.member for each in counts}
    return combine_cross_use(study, [each for each in members if each.member in there], world.ids, counts, earlier)


def market(
    study: CrossUseStudy, seed: int = 1, by_use: Sequence[int] = MARKET, silent: int = 0
) -> tuple[World, list[Counted]]:
    random = np.random.default_rng(seed)
    world = world_of(by_use, random, groups=len(study.groups), silent=silent)
    return world, drawn(world, terms_of(study, world), random)


def found(body: Body, table: str) -> dict[tuple[str, str], Cell]:
    return {(cell.category, cell.measure): cell for cell in body.cells if cell.table == table}


def assert_well_formed(body: Body) -> None:
    """What `benchmark` asks of cells, and that no figure stands without its error."""
    published = {line.cohort: line.members for line in body.cohorts if line.status == "published"}
    for cell in body.cells:
        assert cell.members == published[cell.cohort]
        figures = (cell.value, cell.low, cell.high, cell.standard_error)
        if cell.status == "suppressed":
            assert figures == (None,) * 4
            assert cell.reason in list(Reason)
            continue
        assert cell.reason is None
        assert Decimal(str(cell.low)) <= Decimal(str(cell.value)) <= Decimal(str(cell.high))
        decimals = EVERY_DECIMALS.get(cell.measure, 0)
        if cell.measure not in EVERY_DECIMALS:
            assert all(type(each) is int for each in figures[:3])
        else:
            assert all(-Decimal(str(each)).as_tuple().exponent == decimals for each in figures[:3])  # type: ignore[operator]
        assert str(cell.standard_error)[-decimals - ERROR_DECIMALS - 1] == "."
        assert float(str(cell.standard_error)) >= 0


def test_without_flips_and_noise_every_figure_is_the_truth() -> None:
    study = quiet_study(partition=PARTITIONS["county"])
    world, counts = market(study)
    counts = [replace(each, named_pairs=True) for each in counts]
    body = body_of(study, world, counts)
    assert_well_formed(body)
    pairs = found(body, "pair")
    for (category, _), cell in pairs.items():
        one, other = (world.ids.index(each) for each in category.split("+"))
        assert cell.value == pytest.approx(world.overlaps[one, other], abs=6)
    assert len(pairs) == 45
    museums = list(range(0, 10, 2))
    within = np.triu(world.overlaps[np.ix_(museums, museums)], 1).sum()
    assert found(body, "industry_pair")["museum+museum", "customers"].value == pytest.approx(within, abs=30)
    assert float(str(found(body, "reach")["all", "people"].value)) == pytest.approx(world.reach, rel=2e-3)
    shares = found(body, "multiplicity")
    for name, least, most in (("1", 1, 1), ("2", 2, 2), ("3-5", 3, 5), ("6+", 6, None)):
        assert float(str(shares[name, "share"].value)) == pytest.approx(world.share(least, most), abs=2e-3)
    use = world.uses.sum(axis=1)
    oslo = world.group == study.groups.index("03")
    groups = found(body, "group")
    assert float(str(groups["03", "people"].value)) == pytest.approx(oslo.sum(), rel=0.03)
    assert float(str(groups["03", "institutions_per_person"].value)) == pytest.approx(use[oslo].mean(), rel=0.03)
    assert float(str(found(body, "penetration")["03", "share"].value)) == pytest.approx(oslo.sum() / 717_710, abs=1e-4)


def test_a_benchmark_of_it_is_read_back_as_it_is() -> None:
    study = study_with()
    world, counts = market(study, silent=1)
    body = body_of(study, world, [replace(each, named_pairs=index % 2 == 0) for index, each in enumerate(counts)])
    benchmark = Benchmark(
        coordinator="kudos.example",
        round="cross-use-2025",
        version=1,
        supersedes=None,
        reason=None,
        study=study.name,
        study_version=study.version,
        study_digest=study.digest,
        window=Window(date(2025, 1, 1), date(2025, 12, 31)),
        published=datetime(2026, 2, 1, tzinfo=UTC),
        releases=tuple(Included(each.member, "sha256:" + "0" * 64) for each in counts),
        body=body,
    )
    assert parse(serialise(benchmark)) == benchmark
    assert {cell.table for cell in body.cells} >= {"pair", "reach", "multiplicity", "group", "penetration"}


def test_only_counties_are_held_against_inhabitants() -> None:
    study = study_with(partition=SEGMENTS)
    world, counts = market(study)
    body = body_of(study, world, counts)
    assert not found(body, "penetration")
    assert {category for category, _ in found(body, "group")} == set(study.groups)


def _shuffled(count: Counted, order: Sequence[int]) -> Counted:
    columns = [0, *(1 + each for each in order)]
    return replace(
        count,
        peers=tuple(count.peers[each] for each in order),
        counted=tuple(count.counted[each] for each in order),
        cells=count.cells[:, columns],
    )


def test_the_order_of_everything_does_not_matter() -> None:
    study = study_with(partition=SEGMENTS)
    world, counts = market(study, silent=1)
    counts = [replace(each, named_pairs=True) for each in counts]
    random = np.random.default_rng(5)
    mixed = [_shuffled(counts[each], random.permutation(9).tolist()) for each in random.permutation(9).tolist()]
    members = Houses().members(world.ids)[:9]
    first = combine_cross_use(study, members, world.ids, counts)
    assert combine_cross_use(study, members[::-1], world.ids[::-1], mixed) == first
    assert_well_formed(first)


def test_with_too_few_that_count_nothing_is_published() -> None:
    study = study_with(partition=SEGMENTS)
    world, counts = market(study, silent=6)
    body = body_of(study, world, counts)
    assert body.cells == ()
    assert {line.reason for line in body.cohorts} == {Reason.TOO_FEW_MEMBERS}
    assert [line.status for line in body.market] == ["counted"] * 4 + ["sketched"] * 6


def _everything(value: int) -> Callable[[Counted], Counted]:
    return lambda count: replace(
        count, cells=np.full_like(count.cells, value), histogram=np.full_like(count.histogram, value)
    )


def _huge(count: Counted) -> Counted:
    cells = count.cells.copy()
    cells[:, 0] *= 1000
    return replace(count, cells=cells)


@pytest.mark.parametrize(
    "lie", [_everything(0), _everything(10**7), _everything(-(10**7)), _everything(LARGEST_FIGURE), _huge]
)
def test_a_liar_is_named_and_the_others_figures_hold(lie: Callable[[Counted], Counted]) -> None:
    study = study_with(partition=SEGMENTS)
    world, counts = market(study)
    counts = [replace(each, named_pairs=True) for each in counts]
    honest = body_of(study, world, counts)
    body = body_of(study, world, [lie(counts[0]), *counts[1:]])
    assert_well_formed(body)
    assert [line.status for line in body.market] == ["disagrees"] + ["counted"] * 9
    for (category, measure), cell in found(body, "pair").items():
        if category.startswith("house-000+"):
            assert cell.reason == Reason.DIRECTIONS_DISAGREE
        else:
            assert cell == found(honest, "pair")[category, measure]
    reach = found(body, "reach")["all", "people"]
    others = int(world.uses[:, 1:].any(axis=1).sum())
    assert abs(float(str(reach.value)) - others) < 5 * float(str(reach.standard_error))


def test_a_pair_of_which_one_lies_is_withheld_with_the_sums_that_it_is_in() -> None:
    """The lie agrees with the liar's own groups and histogram, and is about one peer alone."""
    study = study_with(partition=SEGMENTS)
    world, counts = market(study)
    counts = [replace(each, named_pairs=True) for each in counts]
    cells, histogram = counts[0].cells.copy(), counts[0].histogram.copy()
    cells[:2, 2] += 1200  # of house-002: the peers are those without oneself
    histogram[3] -= 600
    histogram[4] += 600
    body = body_of(study, world, [replace(counts[0], cells=cells, histogram=histogram), *counts[1:]])
    assert {line.status for line in body.market} == {"counted"}
    assert found(body, "pair")["house-000+house-002", "customers"].reason == Reason.DIRECTIONS_DISAGREE
    assert found(body, "pair")["house-000+house-001", "customers"].value is not None
    assert found(body, "industry_pair")["museum+museum", "customers"].reason == Reason.DIRECTIONS_DISAGREE
    assert found(body, "industry_pair")["museum+orchestra", "customers"].value is not None


def test_a_solver_that_does_not_end_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_with()
    world, counts = market(study)
    solved = body_of(study, world, counts)
    monkeypatch.setattr(deconvolution, "MOST_TURNS", 1)
    body = body_of(study, world, counts)
    assert_well_formed(body)
    assert [(cell.table, cell.category, cell.measure) for cell in body.cells] == [
        (cell.table, cell.category, cell.measure) for cell in solved.cells
    ]
    for cell in body.cells:
        assert (cell.reason == Reason.NOT_CONVERGED) == (
            cell.table in ("reach", "multiplicity", "group", "penetration")
        )


def test_a_market_without_customers_is_noise_and_says_so() -> None:
    study = study_with(partition=SEGMENTS)
    world, counts = market(study, by_use=[0] * 10)
    body = body_of(study, world, [replace(each, named_pairs=True) for each in counts])
    assert_well_formed(body)
    shown = [cell for cell in body.cells if cell.status == "published"]
    assert not shown
    assert found(body, "reach")["all", "people"].value is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1, 50, 5000, 10**7, LARGEST_FIGURE]), st.integers(0, 7))
def test_whatever_members_send_there_is_a_body_in_good_form(seed: int, largest: int, liars: int) -> None:
    study = study_with(partition=SEGMENTS)
    random = np.random.default_rng(seed)
    world, counts = market(study, seed=3, by_use=[400, 200, 100, 50, 20, 5, 5])
    for index in range(liars):
        each = counts[index]
        counts[index] = replace(
            each,
            named_pairs=bool(random.integers(2)),
            counted=tuple(random.random(6) < 0.8),
            cells=random.integers(-largest, largest, each.cells.shape),
            histogram=random.integers(-largest, largest, each.histogram.shape),
        )
    body = body_of(study, world, counts)
    assert_well_formed(body)
    assert len(body.market) == 7
    if liars >= 3:
        assert not body.cells or largest <= 50  # noise that small contradicts nobody


def test_a_late_member_gives_away_nobody() -> None:
    """What a second version would add to the first is that member's own."""
    study = study_with(partition=SEGMENTS)
    world, counts = market(study)
    first = body_of(study, world, counts[:9])
    members = Houses().members(world.ids)
    shown = shown_by(first, study, members[:9])
    assert frozenset(world.ids[:9]) in shown.cohorts
    second = body_of(study, world, counts, [shown])
    assert second.cells == ()
    assert second.cohorts[0].reason == Reason.ISOLATES_MEMBERS
    assert body_of(study, world, counts[:9], [shown]) == first


def test_only_those_whose_figures_are_added_up_are_shown() -> None:
    study = study_with(partition=SEGMENTS)
    world, counts = market(study)
    body = body_of(study, world, [_everything(0)(counts[0]), *counts[1:]])
    assert frozenset(world.ids[1:]) in shown_by(body, study, Houses().members(world.ids)).cohorts


@pytest.mark.parametrize("all_of_them", [False, True])
def test_without_the_same_sketches_in_all_histograms_pairs_are_shown_and_reach_is_not(*, all_of_them: bool) -> None:
    study = study_with(partition=SEGMENTS)
    world = world_of([*MARKET, 0, 0], np.random.default_rng(1), groups=len(study.groups))
    readers = range(1 if all_of_them else 6, 12)
    counts = drawn(world, terms_of(study, world), np.random.default_rng(2), [(reader, 0) for reader in readers])
    body = body_of(study, world, counts)
    assert_well_formed(body)
    assert [line.status for line in body.market] == ["refused"] + ["counted"] * 11
    assert found(body, "industry_pair")["orchestra+orchestra", "customers"].value is not None
    for table in ("reach", "multiplicity", "group"):
        cells = list(found(body, table).values())
        assert cells
        if all_of_them:
            assert any(cell.value is not None for cell in cells)
        else:
            assert {cell.reason for cell in cells} == {Reason.NOT_COUNTED}


def test_counts_that_do_not_fit_are_refused_with_a_reason() -> None:
    study = study_with(partition=SEGMENTS)
    world, counts = market(study, by_use=[50, 20, 10])
    members = Houses().members(world.ids)
    wrong: list[tuple[type[EstimateError], Sequence[str], list[Counted]]] = [
        (InvalidCohortsError, world.ids, counts[:2]),
        (InvalidCohortsError, [*world.ids, world.ids[0]], counts),
        (InvalidCohortsError, world.ids[:2], counts),
        (InvalidCohortsError, world.ids, [*counts[:2], replace(counts[2], peers=tuple(world.ids[1:]))]),
        (InvalidCohortsError, world.ids, [*counts[:2], replace(counts[2], counted=(True,))]),
        (InvalidVectorError, world.ids, [*counts[:2], replace(counts[2], cells=counts[2].cells[1:])]),
        (InvalidVectorError, world.ids, [*counts[:2], replace(counts[2], histogram=counts[2].histogram[1:])]),
        (InvalidVectorError, world.ids, [*counts[:2], replace(counts[2], cells=counts[2].cells.astype(np.int32))]),
        (ImpossibleValueError, world.ids, [*counts[:2], replace(counts[2], cells=counts[2].cells + LARGEST_FIGURE)]),
        (InvalidCohortsError, world.ids[:1], counts[:1]),
    ]
    for error, sketched, those in wrong:
        with pytest.raises(error):
            combine_cross_use(study, members if len(those) == 3 else members[:1], sketched, those)
    assert math.isfinite(len(combine_cross_use(study, [], world.ids, []).market))
