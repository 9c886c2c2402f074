"""Exact elimination of sparse equations: what follows of thousands of unknowns, where each equation has a few.

Rows are dictionaries of Python's integers, so nothing overflows and nothing is rounded. The shortest row comes first,
and in it the column that the fewest rows have (after Markowitz 1957), which keeps rows short; ties go to the first, so
every machine does the same. `exact` does the like for small dense matrices.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd

Row = dict[int, int]
"""By column the number there, never zero."""

_STEP, _MODULUS = 0x9E3779B1, 2**31 - 1


@dataclass(frozen=True, eq=False)
class Solved:
    """Equations in echelon form: no row has the pivot of one before it. pivots: by column its row, in that order."""

    pivots: dict[int, Row]

    def left(self, row: Mapping[int, int]) -> Row:
        """A multiple of the row less what the equations say of it: nothing in pivots, and empty where it follows."""
        rest = dict(row)
        waiting = [self._order[column] for column in rest if column in self._order]
        heapq.heapify(waiting)
        while waiting:
            column = self._columns[heapq.heappop(waiting)]
            if column not in rest:
                continue
            before = set(rest)
            _clear(rest, column, self.pivots[column])
            for new in rest.keys() - before:
                if new in self._order:
                    heapq.heappush(waiting, self._order[new])
        return rest

    @cached_property
    def _columns(self) -> list[int]:
        return list(self.pivots)

    @cached_property
    def _order(self) -> dict[int, int]:
        return {column: index for index, column in enumerate(self.pivots)}

    @cached_property
    def solution(self) -> dict[int, Fraction | int]:
        """Numbers for the columns that make every row zero; those that no row pins down are about arbitrary.

        A sum of columns that is not zero here does not follow from the rows; one that is zero most likely does.
        """
        found: dict[int, Fraction | int] = {}
        for column in reversed(self.pivots):
            row = self.pivots[column]
            total: Fraction | int = 0
            for other, number in row.items():
                if other != column:
                    if other not in found:
                        found[other] = (other + 1) * _STEP % _MODULUS + 1
                    total += number * found[other]
            value = Fraction(-total, row[column])
            found[column] = value.numerator if value.denominator == 1 else value
        return found


def solved(rows: Iterable[Mapping[int, int]], columns: Collection[int] | None = None) -> Solved:
    """The echelon form of these rows, with pivots among these columns, or all; rows without any are left out."""
    work = [dict(row) for row in rows]
    having: dict[int, set[int]] = {}
    for index, row in enumerate(work):
        for column in row:
            if columns is None or column in columns:
                having.setdefault(column, set()).add(index)
    waiting = [(len(row), index) for index, row in enumerate(work)]
    heapq.heapify(waiting)
    done: set[int] = set()
    pivots: dict[int, Row] = {}
    while waiting:
        length, index = heapq.heappop(waiting)
        row = work[index]
        if index in done or length != len(row):
            continue
        done.add(index)
        choice = [column for column in row if column in having]
        if choice:
            pivot = min(choice, key=lambda column: (abs(row[column]), len(having[column]), column))
            pivots[pivot] = row
            for column in choice:
                having[column].discard(index)
            for other in _cleared(work, having, pivot, row):
                heapq.heappush(waiting, (len(work[other]), other))
    return Solved(pivots)


def _cleared(work: list[Row], having: dict[int, set[int]], pivot: int, by: Row) -> list[int]:
    """Makes the pivot's column zero in all rows that have it, in place; which rows these are."""
    rows = sorted(having[pivot])
    for index in rows:
        row = work[index]
        before = set(row)
        _clear(row, pivot, by)
        for column in before ^ row.keys():
            if column in having:
                (having[column].add if column in row else having[column].discard)(index)
    return rows


def _clear(row: Row, column: int, by: Row) -> None:
    """Makes the column of a row zero, in place, by adding a multiple of another."""
    shared = gcd(row[column], by[column])
    times, less = by[column] // shared, row[column] // shared
    if times < 0:
        times, less = -times, -less
    if times != 1:
        for other in row:
            row[other] *= times
    for other, number in by.items():
        left = row.get(other, 0) - less * number
        if left:
            row[other] = left
        else:
            row.pop(other, None)
    if times != 1 and row:
        common = gcd(*row.values())
        if common > 1:
            for other in row:
                row[other] //= common


def parts(rows: Sequence[Mapping[int, int]]) -> list[list[int]]:
    """The positions of the rows, by parts that share no column; in their order, and parts in that of their first."""
    lead: dict[int, int] = {}

    def first(column: int) -> int:
        while lead.setdefault(column, column) != column:
            lead[column] = lead[lead[column]]
            column = lead[column]
        return column

    for row in rows:
        firsts = {first(column) for column in row}
        lead.update(dict.fromkeys(firsts, min(firsts, default=0)))
    found: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        if row:
            found.setdefault(first(next(iter(row))), []).append(index)
    return list(found.values())
