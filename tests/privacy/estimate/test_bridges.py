"""Nothing follows from several cohorts and several categories together: every result is read by `attacks.Reader`.

Networks are drawn from seeds, so nothing here flakes. Of these seeds about one in four gave something away as long as
sums were closed for one category at a time and for one cohort at a time (`WITHOUT`).
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.estimate.complementary import complementary
from privacy.estimate.disclosure import Category, Published, Releases, admit, dominated
from privacy.estimate.cohorts import Cohort
from privacy.estimate.within import Sums, System
from tests.privacy.estimate.attacks import Reader, Shown

ROWS, COLUMNS = ("r0", "r1", "r2"), ("c0", "c1", "c2", "c3")
CROSSED = tuple(f"{row}:{column}" for row in ROWS for column in COLUMNS)
NAMES = ("all", *ROWS, *COLUMNS, *CROSSED)
CATEGORIES: tuple[Category, ...] = (("totals", "all"), *(("table", name) for name in NAMES[1:]))
AT = {name: index for index, name in enumerate(NAMES)}
WAYS: list[list[list[str]]] = [
    [["all"], list(ROWS), list(COLUMNS), list(CROSSED)],
    *([[row], [f"{row}:{column}" for column in COLUMNS]] for row in ROWS),
    *([[column], [f"{row}:{column}" for row in ROWS]] for column in COLUMNS),
]
SUMS = Sums(CATEGORIES, (System.of([([[AT[name] for name in way] for way in ways], ways[0] == ["all"]) for ways in WAYS]),))
PERCENT = 60


@dataclass(frozen=True)
class Network:
    """Cohorts, each member's figures without noise, and what is withheld of each cohort."""

    cohorts: list[frozenset[str]]
    values: NDArray[np.int64]
    primary: NDArray[np.bool_]
    withheld: NDArray[np.bool_]

    def pile(self, cohort: int, names: list[str]) -> NDArray[np.int64]:
        """What each member of a cohort has of these together."""
        members = sorted(int(member) for member in self.cohorts[cohort])
        return self.values[np.ix_(members, [AT[name] for name in names])].sum(axis=1)


def values_of(random: np.random.Generator, members: int) -> NDArray[np.int64]:
    """Figures of members that differ in what they do, shape (members, categories)."""
    sizes = 10**6 * random.lognormal(0, 0.5, members)
    shares = [random.dirichlet(np.full(12, 0.7)) for _ in range(members)]
    cells = np.rint(sizes[:, None] * np.array(shares)).astype(np.int64).reshape(members, 3, 4)
    parts = (cells.sum(axis=(1, 2))[:, None], cells.sum(axis=2), cells.sum(axis=1), cells.reshape(members, 12))
    return np.concatenate(parts, axis=1)


def cohorts_of(random: np.random.Generator, members: int) -> list[frozenset[str]]:
    """The network, and two or three ways to divide it, as far as they may be published."""
    names = [str(member) for member in range(members)]
    found = [frozenset(names)]
    for _ in range(int(random.integers(1, 4))):
        kinds = int(random.integers(2, 5))
        places = np.arange(members) * kinds // members if random.random() < 0.5 else random.integers(0, kinds, members)
        found += [frozenset(np.array(names)[places == kind].tolist()) for kind in range(kinds)]
    found = [cohort for cohort in dict.fromkeys(found) if cohort]
    reasons = admit([Cohort(str(at), cohort) for at, cohort in enumerate(found)], set(), 4)
    return [cohort for cohort, reason in zip(found, reasons, strict=True) if reason is None]


def uncorrelated(cells: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(cells[:, None] == others, dtype=np.float64)


def network_of(seed: int) -> Network:
    random = np.random.default_rng(seed)
    members = int(random.integers(8, 31))
    cohorts, values = cohorts_of(random, members), values_of(random, members)
    rows = [np.array(sorted(int(member) for member in cohort)) for cohort in cohorts]
    primary = np.stack([dominated(values[each], np.ones(len(NAMES)), PERCENT) for each in rows])
    primary[:, 0] = False
    withheld = complementary(
        cohorts,
        SUMS,
        primary.copy(),
        np.ones_like(primary),
        np.zeros_like(primary),
        np.stack([values[each].sum(axis=0) for each in rows]),
        [Releases(values, each, uncorrelated, np.arange(len(NAMES))[:, None]) for each in rows],
        PERCENT,
        (),
    )
    return Network(cohorts, values, primary, withheld)


def given_away(network: Network) -> set[tuple[int, tuple[str, ...]]]:
    """What a reader works out: withheld categories, and of what is hidden of a sum or of two, what is one member's."""
    reader = Reader.of(
        [
            Shown(cohort, frozenset(name for name in NAMES if not hidden[AT[name]]))
            for cohort, hidden in zip(network.cohorts, network.withheld, strict=True)
        ],
        WAYS,
    )
    found: set[tuple[int, tuple[str, ...]]] = set()
    for at, cohort in enumerate(network.cohorts):
        hidden = [name for name in NAMES if network.withheld[at, AT[name]]]
        sums = {(name,) for name in hidden}
        for way in (way for ways in WAYS for way in ways):
            left = tuple(name for name in way if name in hidden)
            if 1 < len(left) < len(way):
                sums.add(left)
        sums |= {(one, other) for one in hidden for other in hidden if one in CROSSED and other in CROSSED and one < other}
        for each in sorted(sums):
            pile = network.pile(at, list(each))
            if (len(each) == 1 or 100 * pile.max() > PERCENT * pile.sum()) and reader.has(reader.sum_of(cohort, each)):
                found.add((at, each))
    return found
