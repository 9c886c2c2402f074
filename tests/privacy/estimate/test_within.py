"""What is withheld of one cohort cannot be worked out: by an independent count of ranks over the whole system."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from privacy.estimate.bridges import Bridges
from privacy.estimate.differences import Differences
from privacy.estimate.disclosure import WHOLE, Releases
from privacy.estimate.layout import layout_of
from privacy.estimate.sparse import Solved, solved
from privacy.estimate.within import Row, Sums, System
from privacy.studies.study import Study
from tests.privacy.estimate.studies import ALL_MEASURES, EVERYTHING, WIDE_TOTALS, study_of

_TABLES = ("totals", "gender", "frequency_band", "segment", "segment-frequency_band", "age_band-gender")
TWO_WAY = study_of(dict.fromkeys(_TABLES, (ALL_MEASURES, "")), "two-way")
"""With one two-way table that has both its parts beside it, and one that lacks one."""


def uncorrelated(cells: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(cells[:, None] == others, dtype=np.float64)


def row_of(
    sums: Sums,
    withheld: set[int],
    noise: set[int] | None = None,
    values: NDArray[np.int64] | None = None,
    faint: set[int] | None = None,
) -> Row:
    """A cohort of five members that all have the same, unless it is said otherwise. faint: shown, and only noise."""
    number = len(sums.categories)
    hidden, nothing, known = (np.zeros(number, dtype=np.bool_) for _ in range(3))
    hidden[list(withheld)] = True
    nothing[list(noise or ())] = True
    known[[*(noise or ()), *(faint or ())]] = True
    each = np.full((5, number), 10**6) if values is None else values
    releases = Releases(each, np.arange(5), uncorrelated, np.arange(number)[:, None])
    return Row(hidden, np.zeros(number, dtype=np.bool_), nothing, known, np.arange(number)[::-1], releases, 60)


def by_hand(number: int, *ways: list[int]) -> Sums:
    """So many categories of one table without a whole, and what a reader has the sum of."""
    return Sums(tuple(("table", str(each)) for each in range(number)), (System.of([([way], True) for way in ways]),))


def close(sums: Sums, row: Row) -> None:
    """What is withheld of this cohort alone."""
    nobody = np.zeros((0, len(sums.categories)), dtype=np.bool_)
    bridges = Bridges(sums, [row], np.zeros((0, 1), dtype=np.int64), nobody, nobody, Differences())
    row.close(sums)
    while bridges.close():
        row.close(sums)


def solved_of(system: System, unknown: NDArray[np.bool_]) -> Solved:
    """The equations over what is unknown."""
    rows = [np.flatnonzero(each * unknown[: system.size]).tolist() for each in system.rows]
    return solved({cell: int(each[cell]) for cell in row} for each, row in zip(system.rows, rows, strict=True))


def rank_of(matrix: NDArray[np.int64]) -> int:
    """By floating point: the matrices are of -1, 0 and 1, and small."""
    return int(np.linalg.matrix_rank(matrix)) if matrix.size else 0


def determined(system: System, unknown: NDArray[np.bool_], cell: int) -> bool:
    """Whether the row that is one at a cell is a combination of the equations over what is unknown."""
    columns = np.flatnonzero(unknown[: system.size])
    if cell >= system.size:
        return False
    over = system.rows[:, columns]
    unit = (columns == cell).astype(np.int64)
    return rank_of(np.vstack([over, unit])) == rank_of(over)


@pytest.mark.parametrize("study", [TWO_WAY, WIDE_TOTALS], ids=lambda study: study.name)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_that_is_withheld_follows_from_what_is_shown(study: Study, data: st.DataObject) -> None:
    sums = layout_of(study).sums
    cells = st.integers(0, len(sums.categories) - 1).filter(lambda cell: sums.categories[cell] != WHOLE)
    withheld = data.draw(st.sets(cells, min_size=1, max_size=6))
    noise = data.draw(st.sets(cells, max_size=8)) - withheld
    row = row_of(sums, withheld, noise)
    close(sums, row)
    assert row.withheld[list(withheld)].all()
    assert sums.whole is not None
    assert not row.withheld[sums.whole]
    for system in sums.systems:
        for cell in np.flatnonzero(row.withheld).tolist():
            assert not determined(system, row.withheld | row.noise, cell)


def test_a_two_way_cell_takes_a_square_along() -> None:
    """One other in its row, one in its column, and the corner between them: no more."""
    sums = layout_of(TWO_WAY).sums
    cell = sums.categories.index(("segment-frequency_band", "release:2-4"))
    row = row_of(sums, {cell})
    close(sums, row)
    hidden = [sums.categories[each] for each in np.flatnonzero(row.withheld).tolist()]
    assert {table for table, _ in hidden} == {"segment-frequency_band"}
    rows, columns = ({name.split(":")[side] for _, name in hidden} for side in (0, 1))
    assert (len(hidden), len(rows), len(columns)) == (4, 2, 2)


def test_a_margin_takes_a_part_of_each_table_along() -> None:
    sums = layout_of(TWO_WAY).sums
    row = row_of(sums, {sums.categories.index(("gender", "other"))})
    close(sums, row)
    hidden = [sums.categories[each] for each in np.flatnonzero(row.withheld).tolist()]
    assert len([name for table, name in hidden if table == "gender"]) == 2
    assert len([name for table, name in hidden if table == "age_band-gender"]) >= 2


def test_the_hidden_part_of_a_margin_is_not_one_members() -> None:
    """Two cells of a row are nearly all one member's: a third goes along, and with it what it takes."""
    sums = layout_of(TWO_WAY).sums
    names = ["release:1", "release:2-4", "essence:1", "essence:2-4"]
    cells = [sums.categories.index(("segment-frequency_band", name)) for name in names]
    values = np.full((5, len(sums.categories)), 10**6)
    values[1:, cells] = 10**4
    row = row_of(sums, set(cells), values=values)
    close(sums, row)
    of_release = [name for index, (_, name) in enumerate(sums.categories) if row.withheld[index] and "release:" in name]
    together = values[:, [sums.categories.index(("segment-frequency_band", name)) for name in of_release]].sum(axis=1)
    assert len(of_release) > 2
    assert together.max() <= 0.6 * together.sum() or len(of_release) == 4


def test_all_tables_at_once_come_to_an_end() -> None:
    """A third of all categories of the largest study withheld."""
    sums = layout_of(EVERYTHING).sums
    random = np.random.default_rng(5)
    cells = set(random.choice(np.arange(1, len(sums.categories)), len(sums.categories) // 3, replace=False).tolist())
    row = row_of(sums, cells)
    close(sums, row)
    for system in sums.systems:
        told = solved_of(system, row.withheld)
        assert all(told.left({cell: 1}) for cell in np.flatnonzero(row.withheld[: system.size]).tolist())


def test_what_follows_for_certain_is_prevented_where_all_others_are_noise() -> None:
    """0 is a secret and 1 noise that is withheld: 1 is a total less 2, and then 0 another less 1 and 3.

    Whoever takes noise for nothing has 0 whatever is done, for 2 and 3 are noise as well; but nobody shall be certain.
    """
    sums = by_hand(4, [0, 1, 3], [1, 2])
    row = row_of(sums, {0}, noise={1}, faint={2, 3})
    close(sums, row)
    assert row.withheld[[2, 3]].any()
    assert not determined(sums.systems[0], row.withheld | row.noise, 0)


def test_a_sum_that_only_several_equations_give_is_not_one_members() -> None:
    """0 to 3 are hidden, and what is hidden of either way is no member's; but 2 and 3, by the second way, give 0 and 1.

    These are nearly all the first member's: of 4 and 5, from which that follows, the smaller goes along.
    """
    sums = by_hand(6, [0, 1, 2, 3, 4], [2, 3, 5])
    values = np.full((5, 6), 10**6)
    values[1:, :2] = 10**4
    hidden = np.array([0, 1, 2, 3])
    for way in (hidden, hidden[2:]):
        assert values[:, way].sum(axis=1).max() < 0.5 * values[:, way].sum()
    assert values[:, :2].sum(axis=1).max() > 0.9 * values[:, :2].sum()
    row = row_of(sums, set(hidden.tolist()), values=values)
    assert not solved_of(sums.systems[0], row.withheld).left({0: 1, 1: 1})
    close(sums, row)
    assert np.flatnonzero(row.withheld).tolist() == [0, 1, 2, 3, 5]
