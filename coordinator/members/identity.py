"""What members hand each other through the coordinator: commitments to the network identity key, and sealed keys.

The coordinator relays and bounds; it can open nothing, and what members believe of each other rests on the signatures
and on the words that people compare.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from coordinator.authority.peer import Role
from coordinator.errors import BadCommitment, BadOffer, TooLarge, UnknownMember
from coordinator.members.callers import Caller
from coordinator.members.members import State
from coordinator.store.engine import Record, Store
from coordinator.store.events import note, seconds
from coordinator.store.tables import commitments, events, members, offers
from privacy.identity import commitment as commitment_format
from privacy.identity import offer as offer_format

LARGEST_COMMITMENT = 4096
LARGEST_OFFER = 65_536
"""Bytes of an envelope."""


@dataclass(frozen=True)
class Listed:
    """An active member as the others see it. Keys are raw, 32 bytes; `commitment` is its envelope, or empty."""

    id: str
    name: str
    industry: str
    county: str
    size_class: str | None
    signing_key: bytes
    sealing_key: bytes
    commitment: bytes
    offered: bool


@dataclass(frozen=True)
class StoredOffer:
    """An offer as the sponsor signed it."""

    sponsor: str
    envelope: bytes


def directory(store: Store) -> tuple[Listed, ...]:
    """The active members, by id. `offered` tells whether an active sponsor's offer waits for one."""
    sponsors = members.alias()
    offered = (
        select(offers.c.sponsor)
        .join(sponsors, sponsors.c.id == offers.c.sponsor)
        .where(offers.c.recipient == members.c.id, sponsors.c.state == State.ACTIVE)
        .correlate(members)
        .exists()
    )
    query = (
        select(members, commitments.c.envelope, offered.label("offered"))
        .select_from(members.outerjoin(commitments, commitments.c.member == members.c.id))
        .where(members.c.state == State.ACTIVE)
        .order_by(members.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return tuple(_listed(row) for row in rows)


# Statements that every node asks at every turn are put together once.
_NEWEST_EVENT = select(func.max(events.c.seq))
_OFFERS = (
    select(offers.c.sponsor, offers.c.envelope)
    .join(members, members.c.id == offers.c.sponsor)
    .where(offers.c.recipient == bindparam("caller"), members.c.state == State.ACTIVE)
    .order_by(offers.c.received.desc(), offers.c.sponsor)
    .limit(32)  # the newest: what more there is would not fit into one message
)


class Directory:
    """The directory for those who ask again and again: made anew where anything has happened since.

    Every node asks at every turn, and a thousand members of a thousand nodes are a million rows each time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: tuple[int, tuple[Listed, ...]] = (-1, ())

    def now(self) -> tuple[Listed, ...]:
        """As `directory`."""
        with self._store.reading() as connection:
            newest = connection.execute(_NEWEST_EVENT).scalar() or 0
        at, found = self._known
        if at != newest:
            found = directory(self._store)  # of that moment or later: what happened meanwhile has a number of its own
            self._known = newest, found
        return found


def publish_commitment(store: Store, caller: Caller, envelope: bytes, now: datetime) -> None:
    """Keeps a member's newest commitment. An offer that it answers is taken away.

    Raises RoleNotAllowed, TooLarge, and BadCommitment for one that the caller did not sign, of an earlier epoch, or to
    another key of that epoch than the active members hold: of two that begin a network, or an epoch, at once, one is
    first.
    """
    caller.require(Role.MEMBER)
    _check_size(envelope, LARGEST_COMMITMENT)
    try:
        said = commitment_format.verify_commitment(envelope, caller.id, _key(caller))
    except commitment_format.BadCommitment as error:
        raise BadCommitment(str(error)) from error
    values = {
        "epoch": said.epoch,
        "commitment": said.commitment.hex(),
        "received": seconds(now),
        "envelope": envelope,
    }
    mine = commitments.c.member == caller.id
    with store.transaction() as connection:
        before = connection.execute(select(commitments).where(mine)).first()
        if before is not None and before.envelope == envelope:
            return
        if before is not None and before.epoch > said.epoch:
            raise BadCommitment(
                f"This is a commitment of epoch {said.epoch}, and there is one of epoch {before.epoch} already. "
                "Restore the newest identity key of the network."
            )
        _check_same(connection, caller.id, said)
        if before is None:
            connection.execute(insert(commitments).values(member=caller.id, **values))
        else:
            connection.execute(update(commitments).where(mine).values(**values))
        answered = (offers.c.recipient == caller.id, offers.c.commitment == said.commitment.hex())
        connection.execute(delete(offers).where(*answered))
        note(connection, now, "identity.committed", caller.id, f"epoch {said.epoch}")


def _check_same(connection: Connection, member: str, said: commitment_format.Commitment) -> None:
    """Raises BadCommitment where active members hold another key of that epoch, and none holds this one.

    Whoever commits to a key of its own making, and hands it on to nobody, is in the way of all others until it is
    suspended: so the refusal names it. Once another has gone on meanwhile, it is in nobody's way when it is back.
    """
    query = (
        select(members.c.id, commitments.c.commitment)
        .select_from(commitments.join(members, members.c.id == commitments.c.member))
        .where(members.c.state == State.ACTIVE, members.c.id != member, commitments.c.epoch == said.epoch)
        .order_by(commitments.c.received, members.c.id)
    )
    there = connection.execute(query).all()
    if not there or any(each.commitment == said.commitment.hex() for each in there):
        return
    first = there[0].id
    raise BadCommitment(
        f"The network has another identity key of epoch {said.epoch} than this node holds: {first} has begun it. Get "
        f"it from a member that has it: kudos-node identity status. If {first} hands it on to nobody, ask the "
        f"coordinator's operator to suspend {first} (kudos-coordinator member suspend {first}), and try again."
    )


def offer(store: Store, caller: Caller, recipient: str, envelope: bytes, now: datetime) -> None:
    """Keeps a sponsor's sealed key for another member, in place of an earlier one of the same sponsor.

    Raises RoleNotAllowed, TooLarge, UnknownMember, and BadOffer for one that the caller did not sign, or that is for
    somebody else or another key than the recipient's.
    """
    caller.require(Role.MEMBER)
    _check_size(envelope, LARGEST_OFFER)
    try:
        said = offer_format.read_offer(envelope, caller.id, _key(caller))
    except offer_format.BadOffer as error:
        raise BadOffer(str(error)) from error
    with store.transaction() as connection:
        key = _sealing_key(connection, recipient)
        if said.recipient != recipient or said.recipient_key.hex() != key or recipient == caller.id:
            raise BadOffer(
                "This offer is not sealed for the key that the recipient has now. Look at the list of members, compare "
                "the words again, and make a new offer."
            )
        connection.execute(delete(offers).where(offers.c.recipient == recipient, offers.c.sponsor == caller.id))
        connection.execute(
            insert(offers).values(
                recipient=recipient,
                sponsor=caller.id,
                commitment=said.commitment.hex(),
                received=seconds(now),
                envelope=envelope,
            )
        )
        note(connection, now, "identity.offered", recipient, caller.id)


def offers_for(store: Store, caller: Caller) -> tuple[StoredOffer, ...]:
    """What active sponsors have left for a member, by sponsor. Raises RoleNotAllowed."""
    caller.require(Role.MEMBER)
    with store.reading() as connection:
        rows = connection.execute(_OFFERS, {"caller": caller.id}).all()
    return tuple(StoredOffer(row.sponsor, bytes(row.envelope)) for row in rows)


def _key(caller: Caller) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(caller.signing_key)


def _check_size(envelope: bytes, largest: int) -> None:
    if len(envelope) > largest:
        raise TooLarge(f"An envelope of this kind has at most {largest} bytes, and this one has {len(envelope)}.")


def _sealing_key(connection: Connection, member: str) -> str:
    found = connection.execute(
        select(members.c.sealing_key).where(members.c.id == member, members.c.state == State.ACTIVE)
    ).scalar()
    if found is None:
        raise UnknownMember("There is no active member of that id. Look at the list of members.")
    return str(found)


def _listed(row: Record) -> Listed:
    return Listed(
        id=row.id,
        name=row.name,
        industry=row.industry,
        county=row.county,
        size_class=row.size_class,
        signing_key=bytes.fromhex(row.signing_key),
        sealing_key=bytes.fromhex(row.sealing_key),
        commitment=b"" if row.envelope is None else bytes(row.envelope),
        offered=bool(row.offered),
    )
