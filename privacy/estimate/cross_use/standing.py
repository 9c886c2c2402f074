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

FEW = 10
"""One in so many members at most is left out because all the others counted just the same sketches, and it did not.
Else one damaged sketch would cost all that comes from the histograms; where they are more, it does."""

HISTOGRAM_ERRORS = 9.0
"""The same as DISAGREEMENT_ERRORS where the noise of a histogram is in it, whose tails are those of Laplace."""


@dataclass(frozen=True, eq=False)
class Standing:
    """Who counts, by position among the members that sent a count.

    refused: too many could not count its sketch. contradicted: what it sent contradicts itself, or most of its peers.
    apart: it refused too many sketches, or is one of a few (FEW) that counted others than the rest. overlaps: of all
    that sent a count; only those of members with neither of the first two mean anything. peers: the seats in the market
    of the sketches whose bits are in the histograms of those that count. comparable: whether these are the same for all
    of them; where they are not, nothing can be said of how many members people use.
    """

    lines: tuple[MarketLine, ...]
    refused: NDArray[np.bool_]
    contradicted: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    overlaps: Overlaps
    peers: NDArray[np.intp]
    comparable: bool

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Whose figures are added up."""
        return np.asarray(~(self.refused | self.contradicted | self.apart))


def standing_of(counts: Counts, terms: Terms) -> Standing:
    """What becomes of the members of a market, by their counts."""
    impossible = _impossible(counts, terms)
    out, lying = _blamed(counts, ~impossible)
    refused, apart = out[counts.seats], lying[counts.seats]
    usable = counts.usable & ~refused[None, :]
    sizes = np.where(impossible, 0.0, counts.sizes[:, 0])
    sound = ~(impossible | refused)
    found = overlaps(sizes, counts.between, usable & sound[:, None] & sound[None, :], terms)
    contradicted = impossible | (_contradicted(found) & ~refused)
    apart = apart & ~contradicted
    apart |= _few_others(counts, ~(refused | contradicted | apart))
    said = dict.fromkeys(counts.market, "sketched")
    said |= {member: "refused" for member, lost in zip(counts.market, out.tolist(), strict=True) if lost}
    for member, lost, other in zip(counts.ids, refused.tolist(), (contradicted | apart).tolist(), strict=True):
        if not lost:
            said[member] = "disagrees" if other else "counted"
    lines = tuple(MarketLine(member, status) for member, status in said.items())  # type: ignore[arg-type]
    peers, comparable = _in_histograms(counts, ~(refused | contradicted | apart))
    return Standing(lines, refused, contradicted, apart, found, peers, comparable)


def _blamed(counts: Counts, heard: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whose sketch is refused, and who refused too many; both over the market. heard: who is believed as a reader.

    That a reader did not count a sketch may be either's doing: the sender can seal it for some of its peers alone, the
    reader can say that it does not open. So each such case stands against both, and who is in most of them goes until
    there are none left; of those in equally many, who sent more of the sketches. All that are equal in both go
    together, so that no name decides. An honest member goes only where it is in as many cases as each of a attackers,
    and takes them with it; so no more than a (1 + 1/2 + ... + 1/2a) do: one for one attacker, four for two.
    """
    cases = np.zeros((len(counts.market), len(counts.market)), dtype=np.bool_)
    cases[counts.seats] = ~counts.seen & heard[:, None]
    np.fill_diagonal(cases, val=False)
    refused, apart = np.zeros((2, len(counts.market)), dtype=np.bool_)
    while cases.any():
        sent, read = cases.sum(axis=0), cases.sum(axis=1)
        rank = (sent + read) * (2 * len(counts.market)) + sent
        gone = rank == rank.max()
        refused |= gone & (sent >= read)
        apart |= gone & (sent < read)
        cases[gone], cases[:, gone] = False, False
    return refused, apart


def _few_others(counts: Counts, counted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The few of those that count who did not count the same sketches as all others; nobody where they are not few."""
    seen = counts.seen.copy()
    seen[np.arange(len(counts.ids)), counts.seats] = True
    same = (seen[:, None, :] == seen[None, :, :]).all(axis=2) & counted[None, :]
    most = FEW * (counted.sum() - same.sum(axis=1)) <= counted.sum()
    return counted & ~most if bool((counted & most).any()) else np.zeros_like(counted)


def _in_histograms(counts: Counts, counted: NDArray[np.bool_]) -> tuple[NDArray[np.intp], bool]:
    """The seats of the sketches that those who count have in their histograms; and whether all have the same.

    A sketch that was refused is among them where all of these counted it.
    """
    seen = counts.seen.copy()
    seen[np.arange(len(counts.ids)), counts.seats] = True  # a member is among its peers' peers
    by_all, by_some = seen[counted].all(axis=0), seen[counted].any(axis=0)
    return np.flatnonzero(by_all), bool((by_all == by_some).all())


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
