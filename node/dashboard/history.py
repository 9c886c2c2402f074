"""A cohort's key figures over the rounds of one study, with the own ones of the same months."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from node.benchmark.own import Key
from node.dashboard.sector import Against, Sector
from privacy.bounds.windows import Window
from privacy.estimate.series import Line, Step, series_of
from privacy.studies.study import Study

NEWEST = 8
"""So many rounds are shown."""

FIGURES = (
    "retention",
    "revenue_per_customer_ore",
    "average_ticket_price_ore",
    "first_timer_share",
    "purchase_frequency",
    "tickets_per_order",
    "complimentary_share",
)
"""The figures whose course is shown; none that adds up over members, who come and go."""


@dataclass(frozen=True)
class History:
    """The newest windows, oldest first; a line for each figure; the own cells of each window; steps between them."""

    windows: tuple[Window, ...]
    lines: tuple[Line, ...]
    own: Mapping[Window, Mapping[Key, float | None]]
    steps: tuple[Step, ...]


def history_of(
    sector: Sector, against: Against, own: Callable[[Study, Window], Mapping[Key, float | None]]
) -> History | None:
    """The history of a cohort in the study of its benchmark; None where there is one round alone."""
    digest = against.published.benchmark.study_digest
    every = series_of(each.benchmark for each in sector.tables if each.benchmark.study_digest == digest)
    found = next((each for each in every if each.digest == digest), None)
    if found is None or len(found.rounds) < 2:
        return None
    windows = found.windows[-NEWEST:]
    shown = len(windows)
    lines = tuple(
        Line(line.key, line.points[-shown:], line.members[-shown:], line.changes[-(shown - 1) :])
        for measure in FIGURES
        for line in found.lines([against.cohort], "totals", measure)
    )
    study = against.published.study
    cells = {window: own(study, window) for window in windows} if study is not None else {}
    return History(windows, lines, cells, found.steps[-(shown - 1) :])
