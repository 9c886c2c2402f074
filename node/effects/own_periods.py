"""The own exact figures of the periods that a cohort's are published of: whole, and as bounded as they went into it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from node.benchmark.unbounded import unbounded_vectors
from node.effects.cohort_periods import Published
from node.release.prepare import exact_vectors
from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.estimate.body import SUM_NAMES
from privacy.studies.study import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from node.store.cells import Vectors


@dataclass(frozen=True)
class Own:
    """The own figure of a period: `whole` without bounds, `bounded` as a release has it before noise."""

    whole: int
    bounded: int


def own_periods(
    connection: "DuckDBPyConnection", study: Study, found: Iterable[Published], zone: str
) -> Mapping[Window, Own]:
    """The own figures beside published cells, by period: each computed over its benchmark's whole window.

    So they are made as those of a release are, whose bounds are of the window and not of a month in it. `zone` is the
    institution's time zone.
    """
    made: dict[tuple[str, Window], tuple[Vectors, Vectors]] = {}
    own = {}
    for each in found:
        if each.value is None or each.benchmark is None:
            continue
        table, over = each.place[0], each.benchmark.window
        if (table, over) not in made:
            alone = replace(study, parts=tuple(part for part in study.parts if part.table.name == table), quantiles=())
            made[table, over] = (
                unbounded_vectors(connection, alone, over, zone),
                exact_vectors(connection, alone, over, zone),
            )
        whole, bounded = (_of(vectors, study, each.place) for vectors in made[table, over])
        own[each.window] = Own(whole, bounded)
    return own


def _of(vectors: "Vectors", study: Study, place: tuple[str, str, str]) -> int:
    name, category, said = place
    measure = next(measure for measure in Measure if SUM_NAMES[measure] == said)
    table = next(table for table in study.tables if table.name == name)
    return int(vectors[name, measure][table.dimension.categories.index(category)])
