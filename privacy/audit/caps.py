"""The caps of a ledger's policies, at every release, by the entries' dates and by the witness's clock."""

from collections.abc import Sequence
from datetime import datetime

from privacy.audit.costs import (
    DEFAULT_DELTA,
    Cost,
    Held,
    Moment,
    cap_of,
    largest_of,
    of_entry,
    total_epsilon,
    trailing,
    two,
)
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.verdict import Finding
from privacy.budget.amounts import Epsilon, Rho, Spend, delta_text
from privacy.ledger.leaves import PolicyAdopted, Spent, WitnessAdopted


def check_caps(ledger: CheckedLedger, spending: Sequence[Cost], moments: Sequence[Moment]) -> list[Finding]:
    """Releases without a policy, those larger than it lets one be, and twelve months that cost more than it allows.

    `moments` are the twelve months of each of `spending` by the entries' dates.
    """
    found = [*_changes(ledger), *_single(ledger, spending), *_over_cap(ledger, spending, moments, "CAP_EXCEEDED")]
    if not any(each.code == "CAP_EXCEEDED" for each in found):
        found += _over_witnessed_cap(ledger, spending)
    return found


def _changes(ledger: CheckedLedger) -> list[Finding]:
    """Policies that allow more than the one before, or count ε at a larger δ than is usual.

    A member may change its own policy at any time, but not unseen: a cap that is raised for one release and lowered
    again afterwards stands in no table of years.
    """
    found: list[Finding] = []
    before: PolicyAdopted | None = None
    for each in ledger.placed:
        if not isinstance(each.entry, PolicyAdopted):
            continue
        if each.entry.delta > DEFAULT_DELTA and (before is None or before.delta != each.entry.delta):
            delta, usual = delta_text(each.entry.delta), delta_text(DEFAULT_DELTA)
            said = f"This policy counts ε at δ {delta}. At the usual {usual} its ε would be larger."
            found.append(of_entry(ledger, each, "DELTA_LARGE", said))
        looser = [] if before is None else _looser(before, each.entry)
        if looser:
            said = f"This policy allows more than the one before: {', '.join(looser)}."
            found.append(of_entry(ledger, each, "POLICY_LOOSENED", said))
        before = each.entry
    return found


def _looser(before: PolicyAdopted, after: PolicyAdopted) -> list[str]:
    """In what a policy allows more than the one before."""
    pairs = (
        ("ε in twelve months", Epsilon(before.cap_epsilon_u), Epsilon(after.cap_epsilon_u)),
        ("ρ in twelve months", Rho(before.cap_rho_u), Rho(after.cap_rho_u)),
        ("ε of a single release", Epsilon(before.largest_epsilon_u), Epsilon(after.largest_epsilon_u)),
        ("ρ of a single release", Rho(before.largest_rho_u), Rho(after.largest_rho_u)),
    )
    found = [f"{name} {new} instead of {old}" for name, old, new in pairs if new.micro > old.micro]
    return found + (
        [f"δ {delta_text(after.delta)} instead of {delta_text(before.delta)}"] if after.delta > before.delta else []
    )


def _single(ledger: CheckedLedger, spending: Sequence[Cost]) -> list[Finding]:
    """Releases without a policy, and those larger than it lets a single one be."""
    found: list[Finding] = []
    held = Held(ledger)
    for each in spending:
        if not isinstance(each.placed.entry, Spent) or each.placed.line in ledger.rebooked:
            continue
        policy = held.at(each.placed.line)
        if policy is None:
            found.append(
                of_entry(ledger, each.placed, "NO_POLICY", "This release was booked, and no policy stood before it.")
            )
            continue
        largest = largest_of(policy)
        if not each.spend.fits_in(largest):
            said = f"This release costs {each.spend}, and the policy allows {largest} for a single release."
            found.append(of_entry(ledger, each.placed, "LARGEST_EXCEEDED", said))
    return found


def _over_cap(ledger: CheckedLedger, spending: Sequence[Cost], moments: Sequence[Moment], code: str) -> list[Finding]:
    """The first release that took twelve months above the cap of the policy in force, and how many more there are."""
    held = Held(ledger)
    over: list[tuple[Cost, Spend, PolicyAdopted]] = []
    doubts: list[Finding] = []
    for each, moment in zip(spending, moments, strict=True):
        policy = held.at(each.placed.line)
        if policy is None or not isinstance(each.placed.entry, Spent) or not moment.exceeds(policy):
            continue
        if each.placed.line not in ledger.rebooked:
            over.append((each, moment.spent, policy))
        elif not doubts:
            said = (
                "With what the recovery before it booked again, twelve months cost more than the policy allows. Only "
                "the copy that was given up could show that it was booked before: ask the member for that file."
            )
            doubts = [of_entry(ledger, each.placed, "REBOOKED_OVER_CAP", said)]
    if not over:
        return doubts
    each, spent, policy = over[0]
    cap, amounts = cap_of(policy), []
    if spent.rho > cap.rho:
        amounts.append(f"ρ {spent.rho}, and the policy allows ρ {cap.rho}")
    if spent.epsilon > cap.epsilon:
        amounts.append(f"pure ε {spent.epsilon}, and the policy allows {cap.epsilon}")
    by = " by the times of the cosignatures" if code == "CAP_BY_WITNESSED_TIME" else ""
    more = "" if len(over) == 1 else f" So it is after {len(over) - 1} later of its releases, too."
    total = f"In all that is ε {two(total_epsilon(spent, policy.delta))} of {two(total_epsilon(cap, policy.delta))}"
    kinds = "" if spent.epsilon > cap.epsilon and spent.rho > cap.rho else "; ρ and pure ε have a cap each"
    said = f"With it twelve months{by} cost {'; '.join(amounts)}. {total}{kinds}.{more}"
    return [*doubts, of_entry(ledger, each.placed, code, said)]


def _over_witnessed_cap(ledger: CheckedLedger, spending: Sequence[Cost]) -> list[Finding]:
    """The caps once more by the witness's clock: entries may be dated anywhere between two cosignatures.

    What was booked before the ledger had a witness was cosigned all at once, when it came to have one: its dates are
    the member's word, and stay out of this.
    """
    first = next((each.line for each in ledger.placed if isinstance(each.entry, WitnessAdopted)), 0)
    before = [each for each in spending if each.placed.line < first]
    spending = spending[len(before) :]
    times: dict[int, datetime] = {}
    for each in spending:
        point = ledger.covered(each.placed.line)
        times[each.placed.line] = each.placed.entry.time if point is None or point.time is None else point.time
    moments = trailing(spending, lambda each: times[each.placed.line])
    found = _over_cap(ledger, spending, moments, "CAP_BY_WITNESSED_TIME")
    if before:
        said = (
            f"Until here it had no witness: that its {len(before)} releases before were booked when they say is the "
            "member's word alone."
        )
        found.append(of_entry(ledger, before[-1].placed, "BEFORE_WITNESS", said))
    return found
