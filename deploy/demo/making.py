"""An institution's world is made and written down in a process of its own; what comes back is small."""

from dataclasses import dataclass
from pathlib import Path

from deploy.demo import exports
from deploy.demo.cast import Part
from deploy.demo.population import Numbers
from deploy.demo.world import Truth, invent


@dataclass(frozen=True)
class Made:
    """An institution's exports, and the truth about it. `people` are the numbers of its customers in the market.

    `contacts` are the identities of those of the last twelve months (`deploy.demo.world.contacts`).
    """

    files: tuple[Path, ...]
    bytes: int
    orders: int
    people: Numbers
    contacts: Numbers
    truth: Truth


def make(exports_folder: Path, part: Part) -> Made:
    """Invents the institution and writes its exports into a new folder of its own there."""
    folder = exports_folder / part.id
    world = invent(part.institution)
    folder.mkdir(parents=True)
    files = sorted(exports.write(world, part.system, folder))
    return Made(
        tuple(files),
        sum(file.stat().st_size for file in files),
        len(world.orders.time),
        world.people.ids,
        exports.expected_contacts(world, part.system),
        exports.expected(world, part.system),
    )
