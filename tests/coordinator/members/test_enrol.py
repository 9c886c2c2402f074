"""Enrolment: exactly once, the same answer to the same question, one ledger for life."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder
from cryptography.x509.verification import Store as Roots
from sqlalchemy import delete

from coordinator.authority.peer import Role
from coordinator.errors import (
    BadCsr,
    BadSignature,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    LedgerTaken,
    MemberRevoked,
    MemberSuspended,
    RefusedCall,
    WrongLedger,
)
from coordinator.members import members
from coordinator.members.enrol import enrol
from coordinator.members.others import invite_other
from coordinator.office import Office
from coordinator.store.engine import Store
from coordinator.store.tables import ledger_checkpoints, ledger_leaves
from privacy.ledger.note import Algorithm, Verifier
from protos.invitation import read
from tests.coordinator.house import (
    NOW,
    Joined,
    Keys,
    a_message,
    a_round,
    caller_for,
    contents,
    institution,
    join,
    joined,
    signed,
    token_of,
)
from tests.coordinator.ledger import send

Ending = Callable[[Store, str, datetime], None]
LATER = NOW + timedelta(days=10)


def test_a_member_gets_all_that_it_needs(office: Office) -> None:
    keys = Keys()
    handed = members.invite(office, institution("fjordteatret"), NOW)
    invitation = read(handed.text)
    assert (invitation.address, invitation.role) == ("localhost:8444", "member")
    assert invitation.authority == office.authority.der
    csr = keys.csr()
    got = enrol(office, invitation.token, csr, keys.enrolling(csr), "", NOW)
    assert (got.role, got.id, got.name, got.industry) == (Role.MEMBER, "fjordteatret", "Fjordteatret", "museum")
    assert (got.county, got.size_class, got.ledger) == ("46", "small", "npu.example/ledger/fjordteatret")
    assert (got.federation_address, got.trust_domain) == ("localhost:8443", "npu.example")
    assert got.coordinator_key == office.signing_key.public_key().public_bytes_raw()
    witness = Verifier.parse(got.witness_key)
    assert (witness.name, witness.algorithm) == ("npu.example/witness", Algorithm.COSIGNATURE_V1)
    assert witness.public_key == office.witness_key.public_key().public_bytes_raw()
    certificate = x509.load_der_x509_certificate(got.certificate)
    assert certificate.public_key() == keys.tls.public_key()
    policy = PolicyBuilder().store(Roots([office.authority.certificate])).time(NOW.replace(tzinfo=None))
    assert policy.build_client_verifier().verify(certificate, []).subjects is not None
    (member,) = members.listed(office.store, NOW)
    assert (member.state, member.certificate_ends) == (members.State.ACTIVE, NOW + timedelta(days=90))
    assert member.signing_key == keys.signing.public_key().public_bytes_raw().hex()


def test_the_token_is_nowhere_in_the_store(office: Office) -> None:
    handed = members.invite(office, institution("fjordteatret"), NOW)
    cells = [cell for rows in contents(office.store).values() for row in rows for cell in row]
    assert "fjordteatret" in cells
    everything = b" ".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    if office.home.store_file.exists():  # also nowhere beside the rows
        everything += office.home.store_file.read_bytes()
    assert token_of(handed) not in everything
    assert token_of(handed).hex().encode() not in everything
    assert handed.text not in repr(handed)


def test_the_same_request_again_gets_the_same_bytes_and_another_one_nothing(office: Office) -> None:
    keys = Keys()
    handed = members.invite(office, institution("fjordteatret"), NOW)
    csr = keys.csr()
    first = enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    before = contents(office.store)
    assert enrol(office, token_of(handed), csr, keys.enrolling(csr), "", LATER + timedelta(days=30)) == first
    other = keys.csr()
    with pytest.raises(InvitationUsed):
        enrol(office, token_of(handed), other, keys.enrolling(other), "", LATER)
    assert contents(office.store) == before


def test_a_certificate_that_has_ended_is_not_given_again(office: Office) -> None:
    """An answer that was lost, and a node that asks again when its time is over: it needs another invitation."""
    keys = Keys()
    handed = members.invite(office, institution("fjordteatret"), NOW)
    csr = keys.csr()
    enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    before = contents(office.store)
    with pytest.raises(InvitationExpired):
        enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW + timedelta(days=100))
    assert contents(office.store) == before
    again = members.invite_again(office, "fjordteatret", NOW + timedelta(days=100))
    assert enrol(office, token_of(again), csr, keys.enrolling(csr), "", NOW + timedelta(days=100)).id == "fjordteatret"


def test_refusals_change_nothing(office: Office) -> None:
    keys, other = Keys(), Keys()
    handed = members.invite(office, institution("fjordteatret"), NOW)
    token, csr = token_of(handed), keys.csr()
    good = keys.enrolling(csr)
    before = contents(office.store)
    refused: list[tuple[type[RefusedCall], bytes, bytes, bytes, str, timedelta]] = [
        (InvitationUnknown, bytes(16), csr, good, "", timedelta()),
        (InvitationUnknown, b"", csr, good, "", timedelta()),
        (BadCsr, token, b"", good, "", timedelta()),
        (BadCsr, token, keys.csr(keys.uris[:1]), good, "", timedelta()),
        (BadSignature, token, csr, other.enrolling(csr), "", timedelta()),
        (BadSignature, token, csr, keys.renewing(csr), "", timedelta()),
        (InvitationExpired, token, csr, good, "", timedelta(days=14)),
        (WrongLedger, token, csr, good, "Not A Ledger", timedelta()),
        (WrongLedger, token, csr, good, "x" * 300, timedelta()),
        (LedgerTaken, token, csr, good, "npu.example/ledger/museum", timedelta()),
    ]
    for expected, token_, csr_, signature, ledger, after in refused:
        with pytest.raises(expected):
            enrol(office, token_, csr_, signature, ledger, NOW + after)
    assert contents(office.store) == before
    enrol(office, token, csr, good, "", NOW + timedelta(days=14, seconds=-1))


def test_a_ledger_is_one_institutions_alone(office: Office) -> None:
    assert (
        join(office, "fjordteatret", Keys(), ledger="standalone/ledger/fjord-1a").ledger == "standalone/ledger/fjord-1a"
    )
    with pytest.raises(LedgerTaken):
        join(office, "museum", Keys(), ledger="standalone/ledger/fjord-1a")
    assert members.get(office.store, "museum", NOW).state is members.State.INVITED


def test_a_second_invitation_continues_the_ledger_and_replaces_the_keys(office: Office) -> None:
    first = joined(office, "fjordteatret")
    new = Keys()
    handed = members.invite_again(office, "fjordteatret", LATER)
    assert caller_for(office, first.enrolled.certificate).id == "fjordteatret"  # until it is used
    csr = new.csr()
    with pytest.raises(WrongLedger):
        enrol(office, token_of(handed), csr, new.enrolling(csr), "standalone/ledger/other", LATER)
    got = enrol(office, token_of(handed), csr, new.enrolling(csr), "", LATER)
    assert got.ledger == first.enrolled.ledger
    assert caller_for(office, got.certificate, LATER).signing_key == new.signing.public_key().public_bytes_raw()
    with pytest.raises(RefusedCall) as caught:
        caller_for(office, first.enrolled.certificate, LATER)
    assert caught.value.reason == "CERTIFICATE_UNKNOWN"


def sent(office: Office) -> Joined:
    """A member that has released."""
    museum = joined(office, "museum")
    send(office, museum, a_round(office).id, signed(museum, a_message(museum)))
    return museum


def come_back(office: Office, ledger: str) -> str:
    """The ledger of a member that joins with a new machine and new keys, and with this ledger or none."""
    keys = Keys()
    handed = members.invite_again(office, "museum", LATER)
    csr = keys.csr()
    return enrol(office, token_of(handed), csr, keys.enrolling(csr), ledger, LATER).ledger


def test_a_machine_without_a_ledger_goes_on_with_what_the_witness_has(office: Office) -> None:
    museum = sent(office)
    assert come_back(office, "") == museum.enrolled.ledger
    assert come_back(office, museum.enrolled.ledger) == museum.enrolled.ledger
    with pytest.raises(WrongLedger):
        come_back(office, "standalone/ledger/other")


def test_a_machine_without_a_ledger_of_which_nobody_has_a_copy_is_refused(office: Office) -> None:
    """As with a coordinator from before there were witnesses."""
    museum = sent(office)
    with office.store.transaction() as connection:
        connection.execute(delete(ledger_leaves))
        connection.execute(delete(ledger_checkpoints))
    with pytest.raises(WrongLedger, match="never begun anew"):
        come_back(office, "")
    assert come_back(office, museum.enrolled.ledger) == museum.enrolled.ledger


def test_a_used_invitation_does_not_bring_back_keys_that_were_replaced(office: Office) -> None:
    old, new = Keys(), Keys()
    first = members.invite(office, institution("fjordteatret"), NOW)
    old_csr, new_csr = old.csr(), new.csr()
    enrol(office, token_of(first), old_csr, old.enrolling(old_csr), "", NOW)
    second = members.invite_again(office, "fjordteatret", NOW)
    enrol(office, token_of(second), new_csr, new.enrolling(new_csr), "", NOW)
    with pytest.raises(InvitationUsed):
        enrol(office, token_of(first), old_csr, old.enrolling(old_csr), "", NOW)


def test_only_the_newest_invitation_is_open(office: Office) -> None:
    keys = Keys()
    first = members.invite(office, institution("fjordteatret"), NOW)
    second = members.invite_again(office, "fjordteatret", NOW)
    csr = keys.csr()
    with pytest.raises(InvitationUnknown):
        enrol(office, token_of(first), csr, keys.enrolling(csr), "", NOW)
    enrol(office, token_of(second), csr, keys.enrolling(csr), "", NOW)


@pytest.mark.parametrize("ends", [members.revoke, members.leave])
def test_an_invitation_ends_with_the_membership(office: Office, ends: Ending) -> None:
    keys = Keys()
    handed = members.invite(office, institution("fjordteatret"), NOW)
    ends(office.store, "fjordteatret", NOW)
    csr = keys.csr()
    with pytest.raises(InvitationUnknown):
        enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)


def test_a_suspended_or_revoked_member_does_not_get_its_answer_again(office: Office) -> None:
    keys = Keys()
    handed = members.invite(office, institution("fjordteatret"), NOW)
    csr = keys.csr()
    enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    members.suspend(office.store, "fjordteatret", NOW)
    with pytest.raises(MemberSuspended):
        enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    members.revoke(office.store, "fjordteatret", NOW)
    with pytest.raises(MemberRevoked):
        enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.VIEWER, Role.OPERATOR])
def test_others_enrol_without_an_institution(office: Office, role: Role) -> None:
    keys = Keys()
    handed = invite_other(office, role, "kari", "Kari Revisor", NOW)
    assert read(handed.text).role == role
    csr = keys.csr(keys.uris[:1])
    got = enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    assert (got.role, got.id, got.name, got.ledger, got.industry) == (role, "kari", "Kari Revisor", "", "")
    assert caller_for(office, got.certificate).role is role
    members_csr = keys.csr()
    with pytest.raises(BadCsr):
        enrol(office, token_of(handed), members_csr, keys.enrolling(members_csr), "", NOW)
