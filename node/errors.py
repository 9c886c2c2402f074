"""What a node can refuse or fail at. Every message says what happened, where, and what to do."""

from privacy.errors import KudosError


class NodeError(KudosError):
    """A fault of the node's own making or surroundings."""

    reason = "NODE"


class UsageError(NodeError):
    """A command was given words that it cannot take."""

    reason = "USAGE"
    exit_status = 2


class NoHome(NodeError):
    """The folder holds no node."""

    reason = "NO_NODE"


class NoIdentityKey(NodeError):
    """A member of a network that has not got its identity key yet."""

    reason = "NO_IDENTITY_KEY"
    exit_status = 3


class StoreBusy(NodeError):
    """Another command works in the store."""

    reason = "STORE_BUSY"


class StoreDamaged(NodeError):
    """The store cannot be opened."""

    reason = "STORE_DAMAGED"


class EngineFailed(NodeError):
    """The engine that settings.toml names cannot be used, or has failed. Nothing was booked."""

    reason = "ENGINE_FAILED"


class ImportRefused(NodeError):
    """A file cannot be imported as it stands. Nothing was changed."""

    reason = "IMPORT_REFUSED"


class FileNotWritten(NodeError):
    """A file could not be written; `why` in the system's words, such as of a full disk. What was there stays."""

    reason = "NOT_WRITTEN"

    def __init__(self, message: str, why: str) -> None:
        self.why = why
        super().__init__(message)


class FileDamaged(NodeError):
    """A file that the node keeps is not what the node wrote: this machine's fault, and nobody else's."""

    reason = "FILE_DAMAGED"


class SystemRefused(NodeError):
    """The machine refuses what a node needs, such as room on its disk."""

    reason = "SYSTEM_REFUSED"


class Defect(NodeError):
    """An error that nobody foresaw. The message has its place, and nothing of what it says: that may be data."""

    reason = "DEFECT"


class ProfileIncomplete(NodeError):
    """A profile that is being made lacks something that only its user knows. Nothing was written."""

    reason = "PROFILE_INCOMPLETE"


class NotValid(NodeError):
    """A file that was checked is not in the standard, or cannot be read by its profile."""

    reason = "NOT_VALID"
