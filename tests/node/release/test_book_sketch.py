"""One sketch a year, whoever books it first; made where its counts fit too, and counted with its own list alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from node.home import write_private
from node.release.book_sketch import OtherSketch, book_sketch
from node.release.booking import Booked
from node.release.make_sketch import ListLost, check_list, make_sketch
from node.release.stored_cross_use import sketch_of
from node.store.database import opened
from node.store.frozen import frozen
from privacy.budget.policy import Allowance, BudgetExhausted
from privacy.ledger.leaves import Spent
from privacy.ledger.store import Ledger
from privacy.sketch.sketch import SketchTerms
from privacy.studies.cross_use import CrossUseStudy
from tests.node.cross_use.house import BUCKETS, EPOCH, STUDY, STUDY_TEXT, WINDOW, Member, Post, join, market, study_of
from tests.node.release.house import NOW, POLICY, House, build

LARGER = study_of(STUDY_TEXT.replace(f"buckets = {BUCKETS}", f"buckets = {2 * BUCKETS}"))
FLIPPED = study_of(STUDY_TEXT.replace("flips = 17626", "flips = 17627"))
OTHER_COUNT = study_of(STUDY_TEXT.replace('"county"', '"age_band"').replace('"small-cross-use"', '"another"'))
NO_CUSTOMERS = np.zeros(0, dtype=np.int64)


def terms(study: CrossUseStudy) -> SketchTerms:
    """Those of a study's sketch."""
    return SketchTerms(EPOCH, WINDOW, study.buckets, study.response.flips, study.response.bits, bytes(32), 0)


def book(house: House, study: CrossUseStudy, round_name: str | None = None) -> Booked:
    policy = replace(POLICY, allowed=(Allowance(study.name, study.digest, None),))
    with Ledger.open(house.ledger) as ledger:
        return book_sketch(
            study,
            terms(study),
            NO_CUSTOMERS,
            policy,
            ledger,
            house.key,
            lambda: NOW,
            bind=lambda _digest: None,
            round_name=round_name,
        )


@pytest.mark.parametrize("other", [LARGER, FLIPPED], ids=["buckets", "flips"])
def test_a_booking_of_another_sketch_that_was_overtaken_is_refused(tmp_path: Path, other: CrossUseStudy) -> None:
    """Between the look into the ledger and the booking another process may have sketched."""
    house = build(tmp_path)
    book(house, STUDY)
    before = house.contents().entries
    with pytest.raises(OtherSketch, match="Nothing was spent"):
        book(house, other)
    assert house.contents().entries == before


def test_one_sketch_serves_all_studies_that_want_the_same(tmp_path: Path) -> None:
    house = build(tmp_path)
    first = book(house, STUDY, "first")
    assert book(house, OTHER_COUNT, "second") == Booked(first.seq, already=True)
    (entry,) = (each for each in house.contents().entries if isinstance(each, Spent))
    assert (entry.round, entry.seq) == ("first", first.seq)


def cap(member: Member, epsilon: str) -> None:
    """Sets what a member's policy lets it spend in twelve months."""
    text = member.home.policy_file.read_text(encoding="utf-8")
    assert text.count('epsilon = "1.1"\n') == 1
    write_private(member.home.policy_file, text.replace('epsilon = "1.1"\n', f'epsilon = "{epsilon}"\n').encode())


def test_a_sketch_is_made_only_where_its_count_fits_beside_it(tmp_path: Path) -> None:
    """Each of the two alone would: ε of almost 1, and 0.1."""
    alpha = market(tmp_path, "alpha")[0]
    cap(alpha, "1.05")
    before = alpha.contents().entries
    with pytest.raises(BudgetExhausted):
        alpha.answer()
    assert alpha.contents().entries == before
    assert alpha.post.sketches == {}


def test_where_both_fit_it_is(tmp_path: Path) -> None:
    alpha = market(tmp_path, "alpha")[0]
    alpha.answer()
    assert len(alpha.spent()) == 1


def test_the_list_of_another_sketch_is_not_counted_with(tmp_path: Path) -> None:
    """As in a store from a backup, of a node that has sketched the same months anew on another machine."""
    alpha, elsewhere = (join(tmp_path, Post(), name) for name in ("alpha", "elsewhere"))
    for member in (alpha, elsewhere):
        make_sketch(member.home, STUDY, WINDOW, witness=None)
    found = sketch_of(alpha.contents(), EPOCH)
    assert found is not None
    with opened(alpha.home, say=lambda _text: None) as connection:
        own = frozen(connection, EPOCH)
    with opened(elsewhere.home, say=lambda _text: None) as connection:
        other = frozen(connection, EPOCH)
    check_list(found, own)
    for listed in (None, other):
        with pytest.raises(ListLost, match=EPOCH):
            check_list(found, listed)


def test_a_node_whose_list_is_of_another_sketch_makes_none(tmp_path: Path) -> None:
    alpha, elsewhere = (join(tmp_path, Post(), name) for name in ("alpha", "elsewhere"))
    made = make_sketch(alpha.home, STUDY, WINDOW, witness=None)
    elsewhere.allow(LARGER)
    make_sketch(elsewhere.home, LARGER, WINDOW, witness=None)
    store = alpha.home.store_file
    own = store.read_bytes()
    write_private(store, elsewhere.home.store_file.read_bytes())
    before = alpha.contents().entries
    with pytest.raises(ListLost):
        make_sketch(alpha.home, STUDY, WINDOW, witness=None)
    assert alpha.contents().entries == before
    write_private(store, own)
    again = make_sketch(alpha.home, STUDY, WINDOW, witness=None)
    assert (again.envelope, again.already) == (made.envelope, True)
