"""What a recovery gets back of a ledger's bytes: releases as the coordinator has them, sketches as they were sealed.

The coordinator cannot read a sketch. It has what this node sealed, for itself too: whoever has the node's sealing key
and its signing key makes the very bytes again that the ledger booked.
"""

from collections.abc import Callable, Iterator, Sequence

from node.home import Home
from node.membership.errors import RefusedByCoordinator
from node.membership.settings import Files
from node.membership.tls import sealing_key
from node.network.fetching import NOT_FOUND, largest_transfer
from node.release.stored_cross_use import is_sketch
from node.wire.federation import Federation
from privacy.ledger.leaves import Spent, parse
from privacy.rounds.announcement import BadAnnouncement, read
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.buckets import epoch_of
from privacy.sketch.errors import BadSeal, BadSketch
from privacy.sketch.header import read_header
from privacy.sketch.sealing import open_sealed
from privacy.sketch.sketch import sign_sketch

_NONE_THERE = frozenset({"NOT_IN_ROSTER", "UNKNOWN_ROUND", "UNKNOWN_SKETCH"})


def fetching_back(home: Home, coordinator: Federation, leaves: Sequence[bytes]) -> Callable[[str], bytes | None]:
    """What gets the bytes of a release by its digest, of the ledger that has these leaves; None where nobody has them.

    Raises DamagedLedger for what are no leaves. What it gives raises NoConnection and RefusedByCoordinator.
    """
    entries = [parse(leaf) for leaf in leaves]
    sketches = {each.release_digest: each for each in entries if isinstance(each, Spent) and is_sketch(each)}

    def fetch(digest: str) -> bytes | None:
        entry = sketches.get(digest)
        return coordinator.ledger.own_release(digest) if entry is None else _own_sketch(home, coordinator, entry)

    return fetch


def _own_sketch(home: Home, coordinator: Federation, entry: Spent) -> bytes | None:
    """The sketch that an entry booked, out of what was sealed for any round."""
    for name in dict.fromkeys(_rounds(coordinator, entry)):
        try:
            found = _unsealed(home, coordinator, name, entry)
        except RefusedByCoordinator as error:
            if error.code != NOT_FOUND and error.coordinator_reason not in _NONE_THERE:
                raise
            continue
        if found is not None:
            return found
    return None


def _rounds(coordinator: Federation, entry: Spent) -> Iterator[str]:
    """The round that the entry names, and every other that has a sketch of this node."""
    if entry.round is not None:
        yield entry.round
    for state in coordinator.rounds().rounds:
        try:
            announced = read(state.announcement, coordinator.network.verifier)
        except BadAnnouncement:
            continue
        if state.sketch_digest and epoch_of(announced.window) == epoch_of(entry.window):
            yield announced.round


def _unsealed(home: Home, coordinator: Federation, round_name: str, entry: Spent) -> bytes | None:
    """The envelope in a sealed sketch, signed again: the same input gives the same bytes. None where it cannot be."""
    me, key = coordinator.network.id, load_signing_key(home.signing_key_file)
    envelope, chunks = coordinator.cross_use.sketch(round_name, me, largest_transfer(entry.parts[0].cells))
    try:
        header = read_header(envelope, key.public_key())
        read = open_sealed(header, chunks, me, sealing_key(Files(home).sealing_key), key.public_key())
        return sign_sketch(read.terms, read.ledger, read.entry, read.bitmap, key)
    except (BadSeal, BadSketch):
        return None
