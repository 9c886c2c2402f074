"""Taking a store to a later epoch of the identity key, without the exports: every match id is hashed once more."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from node.errors import ImportRefused, NodeError
from node.home import Home
from node.store.database import opened
from node.store.derive import derive
from node.store.frozen import take_along
from node.store.identity import epoch_of, forget, hash_on, identity_of, is_of, put_identity
from node.store.leave import current
from privacy.identity.chain import KeyChain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class RotationRefused(NodeError):
    """The store's match ids are not of an earlier epoch of the node's identity key."""

    reason = "ROTATION_REFUSED"


def rotate(home: Home, say: Callable[[str], None] = lambda _: None) -> int:
    """Takes the store to the newest epoch of the chain in `keys/identity.key`, and derives everything anew.

    Put the longer chain into that file first: a process that is killed leaves the store as it was, at its earlier
    epoch, and calling this again, or the next import, does the rest. A store from before commitments were written
    down gets its own. Returns how many epochs it went; 0 where it is there already or there is no store. Raises
    RotationRefused where the store is of another key.
    """
    chain = home.identity_chain()
    if not home.store_file.exists():
        return 0
    with opened(home, say=say) as connection:
        connection.execute("BEGIN")
        went = 0
        if is_of(connection, chain):
            put_identity(connection, chain)
        else:
            went = advance(connection, chain, say=say)
            if not went:
                raise RotationRefused(
                    "The store's match ids are of another identity key than keys/identity.key. Restore that file "
                    "from your backup, or import everything again with --anew. Nothing was changed."
                )
            derive(connection, current(home, connection))
        take_along(connection, chain, say)
        connection.execute("COMMIT")
    return went


def filled_otherwise(home: Home) -> bool:
    """Whether the node's store has rows that were hashed under another key than the node's: to be imported anew."""
    if not home.store_file.exists():
        return False
    with opened(home) as connection:
        return not is_of(connection, home.identity_chain())


def settle(connection: "DuckDBPyConnection", chain: KeyChain, *, anew: bool, say: Callable[[str], None]) -> None:
    """Makes the store ready, within the open transaction, for rows that are hashed with `chain`.

    With `anew` it is emptied, but for the lists of sketches, which `take_along` keeps as far as they are of this chain.
    Where it stands at an earlier epoch of the same chain it is taken to the newest; deriving
    is left to the import. Raises ImportRefused where its rows are of another key.
    """
    if anew:
        forget(connection)
    if is_of(connection, chain):
        put_identity(connection, chain)
    elif not advance(connection, chain, say=say):
        raise ImportRefused(
            "This store was filled under another identity key; import everything again with --anew. If the key was "
            "replaced by mistake, restore keys/identity.key from your backup instead. Nothing was changed."
        )
    take_along(connection, chain, say)


def advance(connection: "DuckDBPyConnection", chain: KeyChain, *, say: Callable[[str], None]) -> int:
    """Takes every profile's match id to the newest epoch, within the open transaction; what is derived is not touched.

    Returns how many epochs that were, which is 0, with nothing changed, where the store stands at no earlier epoch
    of this chain.
    """
    known = identity_of(connection)
    epoch = None if known is None else epoch_of(known, chain)
    if epoch is None or epoch == chain.epoch:
        return 0
    say(f"Taking the match ids to epoch {chain.epoch} of the identity key …")
    hash_on(connection, "profiles", chain, epoch)
    put_identity(connection, chain)
    return chain.epoch - epoch
