"""How many customers two members have in common, from what each counted against the other's sketch.

B sums s = +1 or -1 over its n_B customers, by A's bit for each. With X of them common and c_A the chance that
somebody else's bucket is taken, E[S] = (1 - 2p) (2 (X + (n_B - X) c_A) - n_B), so that

    X_B = (S / (1 - 2p) + n_B (1 - 2 c_A)) / (2 (1 - c_A)).

Its variance, with o_A = 1 - c_A, v = p (1 - p) / (1 - 2p)², and σ² of the noise on each sum and each size:

    flips       v n_B (1 + n_B / m) / o_A²           customers of B in one bucket share its flip
    collisions  (n_B - X) c_A / o_A                  (n_A - X) / n_A of it with A's other ones: A sees those too
    noise       σ² (1 / (4 (1 - 2p)² o_A²) + (1 - 2 c_A)² / (4 o_A²) + (n_B - X)² / m²)
                                                     of S, of n_B, and of n_A, in which c_A is

The other direction uses other flips and other noise of S, and the same two sizes. Both are combined by the inverse
variance of what they do not share. `docs/cross-use-errors.md` has the whole expression and how it was checked.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.cross_use.terms import Terms

Floats = NDArray[np.float64]

DISAGREEMENT_ERRORS = 6.0
"""Two directions that differ by more of their standard errors than this were not counted from the same customers. By
chance that happens to one pair in 500 million."""


@dataclass(frozen=True, eq=False)
class Directions:
    """Each member's own estimate of its overlap with each other, shape (members, members): the row's own count.

    estimates: X_B. by_sum, by_own, by_other: their derivatives by the sum, by the row's and by the column's size.
    alone: the variance that the other direction has no part in, but for the sizes. shared: that of the collisions which
    both see, symmetric.
    """

    estimates: Floats
    by_sum: Floats
    by_own: Floats
    by_other: Floats
    alone: Floats
    shared: Floats


@dataclass(frozen=True, eq=False)
class Overlaps:
    """All overlaps of a set of members, symmetric, shape (members, members).

    values and variances: NaN where there is no estimate, as on the diagonal. weights: of the row's direction, so that
    those of a pair add up to 1. both: which pairs have two directions. disagree: where these are too far apart, or a
    value is beyond what can be.
    """

    sizes: Floats
    directions: Directions
    weights: Floats
    values: Floats
    variances: Floats
    both: NDArray[np.bool_]
    disagree: NDArray[np.bool_]
    terms: Terms

    @property
    def available(self) -> NDArray[np.bool_]:
        """Which pairs have an estimate."""
        return np.asarray(np.isfinite(self.values))

    @property
    def largest(self) -> Floats:
        """The most that an overlap can be: the smaller of the two sizes, 0 or more."""
        sizes = np.maximum(self.sizes, 0)
        return np.asarray(np.minimum(sizes[:, None], sizes[None, :]))

    @property
    def apart(self) -> Floats:
        """By how many standard errors a member's own counts, taken together, differ from what its peers count of it.

        Many small differences in the same direction show what no single one does: a member that claims to have no
        customers at all. Pairs that disagree by themselves are left out, so that nobody can put it on another by a lie
        about that one alone. 0 where no pair has two directions.
        """
        found, way = self.directions, self.terms
        tested = self.both & ~self.disagree
        gap = np.where(tested, found.estimates - found.estimates.T, 0.0).sum(axis=1)
        alone = np.where(tested, found.alone + found.alone.T, 0.0).sum(axis=1)
        sums = np.where(tested, found.by_sum**2 + found.by_sum.T**2, 0.0).sum(axis=1)
        own = np.where(tested, found.by_own - found.by_other.T, 0.0).sum(axis=1) ** 2
        others = np.where(tested, (found.by_other - found.by_own.T) ** 2, 0.0).sum(axis=1)
        # Who is a customer of two peers meets the member's one bit in both their counts.
        together = ((tested @ self._common) * tested).sum(axis=1) * way.per_bit
        together /= (1 - way.collision(self.sizes)) ** 2
        variance = alone + way.sums_variance * (sums + own + others) + together
        return np.asarray(np.abs(gap) / np.sqrt(np.where(variance > 0, variance, 1.0)))

    @property
    def _common(self) -> Floats:
        """The overlaps as what can be, 0 where there is no estimate and on the diagonal."""
        common = np.where(self.available, np.clip(np.nan_to_num(self.values), 0, self.largest), 0.0)
        np.fill_diagonal(common, 0.0)
        return np.asarray(common)

    def total(self, pairs: NDArray[np.bool_]) -> tuple[float, float]:
        """The sum over some pairs, and its variance. pairs: symmetric, all of them available.

        The sum of single variances is not enough. Somebody who is a customer of C and of D meets one and the same bit
        of A in both counts, and a member's noisy size is in all its overlaps:

            v Σ_A Σ_{C≠D} a_CA a_DA X_CD / o_A²,  and σ² Σ_j (Σ of all derivatives by n_j)²

            where a_BA is the weight of B's count against A, 0 outside of the pairs.
        """
        found, way = self.directions, self.terms
        weight = np.where(pairs, self.weights, 0.0)
        value = float(np.where(pairs, weight * found.estimates, 0.0).sum())
        taken = way.collision(self.sizes)
        per_bit = (way.per_bit + taken) / (1 - taken) ** 2
        together = float((((self._common @ weight) * weight).sum(axis=0) * per_bit).sum())
        by_size = (weight * found.by_own).sum(axis=1) + (weight * found.by_other).sum(axis=0)
        noise = way.sums_variance * float(((weight * found.by_sum) ** 2).sum() + (by_size**2).sum())
        alone = float((weight**2 * found.alone).sum())
        shared = float(np.where(pairs, found.shared, 0.0).sum()) / 2
        return value, alone + noise + shared + max(together, 0.0)


def overlaps(sizes: Floats, sums: Floats, usable: NDArray[np.bool_], terms: Terms) -> Overlaps:
    """The overlaps of all pairs of these members.

    sizes: their noisy numbers of customers, shape (members,). sums: row by row a member's noisy sums against the
    others' sketches, (members, members); usable: which of them were counted against a sketch.
    """
    first = _directions(sizes, sums, np.zeros_like(sums), terms)
    guess = np.where(usable, first.estimates, np.where(usable.T, first.estimates.T, 0.0))
    found = first
    for _ in range(2):  # the variances need to know roughly how large the overlap is
        found = _directions(sizes, sums, guess, terms)
        weights = _weights(found, usable, terms)
        guess = weights * found.estimates + (weights * found.estimates).T
    weights = _weights(found, usable, terms)
    one = weights * found.estimates
    values = np.where(usable | usable.T, one + one.T, np.nan)
    variances = _variances(found, weights, terms)
    np.fill_diagonal(values, np.nan)
    variances = np.where(np.isfinite(values), variances, np.nan)
    whole = Overlaps(sizes, found, weights, values, variances, usable & usable.T, np.zeros_like(usable), terms)
    return replace(whole, disagree=_disagree(whole))


def _directions(sizes: Floats, sums: Floats, guess: Floats, terms: Terms) -> Directions:
    there = np.maximum(sizes, 0.0)
    own, other = there[:, None], there[None, :]
    common = np.clip(guess, 0, np.minimum(own, other))
    taken = terms.collision(sizes)[None, :]
    free = 1 - taken
    crowd = 1 + own / terms.buckets
    chance = (own - common) * taken / free * crowd
    with_others = np.where(other > 0, 1 - common / np.maximum(other, 1.0), 1.0)
    seen = chance * with_others
    shared = np.sqrt(seen * seen.T)
    return Directions(
        estimates=(sums / terms.contrast + sizes[:, None] * (1 - 2 * taken)) / (2 * free),
        by_sum=np.broadcast_to(1 / (2 * terms.contrast * free), sums.shape),
        by_own=np.broadcast_to((1 - 2 * taken) / (2 * free), sums.shape),
        by_other=-(own - common) * terms.decay,
        alone=terms.per_bit * own * crowd / free**2 + np.maximum(chance - shared, 0.0),
        shared=shared,
    )


def _noise(found: Directions, terms: Terms) -> tuple[Floats, Floats]:
    """What the noise adds to the variance of a direction, and to the covariance of the two (by the sizes)."""
    square = found.by_sum**2 + found.by_own**2 + found.by_other**2
    cross = found.by_own * found.by_other.T
    return terms.sums_variance * square, terms.sums_variance * (cross + cross.T)


def _weights(found: Directions, usable: NDArray[np.bool_], terms: Terms) -> Floats:
    """Of the row's direction: by inverse variance of what the two do not share; 1 where it is the only one."""
    noise, together = _noise(found, terms)
    apart = np.maximum(found.alone + noise - together, np.finfo(np.float64).tiny)
    both = apart.T / (apart + apart.T)
    return np.asarray(np.where(usable & usable.T, both, np.where(usable, 1.0, 0.0)))


def _variances(found: Directions, weights: Floats, terms: Terms) -> Floats:
    noise, together = _noise(found, terms)
    part = weights**2 * (found.alone + noise)
    return np.asarray(part + part.T + 2 * weights * weights.T * together + found.shared)


def _disagree(whole: Overlaps) -> NDArray[np.bool_]:
    found, terms = whole.directions, whole.terms
    noise, together = _noise(found, terms)
    alone = found.alone + noise
    apart = np.abs(found.estimates - found.estimates.T)
    far = whole.both & (apart > DISAGREEMENT_ERRORS * np.sqrt(np.maximum(alone + alone.T - 2 * together, 0.0)))
    room = DISAGREEMENT_ERRORS * np.sqrt(np.nan_to_num(whole.variances) + terms.sums_variance)
    values = np.nan_to_num(whole.values)
    impossible = whole.available & ((values < -room) | (values > whole.largest + room))
    return np.asarray(far | impossible)
