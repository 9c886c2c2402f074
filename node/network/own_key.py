"""The identity key that the first member of a network makes, and what becomes of it where another was first."""

from node.home import Home, write_private
from privacy.identity.chain import KeyChain


def make(home: Home) -> tuple[KeyChain, bool]:
    """The key in the node's folder, or a new one put there; and whether it is new."""
    if home.identity_key_file.exists():
        return home.identity_chain(), False
    chain = KeyChain.generate()
    write_private(home.identity_key_file, chain.private_bytes())
    return chain, True


def take_out(home: Home, chain: KeyChain) -> bool:
    """Takes a key that was made for nothing out of the folder again, and tells whether it did.

    Where something was imported with it meanwhile it stays: the store's rows are of it until they are imported anew.
    """
    if _imported_with(home, chain):
        return False
    home.identity_key_file.unlink()
    return True


def _imported_with(home: Home, chain: KeyChain) -> bool:
    if not home.store_file.exists():
        return False
    from node.store.database import opened  # brings the engine along: only where there is a store
    from node.store.identity import holds_rows, identity_of

    with opened(home) as connection:
        return holds_rows(connection) and identity_of(connection) == chain.commitment()
