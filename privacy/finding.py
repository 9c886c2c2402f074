"""What a doctor found: a checked thing, how it stands, and what to do where it is not good."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from privacy.errors import KudosError

Home = TypeVar("Home")


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


def examined(home: Home, checks: Mapping[str, Callable[[Home], Iterator[Finding]]]) -> Iterator[Finding]:
    """What every check of a folder finds, in turn; one that fails is a fault by its name, and does not stop others."""
    for what, check in checks.items():
        try:
            yield from check(home)
        except KudosError as error:
            yield Finding(what, "fault", str(error))
