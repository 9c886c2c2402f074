"""What the authority issues is what TLS and RFC 5280 expect of it, and nothing more."""

import ipaddress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from coordinator.authority import ca
from coordinator.authority.server import server_identity
from coordinator.errors import CoordinatorError
from tests.coordinator.house import NOW

HOSTS = ("kudos.npu.example", "127.0.0.1", "::1")
PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()


@pytest.fixture(scope="module")
def authority() -> ca.Authority:
    return ca.make("npu.example", NOW)


def test_the_root_is_for_ten_years_and_no_authority_below_it(authority: ca.Authority) -> None:
    root = authority.certificate
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    assert isinstance(root.public_key(), ec.EllipticCurvePublicKey)
    assert timedelta(days=3652) <= root.not_valid_after_utc - root.not_valid_before_utc < timedelta(days=3653)
    assert len(authority.der) < 600
    root.verify_directly_issued_by(root)


@pytest.mark.parametrize("host", HOSTS)
def test_a_server_is_verified_by_each_of_its_names(authority: ca.Authority, host: str) -> None:
    certificate = ca.issue_server(authority, PUBLIC, HOSTS, NOW)
    name = x509.DNSName(host) if host[0] == "k" else x509.IPAddress(ipaddress.ip_address(host))
    policy = PolicyBuilder().store(Store([authority.certificate])).time(NOW.replace(tzinfo=None))
    policy.build_server_verifier(name).verify(certificate, [])
    other = policy.build_server_verifier(x509.DNSName("other.example"))
    with pytest.raises(VerificationError):
        other.verify(certificate, [])


def test_a_client_has_one_name_and_one_use_for_ninety_days(authority: ca.Authority) -> None:
    identity = "spiffe://npu.example/member/fjordteatret"
    certificate = ca.issue_client(authority, PUBLIC, identity, NOW)
    policy = PolicyBuilder().store(Store([authority.certificate])).time(NOW.replace(tzinfo=None))
    verified = policy.build_client_verifier().verify(certificate, [])
    assert [name.value for name in verified.subjects or []] == [identity]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.not_valid_after_utc == NOW + timedelta(days=90)
    again = ca.issue_client(authority, PUBLIC, identity, NOW)
    assert again.serial_number != certificate.serial_number


def test_a_client_is_no_server_and_a_server_no_client(authority: ca.Authority) -> None:
    policy = PolicyBuilder().store(Store([authority.certificate])).time(NOW.replace(tzinfo=None))
    with pytest.raises(VerificationError):
        policy.build_client_verifier().verify(ca.issue_server(authority, PUBLIC, HOSTS, NOW), [])
    client = ca.issue_client(authority, PUBLIC, "spiffe://npu.example/member/a", NOW)
    with pytest.raises(VerificationError):
        policy.build_server_verifier(x509.DNSName(HOSTS[0])).verify(client, [])


def test_an_authority_is_read_back_and_another_ones_key_is_refused(authority: ca.Authority, tmp_path: Path) -> None:
    certificate, key = tmp_path / "a.pem", tmp_path / "a.key"
    ca.save(authority, certificate, key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert ca.load(certificate, key).certificate == authority.certificate
    ca.save(ca.make("npu.example", NOW), tmp_path / "b.pem", key)
    with pytest.raises(CoordinatorError, match="not the key"):
        ca.load(certificate, key)
    key.unlink()
    with pytest.raises(CoordinatorError, match="backup"):
        ca.load(certificate, key)


def test_a_server_keeps_its_certificate_until_it_is_time_for_another(authority: ca.Authority, tmp_path: Path) -> None:
    file = tmp_path / "server.pem"
    first = server_identity(authority, file, HOSTS, NOW)
    assert server_identity(authority, file, HOSTS, NOW + timedelta(days=59)) == first
    later = server_identity(authority, file, HOSTS, NOW + timedelta(days=61))
    assert later.not_after == NOW + timedelta(days=151)
    assert later.key_pem != first.key_pem
    assert server_identity(authority, file, HOSTS, NOW + timedelta(days=62)) == later
    other_hosts = server_identity(authority, file, HOSTS[:1], NOW + timedelta(days=62))
    assert other_hosts != later
    assert server_identity(ca.make("npu.example", NOW), file, HOSTS[:1], NOW + timedelta(days=62)) != other_hosts
    file.write_bytes(b"damaged")
    assert server_identity(authority, file, HOSTS, NOW).certificate_pem.startswith(b"-----BEGIN")
    assert file.stat().st_mode & 0o777 == 0o600
