"""What can be wrong with a ledger."""

from pathlib import Path

from privacy.errors import KudosError, Refused


class DamagedLedger(KudosError):
    """The ledger is not what was written. The node stops; it never starts a new one by itself."""

    reason = "LEDGER_DAMAGED"

    def __init__(self, what: str, path: Path | None = None) -> None:
        self.what = what
        where = "The ledger" if path is None else f"The ledger {path}"
        super().__init__(
            f"{where} is damaged: {what}. Nothing can be released until it is whole. In a network, go on from what "
            "the coordinator has of it: kudos-node ledger recover. A node that works alone restores the file from its "
            "latest backup. Never start a new one: the ledger alone says what was spent of your customers' privacy."
        )


class LedgerExists(KudosError):
    """A ledger was to be created where there is a file."""

    reason = "LEDGER_EXISTS"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists, and an institution has one ledger for life. Use it; it is never replaced.")


class LedgerBusy(KudosError):
    """Another process holds the ledger, for longer than a release takes."""

    reason = "LEDGER_BUSY"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Another Kudos process is using the ledger {path}. Nothing was spent. Wait for it to finish, "
            f"then try again."
        )


class LedgerUnavailable(KudosError):
    """The disk or the system refuses to read or write the ledger."""

    reason = "LEDGER_UNAVAILABLE"

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"The ledger {path} cannot be read or written: {what}. Nothing was released. Check that the disk "
            f"has room and that you may write to the file and its folder, then try again."
        )


class ClockWentBack(Refused):
    """The clock is behind the last entry, or the witness's last cosignature: no twelve months can be told by it."""

    reason = "CLOCK_WENT_BACK"

    def __init__(self, now: str, last: str) -> None:
        super().__init__(
            f"This machine's clock says {now}, earlier than what the ledger has, or its witness has cosigned ({last}). "
            f"Nothing was spent. Set the clock, then try again; if that was done by a wrong clock, ask NPU."
        )
