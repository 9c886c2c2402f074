"""A ledger that was lost: its sketch is fetched back from where it was sealed to, and is the very same."""

from pathlib import Path

import pytest

from node.membership.errors import RefusedByCoordinator
from node.membership.settings import Files
from node.network.fetching_back import fetching_back
from privacy.ledger.contents import release_digest
from privacy.ledger.leaves import serialise
from privacy.ledger.outbox import ReleaseLost
from tests.node.cross_use.house import ROUND, Line, Member, forge, market, people, sales
from tests.node.release.forged import lose


@pytest.fixture
def alpha(tmp_path: Path) -> Member:
    alpha, _ = market(tmp_path, "alpha", "beta")
    alpha.sells(sales(*people(1, 2, 3)))
    alpha.answer()
    return alpha


def leaves(member: Member) -> list[bytes]:
    return [serialise(entry) for entry in member.contents().entries]


def test_the_bytes_of_a_sketch_are_fetched_back_and_are_the_same(alpha: Member) -> None:
    (entry,) = alpha.spent()
    (stored,) = alpha.contents().releases
    found = fetching_back(alpha.home, alpha.line, leaves(alpha))(entry.release_digest)
    assert found == stored.envelope
    assert found is not None
    assert release_digest(found) == entry.release_digest


def test_what_another_round_has_of_it_serves_too(alpha: Member) -> None:
    (entry,) = alpha.spent()
    alpha.post.announcements["zz-other"] = alpha.post.announcements[ROUND]
    assert fetching_back(alpha.home, alpha.line, leaves(alpha))(entry.release_digest) is not None
    alpha.post.sketches.clear()
    assert fetching_back(alpha.home, alpha.line, leaves(alpha))(entry.release_digest) is None


def test_with_another_sealing_key_or_something_else_in_its_place_it_is_lost(alpha: Member) -> None:
    (entry,) = alpha.spent()
    kept = alpha.post.sketches[ROUND, "alpha"]
    forge(alpha, [alpha])
    other = fetching_back(alpha.home, alpha.line, leaves(alpha))(entry.release_digest)
    assert other is not None
    assert release_digest(other) != entry.release_digest  # which a recovery does not take
    alpha.post.sketches[ROUND, "alpha"] = kept
    Files(alpha.home).sealing_key.write_text("11" * 32)
    assert fetching_back(alpha.home, alpha.line, leaves(alpha))(entry.release_digest) is None


def test_an_asking_that_fails_tells_nothing(alpha: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = alpha.spent()

    def busy(*_of: object) -> None:
        raise RefusedByCoordinator("TOO_MANY_CALLS", "Later.", "RESOURCE_EXHAUSTED")

    monkeypatch.setattr(Line, "sketch", busy)
    with pytest.raises(RefusedByCoordinator):
        fetching_back(alpha.home, alpha.line, leaves(alpha))(entry.release_digest)


def test_a_sketch_whose_bytes_are_lost_is_never_drawn_anew(alpha: Member) -> None:
    (entry,) = alpha.spent()
    lose(alpha.home.ledger_file, entry.seq)
    del alpha.post.sketches[ROUND, "alpha"]
    with pytest.raises(ReleaseLost, match="never drawn anew"):
        alpha.answer()
    assert alpha.spent() == [entry]
