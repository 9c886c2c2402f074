"""Announcements: read back as they were made, and nothing else is read."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.bounds.windows import twelve_months_to
from privacy.rounds.announcement import ROUND, Announcement, BadAnnouncement, Seat, announce, read
from privacy.signing.envelope import sign, verify
from privacy.studies.study import parse

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TEXT = files("privacy.studies").joinpath("benchmark.toml").read_text("utf-8")


def seat(member: str, **changes: Any) -> Seat:
    facts = {
        "member": member,
        "name": f"{member} på Øya",
        "industry": "museum",
        "county": "46",
        "size_class": None,
        "signing_key": "11" * 32,
        "sealing_key": "22" * 32,
        "identity_commitment": "33" * 32,
        "identity_epoch": 0,
    }
    return Seat.model_validate(facts | changes)


GOOD = Announcement(
    coordinator="npu.example",
    round="benchmark-2025-12",
    study=parse(TEXT, "benchmark"),
    study_text=TEXT,
    window=twelve_months_to(date(2025, 12, 31)),
    opened=datetime(2026, 1, 10, tzinfo=UTC),
    deadline=datetime(2026, 2, 1, tzinfo=UTC),
    roster=(seat("a"), seat("b", size_class="small", identity_commitment=None, identity_epoch=None)),
)
ENVELOPE = announce(GOOD, KEY)
PAYLOAD: dict[str, Any] = json.loads(verify(ROUND, ENVELOPE, KEY.public_key()))


def test_what_is_announced_is_read() -> None:
    assert read(ENVELOPE, KEY.public_key()) == GOOD
    assert announce(GOOD, KEY) == ENVELOPE
    assert GOOD.seat("b") is GOOD.roster[1]
    assert GOOD.seat("c") is None


def test_it_is_canonical_json() -> None:
    assert verify(ROUND, ENVELOPE, KEY.public_key()) == rfc8785.dumps(PAYLOAD)


def test_every_flipped_byte_and_another_key_are_refused() -> None:
    for place in range(0, len(ENVELOPE), 7):
        flipped = ENVELOPE[:place] + bytes([ENVELOPE[place] ^ 4]) + ENVELOPE[place + 1 :]
        with pytest.raises(BadAnnouncement):
            read(flipped, KEY.public_key())
    with pytest.raises(BadAnnouncement):
        read(ENVELOPE, Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"coordinator": "NPU"},
        {"round": "../up"},
        {"study": TEXT.replace("max_orders = 8", "max_orders = 9")},
        {"study": "not TOML ="},
        {"study": "a" + ".a" * 99_000 + " = 1"},
        {"study": "a" + ".a" * 30_000 + " = 1"},
        {"study": TEXT + "#\n" * 40_000},
        {"study": TEXT.replace("Benchmark of", "Benchmark \\u001b[31mof")},
        {"study_digest": "sha256:" + "0" * 64},
        {"layout_digest": "sha256:" + "0" * 64},
        {"window_first": "2025-13-01"},
        {"deadline": "2026-01-10T00:00:00Z"},
        {"deadline": "2026-02-01 00:00"},
        {"roster": []},
        {"roster": [PAYLOAD["roster"][1], PAYLOAD["roster"][0]]},
        {"roster": [PAYLOAD["roster"][0], PAYLOAD["roster"][0]]},
        {"roster": [PAYLOAD["roster"][0] | {"county": "460"}]},
        {"roster": [PAYLOAD["roster"][0] | {"signing_key": "zz"}]},
        {"roster": [PAYLOAD["roster"][0] | {"extra": 1}]},
        {"extra": 1},
    ],
    ids=lambda change: str(change)[:60],
)
def test_a_payload_that_contradicts_itself_is_refused_though_it_is_signed(change: dict[str, Any]) -> None:
    with pytest.raises(BadAnnouncement) as refused:
        read(sign(ROUND, rfc8785.dumps(PAYLOAD | change), KEY), KEY.public_key())
    assert refused.value.reason == "BAD_ANNOUNCEMENT"


def test_a_field_that_is_missing_is_refused() -> None:
    for name in PAYLOAD:
        less = {key: value for key, value in PAYLOAD.items() if key != name}
        with pytest.raises(BadAnnouncement):
            read(sign(ROUND, rfc8785.dumps(less), KEY), KEY.public_key())


def test_what_would_not_be_read_back_is_not_announced() -> None:
    with pytest.raises(BadAnnouncement):
        announce(replace(GOOD, roster=tuple(reversed(GOOD.roster))), KEY)
    with pytest.raises(BadAnnouncement):
        announce(replace(GOOD, study_text="name = 1"), KEY)
