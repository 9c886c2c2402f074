"""Who bought: identities become match ids here, and the e-mail, the phone and the name go no further."""

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest.column import Column, Flags
from privacy.identity.match import IdentityKey, match_id
from privacy.identity.normalise import normalise_email, normalise_phone
from privacy.identity.placeholder import is_placeholder

_REMEMBERED = 400_000

_TECHNICAL = re.compile(r"[A-Za-z]{0,3}[-_]?[0-9]{1,7}")
"""A customer number. Anything longer or wordier may be an address, a telephone number, a name."""

_KEPT, _LETTERS = 9, 12
"""Bytes of a hash that a customer's key is made of, and letters that they take in base 64.

Longer than any customer number, so that the two are never equal; and 72 bits, so that two among a million customers
have the same with a probability of 1 to 10¹⁰.
"""


@dataclass(frozen=True)
class Identities:
    """What hashing needs: the network identity key and the institution's own mail domains."""

    key: IdentityKey
    own_domains: frozenset[str]
    _met: dict[str, tuple[bytes | None, bool]] = field(default_factory=dict, repr=False, compare=False)

    def of_emails(self, texts: Sequence[str]) -> list[tuple[bytes | None, bool]]:
        """The match ids of addresses as written, and whether each is a box office's placeholder.

        The same customers come again in every part of a file, so answers are remembered, in memory and up to a limit.
        """
        met = self._met
        return [met.get(text) or self._of_new(text) for text in texts]

    def hidden(self, text: str) -> str:
        """A key of the source that may itself be an identity, as a keyed hash: equal for equal keys."""
        digest = hmac.digest(self.key.secret, b"kudos/source-key/v1\x00" + text.encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_KEPT]).decode()

    def _of_new(self, text: str) -> tuple[bytes | None, bool]:
        email = normalise_email(text)
        answer = (
            (None, False) if email is None else (match_id(self.key, email), is_placeholder(email, self.own_domains))
        )
        if len(self._met) < _REMEMBERED:
            self._met[text] = answer
        return answer


@dataclass(frozen=True)
class People:
    """Per row: the key of the customer's profile (null for an anonymous sale), its match id, the placeholder flag."""

    customer_key: pa.Array
    match_id: pa.Array
    placeholder: pa.Array


def people(
    keys: Column | None, emails: Column | None, phones: Column | None, rows: int, identities: Identities
) -> People:
    """The customers of a run of rows. One identifier per customer: the e-mail where it is one, else the phone.

    A row without a key of the source is known by its match id. A key of the source that is not plainly a customer
    number is kept as a keyed hash.
    """
    by_email, placeholder = _emails(emails, rows, identities)
    by_phone = _phones(phones, pc.is_null(by_email).to_numpy(zero_copy_only=False), rows, identities.key)
    ids = pc.coalesce(by_email, by_phone)
    from_source = _keys(keys, rows, identities)
    return People(pc.coalesce(from_source, _by_match_id(ids)), ids, placeholder)


def _emails(column: Column | None, rows: int, identities: Identities) -> tuple[pa.Array, pa.Array]:
    if column is None:
        return pa.nulls(rows, pa.binary()), pa.array(np.zeros(rows, dtype=bool))
    known = identities.of_emails(column.texts)
    ids, shared = [pair[0] for pair in known], [pair[1] for pair in known]
    return column.taken(pa.array(ids, pa.binary())), column.taken(pa.array(shared, pa.bool_())).fill_null(False)


def _phones(column: Column | None, needed: Flags, rows: int, key: IdentityKey) -> pa.Array:
    """Match ids of telephone numbers, only of those that a row without an address needs."""
    if column is None:
        return pa.nulls(rows, pa.binary())
    wanted = set(np.unique(column.index[needed]).tolist())
    ids: list[bytes | None] = [None] * len(column.texts)
    for position in wanted - {-1}:
        number = normalise_phone(column.texts[position])
        if number is not None:
            ids[position] = match_id(key, number)
    return column.taken(pa.array(ids, pa.binary()))


def _keys(column: Column | None, rows: int, identities: Identities) -> pa.Array:
    if column is None:
        return pa.nulls(rows, pa.string())
    kept = [text if _TECHNICAL.fullmatch(text) else identities.hidden(text) for text in column.texts]
    return column.taken(pa.array(kept, pa.string()))


def _by_match_id(ids: pa.Array) -> pa.Array:
    """A profile key for rows that have no other: the beginning of the match id."""
    encoded = ids.dictionary_encode()
    names = base64.urlsafe_b64encode(b"".join(match[:_KEPT] for match in encoded.dictionary.to_pylist()))
    ends = np.arange(len(encoded.dictionary) + 1, dtype=np.int32) * _LETTERS
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(names)]
    return pa.Array.from_buffers(pa.string(), len(encoded.dictionary), buffers).take(encoded.indices)
