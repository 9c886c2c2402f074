"""The trunk of the tree, and what any call may be refused for."""

from typing import ClassVar

from privacy.errors import KudosError


class CoordinatorError(KudosError):
    """A fault of the coordinator's own making or surroundings."""

    reason = "COORDINATOR"
    code: ClassVar[str] = "INTERNAL"


class UsageError(CoordinatorError):
    """A command was given words that it cannot take."""

    reason = "USAGE"
    code = "INVALID_ARGUMENT"
    exit_status = 2


class NoHome(CoordinatorError):
    """The folder holds no coordinator."""

    reason = "NO_COORDINATOR"


class StoreBusy(CoordinatorError):
    """Another process writes to the store for too long."""

    reason = "STORE_BUSY"
    code = "UNAVAILABLE"


class StoreUnusable(CoordinatorError):
    """The store cannot be opened, or is of another version."""

    reason = "STORE_UNUSABLE"


class StoreExists(StoreUnusable):
    """A new store was to be made where there is one."""

    reason = "STORE_EXISTS"


class RefusedCall(CoordinatorError):
    """A caller or an operator asks for what cannot be done. Nothing was changed."""

    code = "FAILED_PRECONDITION"


class BadRequest(RefusedCall):
    """Bytes that are no request."""

    reason = "BAD_REQUEST"
    code = "INVALID_ARGUMENT"


class CallEnded(RefusedCall):
    """The caller has gone, or was too slow, before it had said all."""

    reason = "CALL_ENDED"
    code = "CANCELLED"


class TooLarge(RefusedCall):
    """More bytes than the coordinator takes."""

    reason = "TOO_LARGE"
    code = "RESOURCE_EXHAUSTED"


class UpgradeNeeded(RefusedCall):
    """The caller speaks a version of the protocol that is too old."""

    reason = "UPGRADE_NEEDED"
