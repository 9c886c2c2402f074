"""What every booking has in common: one durable transaction of checks, policy, entry and bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.release.room import room
from privacy.budget.amounts import Spend
from privacy.budget.policy import Policy, TwelveMonths, check, check_allowed
from privacy.budget.twelve_months import since, spent_between
from privacy.errors import Refused
from privacy.ledger.contents import Contents
from privacy.ledger.counting import APART, counted
from privacy.ledger.errors import ClockWentBack
from privacy.ledger.fields import format_time, whole_second
from privacy.ledger.leaves import PolicyAdopted, Spent
from privacy.ledger.store import Ledger, Transaction
from privacy.signing.envelope import public_key_text
from privacy.studies.shelf import AnyStudy

Clock = Callable[[], datetime]
"""The time of this instant, with its time zone."""

Step = Callable[[str], None]
"""Told the name of each point that a booking reaches, for tests that end the process there."""


class KeyNotInLedger(Refused):
    """The signing key is another than the ledger names: what it signed could not be verified."""

    reason = "KEY_NOT_IN_LEDGER"


@dataclass(frozen=True)
class Booked:
    """A release that is paid for: its entry, and whether it was there `already`. Its bytes: `privacy.ledger.outbox`."""

    seq: int
    already: bool


def unobserved(_point: str) -> None:
    """Nobody watches."""


def book(
    study: AnyStudy,
    cost: Spend,
    policy: Policy,
    ledger: Ledger,
    key: Ed25519PrivateKey,
    clock: Clock,
    step: Step,
    *,
    paid: Callable[[Contents], int | None],
    make: Callable[[Transaction, datetime], tuple[bytes, Spent]],
) -> Booked:
    """Books what `make` makes, its entry and its bytes in one durable transaction, unless it is `paid` for.

    `paid` gives the entry that has booked it already, or raises; `make` draws the noise and signs. Whatever raises,
    nothing is spent: `PolicyRefused`, `BudgetExhausted`, `ClockWentBack`, `KeyNotInLedger`, what the ledger raises, and
    what the two do.
    """
    step("before_begin")
    with ledger.transaction() as transaction:
        step("begun")
        check_allowed(policy, study)
        seq = paid(transaction.contents)
        if seq is not None:
            return Booked(seq, already=True)
        now = whole_second(clock())
        _check(transaction.contents, policy, study, cost, key, now)
        step("checked")
        _adopt(transaction, policy, now)
        envelope, entry = make(transaction, now)
        transaction.append(entry)
        step("leaf_inserted")
        transaction.store(envelope)
        step("release_inserted")
    step("committed")
    return Booked(entry.seq, already=False)


def _check(
    contents: Contents, policy: Policy, study: AnyStudy, cost: Spend, key: Ed25519PrivateKey, now: datetime
) -> None:
    """Raises unless this much may be booked for a study now: by the clocks, the key, the policy and its caps.

    What is dated before the witness's last cosignature is, to an auditor, entered behind the witness's back.

    `ClockWentBack`, `KeyNotInLedger`, `PolicyRefused`, `BudgetExhausted`.
    """
    last = contents.last.time if contents.cosigned is None else max(contents.last.time, contents.cosigned.time - APART)
    if now < last:
        raise ClockWentBack(format_time(now), format_time(last))
    if public_key_text(key.public_key()) != contents.public_key:
        raise KeyNotInLedger(
            "The signing key of this node is not the one that its ledger names. Nothing was spent. Restore "
            "the key from your backup."
        )
    check(
        policy,
        study,
        cost,
        spent_between(counted(contents, now), now),
        lambda: _twelve_months(contents, policy, cost, now),
    )


def _twelve_months(contents: Contents, policy: Policy, cost: Spend, now: datetime) -> TwelveMonths:
    """The days that the caps look at now, and when a cost would fit if nothing else is spent."""
    return TwelveMonths(since(now), now, room(counted(contents, now), policy, cost, now).more_at)


def _adopt(transaction: Transaction, policy: Policy, now: datetime) -> None:
    """Has the ledger name the policy that what follows is booked under, unless it does."""
    if transaction.contents.policy_digest == policy.digest:
        return
    transaction.append(
        PolicyAdopted(
            seq=transaction.next_seq,
            time=now,
            digest=policy.digest,
            cap_epsilon_u=policy.cap.epsilon.micro,
            cap_rho_u=policy.cap.rho.micro,
            delta=policy.delta,
            largest_epsilon_u=policy.largest_release.epsilon.micro,
            largest_rho_u=policy.largest_release.rho.micro,
        )
    )
