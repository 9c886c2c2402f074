"""What a benchmark says of the figures: its cohorts and cells. docs/benchmark.md states every rule."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from privacy.catalogue.measures import Measure

Status = Literal["published", "unreliable", "suppressed"]

SUM_NAMES = {measure: "revenue_ore" if measure is Measure.REVENUE else str(measure) for measure in Measure}
"""What a cell's `measure` says for a sum."""

ERROR_DECIMALS = 2
"""A standard error has this many decimals more than its value."""

LARGEST_SUM = 2**53 - 1
"""The largest integer that RFC 7493 (I-JSON) lets stand as a number."""


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort, the number of releases in it, and whether it is published."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    cohort: str
    members: int
    status: Literal["published", "suppressed"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one cohort.

    value, low, high: integers for a sum (revenue in øre), decimals as text for a key figure. standard_error: decimal
    as text. All None where suppressed. low and high: 95 % of such intervals hold the truth, as far as noise goes.
    uncut: the same figure with what the study's bounds have cut off put back, and its standard error, in the forms of
    value and standard_error; None where nothing is put back (`privacy.estimate.clipping`).
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    cohort: str
    table: str
    category: str
    measure: str
    value: int | str | None
    standard_error: str | None
    low: int | str | None
    high: int | str | None
    members: int
    status: Status
    reason: str | None
    uncut: int | str | None = None
    uncut_error: str | None = None


@dataclass(frozen=True, slots=True)
class MarketLine:
    """What became of a member of a round of cross-use.

    counted; sketched: it sent no count; refused: too many could not count its sketch; disagrees: its count contradicts
    itself or the others, or it counted other sketches than they did.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    member: str
    status: Literal["counted", "sketched", "refused", "disagrees"]


@dataclass(frozen=True)
class Body:
    """What a benchmark says of the figures: cohorts in order of priority, and the cells of the published ones.

    The cells stand by cohort; first the sums by table, category and measure, then the key figures. `market` has the
    members of a round of cross-use, by id; it is empty for every other.
    """

    cohorts: tuple[CohortLine, ...]
    cells: tuple[Cell, ...]
    market: tuple[MarketLine, ...] = ()
