"""What becomes of each member of a market: whose figures are added up, and whose contradict the others'.

Nobody can see a member's customers, but what it sends must agree with itself and with what its peers see in its sketch.
A lie about its own size moves its overlaps by half the lie and its peers' not at all; a sketch of other customers than
it counts shows in the same way. What agrees with everything is, as far as anybody can tell, the truth about the list
that the member uses.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.body import MarketLine
from privacy.estimate.cross_use.counts import Counts
from privacy.estimate.cross_use.overlap import DISAGREEMENT_ERRORS, Overlaps, overlaps
from privacy.estimate.cross_use.terms import Terms

FULLEST = 0.5
"""The most customers that a member may have, as a share of the buckets: beyond, its sketch says too little."""


HISTOGRAM_ERRORS = 9.0
"""The same as DISAGREEMENT_ERRORS where the noise of a histogram is in it, whose tails are those of Laplace."""


@dataclass(frozen=True, eq=False)
class Standing:
    """Who counts, by position among the members that sent a count.

    refused: its sketch was refused by more than half of those that counted. contradicted: what it sent contradicts
    itself, or most of its peers. apart: it refused a sketch that most counted, or the other way round. overlaps: of all
    that sent a count; only those of members with neither of the first two mean anything. peers: the seats in the market
    of the sketches that most counted, whose bits are in the histograms of those that count.
    """

    lines: tuple[MarketLine, ...]
    refused: NDArray[np.bool_]
    contradicted: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    overlaps: Overlaps
    peers: NDArray[np.intp]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Whose figures are added up."""
        return np.asarray(~(self.refused | self.contradicted | self.apart))


def standing_of(counts: Counts, terms: Terms) -> Standing:
    """What becomes of the members of a market, by their counts."""
    out = _refused(counts)
    refused = out[counts.seats]
    impossible = _impossible(counts, terms)
    usable = counts.usable & ~refused[None, :]
    sizes = np.where(impossible, 0.0, counts.sizes[:, 0])
    sound = ~(impossible | refused)
    found = overlaps(sizes, counts.between, usable & sound[:, None] & sound[None, :], terms)
    contradicted = impossible | (_contradicted(found) & ~refused)
    apart = ~(refused | contradicted) & _apart(counts, out)
    said = dict.fromkeys(counts.market, "sketched")
    said |= {member: "refused" for member, lost in zip(counts.market, out.tolist(), strict=True) if lost}
    for member, lost, other in zip(counts.ids, refused.tolist(), (contradicted | apart).tolist(), strict=True):
        if not lost:
            said[member] = "disagrees" if other else "counted"
    lines = tuple(MarketLine(member, status) for member, status in said.items())  # type: ignore[arg-type]
    return Standing(lines, refused, contradicted, apart, found, np.flatnonzero(~out))


def _refused(counts: Counts) -> NDArray[np.bool_]:
    """Whose sketch more than half of the others refused, over the market."""
    others = np.ones_like(counts.seen)
    others[np.arange(len(counts.ids)), counts.seats] = False
    against = (others & ~counts.seen).sum(axis=0)
    return np.asarray(2 * against > others.sum(axis=0))


def _apart(counts: Counts, out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Who counted against other sketches than most did."""
    others = np.ones_like(counts.seen)
    others[np.arange(len(counts.ids)), counts.seats] = False
    return np.asarray((others & (counts.seen == out[None, :])).any(axis=1))


def _impossible(counts: Counts, terms: Terms) -> NDArray[np.bool_]:
    """Whose count contradicts itself, by more than the noise can explain, or has a size beyond all use.

    The groups add up to all; so do the bins of the histogram; and the bits that are set, over all customers and peers,
    are (S + n) / 2 for each peer in the sums and Σ k h_k in the histogram, flips and all.
    """
    noise, laplace = terms.sums_variance, terms.histogram_variance
    sizes, sums, bins = counts.sizes, counts.sums, counts.histograms
    groups, peers, number = sizes.shape[1] - 1, bins.shape[1], counts.seen.sum(axis=1)
    k = np.arange(peers)
    set_bits = np.where(counts.seen, sums[:, :, 0] + sizes[:, :1], 0.0).sum(axis=1) / 2
    gaps = [
        (sizes[:, 1:].sum(axis=1) - sizes[:, 0], noise * (groups + 1), DISAGREEMENT_ERRORS),
        (np.minimum(sizes[:, 0], 0.0), noise, DISAGREEMENT_ERRORS),
        (bins.sum(axis=1) - sizes[:, 0], noise + laplace * peers, HISTOGRAM_ERRORS),
        (bins @ k - set_bits, laplace * float((k * k).sum()) + noise * (number + number**2) / 4, HISTOGRAM_ERRORS),
    ]
    found = sizes[:, 0] > FULLEST * terms.buckets
    for gap, variance, errors in gaps:
        found |= np.abs(gap) > errors * np.sqrt(variance)
    by_group = np.abs(sums[:, :, 1:].sum(axis=2) - sums[:, :, 0]) > DISAGREEMENT_ERRORS * np.sqrt(noise * (groups + 1))
    return np.asarray(found | by_group.any(axis=1))


def _contradicted(found: Overlaps) -> NDArray[np.bool_]:
    """Whom more than half of those that can be compared with it contradict, or all of them together."""
    tested = found.available.sum(axis=1)
    by_most = (tested > 0) & (2 * found.disagree.sum(axis=1) > tested)
    return np.asarray(by_most | (found.apart > DISAGREEMENT_ERRORS))
