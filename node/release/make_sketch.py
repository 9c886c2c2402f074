"""The sketch of a year, from the node's folder: the stored one, or a new one that is frozen, booked and witnessed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from node.errors import NodeError
from node.home import Home
from node.release.accounts import accounts
from node.release.book_sketch import OtherSketch as OtherSketch  # what `make_sketch` raises
from node.release.book_sketch import book_sketch, check_same
from node.release.booking import Booked
from node.release.cost import cost_of
from node.release.make import Witness, compare
from node.release.stored_cross_use import StoredSketch, read_stored, sketch_of
from node.store.database import opened
from node.store.frozen import Freeze, bind, forget_old, freeze, frozen, sketched
from node.store.identity import is_of
from privacy.bounds.windows import Window
from privacy.budget import policy_file
from privacy.budget.amounts import Spend
from privacy.budget.policy import check, check_allowed
from privacy.identity.chain import KeyChain
from privacy.ledger import outbox
from privacy.ledger.contents import Contents
from privacy.ledger.store import Ledger
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.buckets import epoch_of
from privacy.sketch.sketch import SketchRead, SketchTerms
from privacy.studies.cross_use import CrossUseStudy


class ListLost(NodeError):
    """The list of the customers in a sketch is not in the store any more, or is not that of the sketch."""

    reason = "SKETCH_LIST_LOST"
    exit_status = 3


class OtherIdentity(NodeError):
    """A sketch, or the store, is of another identity key than the one in use."""

    reason = "OTHER_IDENTITY_KEY"
    exit_status = 3


@dataclass(frozen=True)
class SketchReady:
    """A sketch that may leave, sealed: its entry, its envelope, what it says, and whether it was there `already`."""

    seq: int
    envelope: bytes = field(repr=False)
    read: SketchRead
    already: bool


def make_sketch(
    home: Home,
    study: CrossUseStudy,
    window: Window,
    *,
    witness: Witness | None,
    round_name: str | None = None,
    ask: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _text: None,
) -> SketchReady:
    """The signed sketch of a window's epoch: the stored one, whatever its window, or a new one, booked.

    The list is frozen and the sketch is booked while no other process can use the store, so that the two are of one
    moment; a process that is killed in between has spent nothing. Raises ListLost, OtherIdentity, ReleaseLost; what
    `node.release.book_sketch.book_sketch` raises, the witness, and what opening the store does.
    """
    chain, epoch = home.identity_chain(), epoch_of(window)
    with Ledger.open(home.ledger_file) as ledger:
        compare(ledger, witness)
        with opened(home, say=say) as connection:
            found = sketch_of(ledger.contents(), epoch)
            listed = frozen(connection, epoch)
        _check(home, ledger.contents(), study, window)
        if found is not None:
            check_same(found, study)
            check_list(found, listed)
            _check_key(read_stored(ledger.contents(), found), chain)
        ask()
        if found is None:
            booked = _new(home, ledger, study, window, chain, round_name, say)
        else:
            booked = Booked(found.entry.seq, already=True)
        if witness is not None:
            witness.cosign(ledger)
        return _ready(ledger.contents(), epoch, booked)


def check_list(found: StoredSketch, listed: Freeze | None) -> None:
    """Raises ListLost unless the list in the store is the one of the sketch."""
    if listed is not None and listed.sketch_digest == found.entry.release_digest:
        return
    raise ListLost(
        f"The list of the customers in the sketch of {found.epoch} is not in this store any more: the store was filled "
        f"anew, under another identity key or on another machine, or restored from an older backup. Counts of "
        f"{found.epoch} are made of that list alone, and a second sketch would tell more than was paid for. Restore a "
        f"backup of store.duckdb from after {found.entry.time:%Y-%m-%d}, or decline: this node takes part in cross-use "
        "again with the next year's sketch."
    )


def _check(home: Home, contents: Contents, study: CrossUseStudy, window: Window) -> None:
    """Raises unless the policy allows what is not paid for yet, the sketch and after it the counts.

    A sketch alone would be in vain, and be in more hands for nothing.
    """
    policy, cost = policy_file.read(home.policy_file), cost_of(study, window, contents)
    check_allowed(policy, study)
    spent = accounts(contents, policy).spent
    for each in (cost.sketch, cost.release):
        if each != Spend.nothing():
            check(policy, study, each, spent)
        spent += each


def _new(
    home: Home,
    ledger: Ledger,
    study: CrossUseStudy,
    window: Window,
    chain: KeyChain,
    round_name: str | None,
    say: Callable[[str], None],
) -> Booked:
    key = load_signing_key(home.signing_key_file)
    with opened(home, say=say) as connection:
        found = sketch_of(ledger.contents(), epoch_of(window))
        if found is not None:  # another process was first
            check_same(found, study)
            return Booked(found.entry.seq, already=True)
        if not is_of(connection, chain):
            raise OtherIdentity(
                "The customers in this store were hashed under another identity key than the one in use. Nothing was "
                "spent. Import all your sales again: kudos-node import --anew FILE…"
            )
        forget_old(connection, datetime.now(UTC).year)
        made = freeze(connection, chain, epoch_of(window), window, study.buckets)
        terms = SketchTerms(
            epoch=made.epoch,
            window=window,
            buckets=study.buckets,
            flips=study.response.flips,
            flip_bits=study.response.bits,
            identity_commitment=made.commitment,
            identity_epoch=made.identity_epoch,
        )
        own = sketched(connection, made.epoch)
        agreed = policy_file.read(home.policy_file)
        return book_sketch(
            study,
            terms,
            own,
            agreed,
            ledger,
            key,
            lambda: datetime.now(UTC),
            bind=lambda digest: bind(connection, made.epoch, digest),
            round_name=round_name,
        )


def _ready(contents: Contents, epoch: str, booked: Booked) -> SketchReady:
    found = sketch_of(contents, epoch)
    if found is None:
        raise RuntimeError("a sketch that was booked is not there")
    read = read_stored(contents, found)
    return SketchReady(booked.seq, outbox.ready(contents, found.stored), read, booked.already)


def _check_key(read: SketchRead, chain: KeyChain) -> None:
    """Raises OtherIdentity for a sketch that was made under another identity key than the one in use."""
    epoch = read.terms.epoch
    if read.terms.identity_commitment != chain.commitment():
        raise OtherIdentity(
            f"The sketch of {epoch} was made under another identity key than the one that is in use, and others cannot "
            f"count against it. There is one sketch a year, so this node takes no part in cross-use of {epoch} any "
            "more: decline the round. It takes part again with the next year's sketch."
        )
