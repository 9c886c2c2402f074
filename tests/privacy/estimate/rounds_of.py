"""Benchmarks made by hand: rounds of one study with a few cells, whose figures are said."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from privacy.bounds.windows import Window, twelve_months_to
from privacy.estimate.benchmark import Benchmark, Included
from privacy.estimate.body import SUM_NAMES, Body, Cell, CohortLine, Status
from privacy.estimate.reasons import Reason
from privacy.estimate.rounding import published

DIGEST = "sha256:" + "1" * 64
SIX = tuple(f"house-{number}" for number in range(6))


def figure(
    measure: str,
    value: float,
    error: float = 10,
    *,
    table: str = "totals",
    category: str = "all",
    cohort: str = "network",
    members: int = 6,
    unreliable: bool = False,
) -> Cell:
    """A published figure; a key figure where its measure is no sum."""
    status: Status = "unreliable" if unreliable else "published"
    if measure in SUM_NAMES.values():
        margin = round(1.96 * error)
        shown = (round(value), published(error, 2), round(value) - margin, round(value) + margin)
        return Cell(cohort, table, category, measure, *shown, members, status, None)
    low, high = (published(value + sign * 1.96 * error, 4) for sign in (-1, 1))
    written = (published(value, 4), published(error, 6), low, high)
    return Cell(cohort, table, category, measure, *written, members, status, None)


def withheld(
    measure: str, why: str = Reason.DOMINATED, *, table: str = "totals", category: str = "all", cohort: str = "network"
) -> Cell:
    """A figure that is not shown."""
    return Cell(cohort, table, category, measure, None, None, None, None, 6, "suppressed", why)


def lines(*cohorts: str, members: int = 6, withheld: Sequence[str] = ()) -> tuple[CohortLine, ...]:
    """The lines of published cohorts, and of withheld ones."""
    shown = [CohortLine(name, members, "published", None) for name in cohorts]
    return (*shown, *(CohortLine(name, 2, "suppressed", Reason.TOO_FEW_MEMBERS) for name in withheld))


def a_round(
    window: Window | int,
    cells: Iterable[Cell],
    *,
    name: str | None = None,
    version: int = 1,
    members: Sequence[str] = SIX,
    cohorts: tuple[CohortLine, ...] | None = None,
    study: str = "benchmark",
    study_version: int = 1,
    digest: str = DIGEST,
    published: datetime | None = None,
) -> Benchmark:
    """The benchmark of a round, over a calendar year or any window, published a month after its end."""
    days = twelve_months_to(date(window, 12, 31)) if isinstance(window, int) else window
    at = datetime(days.last.year, days.last.month, days.last.day, tzinfo=UTC) + timedelta(days=30, hours=version)
    return Benchmark(
        coordinator="npu.example",
        round=name or f"{study}-{days.last:%Y-%m}",
        version=version,
        supersedes=None if version == 1 else "sha256:" + "2" * 64,
        reason=None if version == 1 else "a correction",
        study=study,
        study_version=study_version,
        study_digest=digest,
        window=days,
        published=published or at,
        releases=tuple(Included(member=each, release_digest="sha256:" + "0" * 64) for each in sorted(members)),
        body=Body(cohorts or lines("network", members=len(members)), tuple(cells)),
    )
