"""From the store to the exact cells of a study's tables, within bounds."""

from typing import TYPE_CHECKING

from node.store.frames import Keeper, table
from privacy.bounds.cells import Vector, exact_cells
from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Vectors = dict[tuple[str, Measure], Vector]
"""The cells of each table and measure."""


def cells_within(connection: "DuckDBPyConnection", study: Study, window: Window, bounds: Bounds) -> Vectors:
    """The exact cells of every table of a study, over a window, of one customer no more than the bounds."""
    keep = Keeper(connection)
    try:
        sales, customers = table(connection, "sales"), table(connection, "customers")
        return exact_cells(sales, customers, study.tables, window, bounds, keep)
    finally:
        keep.drop()
