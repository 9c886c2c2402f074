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


class ImportRefused(NodeError):
    """A file cannot be imported as it stands. Nothing was changed."""

    reason = "IMPORT_REFUSED"
