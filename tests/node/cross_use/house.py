"""A small market: members with real stores, ledgers and keys, and whoever carries letters between them.

`Post` stands in for the coordinator, which is not the node's: it keeps what it is sent and hands it out. A test that
wants it to lie changes what it keeps.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from node.founding import Institution, found
from node.home import Home, write_private
from node.ingest.run import Request, import_files
from node.membership.errors import RefusedByCoordinator
from node.membership.settings import Files, Membership, write
from node.membership.tls import sealing_key
from node.network import rounds, taking_part
from node.network.rounds import Round
from node.network.taking_part import Answered
from node.release.stored_cross_use import count_of
from node.wire.federation import Federation
from privacy.bounds.windows import Window, twelve_months_to
from privacy.budget import policy_file
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.identity.match import IdentityKey
from privacy.ledger.checkpoint import cosign
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Spent
from privacy.ledger.note import Algorithm, Verifier
from privacy.ledger.store import Ledger
from privacy.mechanisms.bit_planes import flipped
from privacy.rounds.announcement import Announcement, Seat, announce
from privacy.rounds.market import Market, MarketSeat, announcement_digest, sign_market
from privacy.signing.envelope import parse_public_key, public_key_text
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.header import Sending, read_header
from privacy.sketch.sealing import seal
from privacy.sketch.sketch import SketchTerms, sign_sketch
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.shelf import parse
from protos.kudos.v1.cross_use_pb2 import Count
from protos.kudos.v1.federation_pb2 import HelloResponse, ListRoundsResponse, MemberListed, RoundState, SubmitResponse
from tests.node.ingest.house import Heard

COORDINATOR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DOMAIN = "npu.example"
ROUND = "cross-use"
CHAIN = KeyChain((IdentityKey(bytes(range(64, 96))),))
NOW = datetime.now(UTC).replace(microsecond=0)
LAST = date.fromordinal(NOW.date().replace(day=1).toordinal() - 1)
WINDOW = twelve_months_to(LAST)
EPOCH = str(LAST.year)
BUCKETS = 2**12

STUDY_TEXT = f"""
kind = "cross-use"
name = "small-cross-use"
version = 1
title = "Cross-use of a few"
window = "year"
cohorts = ["network"]
sketch = {{ buckets = {BUCKETS}, flips = 17626, flip_bits = 16 }}
count = {{ rho = "0.009", histogram_epsilon = "0.1", partition = "county" }}
disclosure = {{ min_members = 3, dominance_percent = 60, unreliable_percent = 25, noise_percent = 50 }}
"""


def study_of(text: str = STUDY_TEXT) -> CrossUseStudy:
    """The study of a text."""
    found = parse(text, "small.toml")
    assert isinstance(found, CrossUseStudy)
    return found


STUDY = study_of()

HEAD = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode,objects\n"


def sales(*people: str, postcode: str = "5003", day: date = LAST, objects: str = "") -> str:
    """One order of each of these, by their address, as rows of a file."""
    return "".join(
        f"{who.partition('@')[0]}-{day:%y%m%d},1,{day}T12:00:00+00:00,E1,Ordinær,1,100.00,web,paid,{who},{postcode},{objects}\n"
        for who in people
    )


def people(*numbers: int) -> tuple[str, ...]:
    """Addresses by numbers: the same at every member."""
    return tuple(f"person{number}@example.no" for number in numbers)


@dataclass
class Post:
    """Keeps what members send, by round and member, and hands it out."""

    announcements: dict[str, bytes] = field(default_factory=dict)
    sketches: dict[tuple[str, str], tuple[bytes, tuple[bytes, ...]]] = field(default_factory=dict)
    markets: dict[str, bytes] = field(default_factory=dict)
    released: dict[tuple[str, str], bytes] = field(default_factory=dict)
    declined: set[tuple[str, str]] = field(default_factory=set)
    listed: dict[str, MemberListed] = field(default_factory=dict)
    heads: dict[str, bytes] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def make_market(self, name: str = ROUND) -> Market:
        """The market of the sketches that are here, signed."""
        seats = []
        for (round_name, member), (header, _) in sorted(self.sketches.items()):
            if round_name == name:
                sender = parse_public_key(self.listed[member].signing_key.hex())
                digest = read_header(header, sender).contents.sketch_digest
                seats.append(MarketSeat(member, _sha256(header), digest))
        market = Market(DOMAIN, name, announcement_digest(self.announcements[name]), tuple(seats))
        self.markets[name] = sign_market(market, COORDINATOR)
        return market

    def state(self, name: str, member: str) -> RoundState:
        """What a member is told of a round."""
        own = "released" if (name, member) in self.released else "waiting"
        header = self.sketches.get((name, member), (b"", ()))[0]
        return RoundState(
            announcement=self.announcements[name],
            state="collecting",
            own="declined" if (name, member) in self.declined else own,
            release_digest=_sha256(self.released[name, member]).hex() if own == "released" else "",
            stage="count" if name in self.markets else "sketch",
            sketch_digest=_sha256(header).hex() if header else "",
        )


class Line:
    """The post as one member reaches it: what `node.wire.federation.Federation` offers, as far as it is used here."""

    def __init__(self, post: Post, network: Membership) -> None:
        self.post, self.network = post, network
        self.ledger = self
        self.cross_use = self

    def hello(self) -> HelloResponse:
        return HelloResponse(time_s=int(datetime.now(UTC).timestamp()))

    def members(self) -> list[MemberListed]:
        return list(self.post.listed.values())

    def rounds(self) -> ListRoundsResponse:
        states = [self.post.state(name, self.network.id) for name in self.post.announcements]
        return ListRoundsResponse(rounds=states, retry_after_s=60)

    def submit(self, round_name: str, envelope: bytes) -> SubmitResponse:
        self.post.released[round_name, self.network.id] = envelope
        return SubmitResponse(release_digest=_sha256(envelope).hex())

    def head(self) -> bytes:
        return self.post.heads.get(self.network.id, b"")

    def witness(self, note: bytes, _old: int, _proof: object, _leaves: object) -> bytes:
        cosigned = cosign(note, f"{DOMAIN}/witness", COORDINATOR, datetime.now(UTC).replace(microsecond=0))
        self.post.heads[self.network.id] = cosigned
        return cosigned

    def own_release(self, _digest: str) -> bytes | None:
        return None

    def put_sketch(self, round_name: str, header: bytes, chunks: tuple[bytes, ...]) -> str:
        self.post.heard.append(f"put {self.network.id}")
        self.post.sketches[round_name, self.network.id] = (header, tuple(chunks))
        self.post.declined.discard((round_name, self.network.id))
        return _sha256(header).hex()

    def market(self, round_name: str) -> bytes:
        return self.post.markets[round_name]

    def sketch(self, round_name: str, member: str, largest: int) -> tuple[bytes, Any]:
        self.post.heard.append(f"get {member}")
        if (round_name, member) not in self.post.sketches:
            raise RefusedByCoordinator("UNKNOWN_SKETCH", "There is none.", "NOT_FOUND")
        header, chunks = self.post.sketches[round_name, member]
        assert len(header) + sum(map(len, chunks)) <= largest
        return header, iter(chunks)


@dataclass(frozen=True)
class Member:
    """A member with its folder."""

    id: str
    home: Home
    post: Post

    @property
    def line(self) -> Federation:
        """Its connection."""
        return cast("Federation", Line(self.post, _network(self.id)))

    @property
    def network(self) -> Membership:
        """What it knows of the network."""
        return _network(self.id)

    def sells(self, text: str, *, anew: bool = False) -> list[str]:
        """Imports rows, and tells what was said meanwhile."""
        file = self.home.path.parent / f"{self.id}.csv"
        file.write_text(HEAD + text, encoding="utf-8")
        import_files(self.home, Request((file,), anew=anew), heard := Heard())
        return heard.said

    def allow(self, study: CrossUseStudy = STUDY) -> None:
        """Allows a study."""
        text = self.home.policy_file.read_text(encoding="utf-8")
        write_private(self.home.policy_file, policy_file.allow(text, study).encode())

    def seat(self, chain: KeyChain = CHAIN) -> Seat:
        """Its seat in a roster."""
        return Seat(
            member=self.id,
            name=self.id.title(),
            industry="museum",
            county="46",
            size_class=None,
            signing_key=public_key_text(load_signing_key(self.home.signing_key_file).public_key()),
            sealing_key=sealing_key(Files(self.home).sealing_key).public_key().public_bytes_raw().hex(),
            identity_commitment=chain.commitment().hex(),
            identity_epoch=chain.epoch,
        )

    def publish(self, chain: KeyChain = CHAIN) -> None:
        """Lists it at the post, with its commitment."""
        key, sealing = load_signing_key(self.home.signing_key_file), sealing_key(Files(self.home).sealing_key)
        self.post.listed[self.id] = MemberListed(
            id=self.id,
            name=self.id.title(),
            signing_key=key.public_key().public_bytes_raw(),
            sealing_key=sealing.public_key().public_bytes_raw(),
            commitment=make_commitment(chain, self.id, key, sealing.public_key()),
        )

    def known(self, name: str = ROUND) -> Round:
        """A round as it has it."""
        return rounds.take_in(self.home, self.network, self.post.announcements[name])

    def answer(self, name: str = ROUND, said: list[str] | None = None) -> Answered | None:
        """Does what a round asks for now."""
        heard = [] if said is None else said
        state = self.post.state(name, self.id)
        return taking_part.answer(self.home, self.line, self.known(name), state, say=heard.append)

    def contents(self) -> Contents:
        """Its ledger."""
        with Ledger.open(self.home.ledger_file) as ledger:
            return ledger.contents()

    def spent(self) -> list[Spent]:
        """What it has booked."""
        return [entry for entry in self.contents().entries if isinstance(entry, Spent)]


def _network(member: str) -> Membership:
    return Membership(
        trust_domain=DOMAIN,
        address="127.0.0.1:9",
        role="member",
        id=member,
        coordinator_key=COORDINATOR.public_key().public_bytes_raw().hex(),
        witness_key=str(Verifier.of(f"{DOMAIN}/witness", Algorithm.COSIGNATURE_V1, COORDINATOR)),
    )


def join(folder: Path, post: Post, name: str, *, chain: KeyChain = CHAIN) -> Member:
    """A new member, with an empty store and the network's key, that allows the study."""
    home = Home(folder / name)
    found(
        home, Institution(name.title(), "museum", "46", member=name, ledger=f"{DOMAIN}/ledger/{name}"),
        own_identity_key=True,
    )  # fmt: skip
    write_private(home.identity_key_file, chain.private_bytes())
    write(home, _network(name))
    member = Member(name, home, post)
    member.publish(chain)
    member.allow()
    return member


def open_round(
    post: Post,
    members: list[Member],
    name: str = ROUND,
    *,
    text: str = STUDY_TEXT,
    window: Window = WINDOW,
    chain: KeyChain = CHAIN,
    more: tuple[Seat, ...] = (),
    sketch_hours: float = 24,
) -> Announcement:
    """A round that asks these members."""
    seats = sorted((*(member.seat(chain) for member in members), *more), key=lambda seat: seat.member)
    said = Announcement(
        coordinator=DOMAIN,
        round=name,
        study=parse(text, name),
        study_text=text,
        window=window,
        opened=NOW - timedelta(hours=48),
        deadline=NOW + timedelta(hours=48),
        roster=tuple(seats),
        sketch_deadline=NOW + timedelta(hours=sketch_hours),
    )
    post.announcements[name] = announce(said, COORDINATOR)
    return said


def market(folder: Path, *names: str) -> list[Member]:
    """Members of one post, with a round that asks them all; nobody has sold anything."""
    post = Post()
    members = [join(folder, post, name) for name in names]
    open_round(post, members)
    return members


def reseal(seat: Seat, **changes: Any) -> Seat:
    """A seat with other facts."""
    return Seat.model_validate(seat.model_dump() | changes)


def later(chain: KeyChain = CHAIN) -> KeyChain:
    """The chain with a key of the next epoch."""
    return KeyChain((*chain.keys, IdentityKey(bytes([chain.epoch + 1]) * 32)))


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def terms_of(member: Member, **changes: Any) -> SketchTerms:
    """The terms of the sketch that this round wants of anybody, with these changes."""
    facts: dict[str, Any] = {
        "epoch": EPOCH,
        "window": WINDOW,
        "buckets": STUDY.buckets,
        "flips": STUDY.response.flips,
        "flip_bits": STUDY.response.bits,
        "identity_commitment": member.home.identity_chain().commitment(),
        "identity_epoch": member.home.identity_chain().epoch,
    }
    return SketchTerms(**(facts | changes))


def forge(
    member: Member,
    readers: list[Member],
    bits: NDArray[np.uint8] | None = None,
    *,
    terms: SketchTerms | None = None,
    name: str = ROUND,
    sealed_in: str | None = None,
) -> None:
    """Puts a sketch of whatever bits to the post, signed by the member and sealed for the readers, in a round."""
    said = terms or terms_of(member)
    content = noise(said.buckets) if bits is None else bits
    key = load_signing_key(member.home.signing_key_file)
    envelope = sign_sketch(said, f"{DOMAIN}/ledger/{member.id}", 2, content, key)
    digest = announcement_digest(member.post.announcements[sealed_in or name])
    keys = {each.id: sealing_key(Files(each.home).sealing_key).public_key() for each in readers}
    sealed = seal(envelope, Sending(DOMAIN, sealed_in or name, member.id, digest), keys, key)
    member.post.sketches[name, member.id] = (sealed.header, sealed.chunks)


def noise(buckets: int = BUCKETS) -> NDArray[np.uint8]:
    """A sketch of nobody, flipped."""
    return flipped(np.zeros(buckets // 8, dtype=np.uint8), STUDY.response)


def counted_by(member: Member, study: CrossUseStudy = STUDY, window: Window = WINDOW) -> Count:
    """The count that a member has booked."""
    found = count_of(member.contents(), study, window)
    assert found is not None
    assert found.message is not None
    return found.message
