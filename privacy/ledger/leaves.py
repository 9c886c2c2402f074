"""The entries of a ledger and their leaves: one RFC 8785 (JCS) JSON object each.

Every leaf has `v` (1, the version of this format), `type`, `seq` (0, 1, 2, ...) and `time` (UTC, in whole
seconds). By type:

    open    the first leaf: origin, public_key (raw Ed25519, hexadecimal), version (of the software)
    policy  from here on: digest, cap_epsilon_u, cap_rho_u, delta, largest_epsilon_u, largest_rho_u
    key     from here on: public_key
    witness from here on a release's bytes leave only once this witness has cosigned: witness (a verifier key)
    recovery the ledger goes on from what its witness has: old (how the copy given up was found: whole, unreadable,
            absent), given_up (hashes of leaves that only it had), epsilon_u, rho_u (what those had booked)
    spend   a release: study, study_digest, round (or null), window, parts, epsilon_u, rho_u, release_digest

Names that end in `_u` are whole micro-units. Each part of a spend has table, measure, mechanism, cells, and by
mechanism

    discrete_gaussian          l2_squared, scale, rho_u
    discrete_gaussian_by_cell  l2_squared, scale (of each cell, in their order), rho_u (a customer is in one cell alone)
    private_quantile           alpha, candidates, scale, rho_u (one number, chosen among public candidates)
    discrete_laplace           l1, scale, epsilon_u
    randomized_response        flips, flip_bits, epsilon_u (one bit per cell; a customer sets at most one)

whose cost must be what the mechanism costs at that sensitivity, or by cell what the dearest does. A table and measure
stands there once; of quantiles each alpha once. Integers beyond 2^53 - 1 are strings. Nothing here is
data: an entry follows from the study, the policy and the noisy bytes.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

import rfc8785
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.ledger.errors import DamagedLedger
from privacy.ledger.fields import (
    Alpha,
    Delta,
    Digest,
    Integer,
    Label,
    LeafHash,
    Origin,
    Period,
    PublicKey,
    Scale,
    Sequence,
    Time,
    VerifierKey,
    Version,
)
from privacy.mechanisms.calibration import BadMechanism, DiscreteGaussian
from privacy.mechanisms.laplace import DiscreteLaplace
from privacy.mechanisms.quantile import PrivateQuantile, quantile_text
from privacy.mechanisms.response import RandomizedResponse
from privacy.problems import first_problem

LARGEST_LEAF = 1 << 20
"""Bytes; a study has at most 256 parts of some 150 bytes, and of a few of them each cell has some 30 more."""

MOST_CELLS = 256
"""Cells of a part that have noise of their own; the largest table that they divide has 28."""

MOST_GIVEN_UP = 1000
"""Leaves that one recovery can name: a node books nothing while its witness cannot be asked, so there are few."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    v: Literal[1] = 1
    seq: Sequence
    time: Time

    @property
    def cost(self) -> Spend:
        """What the entry spent: nothing, but for a release."""
        return Spend.nothing()


@dataclass(frozen=True, kw_only=True)
class Opened(_Entry):
    """The ledger begins. `origin` is its name for life."""

    type: Literal["open"] = "open"
    origin: Origin
    public_key: PublicKey
    version: Version


@dataclass(frozen=True, kw_only=True)
class PolicyAdopted(_Entry):
    """From here on another policy holds, here by its digest and by what an auditor checks entries against."""

    type: Literal["policy"] = "policy"
    digest: Digest
    cap_epsilon_u: Integer
    cap_rho_u: Integer
    delta: Delta
    largest_epsilon_u: Integer
    largest_rho_u: Integer


@dataclass(frozen=True, kw_only=True)
class KeyAdopted(_Entry):
    """From here on another key signs releases."""

    type: Literal["key"] = "key"
    public_key: PublicKey


@dataclass(frozen=True, kw_only=True)
class WitnessAdopted(_Entry):
    """From here on a release's bytes leave only under a checkpoint that this witness has cosigned."""

    type: Literal["witness"] = "witness"
    witness: VerifierKey


@dataclass(frozen=True, kw_only=True)
class Recovered(_Entry):
    """The ledger goes on from what its witness has, after a copy of it was lost or had gone another way.

    `old` says how that copy was found. `given_up` names the leaves that only it had, in its order; what they had booked
    counts as spent: here, or in a `spend` entry that follows where it was booked without a witness.
    """

    type: Literal["recovery"] = "recovery"
    old: Literal["whole", "unreadable", "absent"]
    given_up: Annotated[tuple[LeafHash, ...], Field(max_length=MOST_GIVEN_UP)]
    epsilon_u: Integer
    rho_u: Integer

    @property
    def cost(self) -> Spend:
        """What the leaves that were given up had booked."""
        return Spend(Epsilon(self.epsilon_u), Rho(self.rho_u))


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What every part of a release has: what was measured, and in how many integers (or bits)."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    table: Label
    measure: Label
    cells: Integer

    @property
    def name(self) -> str:
        """Such as `county/revenue`. No other part of a release has the same."""
        return f"{self.table}/{self.measure}"


@dataclass(frozen=True, kw_only=True)
class _RhoPart(_Part):
    """What is paid for in ρ."""

    rho_u: Integer

    @property
    def cost(self) -> Spend:
        """The cost as booked."""
        return Spend(Epsilon(0), Rho(self.rho_u))


@dataclass(frozen=True, kw_only=True)
class _EpsilonPart(_Part):
    """What is paid for in pure ε."""

    epsilon_u: Integer

    @property
    def cost(self) -> Spend:
        """The cost as booked."""
        return Spend(Epsilon(self.epsilon_u), Rho(0))


@dataclass(frozen=True, kw_only=True)
class SpentPart(_RhoPart):
    """The noise on one table of one measure: `cells` integers, all with discrete Gaussian noise of `scale`."""

    mechanism: Literal["discrete_gaussian"] = "discrete_gaussian"
    l2_squared: Integer
    scale: Scale

    @property
    def derived(self) -> Spend:
        """The cost that follows from the mechanism's parameters."""
        return Spend(Epsilon(0), DiscreteGaussian(self.scale).cost(self.l2_squared))


@dataclass(frozen=True, kw_only=True)
class SpentByCell(_RhoPart):
    """The noise on one table of one measure, of which each customer is in one cell, and each cell has its own noise.

    `l2_squared` and `scale` have one for each of the `cells`, in their order. The cost is that of the dearest cell: for
    whoever is added or removed, one cell changes.
    """

    mechanism: Literal["discrete_gaussian_by_cell"] = "discrete_gaussian_by_cell"
    l2_squared: Annotated[tuple[Integer, ...], Field(min_length=1, max_length=MOST_CELLS)]
    scale: Annotated[tuple[Scale, ...], Field(min_length=1, max_length=MOST_CELLS)]

    @property
    def derived(self) -> Spend:
        """The cost that follows from the cells' parameters. Raises `BadMechanism` where they are not of each cell."""
        if not len(self.l2_squared) == len(self.scale) == self.cells:
            raise BadMechanism("Each cell has one sensitivity and one scale of noise.")
        cells = zip(self.l2_squared, self.scale, strict=True)
        return Spend(Epsilon(0), max(DiscreteGaussian(scale).cost(l2_squared) for l2_squared, scale in cells))


@dataclass(frozen=True, kw_only=True)
class SpentQuantile(_RhoPart):
    """One quantile, `alpha`, of what customers have of a measure: one number, one of so many public `candidates`."""

    mechanism: Literal["private_quantile"] = "private_quantile"
    alpha: Alpha
    candidates: Integer
    scale: Scale

    @property
    def name(self) -> str:
        """Such as `revenue_quantiles/0.95`."""
        return f"{self.table}/{quantile_text(self.alpha)}"

    @property
    def derived(self) -> Spend:
        """The cost that follows from the mechanism's parameters. Raises `BadMechanism` for such as cannot be."""
        if self.cells != 1:
            raise BadMechanism("A quantile is one number.")
        return Spend(Epsilon(0), PrivateQuantile(self.alpha, self.candidates, self.scale).cost())


@dataclass(frozen=True, kw_only=True)
class SpentLaplace(_EpsilonPart):
    """`cells` integers with discrete Laplace noise of `scale`."""

    mechanism: Literal["discrete_laplace"] = "discrete_laplace"
    l1: Integer
    scale: Scale

    @property
    def derived(self) -> Spend:
        """The cost that follows from the mechanism's parameters."""
        return Spend(DiscreteLaplace(self.scale).cost(self.l1), Rho(0))


@dataclass(frozen=True, kw_only=True)
class SpentResponse(_EpsilonPart):
    """`cells` bits, each flipped with probability flips / 2^flip_bits."""

    mechanism: Literal["randomized_response"] = "randomized_response"
    flips: Integer
    flip_bits: Integer

    @property
    def derived(self) -> Spend:
        """The cost that follows from the mechanism's parameters. Raises `BadMechanism` for such as cannot be."""
        return Spend(RandomizedResponse(self.flips, self.flip_bits).cost(), Rho(0))


AnyPart = Annotated[
    SpentPart | SpentByCell | SpentQuantile | SpentLaplace | SpentResponse, Field(discriminator="mechanism")
]
"""A part of a release, by its mechanism."""


@dataclass(frozen=True, kw_only=True)
class Spent(_Entry):
    """A release was booked: whatever happened afterwards, this much is gone."""

    type: Literal["spend"] = "spend"
    study: Label
    study_digest: Digest
    round: Label | None
    window: Period
    parts: Annotated[tuple[AnyPart, ...], Field(min_length=1, max_length=256)]
    epsilon_u: Integer
    rho_u: Integer
    release_digest: Digest

    @property
    def cost(self) -> Spend:
        """What the release cost in all."""
        return Spend(Epsilon(self.epsilon_u), Rho(self.rho_u))


@dataclass(frozen=True, kw_only=True)
class Booking:
    """What an entry says of the bytes that it pays for: the fields of a `Spent` that name them."""

    __pydantic_config__ = ConfigDict(extra="ignore", strict=True)

    type: Literal["spend"] = "spend"
    study: Label
    study_digest: Digest
    window: Period
    release_digest: Digest


Entry = Opened | PolicyAdopted | KeyAdopted | WitnessAdopted | Recovered | Spent

_ADAPTER: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="type")])
_BOOKING = TypeAdapter(Booking)


def serialise(entry: Entry) -> bytes:
    """The leaf of an entry: its canonical bytes. Raises ValueError for one that `parse` would not take."""
    leaf = canonical(entry)
    _checked(leaf)
    return leaf


def parse(leaf: bytes) -> Entry:
    """The entry whose leaf this is.

    Strict: the bytes are the one canonical form of what they say, every field is known and in range, and
    every cost is the one that follows from the mechanisms' parameters. Raises `DamagedLedger` otherwise.
    """
    try:
        return _checked(leaf)
    except ValueError as error:
        raise DamagedLedger(f"an entry does not read ({error})") from error


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf in the tree: SHA-256 of a zero byte and the leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def decoded(leaf: bytes) -> Entry:
    """The entry that a leaf says, every field known and in range; its spelling and its costs are not looked at.

    Raises ValueError with what is wrong.
    """
    try:
        return _ADAPTER.validate_json(leaf)
    except ValidationError as error:
        raise ValueError(first_problem(error)) from error


def booking_in(leaf: bytes) -> Booking | None:
    """What a leaf that `parse` has taken before books; None where it is no release's. The rest of it is not read."""
    try:
        return _BOOKING.validate_json(leaf)
    except ValidationError:
        return None


def canonical(entry: Entry) -> bytes:
    """The one spelling of an entry (RFC 8785)."""
    return rfc8785.dumps(_ADAPTER.dump_python(entry, mode="json", warnings="error"))


def _checked(leaf: bytes) -> Entry:
    if len(leaf) > LARGEST_LEAF:
        raise ValueError(f"{len(leaf)} bytes are more than an entry can have")
    entry = decoded(leaf)
    if canonical(entry) != leaf:
        raise ValueError("not the canonical form of what it says")
    if isinstance(entry, Spent):
        _check_costs(entry)
    return entry


def _check_costs(entry: Spent) -> None:
    if len({part.name for part in entry.parts}) != len(entry.parts):
        raise ValueError("the same table and measure, or quantile, twice")
    derived = Spend.nothing()
    for part in entry.parts:
        follows = derived_cost(part)
        if part.cost != follows:
            raise ValueError(f"{part.name} is booked as {part.cost}, and its noise costs {follows}")
        derived += follows
    if entry.cost != derived:
        raise ValueError(f"the release is booked as {entry.cost}, and its parts cost {derived}")


def derived_cost(part: AnyPart) -> Spend:
    """What a part costs by its mechanism's parameters. Raises ValueError for parameters that no mechanism has."""
    try:
        return part.derived
    except BadMechanism as error:
        raise ValueError(f"{part.name}: {error}") from error
