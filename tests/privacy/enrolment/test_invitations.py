"""An invitation is taken by whom it is made out for, and whole."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from privacy.enrolment.invitations import read_invitation
from privacy.errors import KudosError
from protos.invitation import ROLES, Invitation

NOW = datetime(2026, 1, 10, tzinfo=UTC)


class Wrong(KudosError):
    """What these tests are told."""

    reason = "WRONG"


def authority() -> bytes:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "NPU")])
    asked = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    asked = asked.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return asked.sign(key, None).public_bytes(Encoding.DER)


AUTHORITY = authority()


def invitation(role: str, certificate: bytes = AUTHORITY) -> Invitation:
    return Invitation("kudos.npu.example:8444", certificate, bytes(16), role)


@pytest.mark.parametrize("role", ROLES)
def test_it_is_taken_by_its_role_alone(role: str) -> None:
    made = invitation(role)
    assert read_invitation(made.text(), role, failure=Wrong) == made
    for other in set(ROLES) - {role}:
        with pytest.raises(Wrong, match=rf"is for an? {role}\. .* for an? {other}\.$"):
            read_invitation(made.text(), other, failure=Wrong)


@pytest.mark.parametrize(
    "text", ["", "kudos1:", invitation("member").text()[:-9], invitation("member", b"0\x82").text()]
)
def test_a_part_of_one_and_one_without_a_certificate_are_refused(text: str) -> None:
    with pytest.raises(Wrong, match="not a whole invitation"):
        read_invitation(text, "member", failure=Wrong)
