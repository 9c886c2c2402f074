"""The cells of a study without its bounds: for the institution's own eyes alone, and never for a release."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from node.store.cells import asked_of, exact_of
from privacy.bounds.cells import Vectors, without_tiers
from privacy.bounds.tiers import tier_vectors
from privacy.bounds.windows import Window
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NO_BOUNDS = Bounds(10**12, 10**12, 10**12, 10**12)

Thresholds = tuple[Sequence[int], Sequence[int]]
"""The least revenue of the tiers in øre, falling: of a window, and of the twelve months before it."""


def unbounded_vectors(
    connection: "DuckDBPyConnection",
    study: Study,
    window: Window,
    zone: str,
    thresholds: Thresholds | None = None,
) -> Vectors:
    """The exact cells of every table of a study, no customer cut off; those of tiers only by given thresholds."""
    tables = [replace(each, bounds=(NO_BOUNDS,)) for each in asked_of(study)]
    vectors, tiers, _ = exact_of(connection, window, zone, tables if thresholds else without_tiers(tables))
    if tiers is not None and thresholds is not None:
        vectors |= tier_vectors(tiers, *thresholds, tables)
    return vectors
