"""The exports of an invented institution, as its ticketing system would write them."""

from pathlib import Path

from deploy.demo import export_kudos, export_pretix, export_ticketco, export_tixly
from deploy.demo.population import Numbers
from deploy.demo.world import Truth, World, contacts, truth

SYSTEMS = {
    "tixly": export_tixly.write,
    "ticketco": export_ticketco.write,
    "pretix": export_pretix.write,
    "kudos": export_kudos.write,
}

WITHOUT_KEYS = frozenset({"ticketco"})
"""Systems whose exports carry no key of the customer."""

WITHOUT_PHONES = frozenset({"tixly"})
"""Systems whose profiles read no telephone number."""


def write(world: World, system: str, folder: Path) -> list[Path]:
    """Writes the export of a system (a name from `SYSTEMS`) into a folder that is there; returns the files."""
    return SYSTEMS[system](world, folder)


def expected(world: World, system: str) -> Truth:
    """What a node must find that imported that system's export: the truth, as far as the export carries it."""
    return truth(world, keys_are_known=system not in WITHOUT_KEYS)


def expected_contacts(world: World, system: str) -> Numbers:
    """The identities that a node finds among the customers of the last months, as far as the export carries them."""
    return contacts(world, phones_are_read=system not in WITHOUT_PHONES)
