"""What undo, erasure and retention make of the list of a sketch: one that is paid for is kept, and nobody erased stays.

About a quarter of a minute: every test imports files into stores of its own.
"""

from pathlib import Path

import pytest

from node.controller.forgetting import forget
from node.controller.people import people_of
from node.controller.retaining import retain
from node.home import write_private
from node.ingest.run import Request, import_files
from node.store import rotate, undo
from node.store.database import locked, opened
from node.store.frozen import bind, freeze, frozen
from privacy.bounds.windows import year_before
from privacy.identity.match import match_id
from tests.node.controller.house import files_with
from tests.node.cross_use.house import (
    BUCKETS,
    CHAIN,
    EPOCH,
    HEAD,
    LAST,
    WINDOW,
    Member,
    Post,
    counted_by,
    join,
    later,
    market,
    open_round,
    people,
    sales,
)
from tests.node.cross_use.test_frozen import counted, digest_in, froze, listed
from tests.node.ingest.house import Heard, asked

SOLD = f"sha256:{'1' * 64}"


@pytest.fixture
def alpha(tmp_path: Path) -> Member:
    return join(tmp_path, Post(), "alpha")


def undone(member: Member) -> None:
    """Takes the last import back."""
    with locked(member.home):
        undo.undo(member.home)


def drew(member: Member, digest: str = SOLD) -> int:
    """Freezes a list and says that a sketch was drawn of it; tells how many are in it."""
    size = froze(member)
    with opened(member.home) as connection:
        bind(connection, EPOCH, digest)
    return size


def test_a_sketch_that_was_booked_after_an_import_is_counted_after_its_undo(tmp_path: Path) -> None:
    """The store of before the import has no list: with it alone the year's sketch would be paid for in vain."""
    members = market(tmp_path, "alpha", "beta", "gamma")
    for member in members:
        member.sells(sales(*people(1, 2)))
    alpha = members[0]
    alpha.sells(sales(*people(3)))
    for member in members:
        member.answer()
    alpha.post.make_market()
    before = listed(alpha)
    assert len(before) == 3
    undone(alpha)
    assert listed(alpha) == before
    assert counted(alpha) == {"46": 2}
    alpha.answer()
    assert len(counted_by(alpha).peers) == 2
    assert len(listed(alpha)) == 2


def test_the_import_done_again_counts_everybody_again(alpha: Member) -> None:
    alpha.sells(sales(*people(1)))
    alpha.sells(sales(*people(2, 3)))
    assert drew(alpha) == 3
    undone(alpha)
    assert counted(alpha) == {"46": 1}
    alpha.sells(sales(*people(2, 3)))
    assert counted(alpha) == {"46": 3}


def test_undo_gives_back_what_an_import_took_from_the_list(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2, 3)))
    assert drew(alpha) == 3
    before = listed(alpha)
    alpha.sells(sales(*people(1)), anew=True)
    assert len(listed(alpha)) == 1
    undone(alpha)
    assert listed(alpha) == before
    assert counted(alpha) == {"46": 3}


def test_a_list_in_place_of_one_that_was_never_sketched_stays(alpha: Member) -> None:
    alpha.sells(sales(*people(1)))
    froze(alpha)
    alpha.sells(sales(*people(2)))
    assert drew(alpha) == 2
    undone(alpha)
    assert digest_in(alpha) == SOLD
    assert len(listed(alpha)) == 2


def test_an_undo_keeps_the_newer_epoch_of_the_key(alpha: Member) -> None:
    """Else the list's ids would be of one epoch and the customers' of another: nobody would be counted."""
    alpha.sells(sales(*people(1, 2)))
    alpha.sells(sales(*people(3)))
    write_private(alpha.home.identity_key_file, later().private_bytes())
    assert rotate.rotate(alpha.home) == 1
    with opened(alpha.home) as connection:
        freeze(connection, later(), EPOCH, WINDOW, BUCKETS)
        bind(connection, EPOCH, SOLD)
    assert counted(alpha) == {"46": 3}
    undone(alpha)
    assert counted(alpha) == {"46": 2}
    assert rotate.rotate(alpha.home) == 0


def test_an_undo_of_an_import_under_another_key_waits_for_that_key(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2)))
    drew(alpha)
    before = listed(alpha)
    write_private(alpha.home.identity_key_file, b"09" * 32)
    alpha.sells(sales(*people(1, 2)), anew=True)
    undone(alpha)
    write_private(alpha.home.identity_key_file, CHAIN.private_bytes())
    assert listed(alpha) == before
    assert counted(alpha) == {"46": 2}
    alpha.sells(sales(*people(3)))
    assert counted(alpha) == {"46": 2}


def test_who_is_forgotten_leaves_the_list_and_every_byte_of_the_file(alpha: Member) -> None:
    """Others stay, and so does what the list is of. The customer is looked for by the match id."""
    alpha.sells(sales(*people(*range(1, 60))))
    assert drew(alpha) == 59
    alpha.sells(sales(*people(60)))
    before = listed(alpha)
    (gone,) = people(7)
    theirs = match_id(CHAIN.keys[0], gone)
    assert files_with(alpha.home.path, theirs) == ["store.before-2.duckdb", "store.duckdb"]
    assert forget(alpha.home, people_of([gone]), None).known == 1
    assert files_with(alpha.home.path, theirs) == []
    assert listed(alpha) == {match: bucket for match, bucket in before.items() if match != theirs}
    assert digest_in(alpha) == SOLD
    assert counted(alpha) == {"46": 58}


def test_who_left_the_customers_by_an_undo_leaves_the_list_by_any_erasure(alpha: Member) -> None:
    alpha.sells(sales(*people(1)))
    alpha.sells(sales(*people(2)))
    drew(alpha)
    undone(alpha)
    assert len(listed(alpha)) == 2
    forget(alpha.home, people_of(people(9)), None)
    assert list(listed(alpha)) == [match_id(CHAIN.keys[0], people(1)[0])]


def test_retention_takes_who_has_nothing_left_out_of_the_list(alpha: Member) -> None:
    alpha.sells(sales(*people(1, 2, 3), day=year_before(WINDOW).last) + sales(*people(3, 4)))
    with opened(alpha.home) as connection:
        freeze(connection, CHAIN, EPOCH, year_before(WINDOW), BUCKETS)
        bind(connection, EPOCH, SOLD)
    assert len(listed(alpha)) == 3
    assert retain(alpha.home, 6).customers == 2
    assert list(listed(alpha)) == [match_id(CHAIN.keys[0], people(3)[0])]
    assert digest_in(alpha) == SOLD


def test_a_dry_run_says_what_it_would_do_to_the_list_and_does_not(alpha: Member, tmp_path: Path) -> None:
    alpha.sells(sales(*people(1, 2)))
    drew(alpha)
    before = listed(alpha)
    file = tmp_path / "others.csv"
    file.write_text(HEAD + sales(*people(1), day=LAST), encoding="utf-8")
    import_files(alpha.home, Request((file,), anew=True, dry_run=True), heard := Heard())
    assert any("would be taken out of its list" in text for text in heard.said)
    assert listed(alpha) == before


def test_a_killed_undo_can_be_done_again(alpha: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy has the later list already, and the store is as it was: the second time changes nothing more."""
    alpha.sells(sales(*people(1)))
    alpha.sells(sales(*people(2)))
    drew(alpha)
    before = listed(alpha)

    def killed(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            undone(alpha)
    assert asked(alpha.home, "SELECT max(import_no) FROM imports") == [(2,)]
    undone(alpha)
    assert asked(alpha.home, "SELECT max(import_no) FROM imports") == [(1,)]
    assert listed(alpha) == before
    with opened(alpha.home) as connection:
        assert frozen(connection, EPOCH) is not None
    open_round(alpha.post, [alpha])
