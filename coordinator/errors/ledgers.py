"""Members' ledgers, and whether a release is booked in one."""

from coordinator.errors.base import RefusedCall


class WrongLedger(RefusedCall):
    """Another ledger than the member's own."""

    reason = "WRONG_LEDGER"
    code = "INVALID_ARGUMENT"


class LedgerMismatch(RefusedCall):
    """The witness has seen another size of the ledger than the node takes for its last. The sentence says which."""

    reason = "LEDGER_MISMATCH"


class LedgerRollback(RefusedCall):
    """A checkpoint of an older state of the ledger than the witness has cosigned."""

    reason = "LEDGER_ROLLBACK"


class LedgerFork(RefusedCall):
    """A checkpoint of another ledger than the one whose beginning the witness has."""

    reason = "LEDGER_FORK"


class LedgerGap(RefusedCall):
    """Leaves that are not the next ones of the ledger, each once and in order."""

    reason = "LEDGER_GAP"
    code = "INVALID_ARGUMENT"


class BadLeaf(RefusedCall):
    """Bytes that are no entry of a ledger, or not the one that its checkpoint covers."""

    reason = "BAD_LEAF"
    code = "INVALID_ARGUMENT"


class BadCheckpoint(RefusedCall):
    """A note that is no checkpoint signed by the ledger's key, or without a proof that holds."""

    reason = "BAD_CHECKPOINT"
    code = "INVALID_ARGUMENT"


class WrongKey(RefusedCall):
    """A checkpoint signed by another key than the member's present one, or than the ledger names."""

    reason = "WRONG_KEY"
    code = "INVALID_ARGUMENT"


class ClockApart(RefusedCall):
    """An entry from the future, or what there is already: one of the clocks is, or was, wrong."""

    reason = "CLOCK_APART"


class NotWitnessed(RefusedCall):
    """A release whose entry the witness does not have."""

    reason = "NOT_WITNESSED"


class NotBooked(RefusedCall):
    """A release that the entry it names does not book."""

    reason = "NOT_BOOKED"
    code = "INVALID_ARGUMENT"


class LedgerFull(RefusedCall):
    """A ledger would have more entries or bytes than the witness keeps of one."""

    reason = "LEDGER_FULL"
    code = "RESOURCE_EXHAUSTED"


class WitnessBusy(RefusedCall):
    """The witness works at another request of the same member."""

    reason = "TOO_MANY_CALLS"
    code = "RESOURCE_EXHAUSTED"
