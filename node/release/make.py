"""A release of a study over a window, from the node's folder: the stored one, or a new one that is booked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.home import Home
from node.release import book, stored
from node.release.accounts import accounts
from node.release.book import Booked, Vectors
from node.release.in_view import in_view, is_empty
from node.release.prepare import exact
from node.store.database import opened
from privacy.bounds.windows import Window
from privacy.budget import policy_file
from privacy.budget.policy import Policy, check, check_allowed
from privacy.errors import Refused
from privacy.ledger import outbox
from privacy.ledger.store import Ledger
from privacy.signing.keyfile import load_signing_key
from privacy.studies.price import Price, price
from privacy.studies.study import Study

Ask = Callable[[Price, Vectors, bool], None]
"""Told what a new release would cost, what it would blur, and whether that is nothing at all (`in_view.is_empty`),
before it is booked; raises to stop it."""


class Witness(Protocol):
    """Who sees to it that a ledger goes one way only (`node.network.witness`)."""

    def compare(self, ledger: Ledger) -> None:
        """Raises unless the ledger goes on from what the witness has cosigned."""

    def cosign(self, ledger: Ledger) -> None:
        """Has the whole ledger cosigned, and keeps the cosignature in it. Raises what `compare` does."""


class WitnessNeeded(Refused):
    """A ledger with a witness is to book a release without asking it."""

    reason = "WITNESS_NEEDED"


@dataclass(frozen=True)
class Ready:
    """A release that may leave: its entry, its bytes, and whether it was there `already`."""

    seq: int
    envelope: bytes
    already: bool


def _unasked(*_of: object) -> None:
    pass


def make(
    home: Home,
    study: Study,
    window: Window,
    *,
    witness: Witness | None,
    round_name: str | None = None,
    ask: Ask = _unasked,
    say: Callable[[str], None] = lambda _text: None,
) -> Ready:
    """The signed release: stored bytes where it is paid for, else a new one, booked for `round_name` if given.

    Stored bytes need neither the store nor noise. The policy is read before anything is computed, and again before
    anything is spent: while a person is asked, an institution may think better of it. Where the ledger has a `witness`,
    it is asked before anything is booked, and the bytes come once it has cosigned. Raises what
    `node.release.book.release`, `privacy.ledger.outbox.ready` and the witness raise, WitnessNeeded, and what opening
    the store does.
    """
    policy = policy_file.read(home.policy_file)
    key = load_signing_key(home.signing_key_file)
    ledger = Ledger.open(home.ledger_file)
    try:
        compare(ledger, witness)
        booked = _stored(ledger, policy, study, window)
        if booked is None:
            booked = _new(home, ledger, policy, key, study, window, round_name, ask, say)
        return _ready(ledger, witness, booked, study, window)
    finally:
        ledger.close()


def compare(ledger: Ledger, witness: Witness | None) -> None:
    """Asks the witness, before anything is booked. Raises WitnessNeeded where a ledger has one and it is not given."""
    if witness is not None:
        witness.compare(ledger)
    elif ledger.contents().witness is not None:
        raise WitnessNeeded(
            "This ledger has a witness, the coordinator, which must be asked before anything is booked. Nothing "
            "was spent. Restore network.toml from your backup, or join again."
        )


def _ready(ledger: Ledger, witness: Witness | None, booked: Booked, study: Study, window: Window) -> Ready:
    if witness is not None:
        witness.cosign(ledger)
    contents = ledger.contents()
    found = stored.find(contents, study, window)
    if found is None:
        raise RuntimeError("a release that was booked is not there")
    return Ready(booked.seq, outbox.ready(contents, found.stored), booked.already)


def _stored(ledger: Ledger, policy: Policy, study: Study, window: Window) -> Booked | None:
    found = stored.find(ledger.contents(), study, window)
    if found is None:
        return None
    check_allowed(policy, study)
    return Booked(found.stored.seq, already=True)


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
    settings = home.settings()
    with opened(home, say=say) as connection:
        found = exact(connection, study, window, settings.timezone, settings.engine)
    ask(cost, in_view(study, found), is_empty(found))
    agreed = policy_file.read(home.policy_file)
    return book.release(study, window, found, agreed, ledger, key, lambda: datetime.now(UTC), round_name=round_name)
