"""The network's identity key between members, with somebody in between: an impostor, or the coordinator itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import update

from coordinator.members.members import Institution, invite
from coordinator.store.tables import invitations
from node.errors import UsageError
from node.home import Home
from node.membership.errors import NoConnection, RefusedByCoordinator
from node.membership.settings import Files
from node.membership.tls import sealing_key
from node.network.identity import IdentityUnsettled, after_joining, confirm, standing
from node.network.joining import join
from node.wire.federation import connected
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.identity.offer import make_offer
from privacy.signing.keyfile import load_signing_key
from protos.kudos.v1.federation_pb2 import IdentityOffer
from tests.federation.house import Federation, now, spent
from tests.federation.liar import Stage, lying

SPONSOR, IMPOSTOR, NEWCOMER = "aker", "bryggen", "new"


@dataclass(frozen=True)
class Scene:
    stage: Stage
    newcomer: Home

    @property
    def sponsor(self) -> Home:
        return self.stage.federation.home(SPONSOR)

    @property
    def impostor(self) -> Home:
        return self.stage.federation.home(IMPOSTOR)

    @property
    def to(self) -> X25519PublicKey:
        """The newcomer's sealing key."""
        return sealing_key(Files(self.newcomer).sealing_key).public_key()

    def rows(self) -> object:
        return {name: self.stage.federation.coordinator.rows()[name] for name in ("offers", "commitments", "events")}


@pytest.fixture
def scene(joined: Federation, tmp_path: Path) -> Iterator[Scene]:
    """Six members that hold the key, and one that has just joined and waits for it."""
    federation = joined.copied(tmp_path / "federation")
    with lying(federation) as stage:
        handed = invite(stage.office, Institution(NEWCOMER, "New House", "museum", "46"), now())
        home = federation.home(NEWCOMER)
        join(home, handed.text, (), now())
        assert after_joining(home).state == "waiting"
        yield Scene(stage, home)


def _yes(_other: object, _words: tuple[str, ...]) -> None:
    pass


def _words(home: Home, other: str) -> tuple[str, ...]:
    """The words that a node shows for another member, without going on."""
    seen: list[tuple[str, ...]] = []

    def look(_other: object, words: tuple[str, ...]) -> None:
        seen.append(words)
        raise UsageError("not yet")

    with pytest.raises(UsageError, match="not yet"):
        confirm(home, other, look)
    return seen[0]


def _holds(scene: Scene) -> bool:
    return scene.newcomer.identity_key_file.exists()


def test_the_honest_way(scene: Scene) -> None:
    """The other half of the tests below."""
    assert _words(scene.newcomer, SPONSOR) == _words(scene.sponsor, NEWCOMER)
    confirm(scene.sponsor, NEWCOMER, _yes)
    assert confirm(scene.newcomer, SPONSOR, _yes).state == "holder"
    assert scene.newcomer.identity_chain() == scene.sponsor.identity_chain()


def test_an_offer_that_nobody_confirmed_is_left_where_it_is(scene: Scene) -> None:
    """By a member in good standing, of the true key, well signed and sealed: still nobody has heard the words."""
    confirm(scene.impostor, NEWCOMER, _yes)
    done = scene.stage.turn(NEWCOMER)
    assert (done.did, done.faults) == ([], [])
    assert not _holds(scene)
    assert standing(scene.newcomer).state == "waiting"


def test_an_offer_of_somebody_else_than_the_confirmed_sponsor_is_left_where_it_is(scene: Scene) -> None:
    confirm(scene.newcomer, SPONSOR, _yes)
    confirm(scene.impostor, NEWCOMER, _yes)
    assert scene.stage.turn(NEWCOMER).did == []
    assert not _holds(scene)
    assert standing(scene.newcomer, SPONSOR).state == "pinned"


def test_an_offer_of_a_key_of_the_impostors_own_is_refused_by_the_sponsors_commitment(scene: Scene) -> None:
    """The coordinator passes off what it made itself as the confirmed sponsor's: the signature is not the sponsor's."""
    confirm(scene.newcomer, SPONSOR, _yes)
    forged = make_offer(KeyChain.generate(), SPONSOR, Ed25519PrivateKey.generate(), NEWCOMER, scene.to)
    _offers(scene.stage, SPONSOR, forged)
    _refused_and_not_taken_in(scene)


def test_a_sponsor_that_offers_another_key_than_it_commits_to_is_refused(scene: Scene) -> None:
    confirm(scene.newcomer, SPONSOR, _yes)
    key = load_signing_key(scene.sponsor.signing_key_file)
    _offers(scene.stage, SPONSOR, make_offer(KeyChain.generate(), SPONSOR, key, NEWCOMER, scene.to))
    _refused_and_not_taken_in(scene)


def test_an_offer_that_is_sealed_for_another_key_is_refused(scene: Scene) -> None:
    confirm(scene.newcomer, SPONSOR, _yes)
    key, chain = load_signing_key(scene.sponsor.signing_key_file), scene.sponsor.identity_chain()
    _offers(scene.stage, SPONSOR, make_offer(chain, SPONSOR, key, NEWCOMER, X25519PrivateKey.generate().public_key()))
    done = scene.stage.turn(NEWCOMER)
    assert [fault.reason for fault in done.faults] == ["OFFER_NOT_MINE"]
    assert not _holds(scene)


@pytest.mark.parametrize("forged", [b"", b"no offer", bytes(3000)], ids=len)
def test_an_offer_that_is_none_is_refused(scene: Scene, forged: bytes) -> None:
    confirm(scene.newcomer, SPONSOR, _yes)
    _offers(scene.stage, SPONSOR, forged)
    _refused_and_not_taken_in(scene)


def _offers(stage: Stage, sponsor: str, envelope: bytes) -> None:
    def lie(answer: Any) -> Any:
        del answer.offers[:]
        answer.offers.append(IdentityOffer(sponsor=sponsor, envelope=envelope))
        return answer

    stage.lies["ListIdentityOffers"] = lie


def _refused_and_not_taken_in(scene: Scene) -> None:
    done = scene.stage.turn(NEWCOMER)
    assert [fault.reason for fault in done.faults] == ["BAD_OFFER"]
    assert done.did == []
    assert not _holds(scene)


@pytest.mark.parametrize("which", ["sealing_key", "signing_key"])
def test_a_coordinator_that_swaps_the_newcomers_key_makes_the_words_differ(scene: Scene, which: str) -> None:
    """Each side is told what it expects of itself, and the sponsor of a false key of the newcomer's."""
    true = _words(scene.newcomer, SPONSOR)

    def lie(answer: Any) -> Any:
        for each in answer.members:
            if each.id == NEWCOMER:
                setattr(each, which, X25519PrivateKey.generate().public_key().public_bytes_raw())
        return answer

    scene.stage.lies["ListMembers"] = lie
    before = scene.rows()
    shown = _words(scene.sponsor, NEWCOMER)
    assert shown != true
    ended = scene.stage.federation.node(SPONSOR)("identity", "confirm", NEWCOMER, "--words", " ".join(true), "--json")
    assert ended.status == 2
    assert "other words" in ended.json["error"]["message"]
    assert scene.rows() == before


@pytest.mark.parametrize("whose", [SPONSOR, NEWCOMER])
@pytest.mark.parametrize("which", ["sealing_key", "signing_key"])
def test_a_coordinator_that_tells_both_sides_of_the_same_false_key_is_found_out(
    scene: Scene, whose: str, which: str
) -> None:
    """The words of both would agree; but whose key it is knows its own, and shows no words at all."""
    false = X25519PrivateKey.generate().public_key().public_bytes_raw()

    def lie(answer: Any) -> Any:
        for each in answer.members:
            if each.id == whose:
                setattr(each, which, false)
                each.commitment = b""
        return answer

    scene.stage.lies["ListMembers"] = lie
    before = scene.rows()
    home, other = (scene.sponsor, NEWCOMER) if whose == SPONSOR else (scene.newcomer, SPONSOR)
    with pytest.raises(IdentityUnsettled, match="not its own"):
        confirm(home, other, lambda _other, _words: pytest.fail("words were shown"))
    with pytest.raises(IdentityUnsettled, match="not its own"):
        standing(home)
    assert scene.rows() == before


def test_a_commitment_that_its_member_did_not_sign_is_refused(scene: Scene) -> None:
    def lie(answer: Any) -> Any:
        key, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate().public_key()
        for each in answer.members:
            if each.id == SPONSOR:
                each.commitment = make_commitment(KeyChain.generate(), SPONSOR, key, sealing)
        return answer

    scene.stage.lies["ListMembers"] = lie
    with pytest.raises(IdentityUnsettled, match="not signed by it"):
        standing(scene.newcomer)
    done = scene.stage.turn("fjord")
    assert [fault.reason for fault in done.faults] == ["IDENTITY_UNSETTLED"]


@pytest.mark.parametrize(
    ("which", "word"),
    [
        ("id", "x; touch OWNED #"),
        ("id", "x$(id)"),
        ("id", "--help"),
        ("id", "x\n"),
        ("id", ""),
        ("id", "x" * 62),
        ("name", ""),
        ("name", "Havn\n  ✓ everything is well"),
        ("name", "Havn\x9b31m"),
        ("name", "Havn\u202e"),
        ("name", "H" * 121),
    ],
)
def test_a_newcomer_whose_id_or_name_could_steer_a_terminal_is_refused(scene: Scene, which: str, word: str) -> None:
    """An id is part of a command that people copy, and a name of a line; nobody signs either of a newcomer."""

    def lie(answer: Any) -> Any:
        made_up = answer.members.add()
        made_up.CopyFrom(next(each for each in answer.members if each.id == NEWCOMER))
        made_up.id, made_up.name = "havn-2", "Havn"
        setattr(made_up, which, word)
        return answer

    scene.stage.lies["ListMembers"] = lie
    with pytest.raises(IdentityUnsettled) as refused:
        standing(scene.sponsor)
    assert "touch" not in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_member_that_is_listed_twice_is_refused(scene: Scene) -> None:
    def lie(answer: Any) -> Any:
        answer.members.add().CopyFrom(answer.members[0])
        return answer

    scene.stage.lies["ListMembers"] = lie
    with pytest.raises(IdentityUnsettled, match="twice"):
        standing(scene.sponsor)


def test_a_greeting_that_is_no_line_of_text_is_refused(scene: Scene) -> None:
    def lie(answer: Any) -> Any:
        answer.name = "Aker\n✓ everything is well"
        return answer

    scene.stage.lies["Hello"] = lie
    with pytest.raises(NoConnection, match="greets"):
        scene.stage.turn(SPONSOR)


def test_an_enrolment_under_a_name_that_is_no_line_of_text_is_refused(scene: Scene) -> None:
    handed = invite(scene.stage.office, Institution("late", "Late", "museum", "46"), now())
    with scene.stage.office.store.transaction() as connection:
        connection.execute(update(invitations).where(invitations.c.holder == "late").values(name="Late\n✓ joined"))
    home = scene.stage.federation.home("late")
    with pytest.raises(NoConnection, match="name that is none"):
        join(home, handed.text, (), now())
    assert not Files(home).membership.exists()


def test_a_directory_without_this_node_is_refused(scene: Scene) -> None:
    def lie(answer: Any) -> Any:
        del answer.members[:]
        return answer

    scene.stage.lies["ListMembers"] = lie
    with pytest.raises(IdentityUnsettled, match="does not list this node"):
        standing(scene.newcomer)


def test_a_longer_chain_that_does_not_go_on_from_the_networks_own_is_refused(scene: Scene) -> None:
    """A member that holds the key offers everybody a next epoch of another one."""
    other = KeyChain.generate().extended()
    key = load_signing_key(scene.impostor.signing_key_file)
    sealing = sealing_key(Files(scene.impostor).sealing_key).public_key()
    victim = scene.stage.federation.home("fjord")
    with connected(scene.impostor) as calls:
        calls.publish_commitment(make_commitment(other, IMPOSTOR, key, sealing))
        to = sealing_key(Files(victim).sealing_key).public_key()
        calls.offer_identity("fjord", make_offer(other, IMPOSTOR, key, "fjord", to))
    before = victim.identity_key_file.read_bytes()
    done = scene.stage.turn("fjord")
    assert [fault.reason for fault in done.faults] == ["BAD_OFFER"]
    assert victim.identity_key_file.read_bytes() == before
    assert spent(victim) == []


_ANY = b"x" * 100


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("another's signature", "BAD_OFFER"),
        ("another's name", "BAD_OFFER"),
        ("for somebody else", "BAD_OFFER"),
        ("for another key", "BAD_OFFER"),
        ("for itself", "BAD_OFFER"),
        ("for nobody", "UNKNOWN_MEMBER"),
        ("no offer", "BAD_OFFER"),
        ("too long", "TOO_LARGE"),
    ],
)
def test_offers_that_the_coordinator_does_not_pass_on(scene: Scene, what: str, reason: str) -> None:
    key, chain = load_signing_key(scene.impostor.signing_key_file), scene.impostor.identity_chain()
    own = sealing_key(Files(scene.impostor).sealing_key).public_key()
    recipient, envelope = {
        "another's signature": (
            NEWCOMER,
            make_offer(chain, IMPOSTOR, Ed25519PrivateKey.generate(), NEWCOMER, scene.to),
        ),
        "another's name": (NEWCOMER, make_offer(chain, SPONSOR, key, NEWCOMER, scene.to)),
        "for somebody else": ("fjord", make_offer(chain, IMPOSTOR, key, NEWCOMER, scene.to)),
        "for another key": (NEWCOMER, make_offer(chain, IMPOSTOR, key, NEWCOMER, own)),
        "for itself": (IMPOSTOR, make_offer(chain, IMPOSTOR, key, IMPOSTOR, own)),
        "for nobody": ("nobody", make_offer(chain, IMPOSTOR, key, "nobody", own)),
        "no offer": (NEWCOMER, _ANY),
        "too long": (NEWCOMER, _ANY * 1000),
    }[what]
    before = scene.rows()
    with connected(scene.impostor) as calls, pytest.raises(RefusedByCoordinator) as refused:
        calls.offer_identity(recipient, envelope)
    assert refused.value.coordinator_reason == reason
    assert scene.rows() == before


@pytest.mark.parametrize("what", ["another's", "another's name", "another's signature", "an epoch back", "too long"])
def test_commitments_that_the_coordinator_does_not_take(scene: Scene, what: str) -> None:
    key, chain = load_signing_key(scene.impostor.signing_key_file), scene.impostor.identity_chain()
    sealing = sealing_key(Files(scene.impostor).sealing_key).public_key()
    with connected(scene.impostor) as calls:
        if what == "an epoch back":
            calls.publish_commitment(make_commitment(chain.extended(), IMPOSTOR, key, sealing))
        envelope = {
            "another's": make_commitment(chain, SPONSOR, load_signing_key(scene.sponsor.signing_key_file), sealing),
            "another's name": make_commitment(chain, SPONSOR, key, sealing),
            "another's signature": make_commitment(chain, IMPOSTOR, Ed25519PrivateKey.generate(), sealing),
            "an epoch back": make_commitment(chain, IMPOSTOR, key, sealing),
            "too long": _ANY * 50,
        }[what]
        before = scene.rows()
        with pytest.raises(RefusedByCoordinator) as refused:
            calls.publish_commitment(envelope)
    assert refused.value.coordinator_reason == ("TOO_LARGE" if what == "too long" else "BAD_COMMITMENT")
    assert scene.rows() == before
