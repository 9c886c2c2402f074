"""Elimination of sparse equations against ranks by fractions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from privacy.estimate.sparse import Row, parts, solved
from tests.privacy.estimate.test_exact import rank_by_fractions

WIDTH = 7


def rows(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Row]:
    return st.dictionaries(st.integers(0, WIDTH - 1), numbers, max_size=4)


SMALL = rows(st.integers(-3, 3).filter(bool))
LARGE = rows(st.integers(-(2**70), 2**70).filter(bool))


def rank(equations: list[Row]) -> int:
    matrix = np.array([[row.get(column, 0) for column in range(WIDTH)] for row in equations], dtype=object)
    return rank_by_fractions(matrix.reshape(len(equations), WIDTH)) if equations else 0


@given(st.lists(SMALL, max_size=8), SMALL)
def test_what_follows_has_nothing_left(equations: list[Row], wanted: Row) -> None:
    told = solved(equations)
    assert (told.left(wanted) == {}) == (rank(equations) == rank([*equations, wanted]))
    assert len(told.pivots) == rank(equations)
    for each in equations:
        assert told.left(each) == {}


@given(st.lists(LARGE, max_size=5))
def test_numbers_of_any_size(equations: list[Row]) -> None:
    told = solved(equations)
    assert len(told.pivots) == rank(equations)
    assert all(told.left(each) == {} for each in equations)


@given(st.lists(SMALL, max_size=8), SMALL)
def test_what_is_left_is_the_row_less_what_the_equations_say(equations: list[Row], wanted: Row) -> None:
    left = solved(equations).left(wanted)
    assert rank([*equations, wanted]) == rank([*equations, left]) == rank([*equations, wanted, left])
    assert not left.keys() & solved(equations).pivots.keys()


@given(st.lists(SMALL, max_size=8), SMALL)
def test_a_solution_makes_all_equations_zero_and_little_else(equations: list[Row], wanted: Row) -> None:
    told = solved(equations)
    found = told.solution
    for each in equations:
        assert sum(number * found[column] for column, number in each.items()) == 0
    if wanted.keys() <= found.keys() and sum(number * found[column] for column, number in wanted.items()) != 0:
        assert told.left(wanted)


def test_a_solution_is_zero_where_nothing_else_can_be() -> None:
    found = solved([{0: 1, 1: 1}, {0: 2, 1: -3}, {2: 1, 3: 5}]).solution
    assert (found[0], found[1]) == (0, 0)
    assert found[2] == -5 * found[3] != 0


@given(st.lists(SMALL, max_size=8), st.sets(st.integers(0, WIDTH - 1)))
def test_pivots_are_of_the_columns_that_may_be(equations: list[Row], columns: set[int]) -> None:
    told = solved(equations, columns)
    assert told.pivots.keys() <= columns
    over = [{column: number for column, number in each.items() if column in columns} for each in equations]
    assert len(told.pivots) == rank(over)


@given(st.lists(SMALL, max_size=8))
def test_parts_share_no_column_and_cannot_be_parted(equations: list[Row]) -> None:
    found = parts(equations)
    assert sorted(row for part in found for row in part) == [row for row, each in enumerate(equations) if each]
    columns = [{column for row in part for column in equations[row]} for part in found]
    assert sum(map(len, columns)) == len(set().union(*columns))
    for part in found:
        reached = set(equations[part[0]])
        for _ in part:
            for row in part:
                if reached & equations[row].keys():
                    reached |= equations[row].keys()
        assert all(equations[row].keys() <= reached for row in part)
