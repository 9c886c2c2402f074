"""Who bought: identities become match ids here, and the e-mail, the phone and the name go no further."""

import base64
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from node.ingest.addresses import plainly_own
from node.ingest.column import Column, Flags
from privacy.identity.chain import KeyChain, chained
from privacy.identity.match import ID_BYTES, match_ids_of
from privacy.identity.normalise import normalise_email, normalise_phone
from privacy.identity.placeholder import is_placeholder

_TECHNICAL = re.compile(r"[A-Za-z]{0,3}[-_]?[0-9]{1,7}")
"""A customer number. Anything longer or wordier may be an address, a telephone number, a name."""

_KEPT, _LETTERS = 9, 12
"""Bytes of a hash that a customer's key is made of, and letters that they take in base 64.

Longer than any customer number, so that the two are never equal; and 72 bits, so that two among a million customers
have the same with a probability of 1 to 10¹⁰.
"""

_SOMEBODY, _PLACEHOLDER, _BY_PHONE = 1, 2, 3
"""Whose a match id is: somebody's by an address, a till's, somebody's by a telephone number; 0 for nobody's."""

_NAME, _ID, _WHOSE = slice(_KEPT), slice(_KEPT, _KEPT + ID_BYTES), _KEPT + ID_BYTES
"""What a packed row holds: the beginning of the match id of epoch 0, the match id of the newest epoch, whose it is."""

_NOBODY = bytes(_WHOSE + 1)

Packed = NDArray[np.uint8]
"""Match ids, one per row, each with the beginning of what it was at epoch 0 and a byte that says whose it is."""


class Gatherer(Protocol):
    """Takes in what is known of customers while an import runs."""

    def add(
        self,
        ids: Sequence[bytes | None],
        emails: Sequence[str],
        phones: Sequence[str],
        years: Sequence[int | None],
        postcodes: Sequence[str],
    ) -> None:
        """Some customers by match id; texts as written, empty where the file has none. None as an id is nobody."""


class Identities:
    """What hashing needs: the chain of identity keys and the institution's own mail domains.

    Names rest on the key of epoch 0, so that they never change; match ids are of the newest epoch.

    `sought`, where anybody is looked for, gives the name under which a normalised identifier is, None for all others;
    `met` has, by these names, the match ids of epoch 0 of those that came. `gathered`, where there is one, takes in
    what is known of each customer.
    """

    def __init__(
        self, chain: KeyChain, own_domains: frozenset[str], sought: Callable[[str], bytes | None] | None = None
    ) -> None:
        self.chain = chain
        self.own_domains = own_domains
        self.met: dict[bytes, bytes] = {}
        self.gathered: Gatherer | None = None
        self._sought = sought

    def of_emails(self, texts: pa.Array) -> Packed:
        """The match ids of addresses as written, and below them nobody's."""
        plain = plainly_own(texts, self.own_domains)
        answers: Packed = np.empty((len(texts), len(_NOBODY)), dtype=np.uint8)
        own = _texts(texts, plain)
        answers[plain] = self._packed(own, [_SOMEBODY] * len(own))
        emails = [normalise_email(text) for text in _texts(texts, ~plain)]
        answers[~plain] = self._of_any(emails, [self._whose(email) for email in emails])
        return _above_nobody(answers)

    def of_phones(self, texts: Sequence[str], wanted: Flags) -> Packed:
        """The match ids of those telephone numbers that are wanted, and below them nobody's."""
        numbers = [normalise_phone(text) if need else None for text, need in zip(texts, wanted.tolist(), strict=True)]
        return _above_nobody(self._of_any(numbers, [_BY_PHONE] * len(numbers)))

    def hidden(self, text: str) -> str:
        """A key of the source that may itself be an identity, as a keyed hash: equal for equal keys, in every epoch."""
        return _hidden(text, self.chain)

    def _of_any(self, identifiers: Sequence[str | None], whose: Sequence[int]) -> Packed:
        """Rows of normalised addresses or numbers, and nobody's for None."""
        rows: Packed = np.zeros((len(identifiers), len(_NOBODY)), dtype=np.uint8)
        there = np.array([identifier is not None for identifier in identifiers], dtype=bool)
        told = [identifier for identifier in identifiers if identifier is not None]
        rows[there] = self._packed(told, np.asarray(whose, dtype=np.uint8)[there].tolist())
        return rows

    def _packed(self, normalised: Sequence[str], whose: Sequence[int]) -> Packed:
        first = match_ids_of(self.chain.keys[0], normalised)
        if self._sought is not None:
            names = map(self._sought, normalised)
            self.met |= {name: found for name, found in zip(names, first, strict=True) if name is not None}
        rows: Packed = np.empty((len(normalised), len(_NOBODY)), dtype=np.uint8)
        rows[:, _NAME] = _below_each_other(first)[:, _NAME]
        rows[:, _ID] = _below_each_other(chained(self.chain, first))
        rows[:, _WHOSE] = whose
        return rows

    def _whose(self, email: str | None) -> int:
        return _PLACEHOLDER if email is not None and is_placeholder(email, self.own_domains) else _SOMEBODY


def _hidden(text: str, chain: KeyChain) -> str:
    digest = hmac.digest(chain.keys[0].secret, b"kudos/source-key/v1\x00" + text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_KEPT]).decode()


def stored_key(text: str, chain: KeyChain) -> str:
    """How a source's key of a customer stands in the store: a customer number as it is, anything else hashed."""
    return text if _TECHNICAL.fullmatch(text) else _hidden(text, chain)


def _texts(texts: pa.Array, which: Flags) -> list[str]:
    return list(texts.filter(pa.array(which)).to_pylist())


def _below_each_other(ids: Sequence[bytes]) -> Packed:
    return np.frombuffer(b"".join(ids), dtype=np.uint8).reshape(-1, ID_BYTES)


def _above_nobody(answers: Packed) -> Packed:
    """Answers one below the other, and below them nobody, whom an empty cell names."""
    found: Packed = np.concatenate([answers, np.frombuffer(_NOBODY, dtype=np.uint8)[None, :]])
    return found


@dataclass(frozen=True)
class People:
    """Per row: the key of the customer's profile (null for an anonymous sale), its match id, and two flags of that.

    `placeholder` for a till's address, `by_phone` where there is a telephone number and no address.
    """

    customer_key: pa.Array
    match_id: pa.Array
    placeholder: pa.Array
    by_phone: pa.Array


def people(
    keys: Column | None, emails: Column | None, phones: Column | None, rows: int, identities: Identities
) -> People:
    """The customers of a run of rows. One identifier per customer: the e-mail where it is one, else the phone.

    A row without a key of the source is known by its match id. A key of the source that is not plainly a customer
    number is kept as a keyed hash.
    """
    found: Packed = np.zeros((rows, len(_NOBODY)), dtype=np.uint8)
    if emails is not None:
        found = identities.of_emails(emails.values)[emails.index]
    nameless = found[:, _WHOSE] == 0
    if phones is not None and nameless.any():
        wanted = np.zeros(len(phones.texts) + 1, dtype=bool)
        wanted[phones.index[nameless]] = True
        found = np.where(nameless[:, None], identities.of_phones(phones.texts, wanted[:-1])[phones.index], found)
    nobody = found[:, _WHOSE] == 0
    from_source = pa.nulls(rows, pa.string()) if keys is None else _keys(keys, identities)
    return People(
        pc.coalesce(from_source, _names(found[:, _NAME], nobody)),
        _ids(found[:, _ID], nobody),
        pa.array(found[:, _WHOSE] == _PLACEHOLDER),
        pa.array(found[:, _WHOSE] == _BY_PHONE),
    )


def _keys(column: Column, identities: Identities) -> pa.Array:
    kept = [stored_key(text, identities.chain) for text in column.texts]
    return column.taken(pa.array(kept, pa.string()))


def _names(beginnings: Packed, nobody: Flags) -> pa.Array:
    """Keys of profiles that have no other: the beginnings of their match ids of epoch 0; null for nobody."""
    letters = base64.urlsafe_b64encode(np.ascontiguousarray(beginnings).tobytes())
    ends = np.arange(len(beginnings) + 1, dtype=np.int32) * _LETTERS
    buffers = [_there(nobody), pa.py_buffer(ends), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), len(beginnings), buffers)


def _ids(ids: Packed, nobody: Flags) -> pa.Array:
    """Match ids; null for nobody."""
    buffers = [_there(nobody), pa.py_buffer(np.ascontiguousarray(ids).tobytes())]
    return pa.Array.from_buffers(pa.binary(ID_BYTES), len(ids), buffers)


def _there(nobody: Flags) -> pa.Buffer:
    """Arrow's bitmap of the rows that have a value."""
    return pa.py_buffer(np.packbits(~nobody, bitorder="little"))
