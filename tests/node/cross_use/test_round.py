"""A round of cross-use from the node's side: what is booked, what leaves, and the same bytes on every retry.

About half a minute: every test has members with stores and ledgers of their own.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from node.home import write_private
from node.membership.errors import CoordinatorContradicts, RosterRefused, RoundOver
from node.network import rounds, taking_part
from node.release.book_count import Against, CountedBefore, NoPeers, Peer, book_count
from node.release.book_sketch import OtherSketch
from privacy.bounds.windows import twelve_months_to
from privacy.budget import policy_file
from privacy.budget.amounts import Spend
from privacy.budget.policy import BudgetExhausted, PolicyRefused
from privacy.ledger.leaves import SpentLaplace, SpentPart, SpentResponse
from privacy.ledger.store import Ledger
from privacy.rounds.count_fit import check_count
from privacy.rounds.market import read_market
from privacy.signing.envelope import parse_public_key
from privacy.signing.keyfile import load_signing_key
from privacy.sketch.counting import Counted
from privacy.sketch.header import read_header
from privacy.studies.cross_use_price import most
from tests.node.cross_use.house import (
    BUCKETS,
    COORDINATOR,
    EPOCH,
    NOW,
    ROUND,
    STUDY,
    STUDY_TEXT,
    WINDOW,
    Member,
    counted_by,
    join,
    market,
    open_round,
    people,
    sales,
    study_of,
)


@pytest.fixture
def members(tmp_path: Path) -> list[Member]:
    found = market(tmp_path, "alpha", "beta", "gamma")
    for member, numbers in zip(found[:2], ((1, 2, 3, 4), (3, 4, 5)), strict=True):
        member.sells(sales(*people(*numbers)))
    return found  # gamma has never sold anything


def names(member: Member, allowed: str) -> None:
    """Says in the policy whether pairs may name the member."""
    text = member.home.policy_file.read_text(encoding="utf-8")
    other = {"true": "false", "false": "true"}[allowed]
    assert f"\nnamed_pairs = {other}\n" in text
    write_private(
        member.home.policy_file,
        text.replace(f"\nnamed_pairs = {other}\n", f"\nnamed_pairs = {allowed}\n").encode(),
    )


def sketch_all(members: list[Member], name: str = ROUND) -> None:
    for member in members:
        answered = member.answer(name)
        assert answered is not None
        assert answered.sketch


def test_a_round_books_a_sketch_and_a_count_and_sends_what_the_coordinator_takes(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    sketch_all(members)
    (sketch,) = alpha.spent()
    (bits,) = sketch.parts
    assert isinstance(bits, SpentResponse)
    assert (sketch.study, sketch.study_digest, sketch.round) == ("sketch", STUDY.sketch_digest, ROUND)
    assert (sketch.window, bits.cells, bits.flips, bits.flip_bits) == (WINDOW, BUCKETS, 17626, 16)
    assert (bits.table, bits.measure, sketch.cost.epsilon) == ("sketch", "customers", STUDY.response.cost())
    assert alpha.known().status(NOW) == "sketched"
    assert alpha.answer() is None  # until there is a market

    found = post.make_market()
    for member in members:
        answered = member.answer()
        assert answered is not None
        assert not answered.sketch
        assert member.known().status(NOW) == "sent"
        key = parse_public_key(member.seat().signing_key)
        ledger = member.contents().opened.origin
        check_count(post.released[ROUND, member.id], key, STUDY, WINDOW, ledger, found, member.id)
    _, count = alpha.spent()
    sums, histogram = count.parts
    assert isinstance(sums, SpentPart)
    assert isinstance(histogram, SpentLaplace)
    assert (sums.l2_squared, sums.cells, histogram.l1, histogram.cells) == (2 * 3, (len(STUDY.groups) + 1) * 3, 1, 3)
    assert (count.cost.epsilon, count.cost.rho) == (STUDY.histogram_epsilon, STUDY.rho)
    assert [peer.status for peer in counted_by(alpha).peers] == ["COUNTED", "COUNTED"]
    assert post.released[ROUND, "gamma"]
    assert len(post.released[ROUND, "gamma"]) == len(post.released[ROUND, "alpha"])  # an empty store has one as large


def test_a_person_is_asked_once_for_both_and_a_no_spends_nothing(members: list[Member]) -> None:
    alpha, asked = members[0], []

    def no(cost: Spend) -> None:
        asked.append(cost)
        raise KeyboardInterrupt

    def answer() -> None:
        state = alpha.post.state(ROUND, alpha.id)
        asks = replace(taking_part.NOBODY, cross_use=no)
        taking_part.answer(alpha.home, alpha.line, alpha.known(), state, asks=asks, say=lambda _text: None)

    with pytest.raises(KeyboardInterrupt):
        answer()
    assert alpha.spent() == []
    assert alpha.post.sketches == {}
    assert asked == [most(STUDY)]
    alpha.answer()
    alpha.post.sketches.clear()
    with pytest.raises(KeyboardInterrupt):
        answer()  # the sketch is paid for: of the counts, which follow
    assert asked[1:] == [Spend(STUDY.histogram_epsilon, STUDY.rho)]


def test_the_counts_are_of_who_is_common(members: list[Member]) -> None:
    """Noise of some 18 on each sum: a thousand customers in common stand out, and so does nobody."""
    alpha, beta, _ = members
    many = people(*range(100, 1100))
    alpha.sells(sales(*many))
    beta.sells(sales(*many))
    sketch_all(members)
    alpha.post.make_market()
    for member in members:
        member.answer()
    cells = counted_by(alpha).cells
    flat = 1 - 2 * float(STUDY.flip_probability)
    assert abs(cells[0] - 1004) < 250  # 13 standard errors
    assert cells[1] > flat * 1000 / 2  # beta: some 460 and collisions
    assert abs(cells[2]) < -(-flat * 1000) * 1.5  # gamma has nobody: about −460


def test_the_same_bytes_leave_on_every_retry(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    alpha.answer()
    first = post.sketches[ROUND, "alpha"]
    del post.sketches[ROUND, "alpha"]  # as a coordinator that was put back from a backup
    answered = alpha.answer()
    assert answered is not None
    assert answered.already
    assert post.sketches[ROUND, "alpha"] == first
    assert len(alpha.spent()) == 1
    for member in members[1:]:
        member.answer()
    post.make_market()
    alpha.answer()
    sent = post.released.pop((ROUND, "alpha"))
    again = alpha.answer()
    assert again is not None
    assert again.already
    assert post.released[ROUND, "alpha"] == sent
    assert len(alpha.spent()) == 2
    assert not (rounds.folder_of(alpha.home, ROUND) / "sealed.chunks").exists()


def test_what_is_kept_sealed_and_damaged_is_sealed_anew_while_nothing_is_confirmed(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    alpha.answer()
    header, _ = post.sketches.pop((ROUND, "alpha"))
    file = rounds.folder_of(alpha.home, ROUND) / "sealed.chunks"
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    alpha.answer()
    sealed, chunks = post.sketches[ROUND, "alpha"]
    assert sealed != header
    key = parse_public_key(alpha.seat().signing_key)
    assert read_header(sealed, key).contents.sketch_digest == read_header(header, key).contents.sketch_digest
    assert len(alpha.spent()) == 1
    file.unlink()  # and where it is confirmed, what the coordinator has stands
    (file.with_name("sketched")).unlink()
    alpha.answer()
    assert post.sketches[ROUND, "alpha"] == (sealed, chunks)
    assert alpha.known().sketched


def test_a_sketch_serves_every_round_of_its_year_and_each_study_counts_once(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    sketch_all(members)
    post.make_market()
    alpha.answer()
    other = STUDY_TEXT.replace('"small-cross-use"', '"another"').replace('"county"', '"age_band"')
    for member in members:
        member.allow(study_of(other))
    open_round(post, members, "second", text=other)
    with pytest.raises(BudgetExhausted):  # a sketch whose counts would not fit is not handed to anybody
        alpha.answer("second")
    assert ("second", "alpha") not in post.sketches
    for member in members:
        member.home.policy_file.write_text(member.home.policy_file.read_text().replace('"1.1"', '"1.3"'))
    open_round(post, members, "third")
    for name in ("second", "third"):
        for member in members:
            answered = member.answer(name)
            assert answered is not None
            assert answered.already
        post.make_market(name)
    alpha.answer("second")
    assert [entry.study for entry in alpha.spent()] == ["sketch", "small-cross-use", "another"]
    # the third round is of the same study over the same months and sketches: the count of the first, for free
    answered = alpha.answer("third")
    assert answered is not None
    assert answered.already
    assert post.released["third", "alpha"] == post.released[ROUND, "alpha"]


def test_a_count_against_another_market_is_refused_and_costs_nothing(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    sketch_all(members)
    post.make_market()
    alpha.answer()
    delta = join(alpha.home.path.parent, post, "delta")
    members.append(delta)
    open_round(post, members, "later")
    for member in members:
        member.answer("later")
    post.make_market("later")
    before = alpha.contents()
    with pytest.raises(CountedBefore, match="another market"):
        alpha.answer("later")
    assert alpha.contents().entries == before.entries


def test_who_takes_back_the_leave_to_be_named_sends_no_count_that_has_it(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    names(alpha, "true")
    sketch_all(members)
    post.make_market()
    alpha.answer()
    assert counted_by(alpha).named_pairs
    before = alpha.contents()
    names(alpha, "false")
    open_round(post, members, "again")
    sketch_all(members, "again")
    post.make_market("again")
    sent = post.released.pop((ROUND, "alpha"))
    for name in (ROUND, "again"):
        with pytest.raises(PolicyRefused, match=r"Decline the round, or set `sketch.named_pairs`") as refused:
            alpha.answer(name)
        assert (refused.value.reason, refused.value.line) == ("POLICY_REFUSED", "sketch.named_pairs")
        assert (name, "alpha") not in post.released
    assert alpha.contents().entries == before.entries
    names(alpha, "true")
    alpha.answer("again")
    assert post.released["again", "alpha"] == sent


def test_a_leave_to_be_named_that_comes_later_changes_no_count(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    sketch_all(members)
    post.make_market()
    alpha.answer()
    sent = post.released.pop((ROUND, "alpha"))
    names(alpha, "true")
    alpha.answer()
    assert post.released[ROUND, "alpha"] == sent
    assert not counted_by(alpha).named_pairs


def test_a_booking_that_was_overtaken_heeds_the_leave_to_be_named_as_well(members: list[Member]) -> None:
    """Between the look into the ledger and the booking another process may have counted."""
    alpha, post = members[0], members[0].post
    names(alpha, "true")
    sketch_all(members)
    post.make_market()
    alpha.answer()
    names(alpha, "false")
    made = counted_by(alpha)
    peers = tuple(Peer(peer.member, peer.status, peer.ones) for peer in made.peers)
    exact = Counted(np.zeros((len(STUDY.groups) + 1, 3), dtype=np.int64), np.zeros(3, dtype=np.int64))
    policy, key = policy_file.read(alpha.home.policy_file), load_signing_key(alpha.home.signing_key_file)
    against = Against(made.sketches_digest, peers)
    with Ledger.open(alpha.home.ledger_file) as ledger, pytest.raises(PolicyRefused, match="Nothing was sent"):
        book_count(STUDY, WINDOW, exact, against, policy, ledger, key, lambda: datetime.now(UTC))


@pytest.mark.parametrize("back", [2, 3, 9])
def test_a_year_before_the_last_is_neither_sketched_nor_counted(members: list[Member], back: int) -> None:
    """Its list goes with the next import, and of a customer's years but two can be asked for at any time."""
    alpha, post = members[0], members[0].post
    old = twelve_months_to(date(NOW.year - back, 12, 31))
    open_round(post, members, "old", window=old)
    with pytest.raises(RosterRefused, match=f"asks for a sketch of {old.last.year}, .* Decline it"):
        alpha.answer("old")
    assert alpha.spent() == []
    assert post.sketches == {}
    post.make_market("old")
    with pytest.raises(RosterRefused):
        alpha.answer("old")


def test_the_last_year_is_sketched(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    ends = (NOW + timedelta(hours=48)).year
    open_round(post, members, "last", window=twelve_months_to(date(ends - 1, 1, 31)))
    alpha.answer("last")
    assert ("last", "alpha") in post.sketches


def test_other_buckets_or_flips_in_the_same_year_are_refused(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    alpha.answer()
    other = STUDY_TEXT.replace(f"buckets = {BUCKETS}", f"buckets = {2 * BUCKETS}").replace("small", "large")
    alpha.allow(study_of(other))
    open_round(post, members, "large", text=other)
    with pytest.raises(OtherSketch, match="one a year"):
        alpha.answer("large")
    assert len(alpha.spent()) == 1


def test_a_sketch_of_other_months_of_the_year_serves(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    alpha.answer()
    earlier = twelve_months_to(WINDOW.last.replace(day=1) - timedelta(days=1))
    if str(earlier.last.year) != EPOCH:
        pytest.skip("the month before is one of another year")
    open_round(post, members, "earlier", window=earlier)
    for member in members:
        member.answer("earlier")
    post.make_market("earlier")
    alpha.answer("earlier")
    sketch, count = alpha.spent()
    assert (sketch.window, count.window) == (WINDOW, earlier)


def test_nobody_else_in_the_market_is_nothing_to_count(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    alpha.answer()
    post.make_market()
    with pytest.raises(NoPeers):
        alpha.answer()
    assert len(alpha.spent()) == 1


def test_who_is_late_with_the_sketch_spends_nothing(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    open_round(post, members, "late", sketch_hours=-1)
    with pytest.raises(RoundOver, match="took sketches until"):
        alpha.answer("late")
    assert alpha.known("late").status(NOW) == "missed"
    assert alpha.spent() == []


def test_a_member_that_sent_no_sketch_is_not_counted_against(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    sketch_all(members[:2])
    post.make_market()
    alpha.answer()
    assert [peer.member for peer in counted_by(alpha).peers] == ["beta"]
    with pytest.raises(RoundOver, match="no sketch of this node"):
        members[2].answer()
    assert members[2].spent() == []


def test_who_declined_after_its_sketch_may_come_back_with_it(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    alpha.answer()
    post.declined.add((ROUND, "alpha"))
    answered = alpha.answer()
    assert answered is not None
    assert (ROUND, "alpha") not in post.declined
    assert len(alpha.spent()) == 1


def test_a_market_never_changes(members: list[Member]) -> None:
    alpha, post = members[0], members[0].post
    sketch_all(members)
    first = post.make_market()
    alpha.answer()
    kept = (rounds.folder_of(alpha.home, ROUND) / "market").read_bytes()
    _, announcement = rounds.as_announced(alpha.home, alpha.network, ROUND)
    assert read_market(kept, COORDINATOR.public_key(), alpha.known().announcement, announcement) == first
    del post.sketches[ROUND, "gamma"]
    post.make_market()
    with pytest.raises(CoordinatorContradicts, match="another market"):
        alpha.answer()
    assert len(alpha.spent()) == 2
