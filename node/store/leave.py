"""Whom a release may count: everybody but those who object, or only those who consent.

Objections are kept in `objections.json` beside the store, so that they outlive an undone import, one with --anew and a
store that is moved away. No address stands there. Of each there is

    name   HMAC-SHA-256(the node's ordering key, "kudos/objection/v1" 00 normalised address or number): the node's own,
           and the same whatever becomes of the network's identity key
    first  the match id of epoch 0 under the identity key that was in use (`privacy.identity.match`)
    chain  the commitment to that key

Where a node gets another identity key, `first` fits nobody any more until the address comes again in an import: there
it is found by its name.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from node.errors import FileDamaged
from node.home import Home, write_private
from node.store.identity import identity_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from privacy.identity.chain import KeyChain

_SETTLED = "leave"
"""The key in `meta` whose value is the digest of the file that the derived tables were made by."""

_NAME = b"kudos/objection/v1\x00"


@dataclass(frozen=True)
class Leave:
    """Match ids that no release may count; and whether it may count those only who have consented."""

    objecting: frozenset[bytes] = frozenset()
    only_consenting: bool = False


@dataclass(frozen=True)
class Objection:
    """One who objects: `name`, `first` and `chain` as above, and the day since when."""

    name: bytes
    first: bytes
    chain: bytes
    since: date


@dataclass(frozen=True)
class Objections:
    """The file's content: objections by their names."""

    entries: Mapping[bytes, Objection] = field(default_factory=dict)
    only_consenting: bool = False

    def with_(self, entry: Objection) -> "Objections":
        """With one more, or with one known better; since when stays the earliest day."""
        known = self.entries.get(entry.name)
        since = min(known.since, entry.since) if known else entry.since
        return replace(self, entries={**self.entries, entry.name: replace(entry, since=since)})

    def without(self, name: bytes) -> "Objections":
        """Without one."""
        return replace(self, entries={key: each for key, each in self.entries.items() if key != name})


def name_of(ordering_key: bytes, normalised: str) -> bytes:
    """The name of an objection of this node, 32 bytes."""
    return hmac.digest(ordering_key, _NAME + normalised.encode(), "sha256")


def first_of(chain: "KeyChain") -> bytes:
    """What tells the identity key of epoch 0 from any other, 32 bytes."""
    return chain.until(0).commitment()


def read(home: Home) -> Objections:
    """The objections of a node; none where there is no file. Raises FileDamaged: none may be lost unnoticed."""
    if not home.leave_file.exists():
        return Objections()
    try:
        content = json.loads(home.leave_file.read_text(encoding="utf-8"))
        entries = [
            Objection(
                bytes.fromhex(each["name"]),
                bytes.fromhex(each["first"]),
                bytes.fromhex(each["chain"]),
                date.fromisoformat(each["since"]),
            )
            for each in content["objections"]
        ]
        return Objections({each.name: each for each in entries}, bool(content["only_consenting"]))
    except (ValueError, KeyError, TypeError) as error:
        raise FileDamaged(
            f"{home.leave_file} cannot be read, and it says who must not be in a release. Restore it from your backup."
        ) from error


def write(home: Home, objections: Objections) -> None:
    """Writes the objections, whole or not at all. Raises FileNotWritten."""
    content = {
        "version": 1,
        "only_consenting": objections.only_consenting,
        "objections": [
            {
                "name": each.name.hex(),
                "first": each.first.hex(),
                "chain": each.chain.hex(),
                "since": each.since.isoformat(),
            }
            for each in sorted(objections.entries.values(), key=lambda each: (each.since, each.name))
        ],
    }
    write_private(home.leave_file, json.dumps(content, indent=1).encode() + b"\n")


def learn(home: Home, objections: Objections, met: Mapping[bytes, bytes], chain: "KeyChain") -> None:
    """Writes down the match ids under another identity key of those who object and whose addresses came again.

    `met` has match ids of epoch 0 of that key by the names of objections.
    """
    first = first_of(chain)
    known = {name: each for name, each in objections.entries.items() if name in met}
    if not known:
        return
    for name, each in known.items():
        objections = objections.with_(replace(each, first=met[name], chain=first))
    write(home, objections)


def current(home: Home, connection: "DuckDBPyConnection") -> Leave:
    """Whom a release may count, by match ids of the epoch at which the store stands."""
    objections = read(home)
    if not objections.entries:
        return Leave(only_consenting=objections.only_consenting)
    from privacy.identity.chain import chained

    chain = chain_of(home, connection)
    first = first_of(chain)
    ids = chained(chain, [each.first for each in objections.entries.values() if each.chain == first])
    return Leave(frozenset(ids), objections.only_consenting)


def chain_of(home: Home, connection: "DuckDBPyConnection") -> "KeyChain":
    """The node's chain of identity keys up to the epoch at which the store stands."""
    chain = home.identity_chain()
    known = identity_of(connection)
    earlier = (chain.until(epoch) for epoch in range(chain.epoch + 1))
    return next((each for each in earlier if each.commitment() == known), chain)


def settle(home: Home, connection: "DuckDBPyConnection") -> None:
    """Derives the store anew where it was derived by other objections: after one more, an undone import, a backup."""
    if _digest(home) == _settled(connection):
        return
    from node.store.derive import derive

    connection.execute("BEGIN")
    derive(connection, current(home, connection))
    mark_settled(home, connection)
    connection.execute("COMMIT")


def mark_settled(home: Home, connection: "DuckDBPyConnection") -> None:
    """Writes down, within the open transaction, that the store was derived by the objections as they are."""
    digest = _digest(home)
    if digest != _settled(connection):
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [_SETTLED, digest])


def _digest(home: Home) -> str:
    return hashlib.sha256(home.leave_file.read_bytes()).hexdigest() if home.leave_file.exists() else ""


def _settled(connection: "DuckDBPyConnection") -> str:
    found = connection.execute("SELECT value FROM meta WHERE key = ?", [_SETTLED]).fetchall()
    return str(found[0][0]) if found else ""
