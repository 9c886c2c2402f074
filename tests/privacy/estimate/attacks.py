"""A reader who has nothing but benchmarks, and all the patience of exact arithmetic.

Written against the published form alone: from which cohorts a category is shown, and which members they have, it solves
one system over groups of members and categories. None of the program's code for disclosure control is in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Unknown = tuple[int, str]
"""A group of members that are in just the same cohorts, and a category."""

Row = dict[Unknown, Fraction]


@dataclass(frozen=True)
class Shown:
    """One published cohort: its members, and the categories whose sums are there."""

    members: frozenset[str]
    categories: frozenset[str]


@dataclass
class Reader:
    """What follows from what was read: a basis in echelon form, each row with a unit where it starts."""

    groups: tuple[frozenset[str], ...]
    basis: dict[Unknown, Row] = field(default_factory=dict)

    @staticmethod
    def of(shown: Sequence[Shown], ways: Sequence[Sequence[Sequence[str]]]) -> "Reader":
        """Reads all these. ways: of each total, the sets of categories that add up to it."""
        everyone = sorted(set().union(*(each.members for each in shown)))
        alike: dict[tuple[bool, ...], set[str]] = {}
        for member in everyone:
            alike.setdefault(tuple(member in each.members for each in shown), set()).add(member)
        reader = Reader(tuple(frozenset(group) for group in alike.values()))
        for group in range(len(reader.groups)):
            for first, *others in ways:
                for other in others:
                    reader._learn({(group, name): sign for sign, way in ((1, first), (-1, other)) for name in way})
        for each in shown:
            for category in sorted(each.categories):
                reader._learn(reader.sum_of(each.members, [category]))
        return reader

    def sum_of(self, members: frozenset[str], categories: Iterable[str]) -> dict[Unknown, int]:
        """What these members have of these categories together."""
        return {(at, name): 1 for at, group in enumerate(self.groups) if group <= members for name in categories}

    def has(self, wanted: Mapping[Unknown, int]) -> bool:
        """Whether this follows from what was read."""
        return not self._left(wanted)

    def _learn(self, row: Mapping[Unknown, int]) -> None:
        left = self._left(row)
        if left:
            start = min(left, key=lambda unknown: (unknown[1], unknown[0]))
            self.basis[start] = {unknown: number / left[start] for unknown, number in left.items()}

    def _left(self, row: Mapping[Unknown, int]) -> Row:
        """What is left of a row when all that is known is taken off."""
        left = {unknown: Fraction(number) for unknown, number in row.items()}
        waiting = set(left) & set(self.basis)
        while waiting:
            unknown = min(waiting, key=lambda each: (each[1], each[0]))
            number = left[unknown]
            for other, share in self.basis[unknown].items():
                rest = left.get(other, Fraction(0)) - number * share
                if rest:
                    left[other] = rest
                else:
                    left.pop(other, None)
            waiting = set(left) & set(self.basis)
        return left
