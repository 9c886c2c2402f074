"""Invitations as text: read back whole, also out of an e-mail, and refused in part."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protos.invitation import PREFIX, ROLES, TOKEN_BYTES, BadInvitationText, Invitation, read

GOOD = Invitation("kudos.npu.example:8444", b"\x30\x82certificate", bytes(range(16)), "member")


@given(
    st.binary(min_size=1, max_size=600),
    st.binary(min_size=TOKEN_BYTES, max_size=TOKEN_BYTES),
    st.sampled_from(ROLES),
    st.integers(1, 65_535),
)
def test_what_is_written_is_read(authority: bytes, token: bytes, role: str, port: int) -> None:
    invitation = Invitation(f"[::1]:{port}", authority, token, role)
    assert read(invitation.text()) == invitation


def test_white_space_of_an_e_mail_does_not_matter() -> None:
    text = GOOD.text()
    assert read(f"  {text[:40]}\r\n {text[40:90]}\n\t{text[90:]} \n") == GOOD


def test_every_cut_is_refused() -> None:
    text = GOOD.text()
    for length in range(len(text)):
        with pytest.raises(BadInvitationText):
            read(text[:length])


@pytest.mark.parametrize(
    "change",
    [
        {"a": "no-port"},
        {"a": ":8444"},
        {"a": 5},
        {"r": "king"},
        {"r": None},
        {"t": base64.b64encode(b"short").decode()},
        {"t": "not base64"},
        {"c": ""},
        {"c": 7},
    ],
)
def test_a_field_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    packed = GOOD.text().removeprefix(PREFIX)
    content = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))) | change
    text = PREFIX + base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(BadInvitationText):
        read(text)


@pytest.mark.parametrize("text", ["", "kudos1:", "kudos2:abcd", "hei", PREFIX + "A" * 10_000, PREFIX + "W10", PREFIX])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadInvitationText):
        read(text)


def test_the_token_is_shown_nowhere() -> None:
    assert GOOD.token.hex() not in repr(GOOD)
    assert str(GOOD.token) not in repr(GOOD)
