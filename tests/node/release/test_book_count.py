"""Counts are booked once, of the shape that a study and a market give them, and with what the policy says of names."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from node.home import write_private
from node.release.book_count import Against, CountedBefore, NoPeers, Peer, book_count
from node.release.booking import Booked
from node.release.make_count import Sketch, make_count
from node.release.make_sketch import make_sketch
from node.release.stored_cross_use import count_of
from privacy.budget.policy import Allowance, Policy, PolicyRefused
from privacy.budget.policy_file import DEFAULT_TEXT
from privacy.ledger.leaves import Spent
from privacy.ledger.store import Ledger
from privacy.mechanisms.drawing import BadVector
from privacy.rounds.count_fit import COUNTED
from privacy.rounds.market import Market, MarketSeat
from privacy.sketch.counting import Counted
from protos.kudos.v1.cross_use_pb2 import Count
from tests.node.cross_use.house import DOMAIN, ROUND, STUDY, WINDOW, Member, Post, join, noise
from tests.node.release.house import NOW, POLICY, House, build

ALLOWED = replace(POLICY, allowed=(Allowance(STUDY.name, STUDY.digest, None),))
AGAINST = Against(bytes(32), (Peer("beta", COUNTED, 9), Peer("gamma", COUNTED, 8)))
ROWS = len(STUDY.groups) + 1


def counted(rows: int = ROWS, columns: int = 3, bins: int = 3) -> Counted:
    """A count of nobody, in these shapes."""
    return Counted(np.zeros((rows, columns), dtype=np.int64), np.zeros(bins, dtype=np.int64))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return build(tmp_path)


def book(
    house: House,
    exact: Counted | None = None,
    *,
    against: Against = AGAINST,
    policy: Policy = ALLOWED,
    round_name: str | None = None,
) -> Booked:
    exact = exact or counted()
    with Ledger.open(house.ledger) as ledger:
        return book_count(STUDY, WINDOW, exact, against, policy, ledger, house.key, lambda: NOW, round_name=round_name)


def booked(house: House) -> tuple[Spent, Count]:
    """The entry of the one count, and what it says."""
    contents = house.contents()
    found = count_of(contents, STUDY, WINDOW)
    assert found is not None
    assert found.message is not None
    (entry,) = (each for each in contents.entries if isinstance(each, Spent))
    assert entry.seq == found.stored.seq
    return entry, found.message


@pytest.mark.parametrize("named", [False, True])
def test_a_count_says_of_named_pairs_what_the_policy_does(house: House, named: bool) -> None:
    book(house, policy=replace(ALLOWED, named_pairs=named))
    assert booked(house)[1].named_pairs is named


@pytest.mark.parametrize("name", ["2026-cross-use", None])
def test_the_ledger_says_in_which_round_it_was_counted(house: House, name: str | None) -> None:
    book(house, round_name=name)
    assert booked(house)[0].round == name


@pytest.mark.parametrize(
    "exact",
    [
        counted(rows=ROWS - 1),
        counted(rows=ROWS + 1),
        counted(columns=2),
        counted(columns=4),
        counted(bins=2),
        counted(bins=4),
        counted(rows=3, columns=ROWS),
        Counted(np.zeros(ROWS * 3, dtype=np.int64), np.zeros(3, dtype=np.int64)),
        Counted(np.zeros((ROWS, 3), dtype=np.int64), np.zeros((3, 1), dtype=np.int64)),
    ],
    ids=lambda exact: f"{exact.cells.shape} {exact.histogram.shape}",
)
def test_a_count_of_another_shape_is_not_booked(house: House, exact: Counted) -> None:
    """Its noise is for so many columns, and who reads it takes it for those of the market."""
    before = house.contents().entries
    with pytest.raises(BadVector, match="Nothing was spent"):
        book(house, exact)
    assert house.contents().entries == before


def test_the_same_again_is_what_was_booked(house: House) -> None:
    first = book(house, round_name="first")
    again = book(house, round_name="second")
    assert (first.already, again) == (False, Booked(first.seq, already=True))
    assert booked(house)[0].round == "first"


def test_a_booking_against_other_sketches_that_was_overtaken_is_refused(house: House) -> None:
    book(house)
    before = house.contents().entries
    with pytest.raises(CountedBefore, match="Nothing was spent"):
        book(house, against=replace(AGAINST, sketches_digest=bytes([1]) * 32))
    assert house.contents().entries == before


def test_nobody_is_counted_against_nobody(house: House) -> None:
    before = house.contents().entries
    with pytest.raises(NoPeers):
        book(house, counted(columns=1, bins=1), against=replace(AGAINST, peers=()))
    assert house.contents().entries == before


def sketched(folder: Path) -> tuple[Member, Market]:
    """A member that has sketched, and no customer, and a market of it and two others."""
    alpha = join(folder, Post(), "alpha")
    make_sketch(alpha.home, STUDY, WINDOW, witness=None)
    seats = tuple(MarketSeat(member, bytes(32), bytes(32)) for member in ("alpha", "beta", "gamma"))
    return alpha, Market(DOMAIN, ROUND, bytes(32), seats)


def make(member: Member, found: Market, peers: Sequence[str]) -> None:
    given = [Sketch(Peer(peer, COUNTED, 9), noise()) for peer in peers]
    make_count(member.home, STUDY, WINDOW, found, member.id, lambda: given, witness=None, round_name=ROUND)


def test_sketches_of_others_than_the_peers_in_their_order_are_not_counted(tmp_path: Path) -> None:
    """A count names its peers by their places: one in another's would be told as the other's customers."""
    alpha, found = sketched(tmp_path)
    before = alpha.contents().entries
    wrong: tuple[tuple[str, ...], ...] = (
        ("gamma", "beta"),
        ("beta", "beta"),
        ("beta", "delta"),
        ("beta",),
        ("beta", "gamma", "gamma"),
        (),
    )
    for peers in wrong:
        with pytest.raises(RuntimeError, match="market"):
            make(alpha, found, peers)
        assert alpha.contents().entries == before
    make(alpha, found, ("beta", "gamma"))
    assert len(alpha.spent()) == 2


def test_a_study_that_is_allowed_no_more_sends_no_count_though_it_is_paid_for(tmp_path: Path) -> None:
    alpha, found = sketched(tmp_path)
    agreed = alpha.home.policy_file.read_bytes()
    make(alpha, found, ("beta", "gamma"))
    before = alpha.contents().entries
    write_private(alpha.home.policy_file, DEFAULT_TEXT.encode())
    with pytest.raises(PolicyRefused, match="does not allow the study"):
        make(alpha, found, ("beta", "gamma"))
    assert alpha.contents().entries == before
    write_private(alpha.home.policy_file, agreed)
    make(alpha, found, ("beta", "gamma"))
    assert alpha.contents().entries == before
