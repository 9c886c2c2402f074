"""What institutions tell each other: texts about benchmarks, and how far they say they have come.

The dashboard sends nothing: what is written on its pages waits in the node's folder for the next turn of the agent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from node.dashboard.sector import Against
from node.errors import UsageError
from node.home import Home
from node.membership.settings import joined, membership
from node.network import assessments, benchmarks, insights
from node.network.insights import Audience, Seen
from node.selfassess import file
from node.selfassess.file import Kept
from privacy.errors import KudosError
from privacy.sharing.assessment import DRIVERS, level
from privacy.sharing.distribution import Distribution


@dataclass(frozen=True)
class Told:
    """Texts, the newest first; for whom one about the chosen round's benchmark can be; levels, own and published."""

    insights: tuple[Seen, ...] = ()
    round: str = ""
    audiences: tuple[Audience, ...] = ()
    assessments: tuple[Kept, ...] = ()
    distribution: Distribution | None = None
    shares: bool = False
    alone: bool = False


def told_of(home: Home, against: Against | None) -> Told:
    """What lies in the node's folder. Raises what its files refuse with."""
    own, shares = file.kept(home), assessments.shares(home)
    if not joined(home):
        return Told(assessments=own, shares=shares, alone=True)
    network = membership(home)
    about = ""
    audiences: tuple[Audience, ...] = ()
    if against is not None:
        about = against.published.name
        try:
            found = benchmarks.newest(home, network, about)
            audiences = insights.audiences(home, network, found)
        except KudosError:  # no seat in that round: there is nobody to write to
            audiences = ()
    return Told(insights.listed(home, network), about, audiences, own, assessments.distribution(home, network), shares)


def share(home: Home, round_name: str, cohort: str, text: str) -> None:
    """Puts a text on its way. Raises BadText, UsageError, NoBenchmark."""
    network = membership(home)
    found = benchmarks.newest(home, network, round_name or None)
    insights.write(home, network, found, cohort, text, datetime.now(UTC))


def withdraw(home: Home, digest: str) -> None:
    """Has a text of one's own taken back. Raises NoSuchInsight."""
    insights.withdraw(home, membership(home), digest)


def assess(home: Home, levels: dict[str, str], note: str) -> None:
    """Keeps a self-assessment. Raises BadAssessment, UsageError."""
    if set(levels) != set(DRIVERS):
        raise UsageError("Say a level on each of the four drivers.")
    file.add(home, {driver: level(text) for driver, text in levels.items()}, note, datetime.now(UTC))
