"""The cells of a study without its bounds: for the institution's own eyes alone, and never for a release."""

from typing import TYPE_CHECKING

from node.store.cells import Vectors, cells_within
from privacy.bounds.windows import Window
from privacy.catalogue.tables import Bounds
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NONE = Bounds(10**12, 10**12, 10**12, 10**12)


def unbounded_vectors(connection: "DuckDBPyConnection", study: Study, window: Window) -> Vectors:
    """The exact cells of every table of a study, no customer cut off."""
    return cells_within(connection, study, window, _NONE)
