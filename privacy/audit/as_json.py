"""The report for programs. docs/json.md has the keys."""

from typing import Any

from privacy.audit.grounds import Grounds
from privacy.audit.network import Report
from privacy.audit.spending import Account, for_customer_of
from privacy.audit.verdict import Finding
from privacy.audit.years import Year
from privacy.ledger.fields import format_time

CUSTOMER_OF = (1, 2, 3, 5, 10)


def report(found: Report, grounds: Grounds) -> dict[str, Any]:
    """A report, and what it rests on, as JSON."""
    accounts = found.accounts
    return {
        "verdict": str(found.verdict),
        "scope": found.scope,
        "network": found.trust_domain,
        "made": format_time(found.made),
        "findings": [finding(each) for each in found.findings],
        "members": len(found.ledgers),
        "ledger_years": sum(len(each.years) for each in accounts),
        "releases": None if found.releases is None else sum(len(each.releases) for each in found.releases),
        "unsent": None if found.releases is None else sum(len(each.unsent) for each in found.releases),
        "sketches": found.sketches,
        "benchmarks": [
            {"round": each.round, "version": each.version, "figures": each.figures} for each in found.benchmarks
        ],
        "figures_recomputed": found.figures,
        "years": [_year(each) for one in accounts for each in one.years],
        "customer_of": customer_of(accounts),
        "not_checkable": list(grounds.not_checkable),
        "pinned": grounds.pinned,
        "coordinator_key": grounds.coordinator_key,
        "witness": grounds.witness,
        "bundles": [{"path": each.path, "files": each.files, "sha256": each.sha256} for each in grounds.bundles],
        "audited": format_time(grounds.audited),
        "program": grounds.program,
    }


def finding(each: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    return {
        "code": each.code,
        "severity": str(each.severity),
        "subject": each.subject or None,
        "entry": each.entry,
        "file": each.file or None,
        "line": each.line,
        "sentence": each.sentence,
    }


def customer_of(accounts: tuple[Account, ...]) -> dict[str, str]:
    """By number of members: the ε for a customer of those that spent most."""
    numbers = [number for number in CUSTOMER_OF if number <= len(accounts)]
    return {str(number): str(for_customer_of(accounts, number)) for number in numbers}


def _year(each: Year) -> dict[str, Any]:
    return {
        "member": each.member,
        "year": each.year,
        "epsilon": str(each.epsilon),
        "spent": {"epsilon": str(each.spend.epsilon), "rho": str(each.spend.rho)},
        "highest_twelve_months": str(each.highest),
        "second_accountant": None if each.second is None else round(each.second, 6),
        "cap": None if each.cap is None else str(each.cap),
        "remaining": None if each.remaining is None else str(each.remaining),
        "lifetime": str(each.lifetime),
        "delta": f"{each.delta.numerator}/{each.delta.denominator}",
        "studies": [
            {"study": one.study, "releases": one.releases, "epsilon": str(one.spend.epsilon), "rho": str(one.spend.rho)}
            for one in each.studies
        ],
    }
