"""The market of a round of cross-use: read back as it was signed, for its own round, and nothing else is read."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy.rounds.announcement import BadAnnouncement, announce, read
from privacy.rounds.market import BadMarket, Market, MarketSeat, announcement_digest, read_market, sign_market
from privacy.studies.shelf import parse
from tests.privacy.rounds.test_announcement import GOOD as TABLES
from tests.privacy.rounds.test_announcement import KEY, seat

TEXT = files("privacy.studies").joinpath("cross-use-year.toml").read_text("utf-8")
ROUND = replace(
    TABLES,
    round="cross-use-2025",
    study=parse(TEXT, "cross-use-year"),
    study_text=TEXT,
    sketch_deadline=datetime(2026, 1, 20, tzinfo=UTC),
    roster=tuple(seat(member) for member in "abc"),
)
ANNOUNCED = announce(ROUND, KEY)
SEATS = tuple(MarketSeat(member, bytes([number]) * 32, bytes([number + 1]) * 32) for number, member in enumerate("abc"))
MARKET = Market(ROUND.coordinator, ROUND.round, announcement_digest(ANNOUNCED), SEATS)


def readable(market: Market) -> Market:
    return read_market(sign_market(market, KEY), KEY.public_key(), ROUND, ANNOUNCED)


def test_a_market_is_read_back() -> None:
    assert readable(MARKET) == MARKET
    assert MARKET.members == ("a", "b", "c")
    assert MARKET.peers_of("b") == ("a", "c")
    assert readable(replace(MARKET, seats=SEATS[1:])).members == ("b", "c")  # one that did not sketch


@pytest.mark.parametrize(
    "market",
    [
        replace(MARKET, round="another"),
        replace(MARKET, coordinator="another.example"),
        replace(MARKET, announcement_digest=bytes(32)),
        replace(MARKET, seats=tuple(reversed(SEATS))),
        replace(MARKET, seats=(SEATS[0], SEATS[0])),
        replace(MARKET, seats=(*SEATS, MarketSeat("invented", bytes(32), bytes(32)))),
        replace(MARKET, seats=(replace(SEATS[0], header_digest=b""), *SEATS[1:])),
        replace(MARKET, seats=(replace(SEATS[0], sketch_digest=bytes(31)), *SEATS[1:])),
    ],
)
def test_another_market_is_not(market: Market) -> None:
    with pytest.raises(BadMarket, match="coordinator"):
        readable(market)


def test_nor_one_that_somebody_else_signed_or_changed() -> None:
    with pytest.raises(BadMarket):
        read_market(sign_market(MARKET, Ed25519PrivateKey.generate()), KEY.public_key(), ROUND, ANNOUNCED)
    envelope = sign_market(MARKET, KEY)
    for position in range(len(envelope)):
        changed = bytearray(envelope)
        changed[position] ^= 1
        with pytest.raises(BadMarket):
            read_market(bytes(changed), KEY.public_key(), ROUND, ANNOUNCED)


def test_equal_sketches_make_an_equal_digest_whatever_the_round() -> None:
    other = replace(MARKET, round="again", announcement_digest=bytes(32), seats=tuple(
        replace(each, header_digest=bytes(32)) for each in SEATS
    ))  # fmt: skip
    assert other.sketches_digest == MARKET.sketches_digest
    assert replace(MARKET, seats=SEATS[:2]).sketches_digest != MARKET.sketches_digest
    swapped = (replace(SEATS[0], sketch_digest=SEATS[1].sketch_digest), *SEATS[1:])
    assert replace(MARKET, seats=swapped).sketches_digest != MARKET.sketches_digest


def test_a_round_of_cross_use_says_until_when_it_takes_sketches_and_no_other_does() -> None:
    assert read(ANNOUNCED, KEY.public_key()) == ROUND
    for wrong in (
        replace(ROUND, sketch_deadline=None),
        replace(ROUND, sketch_deadline=ROUND.opened),
        replace(ROUND, sketch_deadline=ROUND.deadline),
        replace(TABLES, sketch_deadline=ROUND.sketch_deadline),
    ):
        with pytest.raises(BadAnnouncement, match="sketches"):
            announce(wrong, KEY)


def test_a_market_has_a_largest_size() -> None:
    many = tuple(seat(f"m{number:04d}") for number in range(251))
    with pytest.raises(BadAnnouncement, match="250 at most"):
        announce(replace(ROUND, roster=many), KEY)
    announce(replace(ROUND, roster=many[:250]), KEY)
