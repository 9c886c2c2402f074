"""The market of a round of cross-use, kept as it was signed: it never changes."""

from collections.abc import Callable
from pathlib import Path

from node.home import Home, write_private
from node.membership.errors import CoordinatorContradicts
from node.membership.settings import Membership
from node.network.kept import damaged, set_aside, whole
from node.network.rounds import as_announced, folder_of
from node.wire.federation import Federation
from privacy.rounds.market import MARKET, Market, read_market


def take_in(home: Home, coordinator: Federation, name: str, say: Callable[[str], None]) -> Market:
    """The market of a round as the coordinator shows it, kept once it is verified.

    Where the one that is kept has been damaged here, it is set aside, and `say` told. Raises BadMarket, what the
    coordinator refuses with, and CoordinatorContradicts where it is another than the one that is kept.
    """
    network = coordinator.network
    announced, announcement = as_announced(home, network, name)
    envelope = coordinator.cross_use.market(name)
    market = read_market(envelope, network.verifier, announced, announcement)
    file = _file(home, name)
    first = file.read_bytes() if file.exists() else None
    if first is not None and first != envelope:
        if whole(MARKET, first, network.verifier):
            raise CoordinatorContradicts(
                f"The coordinator shows another market of round {name} than before. This node keeps to the first, and "
                "counts against no other; ask the coordinator why, and tell the auditor."
            )
        say(set_aside(file))
        first = None
    if first is None:
        write_private(file, envelope)
    return market


def kept(home: Home, network: Membership, name: str) -> Market | None:
    """The market that is kept of a round; None before there is one. Raises FileDamaged, BadMarket."""
    file = _file(home, name)
    if not file.exists():
        return None
    envelope = file.read_bytes()
    if not whole(MARKET, envelope, network.verifier):
        raise damaged(file)
    announced, announcement = as_announced(home, network, name)
    return read_market(envelope, network.verifier, announced, announcement)


def _file(home: Home, name: str) -> Path:
    return folder_of(home, name) / "market"
