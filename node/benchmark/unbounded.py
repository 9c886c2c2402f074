"""The cells of a study without its bounds: for the institution's own eyes alone, and never for a release."""

from typing import TYPE_CHECKING

from node.release.prepare import Vectors
from node.store.frames import Keeper, table
from privacy.bounds.cells import exact_cells
from privacy.bounds.windows import Window
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NONE = Bounds(10**12, 10**12, 10**12, 10**12)


def unbounded_vectors(connection: "DuckDBPyConnection", study: Study, window: Window) -> Vectors:
    """The exact cells of every table of a study, no customer cut off."""
    keep = Keeper(connection)
    try:
        sales, customers = table(connection, "sales"), table(connection, "customers")
        return exact_cells(sales, customers, study.tables, window, _NONE, keep)
    finally:
        keep.drop()
