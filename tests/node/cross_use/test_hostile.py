"""Peers and coordinators that lie: what a customer changes stays the same, and what is wrong is seen and said.

About half a minute: every test has members with stores and ledgers of their own.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rfc8785

from node.membership.errors import CoordinatorContradicts, RefusedByCoordinator, RosterRefused
from node.membership.settings import Files
from node.membership.tls import sealing_key
from node.network.directory import IdentityUnsettled
from privacy.bounds.windows import year_before
from privacy.budget.policy import PolicyRefused
from privacy.identity import commitment as made
from privacy.identity.chain import KeyChain
from privacy.identity.match import IdentityKey
from privacy.ledger.leaves import SpentPart
from privacy.mechanisms.response import RandomizedResponse
from privacy.rounds.market import BadMarket, MarketSeat, sign_market
from privacy.signing.envelope import parse_public_key, sign
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.header import read_header
from protos.kudos.v1.federation_pb2 import MemberListed
from tests.node.cross_use.house import (
    BUCKETS,
    COORDINATOR,
    ROUND,
    STUDY,
    STUDY_TEXT,
    WINDOW,
    Line,
    Member,
    counted_by,
    forge,
    join,
    market,
    noise,
    open_round,
    people,
    reseal,
    sales,
    study_of,
    terms_of,
)

FULL, EMPTY = np.full(BUCKETS // 8, 255, dtype=np.uint8), np.zeros(BUCKETS // 8, dtype=np.uint8)


@pytest.fixture
def members(tmp_path: Path) -> list[Member]:
    found = market(tmp_path, "alpha", "beta", "gamma")
    found[0].sells(sales(*people(1, 2, 3, 4)))
    return found


def statuses(members: list[Member]) -> dict[str, str]:
    """What becomes of alpha's peers, after all others but beta have sketched honestly; what is booked stays alike."""
    alpha, _, *others = members
    for member in (alpha, *others):
        member.answer()
    alpha.post.make_market()
    return count(alpha)


def count(alpha: Member) -> dict[str, str]:
    """Has alpha count, and tells the status of each peer."""
    said: list[str] = []
    alpha.answer(said=said)
    made = counted_by(alpha)
    (_, booked) = alpha.spent()
    sums = booked.parts[0]
    assert isinstance(sums, SpentPart)
    assert sums.l2_squared == 2 * (len(made.peers) + 1)
    assert sums.cells == len(made.cells) == (len(STUDY.groups) + 1) * (len(made.peers) + 1)
    for peer in made.peers:
        assert any(f"({peer.member})" in line for line in said) == (peer.status != "COUNTED")
        assert (peer.ones > 0) == (peer.status == "COUNTED")
    return {peer.member: peer.status for peer in made.peers}


@pytest.mark.parametrize(("bits", "status"), [(FULL, "IMPLAUSIBLE"), (EMPTY, "IMPLAUSIBLE")], ids=["ones", "zeros"])
def test_a_sketch_that_no_customers_could_give_is_left_out(
    members: list[Member], bits: "np.ndarray[tuple[int], np.dtype[np.uint8]]", status: str
) -> None:
    forge(members[1], members, bits)
    assert statuses(members) == {"beta": status, "gamma": "COUNTED"}
    sums = np.array(counted_by(members[0]).cells).reshape(-1, 3)[:, 1]
    assert np.abs(sums).max() < 18.3 * 12  # noise of scale 18.3 around zero, whatever the customers


@pytest.mark.parametrize(
    "changes",
    [
        {"buckets": 2 * BUCKETS},
        {"flips": 20_000},
        {"flip_bits": 17},
        {"epoch": str(year_before(WINDOW).last.year), "window": year_before(WINDOW)},
        {"identity_commitment": bytes(32)},
        {"identity_epoch": 1},
    ],
    ids=str,
)
def test_a_sketch_of_other_terms_is_left_out(members: list[Member], changes: dict[str, object]) -> None:
    forge(members[1], members, terms=terms_of(members[1], **changes))
    assert statuses(members) == {"beta": "OTHER_TERMS", "gamma": "COUNTED"}


def test_a_sketch_that_is_not_sealed_for_this_member_is_left_out(members: list[Member]) -> None:
    forge(members[1], members[1:])
    assert statuses(members) == {"beta": "NOT_SEALED_FOR_ME", "gamma": "COUNTED"}


def test_a_sketch_of_another_round_is_left_out_though_its_sender_sealed_it(members: list[Member]) -> None:
    open_round(members[0].post, members, "before")
    forge(members[1], members, sealed_in="before")
    assert statuses(members) == {"beta": "WRONG_SEAL", "gamma": "COUNTED"}


def test_chunks_that_are_altered_swapped_or_missing_are_left_out(members: list[Member]) -> None:
    forge(members[1], members)
    header, chunks = members[0].post.sketches[ROUND, "beta"]
    altered = (chunks[0][:-1] + bytes([chunks[0][-1] ^ 1]), *chunks[1:])
    members[0].post.sketches[ROUND, "beta"] = (header, altered)
    assert statuses(members) == {"beta": "SKETCH_ALTERED", "gamma": "COUNTED"}


def test_a_coordinator_that_swaps_two_members_sketches_is_seen(members: list[Member]) -> None:
    for member in members:
        member.answer()
    post = members[0].post
    post.make_market()
    beta, gamma = post.sketches[ROUND, "beta"], post.sketches[ROUND, "gamma"]
    post.sketches[ROUND, "beta"], post.sketches[ROUND, "gamma"] = gamma, beta
    assert count(members[0]) == {"beta": "WRONG_SEAL", "gamma": "WRONG_SEAL"}


def test_a_sketch_that_was_replaced_after_the_market_is_seen(members: list[Member]) -> None:
    for member in members:
        member.answer()
    members[0].post.make_market()
    forge(members[1], members)  # properly sealed, and not the one that the market names
    assert count(members[0]) == {"beta": "WRONG_SEAL", "gamma": "COUNTED"}


def test_a_sketch_that_is_withheld_is_said_and_one_that_is_refused_otherwise_is_asked_for_again(
    members: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    for member in members:
        member.answer()
    post = members[0].post
    post.make_market()

    def busy(*_of: object) -> None:
        raise RefusedByCoordinator("TOO_MANY_CALLS", "Later.", "RESOURCE_EXHAUSTED")

    with monkeypatch.context() as patched:
        patched.setattr(Line, "sketch", busy)
        with pytest.raises(RefusedByCoordinator):
            members[0].answer()
    assert len(members[0].spent()) == 1
    del post.sketches[ROUND, "beta"]
    assert count(members[0]) == {"beta": "NOT_THERE", "gamma": "COUNTED"}


def test_a_market_that_names_another_sketch_as_ones_own_is_refused(members: list[Member]) -> None:
    alpha = members[0]
    for member in members:
        member.answer()
    made = alpha.post.make_market()
    seats = tuple(replace(seat, sketch_digest=bytes(32)) if seat.member == "alpha" else seat for seat in made.seats)
    alpha.post.markets[ROUND] = sign_market(replace(made, seats=seats), COORDINATOR)
    with pytest.raises(CoordinatorContradicts, match="another sketch as this node's"):
        alpha.answer()
    assert len(alpha.spent()) == 1


def test_a_market_with_a_member_that_was_not_asked_is_refused(members: list[Member]) -> None:
    alpha = members[0]
    for member in members:
        member.answer()
    made = alpha.post.make_market()
    seats = (*made.seats, MarketSeat("zeta", bytes(32), bytes(32)))
    alpha.post.markets[ROUND] = sign_market(replace(made, seats=seats), COORDINATOR)
    with pytest.raises(BadMarket, match="not asked"):
        alpha.answer()
    assert len(alpha.spent()) == 1


def invent(members: list[Member]) -> Member:
    """A member that the coordinator made up: keys, a seat, and a commitment to a key of its own: it has no other."""
    post = members[0].post
    made_up = join(members[0].home.path.parent, post, "mallory", chain=KeyChain((IdentityKey(bytes(32)),)))
    open_round(post, members, more=(made_up.seat(members[0].home.identity_chain()),))
    return made_up


def test_an_invented_member_gets_nothing_and_nothing_is_counted_against_it(members: list[Member]) -> None:
    alpha = members[0]
    mallory = invent(members)
    answered = alpha.answer()
    assert answered is not None
    (why,) = (each.why_not for each in answered.readers if each.seat.member == "mallory")
    assert why is not None
    assert "identity key" in why
    header, _ = alpha.post.sketches[ROUND, "alpha"]
    keys = read_header(header, parse_public_key(alpha.seat().signing_key)).keys
    assert sorted(keys) == ["alpha", "beta", "gamma"]  # alpha itself, to fetch it back
    forge(mallory, members, noise())
    for member in members[1:]:
        member.answer()
    alpha.post.make_market()
    assert count(alpha) == {"beta": "COUNTED", "gamma": "COUNTED", "mallory": "OTHER_TERMS"}
    assert "get mallory" not in alpha.post.heard


def test_a_commitment_that_is_copied_proves_nothing(members: list[Member]) -> None:
    """The coordinator lists the invented member with the right commitment, and the proof that another made."""
    mallory = invent(members)
    post = members[0].post
    honest = post.listed["beta"]
    said = made.verify_commitment(honest.commitment, "beta", parse_public_key(honest.signing_key.hex()))

    key = load_signing_key(mallory.home.signing_key_file)
    payload: dict[str, int | str] = {
        "v": 1, "member": "mallory", "epoch": said.epoch, "commitment": said.commitment.hex(), "proof": said.proof.hex()
    }  # fmt: skip
    post.listed["mallory"] = MemberListed(
        id="mallory",
        name="Mallory",
        signing_key=key.public_key().public_bytes_raw(),
        sealing_key=sealing_key(Files(mallory.home).sealing_key).public_key().public_bytes_raw(),
        commitment=sign(made.IDENTITY_COMMITMENT, rfc8785.dumps({**payload}), key),
    )
    answered = members[0].answer()
    assert answered is not None
    (why,) = (each.why_not for each in answered.readers if each.seat.member == "mallory")
    assert why is not None
    assert "made it up" in why


def test_keys_that_are_not_those_of_the_roster_get_nothing(members: list[Member]) -> None:
    alpha, beta = members[:2]
    other = join(alpha.home.path.parent, alpha.post, "other")
    listed = MemberListed()
    listed.CopyFrom(alpha.post.listed["beta"])
    listed.sealing_key = alpha.post.listed.pop("other").sealing_key
    alpha.post.listed["beta"] = listed
    answered = alpha.answer()
    assert answered is not None
    assert {each.seat.member: each.why_not for each in answered.readers} == {
        "beta": "its keys are not those of the roster",
        "gamma": None,
    }
    assert other.id not in {each.seat.member for each in answered.readers}
    assert beta.spent() == []


def test_a_member_that_is_gone_or_has_no_commitment_gets_nothing(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    del post.listed["beta"]
    bare = MemberListed()
    bare.CopyFrom(post.listed["gamma"])
    bare.commitment = b""
    post.listed["gamma"] = bare
    answered = alpha.answer()
    assert answered is not None
    assert all(each.why_not for each in answered.readers)


def test_a_listing_that_cannot_be_is_refused_before_anything_is_spent(members: list[Member]) -> None:
    members[0].post.listed["gamma"].commitment = b"something"
    with pytest.raises(IdentityUnsettled):
        members[0].answer()
    assert members[0].spent() == []


@pytest.mark.parametrize("changes", [{"identity_commitment": None, "identity_epoch": None}], ids=["none"])
def test_ones_own_seat_must_hold_ones_own_commitment(members: list[Member], changes: dict[str, object]) -> None:
    alpha, post = members[0], members[0].post
    open_round(post, members[1:], more=(reseal(alpha.seat(), **changes),))
    with pytest.raises(RosterRefused, match="without the network's identity key"):
        alpha.answer()
    assert alpha.spent() == []


def test_a_coordinator_that_claims_another_p_announces_another_study(members: list[Member]) -> None:
    """p and m stand in the study, and the policy allows a study by its digest: there is no other place to claim one."""
    text = STUDY_TEXT.replace("flips = 17626", "flips = 20000")
    assert study_of(text).response == RandomizedResponse(20000, 16)
    open_round(members[0].post, members, "other-p", text=text)
    with pytest.raises(PolicyRefused, match="and it is now"):
        members[0].answer("other-p")
    assert members[0].spent() == []
