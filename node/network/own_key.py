"""The identity key in this node's own files: the one in use, and what is not settled yet.

    keys/identity.key            in use: customers are hashed under it
    keys/identity.before.key     the one that was in use before
    keys/identity.first.key      made here, to begin a network with
    keys/identity.next.key       made here, for the next epoch
    keys/identity.offered.key    on its way in from another member
    members/committed.json       what this node has committed to, in which network

Each of the three in the middle is written before the coordinator is told that this node commits to it, and comes into
use when the coordinator has that. A node that is killed in between, or that never gets the answer, finds its own
commitment published at its next turn, and goes on from there.
"""

import contextlib
import json
from pathlib import Path
from typing import Any

from node.home import Home, write_private
from node.membership.settings import Files, joined, membership
from privacy.identity.chain import BadKeyChain, KeyChain
from privacy.identity.commitment import Commitment

FIRST, NEXT, OFFERED = "identity.first.key", "identity.next.key", "identity.offered.key"


def kept(home: Home, name: str) -> KeyChain | None:
    """A chain that waits in a file of that name; None where there is none, or none that is whole."""
    try:
        return KeyChain.from_private_bytes(_file(home, name).read_bytes())
    except (OSError, BadKeyChain):
        return None


def keep(home: Home, name: str, chain: KeyChain) -> None:
    """Has a chain wait in a file of that name."""
    if kept(home, name) != chain:
        write_private(_file(home, name), chain.private_bytes())


def drop(home: Home, name: str) -> None:
    """Takes the file of that name away."""
    _file(home, name).unlink(missing_ok=True)


def first(home: Home) -> tuple[KeyChain, bool]:
    """The key to begin a network with: the one in use, or a new one that waits; and whether it is new.

    Nothing can be imported under a new one before it has come into use. Asked again, it is the same.
    """
    if home.identity_key_file.exists():
        return home.identity_chain(), False
    chain = kept(home, FIRST) or KeyChain.generate()
    keep(home, FIRST, chain)
    return chain, True


def following(home: Home, chain: KeyChain) -> KeyChain:
    """The chain with a key of this node's for the next epoch, which waits. Asked again, it is the same."""
    waiting = kept(home, NEXT)
    if waiting is not None and waiting.extends(chain) and waiting.epoch == chain.epoch + 1:
        return waiting
    longer = chain.extended()
    keep(home, NEXT, longer)
    return longer


def held(home: Home, said: Commitment | None) -> KeyChain | None:
    """The chain in use, where it is the one that this node has committed to, or goes on from that; else None."""
    if said is None or not home.identity_key_file.exists():
        return None
    chain = home.identity_chain()
    return chain if of_chain(said, chain) else None


def of_chain(said: Commitment, chain: KeyChain) -> bool:
    """Whether somebody commits to this chain, or to what it was at an earlier epoch."""
    return said.epoch <= chain.epoch and said.commitment == chain.until(said.epoch).commitment()


def put(home: Home, chain: KeyChain) -> None:
    """Brings a chain into use, and takes the store along where it goes on to it."""
    if home.identity_key_file.exists() and home.identity_chain() != chain:
        rotate_store(home)  # a store without a commitment gets that of the old key, while it is there
        write_private(_file(home, "identity.before.key"), home.identity_key_file.read_bytes())
    write_private(home.identity_key_file, chain.private_bytes())
    rotate_store(home)


def rotate_store(home: Home) -> None:
    """Takes the store along to the key file's newest epoch, where it is of an earlier one of the same key.

    One that was filled under another key stays as it is: the next import says what to do.
    """
    if not home.store_file.exists():
        return
    from node.store.rotate import RotationRefused, rotate  # brings the engine along: only where there is a store

    with contextlib.suppress(RotationRefused):
        rotate(home)


def settle(home: Home, said: Commitment | None) -> str | None:
    """Brings into use what waits and is published already, by this node's commitment. The name of its file, or None.

    What the chain in use has overtaken is taken away.
    """
    finished = None
    for name in (FIRST, NEXT, OFFERED):
        waiting = kept(home, name)
        if waiting is None or said is None or said.epoch != waiting.epoch or said.commitment != waiting.commitment():
            continue
        if not (home.identity_key_file.exists() and home.identity_chain().extends(waiting)):
            put(home, waiting)
            finished = name
        else:
            rotate_store(home)
        drop(home, name)
    chain = held(home, said)
    for name in (FIRST, NEXT, OFFERED):
        waiting = kept(home, name) if chain is not None else None
        if waiting is not None and chain is not None and waiting.epoch <= chain.epoch:
            drop(home, name)
    return finished


def note_committed(home: Home, chain: KeyChain) -> None:
    """Writes down that this node has committed to a chain, in the network that it is in."""
    network = membership(home)
    said = {
        "network": network.trust_domain,
        "member": network.id,
        "epoch": chain.epoch,
        "commitment": chain.commitment().hex(),
    }
    if _noted(home) != said:
        write_private(_note(home), json.dumps(said).encode())


def committed(home: Home) -> KeyChain | None:
    """The chain in use, where this node has once committed to it in its network, whatever anybody says of that now.

    None for one that it brought along and that the network does not know.
    """
    if not joined(home) or not home.identity_key_file.exists():
        return None
    network, said = membership(home), _noted(home)
    if (said.get("network"), said.get("member")) != (network.trust_domain, network.id):
        return None
    chain, epoch = home.identity_chain(), said.get("epoch")
    if not isinstance(epoch, int) or not 0 <= epoch <= chain.epoch:
        return None
    return chain if chain.until(epoch).commitment().hex() == said.get("commitment") else None


def _noted(home: Home) -> dict[str, Any]:
    try:
        found = json.loads(_note(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _note(home: Home) -> Path:
    return Files(home).members / "committed.json"


def _file(home: Home, name: str) -> Path:
    return home.identity_key_file.with_name(name)
