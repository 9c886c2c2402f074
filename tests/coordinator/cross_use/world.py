"""Institutions with invented customers, some in common, who sketch and count as nodes do; what is drawn is the same
every time, so that no test of it is left to chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.cross_use import markets
from coordinator.office import Office
from coordinator.rounds.rounds import close, open_round
from coordinator.rounds.submissions import submit
from privacy.bounds.windows import Window
from privacy.rounds.count_fit import COUNTED
from privacy.rounds.market import Market
from privacy.sketch.counting import count
from privacy.studies.cross_use_price import count_price
from protos.kudos.v1.cross_use_pb2 import PeerCounted
from tests.coordinator.cross_use.house import (
    CROSS,
    SKETCHES_UNTIL,
    STUDY,
    Sketcher,
    a_count,
    book_count,
    market_of,
    members,
    put,
    sealed,
    signed_count,
    sketched,
)
from tests.coordinator.house import DEADLINE, NOW, WINDOW, Joined

NAMES = tuple(f"house-{index}" for index in range(7))
EACH, EVERYBODY = 6_000, 16_000
"""Customers of a house, and people there are: 2 250 in common to two of them, on average."""

Buckets = NDArray[np.int64]


@dataclass(frozen=True)
class House:
    """A member, the buckets of its customers, and their groups."""

    joined: Joined
    own: Buckets
    groups: NDArray[np.int64]


def houses(office: Office, names: tuple[str, ...] = NAMES) -> list[House]:
    """Members with customers."""
    draw = np.random.default_rng(5)
    people = draw.integers(0, STUDY.buckets, EVERYBODY)
    groups = draw.integers(0, len(STUDY.groups), EVERYBODY)
    found = []
    for each in members(office, *names):
        who = draw.choice(EVERYBODY, EACH, replace=False)
        found.append(House(each, people[who], groups[who]))
    return found


def sketch_of(office: Office, house: House, seed: int) -> tuple[Sketcher, NDArray[np.uint8]]:
    """A member's sketch, booked, and its bits."""
    plain = np.zeros(STUDY.buckets, dtype=np.uint8)
    plain[house.own] = 1
    flips = np.random.default_rng(seed).random(STUDY.buckets) < float(STUDY.flip_probability)
    bits = np.packbits(plain ^ flips, bitorder="little")
    return sketched(office, house.joined, bits=bits), bits


def count_of(
    office: Office, house: House, market: Market, bits: dict[str, NDArray[np.uint8]], seed: int, window: Window = WINDOW
) -> bytes:
    """A member's count against its peers in a market, booked."""
    peers = market.peers_of(house.joined.id)
    exact = count(house.own, house.groups, len(STUDY.groups), [bits[peer] for peer in peers])
    price, draw = count_price(STUDY, len(peers)), np.random.default_rng(seed)
    noise = np.rint(draw.normal(0, float(price.sums.scale), exact.cells.shape)).astype(np.int64)
    histogram = np.rint(draw.laplace(0, float(price.histogram.scale), exact.histogram.shape)).astype(np.int64)
    said = [PeerCounted(member=peer, status=COUNTED, ones=int(np.unpackbits(bits[peer]).sum())) for peer in peers]
    message = a_count(
        office,
        house.joined,
        market,
        cells=(exact.cells + noise).ravel().tolist(),
        histogram=(exact.histogram + histogram).tolist(),
        peers=said,
        window_first=window.first.isoformat(),
        window_last=window.last.isoformat(),
    )
    envelope = signed_count(house.joined, message)
    book_count(office, house.joined, envelope, len(peers), window=window)
    return envelope


def counted(
    office: Office, found: list[House], round_id: str = "cross", *, silent: tuple[str, ...] = ()
) -> dict[str, NDArray[np.uint8]]:
    """A round that all have sketched for, all but the silent have counted for, and that is closed; the sketches."""
    sketches = {each.joined.id: sketch_of(office, each, seed) for seed, each in enumerate(found)}
    round_of(office, found, sketches, round_id, silent=silent)
    return {member: bits for member, (_, bits) in sketches.items()}


def round_of(
    office: Office,
    found: list[House],
    sketches: dict[str, tuple[Sketcher, NDArray[np.uint8]]],
    round_id: str,
    window: Window = WINDOW,
    *,
    silent: tuple[str, ...] = (),
) -> None:
    """A closed round over a window of these houses, with the sketches of the year that they have."""
    open_round(office, CROSS, window.last, DEADLINE, NOW, 2, round_id, SKETCHES_UNTIL)
    for each in found:
        who, _ = sketches[each.joined.id]
        put(office, who, round_id, sealed(office, who, round_id, [other.joined for other in found]))
    markets.form(office, round_id, NOW)
    market, bits = market_of(office, round_id), {member: each for member, (_, each) in sketches.items()}
    for seed, each in enumerate(found):
        if each.joined.id not in silent:
            count = count_of(office, each, market, bits, 100 + seed, window)
            submit(office.store, each.joined.caller, round_id, count, NOW)
    close(office.store, round_id, DEADLINE)
