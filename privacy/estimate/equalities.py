"""Which cells of a study add up to the same number in truth: what least squares and disclosure control rest on.

A cell is the number of one measure for all that has some attributes: a category of each dimension of its table. Two
sets of cells add up to the same where they divide the same sales: the months and the age bands of all orders, say, or
the two genders and the counties of one age band. That is so only where

- they are of one measure, and within the same bounds, for orders, tickets and revenue are what a bounded view keeps.
  Who is in a cell of a table of customers is told by everything that they bought, so customers of such tables agree
  whatever the bounds. Tables with bounds by cell agree in nothing but customers;
- the cells divide it: a customer is in one category of a dimension of customers, but may be in several of orders or
  lines; orders, tickets and revenue are in one category of every dimension (an order where most of its tickets are);
- anonymous sales are in both or in neither. Tables of frequency, flow, value and migration leave them out, others have
  them where nothing is known.

Lost customers were not active: they are in no sum but those of their own flow, and have bought nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from privacy.catalogue.dimensions import FLOW, IDENTITY, MIGRATION, TIERS, VALUE_TIER, Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import BoundedTable, Bounds
from privacy.studies.study import Study

_LOST = (FLOW.name, "lost")
_EVERYTHING = ("", "")

Attributes = dict[str, str]
"""The category of each dimension, by its name."""


@dataclass(frozen=True)
class Total:
    """A number that one or several sets of cells add up to; in truth all ways give the same.

    ways: positions of cells in a release, each way rising. known: whether a reader is taken to have it whatever is
    withheld: the whole of a measure within some bounds, and what last year's benchmark may have published.
    """

    measure: Measure
    ways: tuple[tuple[int, ...], ...]
    known: bool


@dataclass(frozen=True)
class _Key:
    """What is added up. bounds is None where they do not matter."""

    measure: Measure
    bounds: Bounds | None
    attribute: tuple[str, str]
    identified: bool


@lru_cache(maxsize=8)
def totals_of(study: Study) -> tuple[Total, ...]:
    """All that cells of a study add up to in more than one way, or that a reader has, in a fixed order.

    Cells that are nothing by definition (`nothings_of`) are in no way.
    """
    found: dict[_Key, dict[tuple[int, ...], None]] = {}
    of_last_year: list[Total] = []
    start = 0
    for part in study.parts:
        cells = _cells(part.table.dimension)
        for key, way in _ways(part.bounded, part.measure, cells):
            found.setdefault(key, {})[tuple(start + cell for cell in way)] = None
        if part.measure is Measure.CUSTOMERS:
            of_last_year += _of_last_year(part.table.dimension, start)
        start += len(cells)
    totals = [Total(key.measure, tuple(ways), _is_known(key)) for key, ways in found.items()]
    return tuple(total for total in totals if total.known or len(total.ways) > 1) + tuple(of_last_year)


@lru_cache(maxsize=8)
def nothings_of(study: Study) -> tuple[int, ...]:
    """The positions of the cells that are zero at every member by definition: what lost customers bought."""
    found: list[int] = []
    start = 0
    for part in study.parts:
        cells = _cells(part.table.dimension)
        if part.measure is not Measure.CUSTOMERS:
            found += [start + index for index, cell in enumerate(cells) if _is_lost(cell)]
        start += len(cells)
    return tuple(found)


def _cells(dimension: Dimension) -> list[Attributes]:
    """The attributes of each category. Those of migration are the flow, and the tier of the window."""
    if dimension is MIGRATION:
        return [_migration(*name.split(":")) for name in dimension.categories]
    if dimension.parts:
        first, second = dimension.parts
        return [{first.name: one, second.name: other} for one in first.categories for other in second.categories]
    return [{dimension.name: name} for name in dimension.categories]


def _migration(origin: str, to: str) -> Attributes:
    if to == "lost":
        return {FLOW.name: "lost"}
    return {FLOW.name: "continuing" if origin in TIERS else origin, VALUE_TIER.name: to}


def _is_lost(cell: Attributes) -> bool:
    return cell.get(FLOW.name) == "lost"


def _ways(bounded: BoundedTable, measure: Measure, cells: list[Attributes]) -> Iterator[tuple[_Key, list[int]]]:
    """What cells of one part add up to: the whole, and every category of every dimension that they can be summed to."""
    dimension = bounded.table.dimension
    of_people = dimension.level is Level.CUSTOMER
    customers = measure is Measure.CUSTOMERS
    if bounded.by_cell and not customers:
        return
    bounds = None if customers and of_people else bounded.bounds[0]
    parts = dimension.parts or (dimension,)
    nobody_else = customers or dimension.identified_only
    active = [index for index, cell in enumerate(cells) if not _is_lost(cell)]
    lost = [index for index, cell in enumerate(cells) if _is_lost(cell)]
    if of_people or not customers:
        yield _Key(measure, bounds, _EVERYTHING, nobody_else), active
    dimensions = (FLOW, VALUE_TIER) if dimension is MIGRATION else parts
    for each in dimensions:
        others = [part for part in parts if part is not each]
        if not _adds_up(measure, each, others):
            continue
        by_name: dict[str | None, list[int]] = {}
        for index in active:
            by_name.setdefault(cells[index].get(each.name), []).append(index)
        for name in each.categories:
            attribute = (each.name, name)
            if attribute == _LOST and not customers:
                continue
            way = lost if attribute == _LOST else by_name.get(name, [])
            known_people = nobody_else or (each.level is Level.CUSTOMER and name != each.unidentified)
            everyone_known = each is IDENTITY and name == "identified"
            yield _Key(measure, bounds, _EVERYTHING if everyone_known else attribute, known_people), way


def _adds_up(measure: Measure, to: Dimension, over: list[Dimension]) -> bool:
    """Whether what is in a category of one dimension is divided by the other dimensions of a table.

    Of customers where each is in one category of these; of orders unless both are of lines, for then the category of
    most tickets need not be that of the combination of most tickets.
    """
    if measure is Measure.CUSTOMERS:
        return all(each.level is Level.CUSTOMER for each in over)
    if measure is Measure.ORDERS and to.level is Level.LINE:
        return all(each.level is not Level.LINE for each in over)
    return True


def _is_known(key: _Key) -> bool:
    return key.attribute == _EVERYTHING and (not key.identified or key.measure is Measure.CUSTOMERS)


def _of_last_year(dimension: Dimension, start: int) -> Iterator[Total]:
    """The customers of the twelve months before, and of each of their tiers: what continued and what was lost."""
    origins: dict[str, list[int]] = {}
    for index, name in enumerate(dimension.categories):
        if dimension is FLOW and name in ("continuing", "lost"):
            origins.setdefault("", []).append(start + index)
        if dimension is MIGRATION and name.partition(":")[0] in TIERS:
            origins.setdefault(name.partition(":")[0], []).append(start + index)
    for cells in origins.values():
        yield Total(Measure.CUSTOMERS, (tuple(cells),), True)
