"""Getting on after a ledger was lost, damaged, restored or forked: from what the coordinator has cosigned of it."""

from datetime import UTC, datetime

from node.home import Home
from node.membership.errors import LedgerBehind, LedgerForked, NothingToRecover
from node.network.fetching_back import fetching_back
from node.network.witness import NetworkWitness
from node.wire.federation import Federation
from privacy.ledger.contents import Contents
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.recovery import Recovery, Replica, recover, salvaged_notes
from privacy.ledger.store import Ledger
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import load_signing_key


def recover_ledger(home: Home, coordinator: Federation, origin: str) -> Recovery:
    """Puts the ledger that the coordinator has in place of this node's; the old file is kept aside.

    Raises NothingToRecover where this node's own goes on from what the coordinator has, or the coordinator has nothing;
    what `privacy.ledger.recovery.recover` raises.
    """
    mine = _mine(home)
    head = coordinator.ledger.head()
    if not head:
        raise NothingToRecover(
            "The coordinator has cosigned nothing of this node's ledger, so there is nothing to recover from. Restore "
            "ledger.sqlite from your newest backup."
        )
    if mine is not None and _goes_on(home, coordinator):
        raise NothingToRecover(
            "This node's ledger is whole, and goes on from what the coordinator has cosigned. There is nothing to do."
        )
    leaves, notes = coordinator.ledger.own_ledger()
    return recover(
        home.ledger_file,
        Replica(leaves, notes),
        origin=origin,
        mine=mine,
        fetch=fetching_back(home, coordinator, leaves),
        public_key=public_key_text(load_signing_key(home.signing_key_file).public_key()),
        now=datetime.now(UTC),
        seen=_seen(home),
    )


def _seen(home: Home) -> tuple[bytes, ...]:
    """Every cosigned checkpoint that the folder still shows: of the file, however damaged, and beside it."""
    beside = (home.cosigned_file.read_bytes(),) if home.cosigned_file.exists() else ()
    return (*salvaged_notes(home.ledger_file), *beside)


def _mine(home: Home) -> Contents | None:
    """What the node's own file holds; None where there is none, or it cannot be read."""
    try:
        with Ledger.open(home.ledger_file) as ledger:
            return ledger.contents()
    except DamagedLedger:
        return None


def _goes_on(home: Home, coordinator: Federation) -> bool:
    try:
        with Ledger.open(home.ledger_file) as ledger:
            NetworkWitness(home, coordinator).compare(ledger)
    except (LedgerBehind, LedgerForked):
        return False
    return True
