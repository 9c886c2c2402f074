"""The errors of the trust kernel: one tree, each with a stable reason and a sentence that says what to do."""

from typing import ClassVar


class KudosError(Exception):
    """Anything that Kudos refuses or cannot do. The message is written for the person at the screen.

    `reason` is a stable code for programs; `exit_status` is what a command ends with. A message never
    carries anything about a customer.
    """

    reason: ClassVar[str] = "FAILED"
    exit_status: ClassVar[int] = 1


class Refused(KudosError):
    """A budget or a policy says no. Nothing was spent and nothing was released."""

    reason = "REFUSED"
    exit_status = 3
