"""What a check found: the doctor's, and those of the connection on which it looks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One checked thing: `status` is good, warning or fault; `do` says what to do where it is not good."""

    what: str
    status: str
    says: str
    do: str = ""

    @property
    def good(self) -> bool:
        """Whether there is nothing to do."""
        return self.status == "good"
