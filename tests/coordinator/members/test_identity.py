"""Commitments and offers: relayed for their senders and recipients alone, in their sizes."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from coordinator.authority.peer import Role
from coordinator.errors import BadCommitment, BadOffer, RoleNotAllowed, TooLarge, UnknownMember
from coordinator.members import identity, members
from coordinator.members.enrol import enrol
from coordinator.members.others import invite_other
from coordinator.office import Office
from privacy.identity.chain import KeyChain
from privacy.identity.commitment import make_commitment
from privacy.identity.match import IdentityKey
from privacy.identity.offer import make_offer
from tests.coordinator.house import NOW, Joined, Keys, caller_for, contents, joined, token_of

CHAIN = KeyChain.generate()
NEXT = KeyChain((*CHAIN.keys, IdentityKey.generate()))


def committed(member: Joined, chain: KeyChain = CHAIN) -> bytes:
    return make_commitment(chain, member.id, member.keys.signing, member.keys.sealing.public_key())


def offered(sponsor: Joined, recipient: Joined, key: X25519PrivateKey | None = None) -> bytes:
    sealing = (key or recipient.keys.sealing).public_key()
    return make_offer(CHAIN, sponsor.id, sponsor.keys.signing, recipient.id, sealing)


def test_a_key_goes_from_a_sponsor_to_a_newcomer_who_then_commits_to_it(office: Office) -> None:
    one, two = joined(office, "one"), joined(office, "two")
    identity.publish_commitment(office.store, one.caller, committed(one), NOW)
    envelope = offered(one, two)
    identity.offer(office.store, one.caller, "two", envelope, NOW)
    assert identity.offers_for(office.store, two.caller) == (identity.StoredOffer("one", envelope),)
    assert identity.offers_for(office.store, one.caller) == ()
    first, second = identity.directory(office.store)
    assert (first.id, first.commitment, first.offered) == ("one", committed(one), False)
    assert (second.id, second.commitment, second.offered) == ("two", b"", True)
    assert second.sealing_key == two.keys.sealing.public_key().public_bytes_raw()
    identity.publish_commitment(office.store, two.caller, committed(two), NOW)
    assert identity.offers_for(office.store, two.caller) == ()
    assert not identity.directory(office.store)[1].offered


def test_a_later_offer_takes_the_place_of_an_earlier_one(office: Office) -> None:
    one, two = joined(office, "one"), joined(office, "two")
    for _ in range(3):
        last = offered(one, two)
        identity.offer(office.store, one.caller, "two", last, NOW)
    assert [each.envelope for each in identity.offers_for(office.store, two.caller)] == [last]


def test_a_commitment_never_goes_back(office: Office) -> None:
    one = joined(office, "one")
    identity.publish_commitment(office.store, one.caller, committed(one, NEXT), NOW)
    before = contents(office.store)
    identity.publish_commitment(office.store, one.caller, committed(one, NEXT), NOW)
    with pytest.raises(BadCommitment):
        identity.publish_commitment(office.store, one.caller, committed(one), NOW)
    assert contents(office.store) == before


def test_what_is_not_the_callers_own_is_refused(office: Office) -> None:
    one, two, stranger = joined(office, "one"), joined(office, "two"), X25519PrivateKey.generate()
    before = contents(office.store)
    for envelope in (
        committed(two),
        make_commitment(CHAIN, "two", one.keys.signing, one.keys.sealing.public_key()),
        offered(one, two),
        b"",
    ):
        with pytest.raises(BadCommitment):
            identity.publish_commitment(office.store, one.caller, envelope, NOW)
    for envelope in (offered(two, one), offered(one, two, stranger), offered(one, one), committed(one), b""):
        with pytest.raises(BadOffer):
            identity.offer(office.store, one.caller, "two", envelope, NOW)
    with pytest.raises(BadOffer):
        identity.offer(office.store, one.caller, "one", offered(one, one), NOW)
    with pytest.raises(UnknownMember):
        identity.offer(office.store, one.caller, "three", offered(one, two), NOW)
    members.suspend(office.store, "two", NOW)
    with pytest.raises(UnknownMember):
        identity.offer(office.store, one.caller, "two", offered(one, two), NOW)
    members.resume(office.store, "two", NOW)
    after = contents(office.store)
    assert (after["commitments"], after["offers"]) == (before["commitments"], before["offers"])


def test_sizes_are_bounded(office: Office) -> None:
    one = joined(office, "one")
    joined(office, "two")
    with pytest.raises(TooLarge):
        identity.publish_commitment(office.store, one.caller, bytes(identity.LARGEST_COMMITMENT + 1), NOW)
    with pytest.raises(TooLarge):
        identity.offer(office.store, one.caller, "two", bytes(identity.LARGEST_OFFER + 1), NOW)


def test_an_auditor_has_no_part_in_it(office: Office) -> None:
    keys = Keys()
    handed = invite_other(office, Role.AUDITOR, "kari", "Kari", NOW)
    csr = keys.csr(keys.uris[:1])
    auditor = caller_for(office, enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW).certificate)
    for refused in (
        lambda: identity.publish_commitment(office.store, auditor, b"", NOW),
        lambda: identity.offer(office.store, auditor, "one", b"", NOW),
        lambda: identity.offers_for(office.store, auditor),
    ):
        with pytest.raises(RoleNotAllowed):
            refused()


def test_new_keys_take_away_what_the_old_ones_signed_or_could_open(office: Office) -> None:
    one, two = joined(office, "one"), joined(office, "two")
    identity.publish_commitment(office.store, one.caller, committed(one), NOW)
    identity.offer(office.store, one.caller, "two", offered(one, two), NOW)
    identity.offer(office.store, two.caller, "one", offered(two, one), NOW)
    keys = Keys()
    handed = members.invite_again(office, "one", NOW)
    csr = keys.csr()
    enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    after = contents(office.store)
    assert (after["commitments"], after["offers"]) == ([], [])


def test_a_second_key_of_the_same_epoch_is_refused(office: Office) -> None:
    one, two = joined(office, "one"), joined(office, "two")
    identity.publish_commitment(office.store, one.caller, committed(one), NOW)
    other = KeyChain((IdentityKey.from_bytes(b"o" * 32),))
    before = contents(office.store)
    with pytest.raises(BadCommitment, match="another identity key of epoch 0"):
        identity.publish_commitment(office.store, two.caller, committed(two, other), NOW)
    assert contents(office.store) == before
    identity.publish_commitment(office.store, two.caller, committed(two), NOW)
    longer = CHAIN.extended()
    identity.publish_commitment(office.store, one.caller, committed(one, longer), NOW)
    with pytest.raises(BadCommitment, match="epoch 1"):
        identity.publish_commitment(office.store, two.caller, committed(two, CHAIN.extended()), NOW)
    identity.publish_commitment(office.store, two.caller, committed(two, longer), NOW)


def test_who_is_in_the_way_is_named_and_is_in_nobodys_way_once_it_is_suspended(office: Office) -> None:
    one, two, three = (joined(office, name) for name in ("one", "two", "three"))
    for each in (one, two, three):
        identity.publish_commitment(office.store, each.caller, committed(each), NOW)
    identity.publish_commitment(office.store, two.caller, committed(two, CHAIN.extended()), NOW)
    with pytest.raises(BadCommitment, match=r"two has begun it\..*member suspend two"):
        identity.publish_commitment(office.store, one.caller, committed(one, NEXT), NOW)
    members.suspend(office.store, "two", NOW)
    identity.publish_commitment(office.store, one.caller, committed(one, NEXT), NOW)
    members.resume(office.store, "two", NOW)
    identity.publish_commitment(office.store, three.caller, committed(three, NEXT), NOW)
    with pytest.raises(BadCommitment):
        identity.publish_commitment(office.store, three.caller, committed(three, CHAIN.extended()), NOW)


def test_an_offer_of_a_suspended_sponsor_is_none(office: Office) -> None:
    one, two = joined(office, "one"), joined(office, "two")
    identity.offer(office.store, one.caller, "two", offered(one, two), NOW)
    members.suspend(office.store, "one", NOW)
    (listed,) = identity.directory(office.store)
    assert (listed.id, listed.offered) == ("two", False)
    assert identity.offers_for(office.store, two.caller) == ()
    members.resume(office.store, "one", NOW)
    assert identity.directory(office.store)[1].offered
