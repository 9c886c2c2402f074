"""Markets and counts to the byte and to the figure: no field that nobody knows, and no figure beyond the limit."""

from dataclasses import replace
from math import isqrt

import pytest

from privacy.rounds.count_fit import COUNT, check_count
from privacy.rounds.fit import LARGEST_BASE, NOISE, Misfit, UnfitRelease
from privacy.rounds.market import MARKET as MARKET_TYPE
from privacy.rounds.market import BadMarket, read_market, sign_market
from privacy.signing.envelope import sign, verify
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price
from protos.kudos.v1 import cross_use_pb2 as wire
from tests.privacy.rounds.test_announcement import KEY
from tests.privacy.rounds.test_count_fit import NODE, ROWS, checked, count, misfit
from tests.privacy.rounds.test_market import ANNOUNCED, MARKET, ROUND, SEATS

STUDY = ROUND.study
assert isinstance(STUDY, CrossUseStudy)
PRICE = count_price(STUDY, 2)
PAYLOAD = verify(MARKET_TYPE, sign_market(MARKET, KEY), KEY.public_key())
UNKNOWN = b"\xa0\x01\x01"
"""Field 20, which no message here has."""


def in_a_seat() -> bytes:
    message = wire.Market()
    message.ParseFromString(PAYLOAD)
    message.seats[0].MergeFromString(UNKNOWN)
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize(
    "payload",
    [
        PAYLOAD + UNKNOWN,
        UNKNOWN + PAYLOAD,
        in_a_seat(),
        wire.Market(round=ROUND.round).SerializeToString() + PAYLOAD,
    ],
    ids=["at the end", "at the beginning", "in a seat", "the round twice"],
)
def test_a_market_has_no_other_bytes_than_it_is_written_with_though_they_are_signed(payload: bytes) -> None:
    """Nothing can be said to one member alone in a market that all of them read alike."""
    assert payload != PAYLOAD
    with pytest.raises(BadMarket):
        read_market(sign(MARKET_TYPE, payload, KEY), KEY.public_key(), ROUND, ANNOUNCED)


def test_what_it_is_written_with_is_read() -> None:
    assert read_market(sign(MARKET_TYPE, PAYLOAD, KEY), KEY.public_key(), ROUND, ANNOUNCED) == MARKET


def test_a_count_against_nobody_is_refused() -> None:
    assert isinstance(STUDY, CrossUseStudy)
    alone = replace(MARKET, seats=tuple(each for each in SEATS if each.member == "b"))
    said = count(sketches_digest=alone.sketches_digest, peers=[], cells=[0] * ROWS, histogram=[0])
    envelope = sign(COUNT, said.SerializeToString(deterministic=True), NODE)
    with pytest.raises(UnfitRelease) as caught:
        check_count(envelope, NODE.public_key(), STUDY, ROUND.window, said.ledger, alone, "b")
    assert caught.value.misfit is Misfit.WRONG_LAYOUT


def deviations(variance: float) -> int:
    """NOISE standard deviations, each rounded up."""
    return NOISE * (isqrt(int(variance)) + 1)


MOST_OF_A_SUM = LARGEST_BASE + deviations(float(PRICE.sums.scale) ** 2)
MOST_OF_THE_HISTOGRAM = LARGEST_BASE + deviations(2 * float(PRICE.histogram.scale) ** 2)
"""The variance of Laplace noise is twice the square of its scale."""


@pytest.mark.parametrize("sign_of", [1, -1])
@pytest.mark.parametrize("place", [0, -1])
def test_a_figure_at_its_limit_is_taken_and_one_beyond_is_not(sign_of: int, place: int) -> None:
    for name, length, limit in (
        ("cells", ROWS * 3, MOST_OF_A_SUM),
        ("histogram", 3, MOST_OF_THE_HISTOGRAM),
    ):
        figures = [0] * length
        figures[place] = sign_of * limit
        checked(count(**{name: figures}))
        figures[place] += sign_of
        assert misfit(count(**{name: figures})) is Misfit.ABSURD_VALUE
