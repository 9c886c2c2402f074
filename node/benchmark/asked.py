"""The study of a series of benchmarks, and this node's seat, as the rounds that it was asked in say them."""

from node.home import Home
from node.membership.errors import NoSuchRound
from node.membership.settings import Membership
from node.network.rounds import announced
from privacy.estimate.benchmark import Benchmark
from privacy.estimate.series import Series
from privacy.rounds.announcement import Announcement, Seat
from privacy.studies.study import Study


def study_of(home: Home, network: Membership, series: Series) -> Study | None:
    """The study of a series; None where this node was asked in none of its rounds, as one that joined later."""
    for each in reversed(series.rounds):
        said = _announced(home, network, each)
        if said is not None and isinstance(said.study, Study):
            return said.study
    return None


def seat_in(home: Home, network: Membership, benchmark: Benchmark) -> Seat | None:
    """The seat of this node in the round of a benchmark; None where it had none."""
    said = _announced(home, network, benchmark)
    return None if said is None else said.seat(network.id)


def _announced(home: Home, network: Membership, benchmark: Benchmark) -> Announcement | None:
    try:
        return announced(home, network, benchmark.round)
    except NoSuchRound:
        return None
