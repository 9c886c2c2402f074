"""What a doctor found: a checked thing, how it stands, and what to do where it is not good."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
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


def room(folder: Path, least_gb: float, do: str) -> Finding:
    """Whether the disk of a folder has the room that its program wants; `do` says what to do where it has not."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < least_gb:
        return Finding("disk", "warning", f"{free:.1f} GB free", do)
    return Finding("disk", "good", f"{free:.0f} GB free")


def examined(home: Home, checks: Mapping[str, Callable[[Home], Iterator[Finding]]]) -> Iterator[Finding]:
    """What every check of a folder finds, in turn; one that fails is a fault by its name, and does not stop others."""
    for what, check in checks.items():
        try:
            yield from check(home)
        except KudosError as error:
            yield Finding(what, "fault", str(error))
