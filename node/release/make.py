"""A release of a study over a window, from the node's folder: the stored one, or a new one that is booked."""

from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.home import Home
from node.release import book, stored
from node.release.accounts import accounts
from node.release.book import Booked, Vectors
from node.release.prepare import exact_vectors
from node.store.database import opened
from privacy.bounds.windows import Window
from privacy.budget import policy_file
from privacy.budget.policy import Policy, check, check_allowed
from privacy.ledger.store import Ledger
from privacy.signing.keyfile import load_signing_key
from privacy.studies.price import Price, price
from privacy.studies.study import Study

Ask = Callable[[Price, Vectors], None]
"""Told what a new release would cost and what it would blur, before it is booked; raises to stop it."""


def _unasked(_cost: Price, _vectors: Vectors) -> None:
    pass


def make(
    home: Home,
    study: Study,
    window: Window,
    *,
    round_name: str | None = None,
    ask: Ask = _unasked,
    say: Callable[[str], None] = lambda _text: None,
) -> Booked:
    """The signed release: stored bytes where it is paid for, else a new one, booked for `round_name` if given.

    Stored bytes need neither the store nor noise. The policy is read before anything is computed, and again before
    anything is spent: while a person is asked, an institution may think better of it. Raises what
    `node.release.book.release` raises, and what opening the store does.
    """
    policy = policy_file.read(home.policy_file)
    key = load_signing_key(home.signing_key_file)
    ledger = Ledger.open(home.ledger_file)
    try:
        paid = _stored(ledger, policy, study, window)
        return paid or _new(home, ledger, policy, key, study, window, round_name, ask, say)
    finally:
        ledger.close()


def _stored(ledger: Ledger, policy: Policy, study: Study, window: Window) -> Booked | None:
    found = stored.find(ledger.contents(), study, window)
    if found is None:
        return None
    check_allowed(policy, study)
    return Booked(found.stored.seq, found.stored.envelope, already=True)


def _new(
    home: Home,
    ledger: Ledger,
    policy: Policy,
    key: Ed25519PrivateKey,
    study: Study,
    window: Window,
    round_name: str | None,
    ask: Ask,
    say: Callable[[str], None],
) -> Booked:
    cost = price(study)
    check(policy, study, cost.spend, accounts(ledger.contents(), policy).spent)
    with opened(home, say=say) as connection:
        vectors = exact_vectors(connection, study, window)
    ask(cost, vectors)
    agreed = policy_file.read(home.policy_file)
    return book.release(study, window, vectors, agreed, ledger, key, lambda: datetime.now(UTC), round_name=round_name)
