"""What a ledger's releases cost, against its policy: at every release, over the twelve months before it, and in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import takewhile

from privacy.audit.caps import check_caps
from privacy.audit.costs import DEFAULT_DELTA, costs, dearest, of_entry, total_epsilon, trailing
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.studies_check import Studies, check_studies
from privacy.audit.verdict import Finding
from privacy.audit.years import Year, second_opinions, years_of
from privacy.budget.amounts import Epsilon, Spend, total
from privacy.errors import KudosError
from privacy.ledger.leaves import KeyAdopted, Recovered


@dataclass(frozen=True)
class Account:
    """What a member spent, by year; `peak` is its most expensive twelve months."""

    member: str
    years: tuple[Year, ...]
    peak: Spend
    delta: Fraction
    findings: tuple[Finding, ...]


def account(ledger: CheckedLedger, studies: Studies, made: datetime) -> Account:
    """Adds up a ledger at every release, and compares with the policy that the ledger says was in force.

    A ledger that cannot be added up is a finding: nobody's entries keep an audit from the others'.
    """
    try:
        return _account(ledger, studies, made)
    except (KudosError, ValueError, ArithmeticError) as error:
        said = f"This ledger cannot be added up, and nothing of what it spent could be held against a policy: {error}"
        finding = Finding("LEDGER_NOT_COMPUTABLE", said, ledger.member, None, ledger.file)
        return Account(ledger.member, (), Spend.nothing(), DEFAULT_DELTA, (finding,))


def _account(ledger: CheckedLedger, studies: Studies, made: datetime) -> Account:
    spending = costs(ledger)
    moments = trailing(spending, lambda each: each.placed.entry.time)
    years = years_of(ledger, spending, moments, made)
    findings = [
        *check_caps(ledger, spending, moments),
        *_recovered(ledger),
        *check_studies(ledger, studies),
        *second_opinions(ledger, years),
    ]
    delta = min((each.delta for each in years), default=DEFAULT_DELTA)
    peak = dearest(moments, delta)
    spent = Spend.nothing() if peak is None else peak.spent
    return Account(ledger.member, years, spent, delta, tuple(findings))


def _recovered(ledger: CheckedLedger) -> list[Finding]:
    """Recoveries. Where the copy given up was there, or the machine is a new one, they are worth a note."""
    found = []
    for index, each in enumerate(ledger.placed):
        if not isinstance(each.entry, Recovered):
            continue
        given = len(each.entry.given_up)
        cost = each.entry.cost
        said = f"The ledger went on from its witness's copy; {given} entries were given up, and {cost} with them."
        again = len(list(takewhile(lambda one: one.line in ledger.rebooked, ledger.placed[index + 1 :])))
        if again:
            said += f" {again} of them were booked again, without their bytes: nobody can hold these against a policy."
        before = ledger.placed[index - 1].entry if index else None
        new_machine = each.entry.old == "absent" and isinstance(before, KeyAdopted)
        if each.entry.old == "whole" or new_machine:
            found.append(of_entry(ledger, each, "RECOVERED", said))
        else:
            said += f" The copy was {each.entry.old}: what it had booked besides, nobody can tell. Ask the member."
            found.append(of_entry(ledger, each, "RECOVERED_BLIND", said))
    return found


def for_customer_of(accounts: Sequence[Account], members: int) -> Epsilon:
    """What the dearest twelve months of the `members` members that spent most mean for a customer of them all."""
    delta = min((each.delta for each in accounts), default=DEFAULT_DELTA)
    chosen = sorted(accounts, key=lambda each: total_epsilon(each.peak, delta), reverse=True)[:members]
    return total_epsilon(total(each.peak for each in chosen), delta)
