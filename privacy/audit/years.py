"""A ledger's calendar years: what each spent, its dearest twelve months by both accountants, and what is left."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from privacy.audit import second
from privacy.audit.costs import DEFAULT_DELTA, Cost, Moment, cap_of, dearest, summed, total_epsilon
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.verdict import Finding
from privacy.budget.amounts import MICRO, Epsilon, Spend, delta_text
from privacy.budget.twelve_months import since
from privacy.ledger.leaves import Entry, PolicyAdopted, Spent

_FLOATS = 1e-9
"""What the second accountant may be off by for working in binary floats; amounts are booked in whole millionths."""

_LARGEST_DELTA = Fraction(999_999, 10**6)
"""A δ of 1 or more promises nothing, and has no ε. What holds at this one holds at every larger one too."""


@dataclass(frozen=True)
class StudySpend:
    """What the releases of one study cost within a year."""

    study: str
    releases: int
    spend: Spend


@dataclass(frozen=True)
class Year:
    """A member's calendar year (UTC).

    `epsilon` is what its releases add up to by themselves; `highest` the most that any twelve months ending in it came
    to, and `second` what the second accountant finds for those (None where it could not); `cap` what the policy in
    force at the end allows in twelve months; `remaining` what is left of that at the end of the year, or when the
    bundle was made; `lifetime` all that the ledger ever spent until then, with δ added up over its years.
    """

    member: str
    year: int
    spend: Spend
    epsilon: Epsilon
    highest: Epsilon
    second: float | None
    cap: Epsilon | None
    remaining: Epsilon | None
    lifetime: Epsilon
    delta: Fraction
    studies: tuple[StudySpend, ...]


def years_of(
    ledger: CheckedLedger, spending: Sequence[Cost], moments: Sequence[Moment], made: datetime
) -> tuple[Year, ...]:
    """The years of a ledger, from its first entry to when the bundle was made."""
    if not ledger.placed:
        return ()
    first, last = ledger.placed[0].entry.time.year, min(made.year, ledger.placed[0].entry.time.year + 200)
    return tuple(_year(ledger, spending, moments, year, made) for year in range(first, max(first, last) + 1))


def _year(
    ledger: CheckedLedger, spending: Sequence[Cost], moments: Sequence[Moment], year: int, made: datetime
) -> Year:
    end = min(datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC), max(made, datetime(year, 1, 1, tzinfo=UTC)))
    policies = [
        each.entry for each in ledger.placed if isinstance(each.entry, PolicyAdopted) and each.entry.time <= end
    ]
    delta = policies[-1].delta if policies else DEFAULT_DELTA
    inside = [index for index, each in enumerate(spending) if each.placed.entry.time.year == year]
    spend = summed(spending[index].spend for index in inside)
    until = [each for each in spending if each.placed.entry.time <= end]
    left = summed(each.spend for each in until if each.placed.entry.time > since(end))
    cap = total_epsilon(cap_of(policies[-1]), delta) if policies else None
    highest, opinion = Epsilon(0), None
    peak = dearest([moments[index] for index in inside], delta)
    if peak is not None:
        highest = total_epsilon(peak.spent, delta)
        opinion = second.epsilon(_composition(spending[peak.first : peak.last + 1]), delta)
    begun = _periods(spending, end)
    return Year(
        member=ledger.member,
        year=year,
        spend=spend,
        epsilon=total_epsilon(spend, delta),
        highest=highest,
        second=opinion,
        cap=cap,
        remaining=None if cap is None else cap.left_after(total_epsilon(left, delta)),
        lifetime=total_epsilon(summed(each.spend for each in until), min(delta * begun, _LARGEST_DELTA))
        if begun
        else Epsilon(0),
        delta=delta,
        studies=_by_study([spending[index] for index in inside]),
    )


def _periods(spending: Sequence[Cost], end: datetime) -> int:
    """How many periods of twelve months had begun at `end` since the first spending, as `twelve_months.lifetime`."""
    times = [
        each.placed.entry.time for each in spending if each.placed.entry.time <= end and each.spend != Spend.nothing()
    ]
    begun, at = (1, end) if times else (0, end)
    while times and (at := since(at)) >= min(times):
        begun += 1
    return begun


def _by_study(spending: Sequence[Cost]) -> tuple[StudySpend, ...]:
    names: dict[str, list[Spend]] = {}
    for each in spending:
        entry: Entry = each.placed.entry
        if not isinstance(entry, Spent) and each.spend == Spend.nothing():
            continue  # a recovery that gave up nothing
        names.setdefault(entry.study if isinstance(entry, Spent) else "(recovery)", []).append(each.spend)
    return tuple(StudySpend(name, len(spends), summed(spends)) for name, spends in sorted(names.items()))


def _composition(spending: Sequence[Cost]) -> second.Composed:
    """What the second accountant is asked: releases by their noise, from the parts as they stand there.

    What a recovery booked, and a release with noise that no mechanism has, stands as it was booked.
    """
    found: second.Noises = Counter()
    shared: Counter[int] = Counter()  # a long ledger has few studies, and shares their parts
    one: dict[int, Cost] = {}
    pure = 0
    for each in spending:
        key = id(each.placed.entry.parts) if isinstance(each.placed.entry, Spent) else -each.placed.line
        shared[key] += 1
        one[key] = each
    for key, count in shared.items():
        entry, spend = one[key].placed.entry, one[key].spend
        try:
            noise = second.noise_of(entry.parts) if isinstance(entry, Spent) else None
        except ValueError:
            noise = None
        if noise is None:
            noise = second.Noise(Fraction(2 * spend.rho.micro, MICRO))
            pure += count * spend.epsilon.micro
        found[noise] += count
    return second.Composed(found, pure)


def second_opinions(ledger: CheckedLedger, years: Sequence[Year]) -> list[Finding]:
    """Years in which the second accountant finds more than was booked, or has no answer for so small a δ."""
    found = []
    for year in years:
        if year.second is None and year.studies and year.delta < second.SMALLEST_DELTA:
            said = f"In {year.year}, ε was counted at a δ below {delta_text(second.SMALLEST_DELTA)}: no second opinion."
            found.append(Finding("SECOND_NOT_COMPUTABLE", said, ledger.member, None, ledger.file))
        if year.second is not None and year.second > year.highest.micro / MICRO + _FLOATS:
            said = (
                f"In {year.year}, twelve months were booked as ε {year.highest}, and the second accountant finds "
                f"{year.second:.6f}."
            )
            found.append(Finding("SECOND_ACCOUNTANT", said, ledger.member, None, ledger.file))
    return found
