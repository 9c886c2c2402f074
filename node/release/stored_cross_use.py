"""Sketches and counts that a ledger holds: found, and verified before they are handed out or looked at."""

from dataclasses import dataclass

from node.release.stored import Verified, verified
from privacy.bounds.windows import Window
from privacy.ledger.contents import Contents, StoredRelease
from privacy.ledger.leaves import Spent, SpentResponse
from privacy.ledger.outbox import ReleaseLost
from privacy.rounds.count_fit import COUNT
from privacy.signing.envelope import BadEnvelope, parse_public_key
from privacy.sketch.buckets import epoch_of
from privacy.sketch.sketch import SketchRead, read_sketch
from privacy.studies.cross_use import SKETCH, CrossUseStudy
from protos.kudos.v1.cross_use_pb2 import Count


@dataclass(frozen=True)
class StoredSketch:
    """The sketch of an epoch: the entry that booked it, and its bytes as far as they are there."""

    entry: Spent
    stored: StoredRelease

    @property
    def epoch(self) -> str:
        """The year that it stands for."""
        return epoch_of(self.entry.window)


def is_sketch(entry: Spent) -> bool:
    """Whether an entry booked a sketch: nothing else has bits."""
    return entry.study == SKETCH and any(isinstance(part, SpentResponse) for part in entry.parts)


def sketch_of(contents: Contents, epoch: str) -> StoredSketch | None:
    """The sketch of an epoch, whatever its parameters; there is one at most."""
    by_seq = {each.seq: each for each in contents.releases}
    found = (
        StoredSketch(entry, by_seq[entry.seq])
        for entry in contents.entries
        if isinstance(entry, Spent) and is_sketch(entry)
    )
    return next((each for each in found if each.epoch == epoch), None)


def read_stored(contents: Contents, found: StoredSketch) -> SketchRead:
    """What a stored sketch says, its signature verified. Raises ReleaseLost, BadSketch, BadEnvelope."""
    if found.stored.envelope is None:
        raise ReleaseLost(
            f"The bytes of the sketch of {found.epoch}, which entry {found.entry.seq} booked, were lost with a copy of "
            "this ledger. They are paid for, and are never drawn anew: two sketches of one year together would tell "
            f"more than was paid for. This node takes no part in cross-use of {found.epoch}: decline the round; it "
            "takes part again with the next year's."
        )
    key = parse_public_key(contents.public_key_at(found.entry.seq))
    read = read_sketch(found.stored.envelope, key)
    said = (read.ledger, read.entry, read.terms.epoch, read.terms.window)
    if said != (contents.opened.origin, found.entry.seq, found.epoch, found.entry.window):
        raise BadEnvelope(f"The sketch of entry {found.entry.seq} says that it is another one. Do not use it.")
    return read


def count_of(contents: Contents, study: CrossUseStudy, window: Window) -> Verified[Count] | None:
    """The stored count of a study over a window, if there is one, verified. Raises `BadEnvelope`."""
    return verified(contents, study.digest, window, COUNT, Count)
