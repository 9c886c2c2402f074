"""A stored release that was changed is never handed out again as the one that was booked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.ledger.errors import DamagedLedger
from privacy.ledger.store import Ledger
from privacy.signing.envelope import RELEASE, BadEnvelope, sign
from protos.kudos.v1.envelope_pb2 import Envelope
from tests.node.release.forged import put, with_another_figure
from tests.node.release.house import NOW, House, adopt_key, build, vectors


@pytest.fixture
def house(tmp_path: Path) -> House:
    return build(tmp_path)


def by_another_key(envelope: bytes) -> bytes:
    return sign(RELEASE, Envelope.FromString(envelope).payload, Ed25519PrivateKey.generate())


def without_signature(envelope: bytes) -> bytes:
    message = Envelope.FromString(envelope)
    message.ClearField("signature")
    return message.SerializeToString(deterministic=True)


def with_an_unknown_field(envelope: bytes) -> bytes:
    return envelope + b"\x7a\x01x"


@pytest.mark.parametrize(
    "change", [with_another_figure, by_another_key, without_signature, with_an_unknown_field, lambda _: b""]
)
def test_a_forged_release_is_not_handed_out_again(house: House, change: Callable[[bytes], bytes]) -> None:
    booked = house.release()
    put(house.ledger, booked.seq, change(booked.envelope))
    before = house.ledger.read_bytes()
    assert len(house.contents().releases) == 1, "the ledger itself finds nothing"
    with pytest.raises(BadEnvelope):
        house.release()
    assert house.ledger.read_bytes() == before


def test_it_is_not_made_anew_either(house: House) -> None:
    """New noise on the same figures would be paid for by nobody."""
    booked = house.release()
    put(house.ledger, booked.seq, with_another_figure(booked.envelope))
    for _ in range(2):
        with pytest.raises(BadEnvelope):
            house.release(cells=vectors(7))
    assert [entry.type for entry in house.contents().entries] == ["open", "policy", "spend"]


def test_what_was_put_back_is_handed_out(house: House) -> None:
    """The test above fails for the change, and not for what the change is made with."""
    booked = house.release()
    put(house.ledger, booked.seq, with_another_figure(booked.envelope))
    put(house.ledger, booked.seq, booked.envelope)
    again = house.release()
    assert (again.envelope, again.already) == (booked.envelope, True)


def test_a_release_of_an_earlier_key_is_still_verified_with_that_key(house: House) -> None:
    booked = house.release()
    new = Ed25519PrivateKey.generate()
    with Ledger.open(house.ledger) as ledger:
        adopt_key(ledger, new, NOW)
    assert house.release().envelope == booked.envelope
    put(house.ledger, booked.seq, sign(RELEASE, Envelope.FromString(booked.envelope).payload, new))
    with pytest.raises(BadEnvelope):
        house.release()


def test_bytes_that_its_entry_does_not_name_are_a_damaged_ledger(house: House) -> None:
    booked = house.release()
    content = house.ledger.read_bytes()
    at = content.index(booked.envelope[:40]) + 20
    house.ledger.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(DamagedLedger, match="backup"):
        house.release()
