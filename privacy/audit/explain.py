"""An entry of a ledger in words: what happened, what it cost, and what that means for a customer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from privacy.audit.costs import cap_of, largest_of, total_epsilon, two
from privacy.audit.errors import UsageError
from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.audit.studies_check import COUNT_PARTS, is_sketch
from privacy.budget.amounts import MICRO, Epsilon, delta_text, total
from privacy.budget.twelve_months import spent_between
from privacy.ledger.leaves import (
    Entry,
    KeyAdopted,
    Opened,
    PolicyAdopted,
    Recovered,
    Spent,
    SpentByCell,
    SpentLaplace,
    SpentPart,
    SpentQuantile,
    SpentResponse,
    WitnessAdopted,
)
from privacy.mechanisms.quantile import two_sided_error
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.shelf import AnyStudy
from privacy.terminal.wording import count, things

_MOST = 100.0
"""Of ε, in what is said of it: e to more than some hundreds is no number any more, and says no more than this."""


@dataclass(frozen=True)
class Blur:
    """How far the noise moves one figure of a table: by its standard deviation, `one`.

    Two chances in three within it, 19 in 20 within twice that; of quantiles and sketches' counts 76 and 94 in 100.
    Where cells have noise of their own, `one` is from the least to the most; of a quantile it is by how many customers
    more or less than it should has what is told.
    """

    table: str
    measure: str
    cells: int
    one: str


@dataclass(frozen=True)
class Explained:
    """An entry in sentences, and for a release each table's blur."""

    entry: Entry
    sentences: tuple[str, ...]
    blurs: tuple[Blur, ...]


def explain(ledger: CheckedLedger, seq: int, studies: Mapping[str, AnyStudy]) -> Explained:
    """Entry `seq` of a ledger in words. Raises UsageError where there is none."""
    placed = next((each for each in ledger.placed if each.entry.seq == seq), None)
    if placed is None:
        raise UsageError(f"{ledger.member}'s ledger has no entry {seq}; it has 0 to {len(ledger.placed) - 1}.")
    entry = placed.entry
    match entry:
        case Opened():
            said = [f"The ledger {entry.origin} begins. Releases are signed by the key {entry.public_key[:16]}…"]
        case PolicyAdopted():
            said = _policy(entry)
        case KeyAdopted():
            said = [f"From here on another key signs releases: {entry.public_key[:16]}…"]
        case WitnessAdopted():
            said = [f"From here on no release leaves before the witness {entry.witness.split('+')[0]} has cosigned it."]
        case Recovered():
            said = [
                "The ledger went on from its witness's copy. Given up, for only the lost copy had them: "
                f"{things(len(entry.given_up), 'entry', 'entries')}; what they had booked ({entry.cost}) "
                "counts as spent."
            ]
        case _:
            said = _spent(ledger, placed, entry, studies)
    when = f"Entry {seq} of {entry.time:%Y-%m-%d %H:%M:%S} UTC. {_sealed(ledger, placed)}"
    parts = entry.parts if isinstance(entry, Spent) else ()
    blurs = tuple(_blur(part) for part in parts if not isinstance(part, SpentResponse))
    return Explained(entry, (when, *said), blurs)


def _sealed(ledger: CheckedLedger, placed: Placed) -> str:
    point = ledger.covered(placed.line)
    if point is None:
        return "No sound checkpoint covers it."
    entries = things(point.size, "entry", "entries")
    if point.time is None:
        return f"The ledger's own checkpoint of {entries} covers it; no witness does."
    return f"The witness cosigned it at {point.time:%Y-%m-%d %H:%M:%S} UTC (checkpoint of {entries})."


def _policy(entry: PolicyAdopted) -> list[str]:
    cap, largest = cap_of(entry), largest_of(entry)
    return [
        f"From here on twelve months may cost {cap} at most, which is ε "
        f"{two(total_epsilon(cap, entry.delta))} in all at δ {delta_text(entry.delta)}; a single release "
        f"{largest}."
    ]


def _spent(ledger: CheckedLedger, placed: Placed, entry: Spent, studies: Mapping[str, AnyStudy]) -> list[str]:
    said = _released(entry, studies.get(entry.study_digest))
    before = [each for each in ledger.placed if each.line < placed.line]
    policies = [each.entry for each in before if isinstance(each.entry, PolicyAdopted)]
    if not policies:
        return [*said, f"It cost {entry.cost}, and no policy allowed it."]
    policy = policies[-1]
    cap = cap_of(policy)
    try:
        spent = total((spent_between([each.entry for each in before], entry.time), entry.cost))
    except ValueError:  # a date with no year before it
        return [*said, f"It cost {entry.cost}, at a time from which nobody can count twelve months back."]
    what = "sketch" if is_sketch(entry) else "release"
    chance = f", but for a chance of 1 in {count(round(1 / policy.delta))}" if entry.cost.rho.micro else ""
    alone = total_epsilon(entry.cost, policy.delta)
    said.append(
        f"It cost {entry.cost}, which by itself is ε {two(alone)} at δ {delta_text(policy.delta)}. With it the "
        f"twelve months until then came to ε {two(total_epsilon(spent, policy.delta))} of the "
        f"{two(total_epsilon(cap, policy.delta))} that the policy allowed."
    )
    said.append(
        f"For one customer: whoever has this {what}, and knows everything else, can make the odds of a guess about "
        f"that customer at most {math.exp(min(alone.micro / MICRO, _MOST)):.1f} times better{chance}."
    )
    if is_sketch(entry):
        said.append(_suspicion(entry.cost.epsilon))
    return said


def _released(entry: Spent, study: AnyStudy | None) -> list[str]:
    """What an entry booked, and for whom."""
    title = entry.study if study is None else f"{study.name} ({study.title})"
    asked = "for no round, by the member itself" if entry.round is None else f"for the round {entry.round}"
    over = f"over {entry.window.first} to {entry.window.last}, {asked}"
    quantiles = sum(isinstance(part, SpentQuantile) for part in entry.parts)
    cells = sum(part.cells for part in entry.parts) - quantiles
    tables = len({part.table for part in entry.parts if not isinstance(part, SpentQuantile)})
    if is_sketch(entry):
        flips = [part.flips / 2**part.flip_bits for part in entry.parts if isinstance(part, SpentResponse)]
        shares = ", ".join(f"{100 * flip:.0f}" for flip in flips)
        return [
            f"A sketch of the customers {over}: {things(cells, 'bit')}, each of which says whether a customer falls "
            f"into its bucket, and each flipped in {shares} of 100 cases. It is the one of {entry.window.last.year}, "
            "for all studies of cross-use, and leaves sealed for the other members of a round alone."
        ]
    if isinstance(study, CrossUseStudy):
        peers = max((part.cells for part in entry.parts if part.measure == COUNT_PARTS[1][1]), default=1) - 1
        return [
            f"Counted: the study {title} {over}: its customers against the sketches of "
            f"{things(peers, 'other member')}, for all and for {things(len(study.groups), 'group')}: "
            f"{things(cells, 'figure')}, each with noise of its own."
        ]
    told = f" and {things(quantiles, 'quantile')} of what its customers have" if quantiles else ""
    what = f"{things(cells, 'figure')} in {things(tables, 'table')}{told}" if cells else told.removeprefix(" and ")
    return [f"Released: the study {title} {over}: {what}, each with noise of its own."]


def _suspicion(epsilon: Epsilon) -> str:
    """What a sketch of that ε does to a guess: by Bayes, the odds change by e^ε at the most."""
    factor = math.exp(min(epsilon.micro / MICRO, _MOST))
    yes, no = (100 * odds / (1 + odds) for odds in (factor / 9, 1 / (9 * factor)))
    return (
        "In figures: another member that opens it, and suspects with 10 % that someone is a customer, is at "
        f"{yes:.0f} % if that person's bit says yes, and at {no:.0f} % if it says no. Each further year's sketch adds "
        "as much."
    )


def _blur(part: SpentPart | SpentByCell | SpentQuantile | SpentLaplace) -> Blur:
    # Standard deviations, all of them. They follow from the booked scale alone, for a forged entry may have one that no
    # mechanism takes.
    match part:
        case SpentPart():
            one = _figure(float(part.scale), part.measure)
        case SpentByCell():
            least, most = (_figure(float(each), part.measure) for each in (min(part.scale), max(part.scale)))
            one = least if least == most else f"{least} to {most}"
        case SpentQuantile():
            one = f"{_figure(two_sided_error(part.scale), '')} customers"
            return Blur(part.name, part.measure, part.cells, one)
        case SpentLaplace():
            one = _figure(two_sided_error(part.scale), part.measure)
    return Blur(part.table, part.measure, part.cells, one)


def _figure(error: float, measure: str) -> str:
    one = f"±{error / 100:,.0f} kr" if measure == "revenue" else f"±{error:,.0f}"
    return one.replace(",", " ")
