"""Who is let in, decided anew at every call; and renewal."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from coordinator.authority.ca import issue_client
from coordinator.authority.peer import Peer, Role, peer
from coordinator.errors import (
    BadCsr,
    BadSignature,
    CertificateExpired,
    CertificateUnknown,
    MemberRevoked,
    MemberSuspended,
    RoleNotAllowed,
    UnknownMember,
)
from coordinator.members import members
from coordinator.members.callers import identify, renew
from coordinator.members.enrol import enrol
from coordinator.members.others import invite_other, revoke_other
from coordinator.office import Office
from tests.coordinator.house import NOW, Keys, caller_for, contents, joined, token_of

LATER = NOW + timedelta(days=60)


def test_a_member_is_who_its_certificate_says(office: Office) -> None:
    member = joined(office, "fjordteatret")
    assert (member.caller.role, member.caller.id, member.caller.name) == (Role.MEMBER, "fjordteatret", "Fjordteatret")
    assert member.caller.signing_key == member.keys.signing.public_key().public_bytes_raw()
    member.caller.require(Role.OPERATOR, Role.MEMBER)
    with pytest.raises(RoleNotAllowed):
        member.caller.require(Role.OPERATOR)


def test_a_certificate_that_the_store_has_not_is_nobodys(office: Office) -> None:
    joined(office, "fjordteatret")
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    forged = issue_client(office.authority, key, "spiffe://npu.example/member/fjordteatret", NOW)
    with pytest.raises(CertificateUnknown):
        caller_for(office, forged.public_bytes(Encoding.DER))


def test_a_fingerprint_is_bound_to_its_name(office: Office) -> None:
    member = joined(office, "fjordteatret")
    for role, holder in ((Role.OPERATOR, "fjordteatret"), (Role.MEMBER, "museum")):
        with pytest.raises(CertificateUnknown):
            identify(office.store, Peer(role, holder, member.caller.fingerprint), NOW)


def test_time_ends_a_certificate(office: Office) -> None:
    member = joined(office, "fjordteatret")
    caller_for(office, member.enrolled.certificate, NOW + timedelta(days=90))
    for moment in (NOW + timedelta(days=90, seconds=1), NOW - timedelta(minutes=6)):
        with pytest.raises(CertificateExpired):
            caller_for(office, member.enrolled.certificate, moment)


def test_suspension_and_its_end_take_effect_on_the_next_call(office: Office) -> None:
    member = joined(office, "fjordteatret")
    members.suspend(office.store, "fjordteatret", NOW)
    with pytest.raises(MemberSuspended):
        caller_for(office, member.enrolled.certificate)
    members.resume(office.store, "fjordteatret", NOW)
    caller_for(office, member.enrolled.certificate)
    members.revoke(office.store, "fjordteatret", NOW)
    with pytest.raises(MemberRevoked):
        caller_for(office, member.enrolled.certificate)


def test_an_old_certificate_stays_dead_when_the_member_comes_back(office: Office) -> None:
    member = joined(office, "fjordteatret")
    members.leave(office.store, "fjordteatret", NOW)
    handed = members.invite_again(office, "fjordteatret", NOW)
    with pytest.raises(MemberRevoked):
        caller_for(office, member.enrolled.certificate)
    csr = member.keys.csr()
    got = enrol(office, token_of(handed), csr, member.keys.enrolling(csr), "", NOW)
    caller_for(office, got.certificate)
    with pytest.raises(MemberRevoked):
        caller_for(office, member.enrolled.certificate)


def test_an_auditor_can_be_revoked(office: Office) -> None:
    keys = Keys()
    handed = invite_other(office, Role.AUDITOR, "kari", "Kari", NOW)
    csr = keys.csr(keys.uris[:1])
    got = enrol(office, token_of(handed), csr, keys.enrolling(csr), "", NOW)
    caller_for(office, got.certificate)
    revoke_other(office.store, Role.AUDITOR, "kari", NOW)
    with pytest.raises(MemberRevoked):
        caller_for(office, got.certificate)
    with pytest.raises(UnknownMember):
        revoke_other(office.store, Role.VIEWER, "kari", NOW)


def renewed(office: Office, member_keys: Keys, certificate: bytes, tls: Keys) -> bytes:
    """A renewal of a certificate, over the TLS key of `tls`, by the other keys of a member."""
    csr = tls.csr(member_keys.uris)
    return renew(office, caller_for(office, certificate, LATER), csr, member_keys.renewing(csr), LATER)


def test_a_renewal_gets_a_new_certificate_and_leaves_the_old_one_for_a_lost_answer(office: Office) -> None:
    member, tls = joined(office, "fjordteatret"), Keys()
    csr = tls.csr(member.keys.uris)
    caller = caller_for(office, member.enrolled.certificate, LATER)
    new = renew(office, caller, csr, member.keys.renewing(csr), LATER)
    assert x509.load_der_x509_certificate(new).public_key() == tls.tls.public_key()
    assert renew(office, caller, csr, member.keys.renewing(csr), LATER) == new
    assert caller_for(office, new, LATER).not_after == LATER + timedelta(days=90)
    assert caller_for(office, member.enrolled.certificate, LATER).id == "fjordteatret"


def test_a_chain_of_renewals_leaves_two_certificates_in_use(office: Office) -> None:
    member = joined(office, "fjordteatret")
    shown = [member.enrolled.certificate]
    for _ in range(3):
        shown.append(renewed(office, member.keys, shown[-1], Keys()))
    for old in shown[:-2]:
        with pytest.raises(CertificateUnknown):
            caller_for(office, old, LATER)
    for current in shown[-2:]:
        caller_for(office, current, LATER)


def test_revocation_ends_the_certificates_too_that_newer_ones_had_replaced(office: Office) -> None:
    member = joined(office, "fjordteatret")
    shown = [member.enrolled.certificate]
    for _ in range(3):
        shown.append(renewed(office, member.keys, shown[-1], Keys()))
    members.revoke(office.store, "fjordteatret", LATER)
    for each in shown:
        with pytest.raises(MemberRevoked):
            caller_for(office, each, LATER)


def test_a_stolen_tls_key_is_not_enough_for_a_renewal(office: Office) -> None:
    member, thief = joined(office, "fjordteatret"), Keys()
    before = contents(office.store)
    own, theirs = thief.csr(), thief.csr(member.keys.uris)
    for csr, expected in ((own, BadCsr), (theirs, BadSignature)):
        with pytest.raises(expected):
            renew(office, member.caller, csr, thief.renewing(csr), LATER)
    with pytest.raises(BadSignature):
        renew(office, member.caller, theirs, member.keys.enrolling(theirs), LATER)
    assert contents(office.store) == before


def test_a_caller_that_was_replaced_meanwhile_renews_nothing(office: Office) -> None:
    member = joined(office, "fjordteatret")
    csr = Keys().csr(member.keys.uris)
    second = renewed(office, member.keys, member.enrolled.certificate, Keys())
    renewed(office, member.keys, second, Keys())
    with pytest.raises(CertificateUnknown):  # the caller was let in, and then its certificate was superseded
        renew(office, member.caller, csr, member.keys.renewing(csr), LATER)
    members.revoke(office.store, "fjordteatret", NOW)
    with pytest.raises(CertificateUnknown):
        renew(office, member.caller, csr, member.keys.renewing(csr), LATER)


def test_the_store_finds_a_caller_by_an_index(office: Office) -> None:
    sqlite = office.store.engine.dialect.name == "sqlite"
    query = f"EXPLAIN {'QUERY PLAN' if sqlite else ''} SELECT * FROM certificates WHERE fingerprint = 'x'"
    with office.store.reading() as connection:
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table is read whole, sooner
        plan = str(connection.exec_driver_sql(query).all())
    assert "USING INDEX" in plan or "Index Scan" in plan or "Bitmap Index" in plan
    assert peer(joined(office, "a").enrolled.certificate, "npu.example").id == "a"
