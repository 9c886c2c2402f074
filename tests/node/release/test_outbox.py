from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.release.listing import listed
from node.release.outbox import NoRelease, OtherLayout, shown
from privacy.ledger.contents import Contents
from privacy.ledger.outbox import ReleaseLost
from privacy.ledger.store import Ledger
from privacy.signing.envelope import RELEASE, BadEnvelope, sign, verify
from protos.kudos.v1.release_pb2 import Release
from tests.node.release.forged import lose
from tests.node.release.house import COST, EARLIER, NOW, STUDY, WINDOW, House, adopt_key, build, envelope_of


@pytest.fixture
def house(tmp_path: Path) -> House:
    return build(tmp_path)


def with_payload(house: House, payload: bytes) -> Contents:
    """The ledger's contents with another payload in its release, properly signed."""
    contents = house.contents()
    forged = replace(contents.releases[0], envelope=sign(RELEASE, payload, house.key))
    return replace(contents, releases=(forged,))


def test_an_empty_outbox(house: House) -> None:
    assert listed(house.contents()) == ()
    with pytest.raises(NoRelease, match="no release of the study small"):
        shown(house.contents(), STUDY, WINDOW)


def test_releases_are_listed_with_their_entries(house: House) -> None:
    first, second = house.release(), house.release(window=EARLIER)
    rows = listed(house.contents())
    assert [row.stored.envelope for row in rows] == [first.envelope, second.envelope]
    assert [row.entry.seq for row in rows] == [2, 3]
    assert [row.cost for row in rows] == [COST, COST]
    assert [row.state for row in rows] == ["booked", "booked"]


def test_a_release_is_shown_cell_by_cell(house: House) -> None:
    booked = house.release()
    message = Release.FromString(verify(RELEASE, booked.envelope, house.key.public_key()))
    cells = shown(house.contents(), STUDY, WINDOW)
    assert [cell.value for cell in cells] == list(message.cells)
    assert [(cell.table, cell.category, cell.measure) for cell in cells[11:14]] == [
        ("month", "12", "customers"),
        ("month", "01", "revenue"),
        ("month", "02", "revenue"),
    ]
    assert [(cell.table, cell.category, cell.measure) for cell in cells[24:]] == [
        ("totals", "all", measure) for measure in ("customers", "orders", "tickets", "revenue")
    ]


def test_a_release_whose_bytes_are_lost_is_listed_and_not_shown(house: House) -> None:
    lose(house.ledger, house.release().seq)
    (row,) = listed(house.contents())
    assert (row.state, row.stored.envelope, row.cost) == ("lost", None, COST)
    with pytest.raises(ReleaseLost, match="never drawn anew"):
        shown(house.contents(), STUDY, WINDOW)


def test_a_release_is_verified_with_the_key_of_its_time(house: House) -> None:
    house.release()
    with Ledger.open(house.ledger) as ledger:
        adopt_key(ledger, Ed25519PrivateKey.generate(), NOW)
    assert len(shown(house.contents(), STUDY, WINDOW)) == STUDY.cells


def test_a_release_that_somebody_else_signed_is_not_shown(house: House) -> None:
    house.release()
    contents = house.contents()
    payload = verify(RELEASE, envelope_of(contents, 2), house.key.public_key())
    forged = replace(contents.releases[0], envelope=sign(RELEASE, payload, Ed25519PrivateKey.generate()))
    with pytest.raises(BadEnvelope):
        shown(replace(contents, releases=(forged,)), STUDY, WINDOW)


@pytest.mark.parametrize(
    "claim",
    [{"entry": 3}, {"ledger": "another/ledger/x"}, {"study_digest": "x"}, {"window_last": "2025-11-30"}],
)
def test_a_release_that_says_it_is_another_is_not_shown(house: House, claim: dict[str, object]) -> None:
    payload = verify(RELEASE, house.release().envelope, house.key.public_key())
    message = Release.FromString(payload)
    for name, value in claim.items():
        setattr(message, name, value)
    with pytest.raises(BadEnvelope, match="another one"):
        shown(with_payload(house, message.SerializeToString()), STUDY, WINDOW)


def test_a_payload_that_is_no_release_is_not_shown(house: House) -> None:
    house.release()
    with pytest.raises(BadEnvelope, match="no release"):
        shown(with_payload(house, b"\xff"), STUDY, WINDOW)


@pytest.mark.parametrize("change", ["layout", "cells"])
def test_a_release_of_another_layout_is_not_shown(house: House, change: str) -> None:
    message = Release.FromString(verify(RELEASE, house.release().envelope, house.key.public_key()))
    if change == "layout":
        message.layout_digest = "sha256:" + "0" * 64
    else:
        message.cells.append(0)
    with pytest.raises(OtherLayout, match="entry 2"):
        shown(with_payload(house, message.SerializeToString()), STUDY, WINDOW)
