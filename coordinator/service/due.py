"""What the clock brings about: rounds go on to counting, or close, and self-assessments are published."""

from collections.abc import Iterator
from datetime import datetime

from coordinator.cross_use.markets import form_due
from coordinator.office import Office
from coordinator.rounds.rounds import close_due
from coordinator.sharing.assessments import publish_due
from privacy.rounds.states import State


def due(office: Office, now: datetime) -> Iterator[tuple[str, dict[str, str]]]:
    """Does all whose time it is. Each step, once it is done, with what the log says of it.

    A step is `market`, `aborted`, `closed` or `self-assessments`. Raises what doing them raises; what was done before
    is done.
    """
    for each in form_due(office, now):
        yield "aborted" if each.state is State.ABORTED else "market", {"round": each.id}
    for name in close_due(office.store, now):
        yield "closed", {"round": name}
    for version in publish_due(office, now):
        yield "self-assessments", {"published": version}
