"""The institution's own exact figures, cell by cell as a benchmark has them, without bounds and without noise."""

from collections.abc import Callable, Iterator

from node.benchmark.unbounded import Thresholds, unbounded_vectors
from node.home import Home
from node.store.database import opened
from privacy.bounds.windows import Window
from privacy.estimate.body import SUM_NAMES
from privacy.estimate.derived import Source, derived
from privacy.estimate.figure import Figure
from privacy.studies.study import Study

Key = tuple[str, str, str]
"""Table, category, measure."""


def own_figures(
    home: Home, study: Study, window: Window, say: Callable[[str], None], thresholds: Thresholds | None = None
) -> dict[Key, float | None]:
    """Sums (revenue in øre) and key figures of the own store; None for a ratio whose denominator is zero.

    They are computed as the cells of a release are, with no customer cut off, so that a return without its sale counts
    zero here as it does there. `thresholds` are those of the own release; without them the tables of value tiers have
    no figures.
    """
    with opened(home, say=say) as connection:
        vectors = unbounded_vectors(connection, study, window, home.settings().timezone, thresholds)
    exact: dict[Source, Figure] = {}
    for part in study.parts:
        vector = vectors.get((part.table.name, part.measure))
        if vector is not None:
            for category, value in zip(part.table.dimension.categories, vector.tolist(), strict=True):
                exact[part.table.name, category, part.measure] = Figure(value, 0)
    return dict(_figures(exact, study))


def _figures(exact: dict[Source, Figure], study: Study) -> Iterator[tuple[Key, float | None]]:
    for (table, category, measure), figure in exact.items():
        yield (table, category, SUM_NAMES[measure]), figure.value
    for each in derived(set(exact), study.tables):
        yield (*each.category, each.kpi), each.formula(*(exact[source] for source in each.sources)).value
