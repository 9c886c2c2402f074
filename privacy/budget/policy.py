"""A member's policy: what it takes part in and how much that may cost. Deny by default.

Read afresh from the member's own file for every release (`privacy.budget.policy_file`); a change of it
becomes an entry of the ledger. Nothing that is decided here depends on data.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeVar

import rfc8785

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.errors import Refused
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.shelf import AnyStudy

_Amount = TypeVar("_Amount", Epsilon, Rho)


class PolicyRefused(Refused):
    """The policy does not allow this release, whatever remains of the budget; `line` is what refused."""

    reason = "POLICY_REFUSED"

    def __init__(self, message: str, line: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class TwelveMonths:
    """The days that a cap looks at, and after when what was refused would fit; None where waiting changes nothing."""

    since: datetime
    until: datetime
    fits: datetime | None


class BudgetExhausted(Refused):
    """A release would take the trailing twelve months above the member's cap.

    `asked` is what it costs, `remaining` what the cap leaves, `difference` how far the two are apart (all
    three ε or all three ρ), `line` the line of the policy that refused. Where the cap was lowered below what
    was spent, nothing remains and the difference is more than was asked.
    """

    reason = "BUDGET_EXHAUSTED"

    def __init__(
        self, asked: _Amount, spent: _Amount, cap: _Amount, line: str, months: TwelveMonths | None = None
    ) -> None:
        period = "" if months is None else f" ({months.since:%Y-%m-%d} to {months.until:%Y-%m-%d})"
        again = "" if months is None or months.fits is None else f" (this one fits after {months.fits:%Y-%m-%d})"
        self.asked: Epsilon | Rho = asked
        self.remaining: Epsilon | Rho = cap.left_after(spent)
        self.difference: Epsilon | Rho = (spent + asked).left_after(cap)
        self.line = line
        super().__init__(
            f"This release costs {_symbol(asked)} {asked}, and {self.remaining} remains of the {cap} that "
            f"`{line}` in your policy allows in twelve months{period}: {self.difference} too much. Wait until "
            f"earlier releases are a year old{again}, decline, or raise `{line}` if your institution decides so."
        )


@dataclass(frozen=True)
class Allowance:
    """A study that the member takes part in, pinned by its digest. `tables` is None where all are allowed.

    Quantiles count as a table of their own: `revenue_quantiles`.
    """

    study: str
    digest: str
    tables: tuple[str, ...] | None


@dataclass(frozen=True)
class Policy:
    """A checked policy.

    `cap` is per trailing twelve months, `delta` where its ρ is turned into an ε; `largest_release` is per
    release; `sketch_epsilon` is what the yearly sketch costs. `self_assessment`: whether the levels are shared that
    the institution says it is on; nothing of customers is in them.
    """

    cap: Spend
    delta: Fraction
    largest_release: Spend
    sketch_epsilon: Epsilon
    named_pairs: bool
    approval_required: bool
    allowed: tuple[Allowance, ...]
    self_assessment: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the RFC 8785 form of what the policy says: neither comments nor any order count."""
        content: dict[str, Any] = {
            "cap": {**_amounts(self.cap), "delta": str(self.delta)},
            "largest_release": _amounts(self.largest_release),
            "sketch": {"epsilon": str(self.sketch_epsilon), "named_pairs": self.named_pairs},
            "approval": {"required": self.approval_required},
            "allow": {
                entry.study: {
                    "digest": entry.digest,
                    "tables": "all" if entry.tables is None else sorted(entry.tables),
                }
                for entry in self.allowed
            },
        }
        if self.self_assessment:  # a policy that says nothing of it is the one that it was
            content["self_assessment"] = True
        return "sha256:" + hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def check_allowed(policy: Policy, study: AnyStudy) -> None:
    """Raises `PolicyRefused` unless the member takes part in `study` as it stands, with every table of it.

    For a study of cross-use the yearly sketch must be one that the policy allows, too.
    """
    name = study.name
    command = f"See what it asks for: kudos-node review {name}. If you agree: kudos-node policy allow {name}"
    entry = next((entry for entry in policy.allowed if entry.study == study.name), None)
    if entry is None:
        raise PolicyRefused(f"Your policy does not allow the study {study.name} ({study.digest}). {command}", "allow")
    if entry.digest != study.digest:
        raise PolicyRefused(
            f"Your policy allows the study {study.name} as {entry.digest}, and it is now {study.digest}. {command}",
            "allow.digest",
        )
    if isinstance(study, CrossUseStudy):
        _check_sketch(policy, study, entry)
    elif entry.tables is not None:
        missing = [name for name in study.names if name not in entry.tables]
        if missing:
            raise PolicyRefused(
                f"Your policy allows the study {study.name} without {_listed(missing)}, which it contains. "
                f"Decline, or allow all of it: kudos-node policy allow {study.name}",
                "allow.tables",
            )


def _check_sketch(policy: Policy, study: CrossUseStudy, entry: Allowance) -> None:
    if entry.tables is not None:
        raise PolicyRefused(
            f"Your policy allows tables of {study.name}, and a study of cross-use has none: it is allowed whole or not "
            f"at all. If you agree: kudos-node policy allow {study.name}",
            "allow.tables",
        )
    cost = study.response.cost()
    if cost > policy.sketch_epsilon:
        raise PolicyRefused(
            f"The sketch of your customers for {study.name} costs ε {cost}, and `sketch.epsilon` in your policy allows "
            f"{policy.sketch_epsilon}. Decline, or raise `sketch.epsilon` if your institution decides so: a higher one "
            "tells the other members more about who is a customer of yours.",
            "sketch.epsilon",
        )


def check(
    policy: Policy, study: AnyStudy, cost: Spend, spent: Spend, months: Callable[[], TwelveMonths] | None = None
) -> None:
    """Raises unless `policy` lets a release of `study` cost `cost` after `spent` in the trailing year.

    `PolicyRefused` where the study, one of its tables or the size of the release is not allowed, and
    `BudgetExhausted` where the cap would be exceeded; `months` tells then of which days, for its sentence.
    """
    check_allowed(policy, study)
    _check_size(cost.epsilon, policy.largest_release.epsilon, "largest_release.epsilon")
    _check_size(cost.rho, policy.largest_release.rho, "largest_release.rho")
    _check_cap(cost.epsilon, spent.epsilon, policy.cap.epsilon, "cap.epsilon", months)
    _check_cap(cost.rho, spent.rho, policy.cap.rho, "cap.rho", months)


def _check_size(asked: _Amount, largest: _Amount, line: str) -> None:
    if asked > largest:
        raise PolicyRefused(
            f"This release costs {_symbol(asked)} {asked}, and `{line}` in your policy allows {largest} for "
            f"a single one: {asked.left_after(largest)} too much. Decline, or raise `{line}` if your "
            f"institution decides so.",
            line,
        )


def _check_cap(
    asked: _Amount, spent: _Amount, cap: _Amount, line: str, months: Callable[[], TwelveMonths] | None
) -> None:
    if spent + asked > cap:
        raise BudgetExhausted(asked, spent, cap, line, None if months is None else months())


def _symbol(amount: Epsilon | Rho) -> str:
    return "ε" if isinstance(amount, Epsilon) else "ρ"


def _listed(names: list[str]) -> str:
    return ("the table " if len(names) == 1 else "the tables ") + ", ".join(names)


def _amounts(spend: Spend) -> dict[str, str]:
    return {"epsilon": str(spend.epsilon), "rho": str(spend.rho)}
