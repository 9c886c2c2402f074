"""Signed texts: read back as they were signed, and nothing else is one."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from privacy.sharing.insight import (
    INSIGHT,
    LARGEST_INSIGHT,
    BadInsight,
    Insight,
    claimed,
    digest_of,
    make,
    open_insight,
)
from privacy.sharing.text import LONGEST_TEXT, BadText
from privacy.signing.envelope import RELEASE, sign
from tests.privacy.sharing.test_text import FINE, HOSTILE

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
SAID = Insight(
    coordinator="npu.example",
    member="fjord",
    round="r-2025",
    benchmark="0" * 64,
    cohort="industry:museum",
    written=datetime(2026, 1, 10, 12, 0, tzinfo=UTC),
    text="Vi satte ned prisen på tirsdager.",
)


def payload(**changes: object) -> bytes:
    said = {**vars(SAID), "written": "2026-01-10T12:00:00Z", "v": 1} | changes
    return bytes(rfc8785.dumps({name: value for name, value in said.items() if value is not None}))


def test_it_is_read_back_and_called_by_its_bytes() -> None:
    envelope = make(SAID, KEY)
    assert open_insight(envelope, KEY.public_key()) == SAID
    assert make(SAID, KEY) == envelope
    assert claimed(envelope) == ("fjord", "r-2025")
    assert digest_of(envelope) != digest_of(make(replace(SAID, text="Noe annet."), KEY))


@pytest.mark.parametrize("text", FINE)
def test_the_longest_there_can_be_has_room(text: str) -> None:
    assert open_insight(make(replace(SAID, text=text), KEY), KEY.public_key()).text == text
    assert len(make(replace(SAID, text="🎭" * LONGEST_TEXT), KEY)) <= LARGEST_INSIGHT


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud800" not in text])
def test_a_hostile_text_is_neither_signed_nor_read(text: str) -> None:
    with pytest.raises(BadText):
        make(replace(SAID, text=text), KEY)
    with pytest.raises(BadInsight):
        open_insight(sign(INSIGHT, payload(text=text), KEY), KEY.public_key())


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"member": "Fjord"},
        {"member": None},
        {"round": "../x"},
        {"cohort": "industry museum"},
        {"cohort": "x" * 200},
        {"benchmark": "0"},
        {"written": "2026-01-10"},
        {"written": "2026-13-10T12:00:00Z"},
        {"figures": {"revenue": 1}},
        {"text": 1},
    ],
)
def test_another_shape_is_none(changes: dict[str, object]) -> None:
    with pytest.raises(BadInsight):
        open_insight(sign(INSIGHT, payload(**changes), KEY), KEY.public_key())


def test_another_signer_type_spelling_or_size_is_none() -> None:
    spaced = json.dumps(json.loads(payload())).encode()
    for envelope in (
        make(SAID, OTHER),
        sign(RELEASE, payload(), KEY),
        sign(INSIGHT, spaced, KEY),
        make(SAID, KEY) + b"\0",
        sign(INSIGHT, bytes(LARGEST_INSIGHT), KEY),
        b"",
    ):
        with pytest.raises(BadInsight):
            open_insight(envelope, KEY.public_key())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert claimed(content) is None
    with pytest.raises(BadInsight):
        open_insight(content, KEY.public_key())
