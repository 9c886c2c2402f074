"""An entry of a ledger in words: what happened, what it cost, and what that means for a customer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from privacy.audit.costs import cap_of, largest_of, total_epsilon, two, words
from privacy.audit.errors import UsageError
from privacy.audit.ledgers import CheckedLedger, Placed
from privacy.budget.amounts import MICRO, total
from privacy.budget.twelve_months import spent_between
from privacy.ledger.leaves import Entry, KeyAdopted, Opened, PolicyAdopted, Recovered, Spent, SpentPart, WitnessAdopted
from privacy.studies.study import Study
from privacy.terminal.wording import count, things


@dataclass(frozen=True)
class Blur:
    """How far the noise moves one figure of a table: two chances in three within `one`, 19 in 20 within twice that."""

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


def explain(ledger: CheckedLedger, seq: int, studies: Mapping[str, Study]) -> Explained:
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
                f"{things(len(entry.given_up), 'entry', 'entries')}; what they had booked ({words(entry.cost)}) "
                "counts as spent."
            ]
        case _:
            said = _spent(ledger, placed, entry, studies)
    when = f"Entry {seq} of {entry.time:%Y-%m-%d %H:%M:%S} UTC. {_sealed(ledger, placed)}"
    blurs = tuple(_blur(part) for part in entry.parts) if isinstance(entry, Spent) else ()
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
        f"From here on twelve months may cost {words(cap)} at most, which is ε "
        f"{two(total_epsilon(cap, entry.delta))} in all at δ {float(entry.delta):g}; a single release "
        f"{words(largest)}."
    ]


def _spent(ledger: CheckedLedger, placed: Placed, entry: Spent, studies: Mapping[str, Study]) -> list[str]:
    cells, tables = sum(part.cells for part in entry.parts), len({part.table for part in entry.parts})
    study = studies.get(entry.study_digest)
    title = entry.study if study is None else f"{study.name} ({study.title})"
    asked = "for no round, by the member itself" if entry.round is None else f"for the round {entry.round}"
    said = [
        f"Released: the study {title} over {entry.window.first} to {entry.window.last}, {asked}: "
        f"{things(cells, 'figure')} in {things(tables, 'table')}, each figure with noise of its own.",
    ]
    before = [each for each in ledger.placed if each.line < placed.line]
    policies = [each.entry for each in before if isinstance(each.entry, PolicyAdopted)]
    if not policies:
        return [*said, f"It cost {words(entry.cost)}, and no policy allowed it."]
    policy = policies[-1]
    cap = cap_of(policy)
    try:
        spent = total((spent_between([each.entry for each in before], entry.time), entry.cost))
    except ValueError:  # a date with no year before it
        return [*said, f"It cost {words(entry.cost)}, at a time from which nobody can count twelve months back."]
    alone = total_epsilon(entry.cost, policy.delta)
    said.append(
        f"It cost {words(entry.cost)}, which by itself is ε {two(alone)} at δ {float(policy.delta):g}. With it the "
        f"twelve months until then came to ε {two(total_epsilon(spent, policy.delta))} of the "
        f"{two(total_epsilon(cap, policy.delta))} that the policy allowed."
    )
    said.append(
        f"For one customer: whoever has this release, and knows everything else, can make the odds of a guess about "
        f"that customer at most {math.exp(alone.micro / MICRO):.1f} times better, but for a chance of "
        f"1 in {count(round(1 / policy.delta))}."
    )
    return said


def _blur(part: SpentPart) -> Blur:
    scale = float(part.scale)
    one = f"±{scale / 100:,.0f} kr" if part.measure == "revenue" else f"±{scale:,.0f}"
    return Blur(part.table, part.measure, part.cells, one.replace(",", " "))
