"""Counts against each other: of how many bits of a sketch are set, all who counted against it say the same.

A sketch is in no bundle, but its digest is in the market, and each counter checks what it opens against that. Whoever
has another number had another sketch before it, or does not say what it found; which, nobody outside can tell.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from privacy.audit.paths import releases_path
from privacy.audit.release_fit import unverified
from privacy.audit.releases_check import HeldRelease
from privacy.audit.rounds_check import CheckedRound
from privacy.audit.verdict import Finding
from privacy.rounds.count_fit import COUNTED
from protos.kudos.v1.cross_use_pb2 import Count


@dataclass(frozen=True)
class _Said:
    """What a count says of a peer's sketch, which is named by its digest."""

    release: HeldRelease
    peer: str
    sketch: bytes
    ones: int


def check_ones(rounds: Mapping[str, CheckedRound], held: Mapping[str, Sequence[HeldRelease]]) -> list[Finding]:
    """Every booked count of these rounds that says of a sketch what most others do not, in whatever round of the year.

    Where no number is most counts', all are named that have not been already. `held` has the members' releases. A count
    against other sketches than its round's market has is `check_releases`' to name.
    """
    of_sketch: dict[bytes, dict[tuple[str, str], _Said]] = {}
    for releases in held.values():
        for release in releases:
            for each in _said(rounds, release):
                of_sketch.setdefault(each.sketch, {})[release.member, release.digest] = each
    alone: dict[tuple[str, str], _Said] = {}
    undecided = []
    for said in of_sketch.values():
        usual = _usual([each.ones for each in said.values()])
        if usual is None:
            undecided.append(said)
        else:
            alone |= {count: each for count, each in said.items() if each.ones != usual}
    named = dict(alone)
    for said in undecided:
        others = {count: each for count, each in said.items() if count not in alone}
        named |= others if len({each.ones for each in others.values()}) > 1 else {}
    return [_finding(each) for _, each in sorted(named.items())]


def _finding(said: _Said) -> Finding:
    member = said.release.member
    sentence = (
        f"{member} found {said.ones} bits set in the sketch of {said.peer}, and others another number: they had not "
        "the same sketch, or somebody does not say what it found."
    )
    return Finding("ONES_DIFFER", sentence, member, None, releases_path(member), said.release.line)


def _said(rounds: Mapping[str, CheckedRound], release: HeldRelease) -> Iterator[_Said]:
    of_round = rounds.get(release.round or "")
    market = None if of_round is None else of_round.held.market
    count = unverified(release.envelope)
    if not release.booked or market is None or not isinstance(count, Count):
        return
    if count.sketches_digest != market.sketches_digest:
        return
    sketches = {seat.member: seat.sketch_digest for seat in market.seats}
    for peer in count.peers:
        if peer.status == COUNTED and peer.member in sketches:
            yield _Said(release, peer.member, sketches[peer.member], peer.ones)


def _usual(numbers: Sequence[int]) -> int | None:
    """What more than half of them are; None where there is nothing like that."""
    number, times = Counter(numbers).most_common(1)[0]
    return number if 2 * times > len(numbers) else None
