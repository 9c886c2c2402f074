"""A count of a study over a window, from the node's folder: the stored one, or a new one, booked and witnessed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from node.home import Home
from node.release.accounts import accounts
from node.release.book_count import Against, Peer, book_count, check_against, check_named, check_peers
from node.release.book_count import CountedBefore as CountedBefore  # what `make_count` raises
from node.release.book_count import NoPeers as NoPeers
from node.release.booking import Booked
from node.release.make import Ready, Witness, compare
from node.release.make_sketch import ListLost, check_list
from node.release.stored_cross_use import count_of, sketch_of
from node.store.database import opened
from node.store.frozen import countable_now, forget_gone, frozen
from privacy.bounds.windows import Window
from privacy.budget import policy_file
from privacy.budget.policy import check, check_allowed
from privacy.ledger import outbox
from privacy.ledger.contents import Contents
from privacy.ledger.store import Ledger
from privacy.rounds.market import Market
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.buckets import epoch_of
from privacy.sketch.counting import count
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price


@dataclass(frozen=True)
class Sketch:
    """A peer and its bitmap, uint8 (buckets / 8,); None with the reason in `peer` where it is not counted."""

    peer: Peer
    bitmap: NDArray[np.uint8] | None = field(repr=False)


def make_count(
    home: Home,
    study: CrossUseStudy,
    window: Window,
    market: Market,
    me: str,
    sketches: Callable[[], Iterable[Sketch]],
    *,
    witness: Witness | None,
    round_name: str | None = None,
    ask: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _text: None,
) -> Ready:
    """The signed count against the sketches of a market: stored bytes where it is paid for, else a new one, booked.

    `sketches` gives those of the market's other members, in its order, one at a time: none is kept. They are asked for
    once all else is settled. Raises ListLost, NoPeers, CountedBefore; PolicyRefused, also where a stored count lets
    pairs be named and the policy does not any more; what `node.release.book_count.book_count` raises, the witness,
    `sketches`, and what opening the store does.
    """
    with Ledger.open(home.ledger_file) as ledger:
        compare(ledger, witness)
        booked = _stored(home, ledger.contents(), study, window, market)
        if booked is None:
            booked = _new(home, ledger, study, window, market, me, sketches, round_name, ask, say)
        if witness is not None:
            witness.cosign(ledger)
        contents = ledger.contents()
        found = count_of(contents, study, window)
        if found is None:
            raise RuntimeError("a count that was booked is not there")
        return Ready(booked.seq, outbox.ready(contents, found.stored), booked.already)


def _stored(home: Home, contents: Contents, study: CrossUseStudy, window: Window, market: Market) -> Booked | None:
    found = count_of(contents, study, window)
    if found is None:
        return None
    policy = policy_file.read(home.policy_file)
    check_allowed(policy, study)
    check_against(found, market.sketches_digest)
    check_named(found, policy)
    return Booked(found.stored.seq, already=True)


def _new(
    home: Home,
    ledger: Ledger,
    study: CrossUseStudy,
    window: Window,
    market: Market,
    me: str,
    sketches: Callable[[], Iterable[Sketch]],
    round_name: str | None,
    ask: Callable[[], None],
    say: Callable[[str], None],
) -> Booked:
    peers = market.peers_of(me)
    check_peers(peers)
    contents, policy = ledger.contents(), policy_file.read(home.policy_file)
    check(policy, study, count_price(study, len(peers)).spend, accounts(contents, policy).spent)
    ask()
    own, groups = _customers(home, contents, study, window, say)
    found: list[Peer] = []

    def bitmaps() -> Iterable[NDArray[np.uint8] | None]:
        for sketch in sketches():
            found.append(sketch.peer)
            yield sketch.bitmap

    counted = count(own, groups, len(study.groups), bitmaps())
    if tuple(peer.member for peer in found) != peers:
        raise RuntimeError("a count has other peers than its market")
    return book_count(
        study,
        window,
        counted,
        Against(market.sketches_digest, tuple(found)),
        policy_file.read(home.policy_file),
        ledger,
        load_signing_key(home.signing_key_file),
        lambda: datetime.now(UTC),
        round_name=round_name,
    )


def _customers(
    home: Home, contents: Contents, study: CrossUseStudy, window: Window, say: Callable[[str], None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bucket and group of everybody in the list who is still a customer; whoever is gone leaves it. Raises ListLost."""
    epoch = epoch_of(window)
    found = sketch_of(contents, epoch)
    if found is None:
        raise ListLost(
            f"This node's ledger has no sketch of {epoch}, and so there is nobody to count. Decline the round."
        )
    with opened(home, say=say) as connection:
        check_list(found, frozen(connection, epoch))
        connection.execute("BEGIN")
        forget_gone(connection)
        connection.execute("COMMIT")
        return countable_now(connection, epoch, study.partition)
