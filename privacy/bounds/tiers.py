"""Tables of value tiers, exactly, for thresholds that are drawn later.

The thresholds of tiers are drawn where a release is booked, with the store long closed. They are always candidates of
the catalogue's grid, so what any thresholds would give is known beforehand: customers by the bin of their revenue
between two candidates, now and before. `tier_vectors` needs no more than that.

A customer's revenue is that of the customer's own full rows; what the customer counts for is within the bounds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np

from privacy.bounds.base import Base, spent_in
from privacy.bounds.cells import Vector, Vectors, columns_of
from privacy.bounds.frames import Frame, int64
from privacy.bounds.people import crowded_in_turn, limits, people_of, within_limits
from privacy.bounds.windows import year_before
from privacy.catalogue.dimensions import FLOW, MIGRATION, TIERS, VALUE_TIER
from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.catalogue.tables import BoundedTable, Bounds, Needs

_CANDIDATES = np.asarray(CANDIDATES[Measure.REVENUE], dtype=np.int64)
_LOST = FLOW.categories.index("lost")


@dataclass(frozen=True, eq=False)
class TierFacts:
    """Identified customers of a window, and the lost ones, in as many rows as there are different kinds.

    `flow`: int64, the category
    `now`, `before`: int64, in which bin their revenue lies in the window and in the twelve months before it: how many
        candidates it reaches; 0 also for who did not buy then
    `sums`: by bounds and measure, int64, what these keep of those customers together
    All of shape (rows,).
    """

    flow: Vector
    now: Vector
    before: Vector
    sums: Mapping[Bounds, Mapping[Measure, Vector]]


def tier_facts_of(base: Base, bounded_tables: Iterable[BoundedTable]) -> TierFacts:
    """The facts for those of some tables that take thresholds, over a base that was asked for flows."""
    bounds = list(dict.fromkeys(each for table in with_tiers(bounded_tables) for each in table.bounds))
    if not bounds:
        nobody = np.zeros(0, dtype=np.int64)
        return TierFacts(nobody, nobody, nobody, {})
    known = people_of(base, [FLOW.name]).filter(nw.col("identified") == 1)
    spent = base.keep(spent_in(base, year_before(base.window)))
    people = base.keep(
        known.join(spent.select("unit", spent_before="revenue_ore"), on="unit", how="left").with_columns(
            spent_now=nw.col("revenue_ore"), spent_before=nw.col("spent_before").fill_null(0)
        )
    )
    every = [limits(each) for each in bounds]
    placed = crowded_in_turn(base, people, every, bounds)
    found = {each: _by_kind(within_limits(people, placed, limit)) for each, limit in zip(bounds, every, strict=True)}
    flow, now, before = _kinds(next(iter(found.values()))[0])
    return TierFacts(flow, now, before, {each: sums for each, (_, sums) in found.items()})


def with_tiers(bounded_tables: Iterable[BoundedTable]) -> list[BoundedTable]:
    """The tables that take the thresholds of tiers."""
    return [each for each in bounded_tables if Needs.TIERS in each.table.needs]


def tier_vectors(
    facts: TierFacts, thresholds: Sequence[int], before: Sequence[int], bounded_tables: Iterable[BoundedTable]
) -> Vectors:
    """The vectors of the tables that take thresholds, by the table's name and the measure; others are left out.

    `thresholds` are the least revenue in øre of the tiers super, top and middle, those of the window, and `before`
    those of the twelve months before it. Raises ValueError unless each are three candidates that do not rise, and
    KeyError for bounds that the facts were not made for.
    """
    now = _tier(facts.now, thresholds)
    then = _tier(facts.before, before)
    vectors: Vectors = {}
    for each in with_tiers(bounded_tables):
        counted = facts.flow != _LOST if each.table.dimension is VALUE_TIER else np.ones(len(now), dtype=bool)
        cell = now if each.table.dimension is VALUE_TIER else _migration(facts.flow, now, then)
        for measure in each.table.measures:
            vector = np.zeros(each.table.cells, dtype=np.int64)
            for place, bounds in enumerate(each.bounds):
                here = counted & (cell == place) if each.by_cell else counted
                np.add.at(vector, cell[here], facts.sums[bounds][measure][here])
            vectors[each.table.name, measure] = vector
    return vectors


_BINS = len(_CANDIDATES) + 1


def _by_kind(people: Frame) -> tuple[Vector, dict[Measure, Vector]]:
    """The kinds that occur, rising, and the sums over each."""
    columns = columns_of(
        people.select(int64(nw.col("flow")), "spent_now", "spent_before", "orders", "tickets", "revenue_ore")
    )
    now, before = (np.searchsorted(_CANDIDATES, columns[name], side="right") for name in ("spent_now", "spent_before"))
    kinds, row = np.unique((columns["flow"] * _BINS + now) * _BINS + before, return_inverse=True)
    columns["customers"] = np.ones(len(row), dtype=np.int64)
    columns["revenue"] = columns["revenue_ore"]
    found = {}
    for measure in Measure:
        found[measure] = np.zeros(len(kinds), dtype=np.int64)
        np.add.at(found[measure], row, columns[measure])
    return kinds, found


def _kinds(kinds: Vector) -> tuple[Vector, Vector, Vector]:
    """Flow and the two bins of each kind."""
    rest, before = np.divmod(kinds, _BINS)
    flow, now = np.divmod(rest, _BINS)
    return flow, now, before


def _tier(bins: Vector, thresholds: Sequence[int]) -> Vector:
    """The tier of each bin: the first whose threshold the revenue in it reaches, else the last tier."""
    least = np.searchsorted(_CANDIDATES, thresholds, side="right")
    candidates = set(_CANDIDATES.tolist())
    if len(thresholds) != len(TIERS) - 1 or not candidates.issuperset(thresholds) or np.any(np.diff(least) > 0):
        raise ValueError(f"thresholds of tiers are {len(TIERS) - 1} candidates of the catalogue that do not rise")
    tier: Vector = np.sum(bins[:, None] < least[None, :], axis=1, dtype=np.int64)
    return tier


def _migration(flow: Vector, now: Vector, before: Vector) -> Vector:
    """The category of who was in a tier or comes from outside, and is in a tier or lost."""
    table = np.full((len(FLOW.categories), len(TIERS), len(TIERS)), -1, dtype=np.int64)
    for place, name in enumerate(MIGRATION.categories):
        origin, to = name.split(":")
        kind = "lost" if to == "lost" else origin if origin in FLOW.categories else "continuing"
        befores = [TIERS.index(origin)] if origin in TIERS else range(len(TIERS))
        nows = [TIERS.index(to)] if to in TIERS else range(len(TIERS))
        table[FLOW.categories.index(kind)][np.ix_(befores, nows)] = place
    cells: Vector = table[flow, before, now]
    return cells
